"""The schemas that are known: which targets each needs, and by which names columns play them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from workbench.data.chat import turn_style
from workbench.data.table import Column, Row

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


_WHICH = re.compile(r"[012ab](?=$|\.)")


def _numbered(end: str) -> tuple[str, ...]:
    """The names of one of two answers."""
    return tuple(f"{name}_{end}" for name in ("output", "response", "answer", "completion", "conversation", "summary"))


# Each target with the names it goes by, the plainest first.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "messages": ("messages", "conversations", "conversation", "dialogue", "dialog", "chat"),
    "system": ("system", "system_prompt"),
    "history": ("history",),
    "tools": ("tools", "functions"),
    "instruction": ("instruction",),
    "input": ("input", "context", "instances.0.input"),
    "output": ("output", "response", "answer", "completion", "instances.0.output"),
    "prompt": (
        *("prompt", "question", "query", "instruction", "problem"),
        *("input.messages", "input", "inputs", "body", "user", "turns.0", "conversations", "messages"),
    ),
    "completion": (
        *("completion", "response", "answer", "output", "reply", "solution", "target"),
        *("assistant", "accepted_answer", "targets"),
    ),
    "chosen": ("chosen", "preferred_output", "preferred", "chosen_response", "response_j"),
    "rejected": ("rejected", "non_preferred_output", "dispreferred", "rejected_response", "response_k"),
    "first": ("first", *_numbered("0"), *_numbered("1"), *_numbered("a"), "summaries.0.text"),
    "second": ("second", *_numbered("2"), *_numbered("b"), *_numbered("1"), "summaries.1.text"),
    "preferred": ("preferred", "winner", "preference", "better", "choice", "label"),
    "responses": ("responses", "completions", "candidates", "answers", "outputs", "generations"),
    "ranks": ("ranks", "rank", "ranking"),
    "scores": ("scores", "score", "ratings", "rewards"),
    "context": ("context", "passage", "paragraph"),
    "question": ("question", "query"),
    "answers": ("answers", "answer", "answer_text"),
    "source": ("source", "src"),
    "target": ("target", "tgt"),
    "document": ("document", "article", "dialogue", "text"),
    "summary": ("summary", "highlights", "abstract", "tldr"),
    "text": (
        *("text", "sentence", "review", "content", "body", "tweet", "comment", "comment_text"),
        *("premise", "sentence1", "question1", "text1"),
    ),
    "text_pair": ("hypothesis", "sentence2", "question2", "text2", "text_pair"),
    "label": (
        *("label", "labels", "class", "sentiment", "category", "kto_tag"),
        *("emotion", "intent", "stance", "toxic", "stars", "rating"),
    ),
}


class Found:
    """Finds the column of a target in a sample: a person's own choice first, else by its usual names."""

    def __init__(self, columns: Sequence[Column], sample: Sequence[Row], own: Mapping[str, str]) -> None:
        self.types = {column.name: column.type for column in columns}
        self._called = {column.name.casefold(): column.name for column in reversed(columns)}
        self.sample = sample
        self.own = own

    def source(self, target: str) -> str | None:
        """Return the column, or the place in one, that plays `target`."""
        if target in self.own:
            return self.own[target]
        taken = set(self.own.values())
        names = (name if name in self.types else self._called.get(name, name) for name in SYNONYMS[target])
        return next((name for name in names if name not in taken and self._is_there(name)), None)

    def values(self, source: str | None) -> list[Any]:
        """The values at `source` in the sample that say something."""
        found = (value_at(row, source) for row in self.sample) if source else ()
        return [value for value in found if value not in (None, "", [], {})]

    def style(self, source: str | None) -> str:
        """How the chats at `source` are written; "" when they are none."""
        values = self.values(source)
        return turn_style(values[0]) if values else ""

    def _is_there(self, name: str) -> bool:
        return name in self.types or ("." in name and bool(self.values(name)))


RANKS = ("rank", "ranking")
SCORES = ("score", "overall_score", "rating", "reward")


def place_of(response: Row) -> str:
    """Return the key under which an answer carries its own rank or score; "" when it carries none."""
    return next((key for key in (*RANKS, *SCORES) if isinstance(response.get(key), (int, float))), "")


def value_at(row: Row, source: str) -> Any:
    """Return what is in the column `source`, or at that place inside one; None where there is nothing."""
    if source in row:
        return row[source]
    value: Any = row
    for step in source.split("."):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


@dataclass(frozen=True)
class Kind:
    """A schema: the targets it needs and may have, a further test, and why it is that."""

    name: Name
    needs: tuple[str, ...]
    reason: str
    may: tuple[str, ...] = ()
    fits: Callable[[Found], bool] = lambda _: True


def _chat(style: str) -> Callable[[Found], bool]:
    return lambda found: found.style(found.source("messages")) == style


def _has_yes_or_no(found: Found) -> bool:
    labels = found.values(found.source("label"))
    return bool(labels) and all(isinstance(label, bool) or label in ("True", "False") for label in labels)


def _are_two(found: Found) -> bool:
    """Whether the two answers are named alike: output_1 and output_2, not response_a and answer_2."""
    first, second = found.source("first"), found.source("second")
    return bool(found.own) or (first, second) == ("first", "second") or _stem(first) == _stem(second)


def _stem(source: str | None) -> str:
    return _WHICH.sub("", source or "")


def _are_ranked(found: Found) -> bool:
    """Whether each prompt has several answers, with ranks or scores beside or inside them."""
    values = found.values(found.source("responses"))
    if not values or not all(isinstance(each, list) and len(each) > 1 for each in values):
        return False
    if found.source("ranks") or found.source("scores"):
        return True
    return all(isinstance(each, dict) and place_of(each) != "" for each in values[0])


def _prompt_is_text_or_chat(found: Found) -> bool:
    values = found.values(found.source("prompt"))
    return bool(values) and (not isinstance(values[0], (list, dict)) or bool(turn_style(values[0])))


def _asks(found: Found) -> bool:
    """Whether the prompts are prompts even without answers: a body, alone, is an article's."""
    return found.source("prompt") != "body" and _prompt_is_text_or_chat(found)


def _has_no_other_prompt(found: Found) -> bool:
    return "prompt" not in found.types or found.own.keys() >= {"instruction"}


KINDS = (
    Kind(
        "preference",
        ("chosen", "rejected"),
        "two answers, {chosen} and {rejected}",
        ("prompt", "input", "system", "tools"),
    ),
    Kind(
        "preference",
        ("first", "second", "preferred"),
        "two answers, {first} and {second}, and {preferred} says which is better",
        ("prompt", "system", "tools"),
        _are_two,
    ),
    Kind(
        "ranking",
        ("prompt", "responses"),
        "{responses} holds several answers to {prompt}, ranked",
        ("ranks", "scores", "system"),
        _are_ranked,
    ),
    Kind(
        "kto",
        ("messages", "label"),
        "chats in {messages} with yes or no in {label}",
        ("tools",),
        _has_yes_or_no,
    ),
    Kind(
        "kto",
        ("prompt", "completion", "label"),
        "{prompt} and {completion} with yes or no in {label}",
        ("input", "system", "history"),
        _has_yes_or_no,
    ),
    Kind("squad", ("context", "question", "answers"), "{question} is answered by {answers} from {context}"),
    Kind("messages", ("messages",), "{messages} holds turns with role and content", ("tools",), _chat("role")),
    Kind(
        "sharegpt",
        ("messages",),
        "{messages} holds turns with from and value",
        ("system", "tools"),
        _chat("from"),
    ),
    Kind(
        "sharegpt",
        ("messages",),
        "{messages} holds pairs of human and assistant",
        ("system", "tools"),
        _chat("pair"),
    ),
    Kind(
        "alpaca",
        ("instruction", "output"),
        "{instruction} is followed by {output}",
        ("input", "system", "history"),
        _has_no_other_prompt,
    ),
    Kind("summary", ("document", "summary"), "{summary} shortens {document}"),
    Kind(
        "prompt-completion",
        ("prompt", "completion"),
        "{prompt} is answered by {completion}",
        ("system", "history", "tools"),
        _prompt_is_text_or_chat,
    ),
    Kind("translation", ("source", "target"), "{target} translates {source}"),
    Kind(
        "classification",
        ("text", "text_pair", "label"),
        "{text} and {text_pair} carry a {label}",
    ),
    Kind("classification", ("text", "label"), "{text} carries a {label}"),
    Kind("prompt", ("prompt",), "{prompt} asks, and no column answers", ("system", "tools"), _asks),
    Kind("text", ("text",), "running text in {text}"),
)
