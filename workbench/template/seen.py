"""A row as the encoder worker's lens saw it, as values that cannot change: what a screen draws and asks about."""

from dataclasses import dataclass
from typing import Any

from workbench.template.problems import PROBLEMS, WARNINGS

_NOWHERE = -1


@dataclass(frozen=True, slots=True)
class Token:
    """One token. Its text stands at `start` to `end` of the row's text; both are -1 where that is not known."""

    id: int
    text: str
    role: str
    """Who speaks; template, text or prompt where nobody does."""
    turn: int | None
    """Which message of the chat it belongs to, counted from 1."""
    is_trained: bool
    why: str
    start: int = _NOWHERE
    end: int = _NOWHERE
    bytes: str = ""
    """In hexadecimal digits, with spaces between them."""
    is_cut: bool = False
    """Whether it lies behind `max_length`, so that the model never sees it."""
    is_content: bool = True
    """Whether a message says it; the template writes the rest around it."""


@dataclass(frozen=True)
class Seen:
    """A row's tokens, and what is wrong about them."""

    tokens: tuple[Token, ...]
    """Those that are kept, and the first of those that are cut."""
    kept: int
    """How many tokens the model sees."""
    trained: int
    """How many of them are trained."""
    cut: int
    """How many did not fit into `max_length`."""
    has_stop: bool
    """Whether each trained stretch ends in a stop token that is trained."""
    problems: tuple[str, ...] = ()
    """Codes, see `workbench.template.problems`."""
    warnings: tuple[str, ...] = ()
    new_tokens: tuple[str, ...] = ()
    """Tokens that are added to the model."""
    rejected: "Seen | None" = None
    """Of a preference pair the other side; this one is the chosen."""

    @property
    def first_trained(self) -> int | None:
        """The place of the first token that is trained, counted from 0."""
        return next((place for place, token in enumerate(self.tokens) if token.is_trained), None)

    def judged(self) -> list[tuple[str, str, str]]:
        """Return what is wrong, what is worth knowing about the row, and what is added: ✗, ⚠ or +, what, what to do."""
        wrong = [("✗", f"{what} this row", fix) for what, fix in (PROBLEMS[code] for code in self.problems)]
        known = [("⚠", f"{self.cut:,} " * (code == "truncated") + WARNINGS[code], "") for code in self.warnings]
        added = [("+", f"added to the model: {', '.join(self.new_tokens)}", "")] if self.new_tokens else []
        return wrong + known + added


def seen_of(answer: dict[str, Any]) -> Seen:
    """Return what the worker's answer to `look` says."""
    kept = len(answer["input_ids"])
    tokens = tuple(
        Token(
            token["id"],
            token["text"],
            token["role"],
            None if token.get("turn") is None else token["turn"] + 1,
            token["trained"],
            token["why"],
            token.get("start", _NOWHERE),
            token.get("end", _NOWHERE),
            token.get("bytes", ""),
            place >= kept,
            token.get("content", True),
        )
        for place, token in enumerate(answer["tokens"])
    )
    return Seen(
        tokens,
        kept,
        sum(token.is_trained for token in tokens),
        answer["truncated"],
        answer["stop_token_trained"],
        tuple(answer["problems"]),
        tuple(answer["warnings"]),
        tuple(answer["new_tokens"]),
        seen_of(answer["rejected"]) if "rejected" in answer else None,
    )
