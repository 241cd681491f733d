"""The token lens: each token of a row with its text, who speaks, whether it is trained, and why."""

from typing import Any

from workbench.template.encoder import IGNORED, Encoder
from workbench.template.pairs import encode_pair, is_pair, side_of
from workbench.template.rendering import Rendered, as_chat
from workbench.template.spans import Span
from workbench.template.token_bytes import bytes_of

_CUT_TOKENS_SHOWN = 256


def look(encoder: Encoder, row: dict[str, Any], *, generation_prompt: bool = False) -> dict[str, Any]:
    """Return the row as the model sees it.

    Keys: text, input_ids, labels, tokens (id, text, bytes as hex, start, end, role, turn, trained, why),
    stop_token_trained, truncated (how many tokens are cut; the first of them still stand in `tokens`), problems,
    warnings. With `generation_prompt` the chat's last assistant turn is left out and the text ends where an answer
    would begin; nothing in it is trained.

    Of a pair these are the chosen side's, and two more are pair (prompt_ids, chosen_ids, rejected_ids) and rejected,
    which has the same keys for the other side.
    """
    if is_pair(row):
        return _pair(encoder, row, generation_prompt=generation_prompt)
    if generation_prompt:
        return _prompt(encoder, row)
    rendered, pieces, trained, _ = encoder.pieces(row, turns=True)
    tokens = encoder.encode(row)
    shown = [
        _token(encoder, rendered, pieces.input_ids[index], pieces.offsets[index], trained[index])
        for index in range(min(len(trained), encoder.spec.max_length + _CUT_TOKENS_SHOWN))
    ]
    for position in range(encoder.spec.max_length, len(shown)):
        shown[position] |= {"trained": False, "why": f"cut off: past token {encoder.spec.max_length}"}
    return {
        "text": rendered.text,
        "input_ids": tokens.input_ids,
        "labels": tokens.labels,
        "tokens": shown,
        "stop_token_trained": any(label in encoder.stop_ids for label in tokens.labels if label != IGNORED)
        and "stop-not-trained" not in tokens.problems,
        "truncated": tokens.cut,
        "problems": tokens.problems,
        "warnings": tokens.warnings,
    }


def _pair(encoder: Encoder, row: dict[str, Any], *, generation_prompt: bool) -> dict[str, Any]:
    sides = encoder.of_completions
    chosen, rejected = (
        look(sides, side_of(row, name), generation_prompt=generation_prompt) for name in ("chosen", "rejected")
    )
    pair = encode_pair(encoder, row)
    ids = {name: getattr(pair, name) for name in ("prompt_ids", "chosen_ids", "rejected_ids")}
    chosen |= {"problems": pair.problems, "warnings": pair.warnings}
    return {**chosen, "pair": ids, "rejected": rejected}


def _prompt(encoder: Encoder, row: dict[str, Any]) -> dict[str, Any]:
    chat = as_chat(row)
    if chat is None or encoder.template is None:
        rendered, pieces = encoder.prompt_pieces(row.get("prompt", row.get("text", "")), raw=True)
    else:
        asked = chat[:-1] if chat[-1].get("role") == "assistant" else chat
        rendered, pieces = encoder.prompt_pieces(asked, row.get("tools"))
    text, ids = rendered.text, pieces.input_ids
    tokens = [
        {**_token(encoder, rendered, token, place, False), "why": "the prompt of an answer: nothing is trained"}
        for token, place in zip(ids, pieces.offsets, strict=True)
    ]
    return {
        "text": text,
        "input_ids": ids,
        "labels": [IGNORED] * len(ids),
        "tokens": tokens,
        "stop_token_trained": False,
        "truncated": 0,
        "problems": [],
        "warnings": [],
    }


def _token(
    encoder: Encoder, rendered: Rendered, token: int, place: tuple[int, int], is_trained: bool
) -> dict[str, Any]:
    start, end = place
    turn = _speaker(rendered, start)
    is_stop = token in encoder.stop_ids
    return {
        "id": token,
        "text": rendered.text[start:end] or encoder.tokenizer.decode([token]),
        "bytes": bytes_of(encoder.tokenizer, token).hex(" "),
        "start": start,
        "end": end,
        "role": turn.role if turn else "template" if rendered.is_chat else "text",
        "turn": turn.turn if turn else None,
        "trained": is_trained,
        "why": _why(encoder, rendered, turn, is_trained=is_trained, is_stop=is_stop, is_empty=start == end),
    }


def _speaker(rendered: Rendered, position: int) -> Span | None:
    spans = rendered.turns or rendered.trained
    return next((span for span in spans if span.start <= position < span.end), None)


def _why(
    encoder: Encoder,
    rendered: Rendered,
    turn: Span | None,
    *,
    is_trained: bool,
    is_stop: bool,
    is_empty: bool,
) -> str:
    policy = encoder.spec.train_on
    if is_empty:
        return "added by the tokenizer"
    if is_trained:
        ends = ": ends the answer" if is_stop else ""
        if not rendered.is_chat:
            return f"part of the {turn.role if turn else 'text'}{ends}"
        return "every token is trained (all)" if policy == "all" else f"part of an assistant turn{ends}"
    if turn is None:
        return "before the completion" if not rendered.is_chat else "written by the template"
    if turn.role == "assistant":
        if policy == "completion" and turn.turn != max(span.turn for span in rendered.turns):
            return "an earlier assistant turn; only the last one is trained (completion)"
        return "written by the template around the answer"
    return f"a {turn.role} turn"
