"""Encoded rows on their way between processes: token ids as base64 of 32-bit integers, labels as what is trained.

JSON's own lists of numbers take ten times as long to write and to read.
"""

import binascii
from array import array
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from workbench.template.encoder import Tokens
from workbench.template.labels import IGNORED, labels_of, stretches_of

if TYPE_CHECKING:
    from workbench.template.pairs import Pair


def packed(tokens: "Tokens | Pair") -> dict[str, Any]:
    """Return a row's tokens as what JSON can hold; those of a pair as they are."""
    if not isinstance(tokens, Tokens):
        return asdict(tokens)
    return {
        "packed_ids": binascii.b2a_base64(array("i", tokens.input_ids), newline=False).decode("ascii"),
        "trained": stretches_of([label != IGNORED for label in tokens.labels]),
        "problems": tokens.problems,
        "warnings": tokens.warnings,
        "cut": tokens.cut,
    }


def unpacked(answer: dict[str, Any]) -> dict[str, Any]:
    """Return {"input_ids", "labels", "problems", "warnings", "cut"} of what `packed` made; others as they are."""
    if "packed_ids" not in answer:
        return answer
    numbers = array("i", binascii.a2b_base64(answer["packed_ids"]))
    input_ids = numbers.tolist()
    return {
        "input_ids": input_ids,
        "labels": labels_of(input_ids, answer["trained"]),
        "problems": answer["problems"],
        "warnings": answer["warnings"],
        "cut": answer["cut"],
    }
