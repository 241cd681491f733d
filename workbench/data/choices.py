"""The choices of a question, each with its letter, and the one that is right."""

import re
from typing import Any

from workbench.data.cells import written_in
from workbench.data.fields import Fields

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_OWN_LETTER = re.compile(r"^\(?([A-Za-z])[).:]\s*")
_BARE = re.compile(r"^\((.+)\)$|^(.+?)[).:]?$")


def choices_of(fields: Fields) -> list[tuple[str, str]]:
    """Return (letter, text) of each choice of a row; none where its file has no choices."""
    return fields.read("choices", _lettered) if fields.source("choices") else []


def right_choice(fields: Fields) -> str:
    """Return the letter of the right choice: said by letter, by text, or by its number, counted from 0.

    Raises BadRow where that names none of them.
    """
    choices = choices_of(fields)
    said = fields.text("choice").strip()
    bare = "".join(part or "" for part in _BARE.findall(said)[0])
    for letter, text in choices:
        if letter in (said, bare) or text == said:
            return letter
    if said.isdigit() and int(said) < len(choices):
        return choices[int(said)][0]
    letters = ", ".join(letter for letter, _ in choices)
    raise fields.bad("choice", f"is {said!r}, which names no choice", f"write one of {letters}")


def _lettered(value: Any) -> list[tuple[str, str]]:
    """The choices of ["…"] or {"text": ["…"], "label": ["A"]}; a letter that a text begins with is taken as its own."""
    value = written_in(value)
    texts = value.get("text") if isinstance(value, dict) else value
    labels = value.get("label") if isinstance(value, dict) else None
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ValueError("not a list of texts")
    if isinstance(labels, list) and len(labels) == len(texts):
        return [(str(label), text) for label, text in zip(labels, texts, strict=True)]
    own = [_OWN_LETTER.match(text) for text in texts]
    if all(own) and [found[1].upper() for found in own if found] == list(_LETTERS[: len(texts)]):
        return [(found[1].upper(), text[found.end() :]) for found, text in zip(own, texts, strict=True) if found]
    return list(zip(_LETTERS, texts, strict=False))
