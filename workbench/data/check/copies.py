"""Rows that say the same: exact copies, one input with two labels, prompts that validation has too.

Of each row only hashes are kept, 32 bytes in all; two rows of a million are taken for the same by chance once in
30 million files.
"""

import contextlib
import json
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from workbench.data.check.problems import MOST_ROWS, Findings
from workbench.data.check.reading import Reader
from workbench.data.examples import Example
from workbench.data.schema import Schema
from workbench.data.table import BadRow, Rows

_LABELLED = {"classification", "kto", "preference"}
_ONE_ANSWER = {"text", "prompt"}


class Copies:
    """Remembers what each row asks and answers; in running prose a paragraph may well come twice."""

    def __init__(self, rows: Rows, schema: Schema) -> None:
        self._is_prose = rows.format == "text"
        self._schema = schema
        self._numbers = array("Q")
        self._wholes = array("q")
        self._inputs = array("q")
        self._answers = array("q")

    def take(self, number: int, example: Example) -> None:
        """Remember a row."""
        if self._is_prose:
            return
        given, answer = _input_and_answer(example)
        self._numbers.append(number)
        self._wholes.append(whole_key(example))
        self._inputs.append(given)
        self._answers.append(answer)

    def end(self, findings: Findings) -> None:
        """Note the copies of earlier rows, and all rows with one input and several answers."""
        import numpy

        if not self._numbers:
            return
        numbers = numpy.frombuffer(self._numbers, numpy.uint64)
        wholes = numpy.frombuffer(self._wholes, numpy.int64)
        is_copy = numpy.ones(len(numbers), bool)
        is_copy[numpy.unique(wholes, return_index=True)[1]] = False
        _note(findings, "exact-copy", numbers[is_copy])
        if self._schema.name in _ONE_ANSWER:
            return
        answers = numpy.frombuffer(self._answers, numpy.int64)
        _, first, group = numpy.unique(
            numpy.frombuffer(self._inputs, numpy.int64), return_index=True, return_inverse=True
        )
        groups = numpy.unique(group[answers != answers[first][group]])
        code = "contradiction" if self._schema.name in _LABELLED else "repeated-prompt"
        _note(findings, code, numbers[numpy.isin(group, groups)])


def near_copies(rows: Rows, tell: Callable[[int], None]) -> list[int]:
    """Return the numbers, counted from 1, of the rows that nearly repeat an earlier one, as `dedupe` has it."""
    from workbench.data.dedupe import find_copies

    if rows.format == "text":
        return []
    copies = find_copies(rows, tell=tell)
    return sorted(copies.repeats - copies.exact)


def asked_in(files: Sequence[Rows], map: Mapping[str, str] | None) -> frozenset[int]:
    """Return what the rows of some files ask, as `asked_key` has it; rows that cannot be read ask nothing."""
    return frozenset(asked_key(example) for rows in files for example in _readable(Reader(rows, map)))


def _readable(reader: Reader) -> Iterator[Example]:
    for number, row in enumerate(reader.rows.each(), 1):
        if isinstance(row, BadRow):
            continue
        with contextlib.suppress(BadRow):
            example = reader.example(number, row)
            if example is not None:
                yield example


def asked_key(example: Example) -> int:
    """Return the hash of what a row asks: its prompt, or its chat up to the last answer, or its text."""
    if "messages" in example:
        turns = example["messages"]
        return _hash(turns[:-1] if turns[-1]["role"] == "assistant" and len(turns) > 1 else turns)
    if "text" in example:
        return _hash(example["text"])
    if example["prompt"] == "" and isinstance(example.get("chosen"), list):
        return _hash(example["chosen"][:-1])
    if example["prompt"] == "" and isinstance(example.get("chosen"), str):
        return _hash(example["chosen"].rpartition("\n\nAssistant:")[0] or example["chosen"])
    return _hash(example["prompt"])


def whole_key(example: Example) -> int:
    """Return the hash of all that a row is trained on."""
    return hash(tuple(map(_hash, example.values())))


def _input_and_answer(example: Example) -> tuple[int, int]:
    """The hashes of what should decide the answer, and of the answer."""
    if "chosen" in example:
        chosen, rejected = _hash(example["chosen"]), _hash(example["rejected"])
        return hash((_hash(example["prompt"]), frozenset((chosen, rejected)))), chosen
    if "label" in example:
        given = example["messages"] if "messages" in example else (example["prompt"], example["completion"])
        return _hash(given), _hash(example["label"])
    given, answer = asked_key(example), example["messages"][-1] if "messages" in example else example.get("completion")
    return hash((given, _hash(example["tools"]))) if "tools" in example else given, _hash(answer)


def _hash(value: Any) -> int:
    if type(value) is str:
        return hash(value)
    if isinstance(value, (list, tuple)):
        return hash(tuple(map(_hash, value)))
    if isinstance(value, dict) and value.keys() == {"role", "content"}:
        return hash((value["role"], _hash(value["content"])))
    return hash(json.dumps(value, sort_keys=True, default=str))


def _note(findings: Findings, code: str, numbers: Any) -> None:
    if len(numbers):
        findings.add_rows(code, numbers[:MOST_ROWS].tolist(), len(numbers))
