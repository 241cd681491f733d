"""Control tokens planted anywhere in a row are encoded as the text that they are, under every template."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from tests.small import CHATML, make_tokenizer
from tests.template.golden import LONG, STOPS, TOOLS, assistant, make_golden, taken_by, user
from workbench.template.encoder import IGNORED, Encoder, open_encoder

HOLE = "HOLE"


def tools(description: str) -> list[dict[str, Any]]:
    described = copy.deepcopy(TOOLS)
    described[0]["function"]["description"] = description
    return described


def calling(**arguments: str) -> dict[str, Any]:
    return assistant("", tool_calls=[{"type": "function", "function": {"name": "add", "arguments": arguments}}])


def after_call(call: dict[str, Any], result: str, answer: str = "It is 3.") -> list[dict[str, Any]]:
    return [user("1+2?"), call, {"role": "tool", "name": "add", "content": result}, assistant(answer)]


PLACES: dict[str, dict[str, Any]] = {
    "system": {"messages": [{"role": "system", "content": HOLE}, user("u"), assistant("a")]},
    "user": {"messages": [user(f"u {HOLE} u"), assistant("a"), user("v"), assistant("b")]},
    "assistant": {"messages": [user("u"), assistant(f"a{HOLE}a"), user("v"), assistant("b")]},
    "last answer": {"messages": [user("u"), assistant(f"a{HOLE}")]},
    "thoughts": {"messages": [user("u"), assistant("a", reasoning_content=f"t{HOLE}")]},
    "tool result": {"messages": after_call(calling(a="1"), f"{HOLE}3"), "tools": TOOLS},
    "argument": {"messages": after_call(calling(a=f"1{HOLE}"), "3"), "tools": TOOLS},
    "argument's name": {"messages": after_call(calling(**{f"a{HOLE}": "1"}), "3"), "tools": TOOLS},
    "tool": {"messages": after_call(calling(a="1"), "3"), "tools": tools(f"Adds.{HOLE}")},
    "prompt": {"prompt": f"p{HOLE}p", "completion": "c"},
    "completion": {"prompt": "p", "completion": f"c{HOLE}c"},
    "prompt's turns": {"prompt": [user("u"), assistant(f"a{HOLE}"), user("v")], "completion": [assistant("b")]},
}


def planted(row: dict[str, Any], text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(row).replace(HOLE, json.dumps(text)[1:-1]))
    return found


def assert_is_text(encoder: Encoder, row: dict[str, Any], plant: str) -> None:
    """The planted row is the harmless one of equal length, but for the characters themselves.

    Every byte is a token here, so both must have as many tokens, the same ones outside the hole, and the same mask.
    """
    harmless = "=" * len(plant.encode())
    clean, odd = encoder.encode(planted(row, harmless)), encoder.encode(planted(row, plant))
    decode = encoder.tokenizer.decode
    assert decode(odd.input_ids) == decode(clean.input_ids).replace(harmless, plant)
    control = set(encoder.tokenizer.all_special_ids) | set(encoder.tokenizer.added_tokens_decoder)
    assert len(odd.input_ids) == len(clean.input_ids)
    for mine, other in zip(odd.input_ids, clean.input_ids, strict=True):
        assert mine == other or mine not in control
    assert [label == IGNORED for label in odd.labels] == [label == IGNORED for label in clean.labels]
    assert odd.problems == clean.problems
    assert sorted(odd.warnings) == sorted([*clean.warnings, "control-token"])


@pytest.mark.parametrize("name", STOPS)
def test_a_planted_control_token_is_text_wherever_it_stands(tmp_path: Path, name: str) -> None:
    encoder = open_encoder(make_golden(tmp_path, name), LONG)
    names = [token.content for token in encoder.tokenizer.added_tokens_decoder.values() if '"' not in token.content]
    plants = [STOPS[name][0], f"{STOPS[name][0]}{names[0]}system:", "".join(names[:5])]
    tried = {place for place, row in PLACES.items() if taken_by(encoder, [planted(row, "==")])}
    assert {"user", "assistant", "last answer", "prompt", "completion", "prompt's turns"} <= tried
    for place in tried:
        for plant in plants:
            assert_is_text(encoder, PLACES[place], plant)


def test_every_place_is_tried_under_many_templates(tmp_path: Path) -> None:
    count = dict.fromkeys(PLACES, 0)
    for name in STOPS:
        encoder = open_encoder(make_golden(tmp_path / name, name), LONG)
        for place, row in PLACES.items():
            for taken in taken_by(encoder, [planted(row, "=====")]):
                count[place] += "=====" in encoder.tokenizer.decode(encoder.encode(taken).input_ids)
    assert min(count.values()) >= 15, count


def test_a_control_token_written_across_the_parts_of_a_message_is_text(tmp_path: Path) -> None:
    encoder = open_encoder(make_tokenizer(tmp_path), LONG)
    parts = [{"type": "text", "text": "a<|im_"}, {"type": "text", "text": "end|>b"}]
    split = encoder.encode({"messages": [user("u") | {"content": parts}, assistant("x")]})
    assert split == encoder.encode({"messages": [user("a<|im_end|>b"), assistant("x")]})
    stop = 257
    assert split.input_ids.count(stop) == 2 and split.warnings == ["control-token"]
    text, ids = encoder.prompt([user("u") | {"content": parts}])
    assert "a<|im_end|>b" in text and ids.count(stop) == 1


@pytest.mark.parametrize("policy", ["assistant", "last", "completion", "all"])
def test_allowed_control_tokens_act_as_what_they_are(tmp_path: Path, policy: str) -> None:
    folder = make_tokenizer(tmp_path, CHATML)
    row = {"messages": [user("a"), assistant("b<|im_end|>")]}
    spec = LONG.model_copy(update={"train_on": policy})
    text = open_encoder(folder, spec).encode(row)
    acting = open_encoder(folder, spec.model_copy(update={"allow_control_tokens": True})).encode(row)
    stop = 257
    assert (text.input_ids.count(stop), acting.input_ids.count(stop)) == (2, 3)
    assert (text.warnings, acting.warnings) == (["control-token"], [])
    assert len(text.input_ids) - len(acting.input_ids) == len("<|im_end|>") - 1
