"""A tuning in words: what it says, what its glyphs on the map mean, and the factor of an adapter's update."""

from collections.abc import Mapping
from math import sqrt

from textual.content import Content

from workbench.lora.lowrank import matching
from workbench.lora.painting import State
from workbench.lora.spec import AnyTuning, FreezeTuning, LoraTuning
from workbench.lora.trained import Trained

GLYPHS: dict[State, str] = {"frozen": "░", "adapter": "▒", "whole": "█", "bias": "b", "adapter and bias": "▓"}
_ADAPTERS = {"lora": "LoRA", "ia3": "IA3"}


def legend(tuning: AnyTuning, width: int) -> Content:
    """Draw what the glyphs mean that this kind of tuning can paint, and where to go from here."""
    adapters = _ADAPTERS.get(tuning.kind)
    known = [("░", "$foreground-muted", "frozen")]
    known += [("▒", "$accent", adapters)] if adapters else []
    known += [("█", "bold $accent", "trained whole")]
    known += [("b", "bold $accent", "bias")] if tuning.kind in ("bias", "freeze") else []
    if isinstance(tuning, LoraTuning) and tuning.bias != "none":
        known += [("b", "bold $accent", "bias"), ("▓", "$accent", "LoRA + bias")]
    drawn = Content("  ").join([Content.assemble((glyph, style), f" {word}") for glyph, style, word in known])
    onward = Content.assemble(("> ", "bold $primary"), "Train")
    return Content.assemble(drawn, " " * max(2, width - drawn.cell_length - onward.cell_length), onward)


def scale(tuning: AnyTuning, name: str, trained: Mapping[str, Trained]) -> str:
    """Return the factor of an adapter's update, with its numbers; empty without one."""
    rank = trained[name].rank if name in trained else None
    if rank is None or not isinstance(tuning, LoraTuning):
        return ""
    pattern = matching(tuning.alpha_pattern, name)
    alpha = tuning.alpha if pattern is None else tuning.alpha_pattern[pattern]
    if tuning.rslora:
        return f" · α/√r = {alpha:g}/√{rank} = {alpha / sqrt(rank):.3g}"
    return f" · α/r = {alpha:g}/{rank} = {alpha / rank:.3g}"


def tuning_words(tuning: AnyTuning) -> dict[str, str]:
    """Return what a tuning says, in a few words each by its name."""
    match tuning:
        case LoraTuning():
            factor = tuning.alpha / (sqrt(tuning.rank) if tuning.rslora else tuning.rank)
            more = [word for word in ("rslora", "dora") if getattr(tuning, word)]
            more += [f"layers {len(tuning.layers)}"] if tuning.layers is not None else []
            more += ["ranks differ"] if tuning.rank_pattern else []
            more += [f"bias {tuning.bias.replace('_', ' ')}"] if tuning.bias != "none" else []
            also = {"also": ", ".join(more)} if more else {}
            return {"rank": str(tuning.rank), "alpha": f"{tuning.alpha:g} (×{factor:.3g})", **also}
        case FreezeTuning():
            parts = [f"the last {tuning.last} blocks" if tuning.last > 1 else "the last block"] if tuning.last else []
            parts += ["chosen modules"] if tuning.target is not None else []
            return {"tuning": f"freeze: {' and '.join(parts)}"}
    if (tokens := getattr(tuning, "virtual_tokens", None)) is not None:
        return {"tuning": f"{tuning.kind}: {tokens} virtual tokens"}
    return {"tuning": {"full": "full: every weight", "bias": "bias: every bias"}.get(tuning.kind, tuning.kind)}
