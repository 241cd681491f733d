"""What the Label pane says of sets that hold no pairs: what the keys mean, what the last vote was, what was counted."""

from collections import Counter
from collections.abc import Sequence
from shlex import quote

from rich.cells import cell_len
from textual.content import Content

from screens.actions import CLASS_KEYS
from screens.text import cut
from workbench.label.arranging import drawn_by_lot, lettered, letters
from workbench.label.choices import RATINGS, SKIP
from workbench.label.item_session import ItemDone, ItemShown
from workbench.label.ranking import order_of
from workbench.label.records import Guess

_GAP = 2
_LONGEST_CLASS = 24  # cells
_NAME_WIDTHS = (_LONGEST_CLASS, 16, 10)
_CLASSES_SHARE = 4
"""Of the window, a fourth at most is for the names of classes."""
_MOST_COUNTED = 8
_KEYS = {
    "single": (("g", "good"), ("x", "bad")),
    "ranking": (("↑ ↓", "choose"), ("+ -", "move"), ("=", "tie")),
}


def item_scale(shown: ItemShown, width: int, height: int) -> Content:
    """Return the keys, and what was stored last to their right; of a row the guess, and below it the classes.

    `height` is the window's. What it takes up depends on the window and the classes alone, so that nothing moves from
    item to item.
    """
    said = saved(shown.done, shown.annotator) if shown.done else Content("")
    if shown.kind == "classes":
        guess = shown.item.guess if shown.item else None
        first = _beside(_guessed(guess, width // 2), said, width)
        return Content("\n").join([first, *_classes(shown.classes, guess, width, height // _CLASSES_SHARE)])
    keys = [Content.assemble((key, "bold $primary"), " ", word) for key, word in _KEYS[shown.kind]]
    return _beside(Content(" " * _GAP).join(keys), said, width)


def saved(done: ItemDone, annotator: str) -> Content:
    """Return what the last vote was: saved ✓ #3 good."""
    mark = ("undone ↩", "$text-warning") if done.is_undone else ("saved ✓", "$text-success")
    return Content.assemble(mark, f" #{done.number:,} {choice_words(done, annotator)}")


def choice_words(done: ItemDone, annotator: str) -> str:
    """Return a choice as it looked on the screen: a ranking in letters."""
    if done.choice == SKIP:
        return "skipped"
    if done.item.kind == "ranking":
        names = letters(drawn_by_lot(done.item, annotator, is_repeat=done.is_repeat))
        return cut(lettered(order_of(done.choice, len(done.item.answers)), names), _LONGEST_CLASS)
    return cut(done.choice, _LONGEST_CLASS)


def counted(shown: ItemShown) -> str:
    """Return how often one said what, at the end of a set: 12 good · 3 bad · 1 skipped."""
    tally = dict(shown.tally or {})
    tally.pop(SKIP, 0)
    if shown.kind == "ranking":
        parts = [f"{sum(tally.values()):,} ranked"] if tally else []
    else:
        good_first = [each for each in RATINGS if each in tally]
        most = [(each, tally[each]) for each in good_first] if shown.kind == "single" else Counter(tally).most_common()
        parts = [f"{count:,} {cut(choice, _LONGEST_CLASS)}" for choice, count in most[:_MOST_COUNTED]]
        parts += [f"{len(most) - _MOST_COUNTED:,} other classes"] * (len(most) > _MOST_COUNTED)
    return " · ".join([*parts, *([f"{shown.skipped:,} skipped"] if shown.skipped else [])])


def command_again(done: ItemDone, annotator: str) -> str:
    """Return the command that says the same of the same item."""
    item, by = f"{quote(done.item.set_name)} {done.item_number}", f"--annotator {quote(annotator)}"
    if done.item.kind == "single":
        # no command skips a single answer: show what was said of it
        return (
            f"workbench label {done.choice} {item} {by}" if done.choice != SKIP else f"workbench label history {item}"
        )
    new = " --new" if done.is_new_class else ""
    command = {"ranking": "rank", "classes": "class"}[done.item.kind]
    choice = quote(done.choice)
    if choice.startswith("-"):
        return f"workbench label {command} {by}{new} -- {item} {choice}"
    return f"workbench label {command} {item} {choice} {by}{new}"


def _guessed(guess: Guess | None, width: int) -> Content:
    if guess is None:
        return Content.styled("no guess", "$foreground-muted")
    sure = f" {guess.probability:.2f}"
    name = cut(guess.label, max(4, width - cell_len(sure) - 6))
    return Content.assemble(("Enter", "bold $primary"), " ", (name, "bold"), sure)


def _classes(classes: Sequence[str], guess: Guess | None, width: int, most: int) -> list[Content]:
    """The classes with their keys, the guessed one marked: in as few letters as fit on so many lines, or not all."""
    if not classes:
        return [Content.styled("no classes yet: + names one", "$foreground-muted")]
    named = list(zip(CLASS_KEYS, classes, strict=False))
    room = most - (len(named) < len(classes))
    rows: list[list[Content]] = []
    for longest in _NAME_WIDTHS:
        drawn = [_class(key, cut(name, longest), is_guessed=bool(guess and guess.label == name)) for key, name in named]
        rows = _in_rows(drawn, width)
        if len(rows) <= room:
            break
    shown = rows if len(rows) <= room else rows[: max(1, most - 1)]
    hidden = len(classes) - sum(map(len, shown))
    more = Content.styled(f" {hidden:,} more: + and the name, or F1", "$foreground-muted")
    return [*(Content("").join(row) for row in shown), *([more] if hidden else [])]


def _class(key: str, name: str, *, is_guessed: bool) -> Content:
    mark = ("▸" if is_guessed else " ", "bold $primary")
    return Content.assemble(mark, (key, "bold $primary"), " ", (name, "bold" if is_guessed else ""), " ")


def _in_rows(drawn: Sequence[Content], width: int) -> list[list[Content]]:
    """As many beside each other as the width takes."""
    rows: list[list[Content]] = []
    taken = width
    for each in drawn:
        if taken + each.cell_length > width:
            rows.append([])
            taken = 0
        rows[-1].append(each)
        taken += each.cell_length
    return rows


def _beside(left: Content, right: Content, width: int) -> Content:
    """Both on one line, the second at its end, or no more of it than there is room."""
    room = width - left.cell_length - _GAP
    right = right if right.cell_length <= room else right.truncate(max(0, room), ellipsis=True)
    return Content.assemble(left, " " * max(_GAP, width - left.cell_length - right.cell_length), right)
