"""A file checked in one pass: what is known so far is told after every few rows, so that anyone may stop early.

Memory does not grow with the texts: of a row its hashes are kept, of a problem its first rows.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from workbench.data.check.balance import Labels
from workbench.data.check.chats import look_at_chat
from workbench.data.check.copies import Copies, asked_in, asked_key, near_copies
from workbench.data.check.languages import LanguageOf
from workbench.data.check.lengths import Encode, Lengths
from workbench.data.check.letters import is_suspect, look_at_letters
from workbench.data.check.outliers import Outliers
from workbench.data.check.pairs import look_at_pair
from workbench.data.check.problems import Finding, Findings, Problem
from workbench.data.check.reading import Reader, blame, leaves
from workbench.data.check.scripts import script_of
from workbench.data.check.secrets import look_at_secrets
from workbench.data.check.speakers import Speakers
from workbench.data.check.types import Types
from workbench.data.examples import Example
from workbench.data.folder import held_out
from workbench.data.found import value_at
from workbench.data.rows import locate, open_rows
from workbench.data.schema import Schema
from workbench.data.table import BadRow, Row, Rows

_AT_ONCE = 256  # rows


@dataclass(frozen=True)
class Checked:
    """What is known after the first `rows` rows; complete when `is_done`."""

    rows: int
    schema: Schema
    problems: tuple[Problem, ...]
    is_done: bool

    @property
    def has_errors(self) -> bool:
        """Whether a problem is an error."""
        return any(problem.severity == "error" for problem in self.problems)


def check(
    rows: Rows,
    map: Mapping[str, str] | None = None,
    *,
    held_out: Sequence[Rows] = (),
    encode: Encode | None = None,
    near: bool = True,
    tell: Callable[[int], None] = lambda _: None,
) -> Iterator[Checked]:
    """Check every row; yield what is known after every few, and last of all what is known of all.

    `near` is whether near copies are looked for: that reads the rows once more, and takes longer than all the rest;
    `tell` hears how many rows were read for it.
    `held_out` are the rows of validation or test, whose prompts no row may have; `encode` is a model's encoder, see
    `lengths`.
    Raises WrongUse when `map` names a target or a column that does not exist.
    """
    reader = Reader(rows, map)
    others = asked_in(held_out, map)
    findings = Findings()
    types, copies, labels = Types(), Copies(rows, reader.schema), Labels(reader.schema)
    scripts, languages = Outliers("script-outlier", script_of), Outliers("language-outlier", LanguageOf())
    speakers = Speakers(reader.schema)
    lengths = Lengths(encode) if encode else None
    done = 0
    each = enumerate(rows.each(), 1)
    while batch := list(islice(each, _AT_ONCE)):
        readable: list[tuple[int, Example]] = []
        for number, row in batch:
            found, example = look(reader, number, row, others)
            for code, what in found:
                findings.add(code, number, what)
            if not isinstance(row, BadRow):
                types.take(number, row)
                speakers.take(number, row)
            if example is not None:
                copies.take(number, example)
                scripts.take(number, example)
                languages.take(number, example)
                labels.take(number, example)
                readable.append((number, example))
        if lengths:
            for number, (code, what) in lengths.look(readable):
                findings.add(code, number, what)
        done += len(batch)
        yield Checked(done, reader.schema, findings.problems(), is_done=False)
    if reader.schema.name == "unknown":
        findings.add_rows("unknown-schema", (), done, reader.schema.reason)
    for whole in (types, speakers, copies, scripts, languages, labels):
        whole.end(findings)
    if near:
        for number in near_copies(rows, tell):
            findings.add("near-copy", number)
    yield Checked(done, reader.schema, findings.problems(), is_done=True)


def rows_held_out(path: Path, validation: str | None, tell: Callable[[str], None]) -> list[Rows]:
    """Open what the rows at `path` must be apart from: the file `validation`, else the other splits of a folder."""
    places = [locate(validation, tell)] if validation else held_out(path)
    return [open_rows(place) for place in places]


def look(
    reader: Reader, number: int, row: Row | BadRow, others: frozenset[int] = frozenset()
) -> tuple[list[Finding], Example | None]:
    """Return the problems of one row by itself, and what is trained of it; None where it cannot be.

    `others` are the prompts, by `asked_key`, that it must not have.
    """
    if isinstance(row, BadRow):
        return [("unreadable-row", row.detail)], None
    found = list(_in_texts(reader, row))
    try:
        example = reader.example(number, row)
    except BadRow as error:
        return [*found, blame(reader.schema, row, error)], None
    if example is None:
        return found, None
    found += look_at_chat(example)
    found += look_at_pair(example)
    if others and asked_key(example) in others:
        found.append(("in-validation", ""))
    return found, example


def _in_texts(reader: Reader, row: Row) -> Iterator[Finding]:
    """What is wrong with the characters, and what should be kept secret; each with its field."""
    text = "\n".join(reader.texts(row))
    if is_suspect(text):
        for source in reader.sources:
            for code, what in look_at_letters("\n".join(leaves(value_at(row, source)))):
                yield code, f"{source}: {what}"
    yield from look_at_secrets(text)
