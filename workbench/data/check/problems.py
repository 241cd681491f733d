"""The problems that rows can have. A code never changes its meaning; the sentences may get better."""

from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["error", "warning", "note"]
Mending = Literal["drop", "mend", ""]
Finding = tuple[str, str]
"""A code, and what it is about: a field, a character, a role."""

MOST_ROWS = 1_000  # that are named of one problem
_MOST_ABOUT = 3  # that one sentence names
_KEPT_ABOUT = 100
_LONGEST_ABOUT = 160  # characters
_DROPS, _MENDS = "`--fix OUT` drops these rows", "`--fix OUT` mends it"


@dataclass(frozen=True)
class Code:
    """A kind of problem. `sentence` says {what} it is about; `mending` is what a fix does with such a row."""

    severity: Severity
    sentence: str
    fix: str
    mending: Mending = ""


CODES: dict[str, Code] = {
    "unreadable-row": Code("error", "the row cannot be read: {what}", f"mend it; {_DROPS}", "drop"),
    "unknown-schema": Code(
        "error", "{what}", "say which column is which: --map prompt=COLUMN --map completion=COLUMN"
    ),
    "missing-field": Code("error", "{what} is missing", f"fill it in; {_DROPS}", "drop"),
    "empty-field": Code("error", "{what} is empty", f"fill it in; {_DROPS}", "drop"),
    "wrong-type": Code("error", "{what}", "write it in the type of the other rows, or map another column"),
    "broken-chat": Code("error", "{what}", "write each turn with role and content"),
    "unfit-row": Code("error", "training refuses the row: {what}", "change the row, or take it out"),
    "mixed-types": Code("warning", "one column holds values of several types: {what}", "write all in one type"),
    "unknown-role": Code("error", "a turn has the unknown role {what}", "use system, user, assistant or tool"),
    "mixed-role-names": Code(
        "warning", "one speaker goes by several names: {what}", "`--fix OUT` gives each the usual name", "mend"
    ),
    "roles-not-alternating": Code(
        "warning", "the roles do not alternate: {what}", "join or remove turns; many chat templates refuse the row"
    ),
    "empty-turn": Code("warning", "{what} turn is empty", "fill it in, or take the turn out"),
    "empty-answer": Code("error", "{what} is empty", f"write the answer; {_DROPS}", "drop"),
    "no-answer": Code("error", "no turn is the assistant's: there is nothing to learn", f"add one; {_DROPS}", "drop"),
    "ends-without-answer": Code(
        "warning", "no answer at the end: the last turn is {what}", "`--fix OUT` cuts the turns after the last answer",
        "mend",
    ),
    "unanswerable": Code(
        "error", "{what} is empty: a question without an answer", "take it out, or train with task: answer"
    ),
    "identical-pair": Code("error", "chosen and rejected are the same", f"nothing to prefer; {_DROPS}", "drop"),
    "tie": Code("error", "{what}", f"nothing to prefer; {_DROPS}", "drop"),
    "prompts-differ": Code("error", "chosen and rejected do not answer the same prompt", "pair answers to one prompt"),
    "contradiction": Code("warning", "the same input has different labels", "decide for one of them"),
    "repeated-prompt": Code("note", "the same prompt has different answers", "keep them if all are right"),
    "exact-copy": Code("warning", "the row is the same as an earlier one", _DROPS, "drop"),
    "near-copy": Code("warning", "the row is nearly the same as an earlier one", "workbench data dedupe FILE OUT"),
    "in-validation": Code("error", "the prompt is also among the rows that are held out", _DROPS, "drop"),
    "label-imbalance": Code("warning", "the labels are far from balanced: {what}", "add rows of the rare labels"),
    "control-character": Code("warning", "the text holds control characters ({what})", _MENDS, "mend"),
    "invisible-character": Code("warning", "the text holds invisible characters ({what})", _MENDS, "mend"),
    "replacement-character": Code(
        "warning", "U+FFFD stands for characters that were lost ({what})", "read the source again in its own encoding"
    ),
    "mojibake": Code("warning", "the text was decoded with a wrong encoding ({what})", _MENDS, "mend"),
    "lone-surrogate": Code("error", "half a character that no tokenizer takes ({what})", _MENDS, "mend"),
    "script-outlier": Code("note", "nearly all rows are written in another script ({what})", "look at these rows"),
    "language-outlier": Code("note", "nearly all rows are in another language ({what})", "look at these rows"),
    "secret": Code("warning", "the text holds what looks like a secret ({what})", "revoke it, and take it out"),
    "email-address": Code("warning", "the text holds an e-mail address ({what})", "take it out if it is a person's"),
    "too-long": Code("warning", "the row is longer than the {what}: it is cut", "raise --max-length, or split it"),
    "answer-cut": Code("error", "the whole answer lies behind the {what}", "raise --max-length, or shorten the prompt"),
    "nothing-trained": Code("error", "no token is trained", "give the row an answer"),
    "content-lost": Code(
        "warning", "the model's template leaves out what a message says", "look at it: workbench template show"
    ),
    "begins-inside": Code(
        "warning", "an answer's first token holds the end of what precedes it, so that a model is asked otherwise",
        "let a line break stand before the answer, not a space or a word",
    ),
    "stop-inside": Code("warning", "an answer goes on after its stop token", "take the control token out of it"),
    "history-rewritten": Code(
        "note", "the template writes earlier turns differently once more follow", "look at it: workbench template show"
    ),
    "training-template": Code(
        "note", "earlier answers are trained as they were generated", "look at it: workbench template show"
    ),
    "stop-not-trained": Code(
        "error", "the stop token of an answer is not trained", "set new_tokens: template, or name another template"
    ),
    "bos-doubled": Code("error", "two BOS tokens at the beginning", "take the BOS out of the row or the template"),
    "refused-by-template": Code("error", "{what}", "change the row, or name a template"),
    "control-token": Code("note", "a control token of the model stands in the text", "it is trained as plain text"),
}  # fmt: skip
_ORDER: dict[Severity, int] = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True)
class Problem:
    """One kind of problem in a file. `rows` are counted from 1, the first MOST_ROWS of `count`."""

    code: str
    severity: Severity
    rows: tuple[int, ...]
    count: int
    message: str
    fix: str

    def as_json(self) -> dict[str, Any]:
        """Return it as `data check --json` prints it."""
        return {
            "code": self.code, "severity": self.severity, "rows": list(self.rows), "count": self.count,
            "message": self.message, "fix": self.fix,
        }  # fmt: skip


@dataclass
class _Found:
    count: int = 0
    last: int = 0
    rows: "array[int]" = field(default_factory=lambda: array("Q"))
    about: Counter[str] = field(default_factory=Counter)


class Findings:
    """What was found so far; a row counts once for each code."""

    def __init__(self) -> None:
        self._found: dict[str, _Found] = {}

    def add(self, code: str, number: int, what: str = "") -> None:
        """Note a problem of the row with this number."""
        self.add_rows(code, (number,), 1, what)

    def add_rows(self, code: str, numbers: "tuple[int, ...] | list[int]", count: int, what: str = "") -> None:
        """Note a problem of `count` rows, of which `numbers`, ascending, may be only the first."""
        found = self._found.setdefault(code, _Found())
        if len(found.about) < _KEPT_ABOUT or what in found.about:
            found.about[what] += 1
        if numbers and numbers[0] == found.last:
            return
        found.count += count
        found.rows.extend(numbers[: MOST_ROWS - len(found.rows)])
        found.last = numbers[-1] if numbers else found.last

    def problems(self) -> tuple[Problem, ...]:
        """Return the problems, errors first, the most frequent of them first."""
        found = [_problem(code, each) for code, each in self._found.items()]
        return tuple(sorted(found, key=lambda problem: (_ORDER[problem.severity], -problem.count)))


def _problem(code: str, found: _Found) -> Problem:
    kind = CODES[code]
    about = [_short(what) for what, _ in found.about.most_common(_MOST_ABOUT)]
    message = kind.sentence.format(what=" or ".join(about))
    return Problem(code, kind.severity, tuple(sorted(found.rows)), found.count, message, kind.fix)


def _short(what: str) -> str:
    return what if len(what) <= _LONGEST_ABOUT else what[: _LONGEST_ABOUT - 1] + "…"
