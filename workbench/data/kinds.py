"""The schemas that are known: which targets each needs and may have, and what its rows must hold."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from workbench.data.fits import (
    are_ranked,
    are_two,
    are_two_scored,
    asks,
    chat,
    has_no_options_apart,
    has_no_other_prompt,
    has_texts_in_turn,
    has_yes_or_no,
    is_answered,
    is_extractive,
    is_labelled,
    is_one_named,
    is_prose,
)
from workbench.data.found import Found

Name = Literal[
    "messages",
    "sharegpt",
    "alpaca",
    "prompt-completion",
    "prompt",
    "preference",
    "kto",
    "ranking",
    "classification",
    "translation",
    "summary",
    "squad",
    "text",
    "unknown",
]


@dataclass(frozen=True)
class Kind:
    """A schema: the targets it needs and may have, a further test, and why it is that."""

    name: Name
    needs: tuple[str, ...]
    reason: str
    may: tuple[str, ...] = ()
    fits: Callable[[Found], bool] = lambda _: True


KINDS = (
    Kind(
        "preference",
        ("chosen", "rejected"),
        "two answers, {chosen} and {rejected}",
        ("prompt", "input", "system", "history", "tools"),
    ),
    Kind(
        "preference",
        ("first", "second", "preferred"),
        "two answers, {first} and {second}, and {preferred} says which is better",
        ("prompt", "input", "system", "history", "tools"),
        is_one_named,
    ),
    Kind(
        "preference",
        ("first", "second", "strength"),
        "two answers, {first} and {second}; {strength} is below zero where the first is better",
        ("prompt", "input", "system", "history", "tools"),
        are_two,
    ),
    Kind(
        "preference",
        ("first", "second", "first_score", "second_score"),
        "two answers, {first} and {second}, with the scores {first_score} and {second_score}",
        ("prompt", "input", "system", "history", "tools"),
        are_two_scored,
    ),
    Kind(
        "ranking",
        ("prompt", "responses"),
        "{responses} holds several answers to {prompt}, ranked",
        ("ranks", "scores", "system"),
        are_ranked,
    ),
    Kind(
        "kto",
        ("messages", "label"),
        "chats in {messages} with yes or no in {label}",
        ("tools",),
        has_yes_or_no,
    ),
    Kind(
        "kto",
        ("prompt", "completion", "label"),
        "{prompt} and {completion} with yes or no in {label}",
        ("input", "system", "history"),
        has_yes_or_no,
    ),
    Kind(
        "prompt-completion",
        ("prompt", "choices", "choice"),
        "{prompt} is answered by one of {choices}, named in {choice}",
        ("context", "system"),
    ),
    Kind(
        "squad",
        ("context", "question", "answers"),
        "{question} is answered by {answers} from {context}",
        fits=is_extractive,
    ),
    Kind("messages", ("messages",), "{messages} holds turns with role and content", ("system", "tools"), chat("role")),
    Kind(
        "sharegpt",
        ("messages",),
        "{messages} holds turns with from and value",
        ("system", "tools"),
        chat("from"),
    ),
    Kind(
        "sharegpt",
        ("messages",),
        "{messages} holds pairs of human and assistant",
        ("system", "tools"),
        chat("pair"),
    ),
    Kind(
        "messages",
        ("messages",),
        "{messages} holds chats as text, with the speaker before each turn",
        ("system", "tools"),
        chat("transcript"),
    ),
    Kind(
        "sharegpt",
        ("messages",),
        "{messages} holds texts, of user and assistant in turn",
        ("system",),
        has_texts_in_turn,
    ),
    Kind(
        "alpaca",
        ("instruction", "output"),
        "{instruction} is followed by {output}",
        ("input", "system", "history"),
        has_no_other_prompt,
    ),
    Kind("summary", ("document", "summary"), "{summary} shortens {document}"),
    Kind(
        "prompt-completion",
        ("prompt", "completion"),
        "{prompt} is answered by {completion}",
        ("context", "system", "history", "tools"),
        is_answered,
    ),
    Kind("translation", ("source", "target"), "{target} translates {source}"),
    Kind(
        "classification",
        ("text", "text_pair", "label"),
        "{text} and {text_pair} carry a {label}",
        fits=has_no_options_apart,
    ),
    Kind("classification", ("text", "label"), "{text} carries a {label}", fits=is_labelled),
    Kind("prompt", ("prompt",), "{prompt} asks, and no column answers", ("system", "tools"), asks),
    Kind("text", ("text",), "running text in {text}", fits=is_prose),
)
