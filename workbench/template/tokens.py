"""A tokenizer made ready for a template: the control tokens that it lacks, and the token that ends an answer.

A base model often has no chat template. One that is put on it writes control tokens that its tokenizer spells out in
pieces, and ends answers with a token that the model was never told to stop at.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.errors import WrongUse
from workbench.template.spec import EncoderSpec
from workbench.template.writer import Message, TemplateFailed, Writer

_CONTROL = re.compile(
    r"<\|[^<>|\s]{1,40}\|>|<｜[^<>｜]{1,40}｜>|<\|[a-z_]{1,40}>|<[a-z_]{1,40}\|>|<(?:start|end|begin)_of_[a-z_]{1,40}>"
)
"""How control tokens are usually written: <|im_start|>, <｜User｜>, <|turn>, <turn|>, <start_of_turn>."""
_ASKED, _SAID = "\ue0f3", "\ue0f4"


@dataclass(frozen=True)
class Prepared:
    """What was done to a tokenizer."""

    added: tuple[str, ...] = ()
    """Tokens that it did not have."""
    unknown: tuple[str, ...] = ()
    """Control tokens that a template from elsewhere writes, and that the tokenizer still spells in pieces."""
    ends: str | None = None
    """The control token that the template ends an answer with, if it is a token."""


def prepare(tokenizer: Any, template: str | None, spec: EncoderSpec) -> Prepared:
    """Add the tokens that `spec` asks for, and make the token that is to end answers the EOS.

    Raises WrongUse for a stop token that is none.
    """
    written = _written(Writer(template, tokenizer.special_tokens_map)) if template else []
    absent = [name for name in written if _id(tokenizer, name) is None]
    asked = absent if spec.new_tokens == "template" else spec.new_tokens
    added = tuple(name for name in asked if _id(tokenizer, name) is None)
    ends = _end_of_answer(written, template, tokenizer) if written else None
    stop = spec.stop_token or (ends if ends in added or spec.new_tokens == "template" else None)
    with_tokens(tokenizer, added, stop)
    if spec.stop_token is not None and _id(tokenizer, spec.stop_token) is None:
        raise WrongUse(
            f"stop_token: {spec.stop_token!r} is no token of this model", "name one of its tokens, or add new_tokens"
        )
    left = [name for name in absent if name not in added]
    return Prepared(added, tuple(left) if spec.template else (), ends if ends not in left else None)


def with_tokens(tokenizer: Any, added: Sequence[str], stop: str | None) -> None:
    """Add control tokens to a tokenizer, and make `stop` its EOS."""
    from tokenizers import AddedToken

    if added:
        tokens = [AddedToken(name, special=True, normalized=False) for name in added]
        tokenizer.add_tokens(tokens, special_tokens=True)
    if stop is not None and _id(tokenizer, stop) is not None:
        tokenizer.eos_token = stop


def _id(tokenizer: Any, name: str) -> int | None:
    found: int | None = tokenizer.backend_tokenizer.token_to_id(name)
    return found


def _written(writer: Writer) -> list[str]:
    """The control tokens that the template itself writes, in the order in which they come."""
    asked, said = {"role": "user", "content": _ASKED}, {"role": "assistant", "content": _SAID}
    chats: list[list[Message]] = [[{"role": "system", "content": _ASKED}, asked, said], [asked, said, asked, said]]
    texts = []
    for chat in chats:
        try:
            texts += [writer.taken(chat).text, writer.text(chat[:-1], generation_prompt=True)]
        except TemplateFailed:
            continue
    return list(dict.fromkeys(_found(texts)))


def _found(texts: Iterable[str]) -> list[str]:
    return [found for text in texts for found in _CONTROL.findall(text)]


def _end_of_answer(written: list[str], template: str | None, tokenizer: Any) -> str | None:
    """The first control token behind an answer."""
    writer = Writer(template or "", tokenizer.special_tokens_map)
    chat = [{"role": "user", "content": _ASKED}, {"role": "assistant", "content": _SAID}]
    try:
        _, _, behind = writer.taken(chat).text.partition(_SAID)
    except TemplateFailed:
        return None
    return next((name for name in _found([behind]) if name in written), None)
