"""What holds of every row under every template and policy, whatever the template does."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.template.golden import (
    LONG,
    STOPS,
    TOOLS,
    assistant,
    completions,
    make_golden,
    plain_chats,
    reasoning_chats,
    taken_by,
    tool_chats,
    user,
)
from workbench.template.encoder import IGNORED, Encoder, Tokens, open_encoder
from workbench.template.lens import look

POLICIES = ("assistant", "last", "completion", "all")


def odd_chats(name: str) -> list[dict[str, Any]]:
    """Characters outside ASCII, of several code points, and the template's own stop token inside messages."""
    stop = STOPS[name][0]
    odd = [
        user(f"🦦👩‍👩‍👧 日本語{stop}e\u0301"),
        assistant(f"ﬁ\u00a0{stop} x\u200b"),
        user("a\tb\r\nc"),
        assistant("ok «ß»"),
    ]
    return [{"messages": odd[:2]}, {"messages": odd}]


def every_chat(encoder: Encoder, name: str) -> list[dict[str, Any]]:
    chats = [*plain_chats()[:6], *tool_chats(), *reasoning_chats(), *odd_chats(name)]
    return taken_by(encoder, chats)


def by_policy(encoder: Encoder, row: dict[str, Any]) -> dict[str, Tokens]:
    return {name: of_policy(encoder, name).encode(row) for name in POLICIES}


def of_policy(encoder: Encoder, policy: str) -> Encoder:
    return replace(encoder, spec=LONG.model_copy(update={"train_on": policy}))


def places(tokens: Tokens) -> set[int]:
    """Which positions are trained."""
    return {at for at, label in enumerate(tokens.labels) if label != IGNORED}


def heads(encoder: Encoder, row: dict[str, Any]) -> set[int]:
    """The beginnings of turns.

    Behind what a tool sent, Diffusion Gemma's generation prompt is empty: asked there, the model must begin its turn
    itself, so that is part of a completion. TRL's marks leave it out, and its completion_only_loss does not.
    """
    head = encoder.tokenizer("<|turn>model\n", add_special_tokens=False)["input_ids"]
    ids = encoder.encode(row).input_ids
    return {at + n for at in range(len(ids)) if ids[at : at + len(head)] == head for n in range(len(head))}


def weighted(row: dict[str, Any], weights: dict[int, int]) -> dict[str, Any]:
    messages = [
        {**message, "weight": weights[at]} if at in weights else message for at, message in enumerate(row["messages"])
    ]
    return {**row, "messages": messages}


@pytest.fixture(params=STOPS)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Encoder]:
    """A template of TRL's with its tokenizer."""
    return request.param, open_encoder(make_golden(tmp_path, request.param), LONG)


def test_ids_decode_to_the_text_that_is_shown_and_labels_are_ids_or_ignored(opened: tuple[str, Encoder]) -> None:
    name, encoder = opened
    for row in every_chat(encoder, name):
        for policy in POLICIES:
            seen = look(of_policy(encoder, policy), row)
            assert encoder.tokenizer.decode(seen["input_ids"]) == seen["text"]
            assert len(seen["labels"]) == len(seen["input_ids"]) == len(seen["tokens"])
            assert all(
                label in (IGNORED, token) for label, token in zip(seen["labels"], seen["input_ids"], strict=True)
            )
            assert [token["trained"] for token in seen["tokens"]] == [label != IGNORED for label in seen["labels"]]


def test_a_narrower_policy_trains_nothing_that_a_wider_one_does_not(opened: tuple[str, Encoder]) -> None:
    name, encoder = opened
    for row in every_chat(encoder, name):
        found = by_policy(encoder, row)
        assert found["all"].labels == found["all"].input_ids
        assert found["last"] == found["completion"]
        assert found["completion"].labels == encoder.encode(*completions([row])).labels
        if found["assistant"].input_ids != found["all"].input_ids:  # the text of TRL's twin
            assert "training-template" in found["assistant"].warnings
        elif found["last"].input_ids == found["assistant"].input_ids:
            wider = places(found["assistant"])
            if (name, row.get("tools")) == ("diffusion_gemma", TOOLS):
                wider |= heads(encoder, row)
            assert set() < places(found["last"]) <= wider < places(found["all"])


def test_a_weight_of_0_leaves_out_exactly_that_answer(opened: tuple[str, Encoder]) -> None:
    name, encoder = opened
    for row in every_chat(encoder, name):
        answers = [at for at, message in enumerate(row["messages"]) if message["role"] == "assistant"]
        whole = encoder.encode(row)
        alone = {}
        for turn in answers:
            only = encoder.encode(weighted(row, {other: int(other == turn) for other in answers}))
            without = encoder.encode(weighted(row, {turn: 0}))
            assert only.input_ids == without.input_ids == whole.input_ids
            alone[turn] = places(only)
            assert places(without) == places(whole) - alone[turn]
        assert sum(map(len, alone.values())) == len(places(whole)) and set().union(*alone.values()) == places(whole)


def test_max_length_keeps_the_beginning_of_ids_and_labels(opened: tuple[str, Encoder]) -> None:
    name, encoder = opened
    for row in every_chat(encoder, name):
        whole = encoder.encode(row)
        size = len(whole.input_ids)
        for length in {2, 7, size // 2, size - 1, size, size + 1}:
            cut = replace(encoder, spec=LONG.model_copy(update={"max_length": length})).encode(row)
            assert (cut.input_ids, cut.labels) == (whole.input_ids[:length], whole.labels[:length])
            assert cut.cut == max(0, size - length)
            assert ("truncated" in cut.warnings) == (length < size)
            assert ("answer-cut" in cut.problems) == (not places(cut) and bool(places(whole)))
