"""How `workbench lora fit` looks for people: the verdict first, then where the memory goes and what would help."""

from typing import TYPE_CHECKING

from workbench.cli.output import line, table
from workbench.lora.parts import GIB
from workbench.lora.words import gibibytes, span
from workbench.lora.zero import FSDP
from workbench.runs.residuals import correction_as_json

if TYPE_CHECKING:
    from workbench.lora.fitting import Fitting
    from workbench.models.devices import Device
    from workbench.runs.speed import Speed

_VERDICTS = {"fits": "✓ fits", "tight": "! tight", "does not fit": "✗ does not fit"}


def draw(found: "Fitting", device: "Device | None", speed: "Speed | None") -> None:
    """Print the answer."""
    estimate = found.found
    where = f"{device.place} {device.name}" if device else "a GPU"
    line(
        f"{_VERDICTS[found.verdict]}: {span(estimate.low, estimate.high)}, likely {gibibytes(estimate.expected)};"
        f" {gibibytes(found.free)} free on {where}"
    )
    for process in device.processes if device else ():
        held = "an unknown amount" if process.memory is None else gibibytes(process.memory)
        line(f"  {held} held by {process.name or 'process'} {process.pid} {process.owner}".rstrip())
    load = found.found.load
    again = " · checkpointing" if load.checkpointing else ""
    line(
        f"{load.task} · {load.dtype} · {found.plan.rows} rows a step, {load.micro_batch} at once, of {load.length:,}"
        f" tokens · {load.optimizer} · {load.attention}{again} · {found.counted.trainable:,} trained"
    )
    line()
    rows = [(part.name, f"{part.expected / GIB:,.2f}", part.formula) for part in estimate.parts]
    if estimate.overlap:
        rows.append(
            ("not at once", f"-{estimate.overlap / GIB:,.2f}", "the peak is one moment, and not all is there then")
        )
    if (how := correction_as_json(estimate)) is not None:
        rows.append(("correction", f"{how['adds_gib']:+,.2f}", how["words"]))
    table(("part", "GiB", "how"), rows, numbers=("GiB",))
    if estimate.peak:
        others = sorted(estimate.moments, key=lambda each: -each.expected)[1:]
        said = ", ".join(f"{each.name} {each.expected / GIB:,.2f}" for each in others)
        line(f"the peak is at: {estimate.peak.name}, {estimate.peak.expected / GIB:,.2f} GiB; {said}")
    if load.devices > 1 and load.zero:
        line(
            f"for each of {load.devices} devices under ZeRO stage {load.zero}"
            f"{f' (FSDP {FSDP[load.zero]})' if load.zero in FSDP else ''}: a calculation, a run here uses one device"
        )
    line()
    _draw_ways_out(found)
    table(
        ("card", "GiB free", "verdict"),
        [(card.name, f"{card.gib:g}", _VERDICTS[verdict]) for card, verdict in found.cards],
        numbers=("GiB free",),
    )
    line()
    table(
        ("ZeRO", "GPUs", "states", "in all"),
        [(each.stage, each.gpus, gibibytes(each.states), gibibytes(each.total)) for each in found.sharded],
        numbers=("GPUs", "states", "in all"),
    )
    line()
    _draw_cost(found, speed)


def _draw_ways_out(found: "Fitting") -> None:
    if found.changes:
        rows = [
            (each.words, gibibytes(each.saves), "fits then" if each.fits else "not enough", each.costs)
            for each in found.changes
        ]
        table(("change", "saves", "", "costs"), rows, numbers=("saves",))
        line()
    most = found.largest
    length = "tokens a row (what the model was made for)" if most.length == most.context else "tokens a row"
    known = {"rows at once": most.batch, length: most.length, "rank": most.rank}
    said = [f"{value:,} {name}" for name, value in known.items() if value is not None]
    line(f"at most, each with all else as it is: {', '.join(said)}" if said else "not even one row fits")
    line()


def _draw_cost(found: "Fitting", speed: "Speed | None") -> None:
    work = found.work
    line(f"{work.tokens_per_step:,} tokens a step, {work.flops_per_token / 1e9:,.3g} GFLOP each")
    if work.flops is not None:
        line(f"{work.steps:,} steps: {work.tokens:,} tokens, {work.flops:.3g} FLOP")
    if found.hours is not None and speed is not None:
        paid = "" if found.price is None else f", {found.price:,.2f} at the given price"
        line(
            f"{found.hours:,.2g} hours at {speed.tokens_per_second:,.0f} tokens a second, measured in {speed.run}{paid}"
        )
