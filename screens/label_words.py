"""What the Label pane says, line by line: where one stands, what the keys mean, what the last vote was."""

from dataclasses import replace

from rich.cells import cell_len
from textual.content import Content

from screens.actions import Action, actions_of
from screens.label_item_words import counted
from screens.text import cut, lines
from workbench.data.shown import count_words
from workbench.errors import WorkbenchError
from workbench.label.heard import Seen
from workbench.label.item_session import ItemShown
from workbench.label.offer import Offer
from workbench.label.schema import NOUNS, SetKind
from workbench.label.session import Done, Shown
from workbench.label.sides import Stance

_GAP = "  "
_ROOM_FOR_BOTH = 76  # cells: the scale, and a vote in its short form
_SCALE = (
    ("a", "clearly"),
    ("s", "slightly"),
    ("d", "tie"),
    ("f", "slightly"),
    ("g", "clearly"),
)


def head(shown: Seen, width: int) -> Content:
    """Return where one stands: geo-pairs · ana · 312/500, about 25 min left."""
    progress = shown.progress
    if shown.item_id is None:
        place = f"{progress.answered:,}/{progress.pairs:,}"
    elif shown.is_again:
        place = f"skipped {NOUNS[_kind(shown)]}s once more"
    else:
        place = f"{shown.number:,}/{shown.of:,}"
        if progress.seconds_left is not None:
            place += f", {time_left(progress.seconds_left)}"
    who = cut(shown.annotator, 24)
    rest = f" · {who} · {place}"
    name = cut(shown.set_name, max(8, width - cell_len(rest)))
    return Content.assemble((name, "bold"), cut(rest, max(1, width - cell_len(name))))


def time_left(seconds: float) -> str:
    """Return a time that one can plan with, and no more exact than it is."""
    minutes = seconds / 60
    if minutes < 1:
        return "less than a minute left"
    return f"about {minutes:.0f} min left" if minutes < 90 else f"about {minutes / 60:.0f} h left"


def scale(shown: Shown, width: int, *, is_stacked: bool) -> Content:
    """Return the keys in the order of the screen, and what was stored last: to the right, or above where it is narrow.

    The height depends on the width alone, so that nothing moves from pair to pair.
    """
    keys = Content(_GAP).join([Content.assemble((key, "bold $primary"), " ", word) for key, word in _SCALE])
    done = shown.done
    if width < _ROOM_FOR_BOTH:
        return Content.assemble(saved(done, is_stacked=is_stacked) if done else "", "\n", keys)
    if done is None:
        return keys
    said = saved(done, is_stacked=is_stacked)
    if keys.cell_length + len(_GAP) + said.cell_length > width:
        said = saved(done, is_stacked=is_stacked, is_short=True)
    return Content.assemble(keys, " " * (width - keys.cell_length - said.cell_length), said)


def saved(done: Done, *, is_stacked: bool, is_short: bool = False) -> Content:
    """Return what the last vote was: saved ✓ #311 left."""
    what = f" #{done.number:,} {stance_words(done.stance, is_stacked=is_stacked)}"
    if done.is_undone:
        return Content.assemble(("↩" if is_short else "undone ↩", "$text-warning"), what)
    return Content.assemble(("✓" if is_short else "saved ✓", "$text-success"), what)


def stance_words(stance: Stance, *, is_stacked: bool) -> str:
    """Return a stance as it looked on the screen."""
    sides = ("above", "below") if is_stacked else ("left", "right")
    side = {"left": sides[0], "right": sides[1]}
    first, _, clearly = stance.partition("-")
    return {"bad": "both bad", "skip": "skipped"}.get(stance, f"{side.get(first, first)} {clearly}".rstrip())


def end_card(shown: Seen) -> list[Content]:
    """Return what is said when everything is answered, and what one can do then."""
    name, noun = cut(shown.set_name, 40), NOUNS[_kind(shown)]
    done = "answered" if noun == "pair" else "labelled"
    return [
        Content.styled(f"✓ {name}: all {count_words(shown.progress.pairs, noun)} {done}", "bold"),
        Content(counted(shown) if isinstance(shown, ItemShown) else _counted_pairs(shown)),
        Content(""),
        *([_key("Space", "goes through the skipped ones once more")] if shown.skipped else []),
        *([_key("u", "takes the last vote back")] if shown.progress.answered else []),
        *_onward(shown),
        _key("i", f"imports more {noun}s"),
        _key("Ctrl+O", "chooses another set"),
        Content(""),
        Content.styled("Every vote is in labels.db · workbench label list", "$foreground-muted"),
    ]


def _onward(shown: Seen) -> list[Content]:
    """What votes are for."""
    if not shown.progress.answered:
        return []
    trains = _kind(shown) in ("pairs", "ranking")
    return [
        _key("Tab", "shows how far people agree"),
        *([_key(">", "trains a reward model on the votes")] if trains else []),
    ]


def trouble(error: WorkbenchError) -> list[Content]:
    """Return what is said when the labels cannot be opened."""
    what = [lines(f"✗ {error.what}", "$text-error")]
    return [*what, Content(""), lines(error.fix)] if error.fix else what


def invitation(offer: Offer, width: int) -> list[Content]:
    """Return what is said when no set is chosen: what there is, and which key takes it."""
    said: list[Content] = []
    if offer.asked_for is not None:
        said += [
            Content.styled(f"⚠ there is no set of pairs named {cut(offer.asked_for, 40)}", "$text-warning"),
            Content(""),
        ]
    if offer.file is not None:
        said += [Content.styled("No pairs are chosen", "bold"), Content("")]
        said += [_key("Enter", f"makes pairs from {cut(offer.file.name, max(10, width - 40))}")]
    elif offer.sets:
        first = offer.sets[0]
        said += [Content.styled("No pairs are chosen", "bold"), Content("")]
        said += [_key("Enter", f"labels {cut(first.name, 40)}, {count_words(first.pairs, NOUNS[first.kind])}")]
    else:
        said += [Content.styled("No pairs yet", "bold"), Content("")]
    if offer.drawing is not None:
        key = "S" if offer.file is not None or offer.sets else "Enter"
        said += [_key(key, f"makes {offer.drawing.pairs} pairs from {cut(offer.drawing.run, 40)} and its base")]
    if len(offer.sets) > 1 or (offer.sets and offer.file is not None):
        said += [_key("Ctrl+O", f"chooses one of {count_words(len(offer.sets), 'set')} that are here")]
    said += [_key("i", "imports a preference file: rows of prompt, chosen, rejected")]
    said += [_key("5", "goes to Compare: votes on the answers of two models become pairs")]
    return said


def actions_on_card(shown: Seen | None, offer: Offer | None) -> list[Action]:
    """Return the keys that do something without a pair, as the footer offers them."""
    labels = {"import_file": "import", "app.open": "choose", "app.help": "all keys"}
    if shown is not None:
        labels["undo"] = "undo"
    if shown is not None and shown.skipped:
        labels["skip"] = "skipped ones"
    if offer is not None and (offer.file is not None or offer.sets or offer.drawing is not None):
        labels["closer"] = "label" if offer.sets and offer.file is None else "make pairs"
    found = [each for each in actions_of("label") if each.action in labels]
    return [replace(each, label=labels[each.action], footer=True) for each in found]


def _kind(shown: Seen) -> SetKind:
    return shown.kind if isinstance(shown, ItemShown) else "pairs"


def _counted_pairs(shown: Shown) -> str:
    tally = shown.tally or {}
    tied, bad = tally.get("tie", 0), tally.get("bad", 0)
    parts = (
        (sum(tally.values()) - shown.skipped - tied - bad, "with a preference"), (tied, "tied"), (bad, "both bad"),
        (shown.skipped, "skipped"),
    )  # fmt: skip
    return " · ".join(f"{count:,} {what}" for count, what in parts if count)


def _key(key: str, does: str) -> Content:
    return Content.assemble((f"{key:<8}", "bold $primary"), does)
