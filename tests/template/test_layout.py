"""Tokens in lines: every character is drawn once, marks stand below their tokens, and no line is too long."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth

from tests.small import make_tokenizer
from workbench.template.encoder import open_encoder
from workbench.template.layout import Layout, lay_out, marks_below, visible
from workbench.template.lens import look
from workbench.template.seen import Seen, Token, seen_of
from workbench.template.spec import EncoderSpec


def token(text: str, role: str = "user", turn: int = 1, *, is_trained: bool = False, is_cut: bool = False) -> Token:
    return Token(0, text, role, turn, is_trained, "", is_cut=is_cut)


def texts(layout: Layout) -> list[str]:
    return ["".join(piece.text for piece in line.pieces) for line in layout.lines]


def seen(folder: Path, *messages: tuple[str, str], **spec: Any) -> Seen:
    row = {"messages": [{"role": role, "content": content} for role, content in messages]}
    return seen_of(look(open_encoder(make_tokenizer(folder), EncoderSpec(**spec)), row))


def test_a_turn_begins_a_line_with_its_role_and_a_line_feed_ends_one() -> None:
    tokens = [token("Hi"), token("\n"), token("you"), token("\n\n"), token("Yes", "assistant", 2, is_trained=True)]
    layout = lay_out(tokens, 20)
    assert [line.role for line in layout.lines] == ["user", "", "", "assistant"]
    assert texts(layout) == ["Hi⏎", "you⏎", "⏎", "Yes"]
    assert [line.is_marked for line in layout.lines] == [False, False, False, True]
    assert layout.places == ((0, 0), (0, 1), (1, 0), (1, 1), (3, 0))
    assert layout.tops == (0, 1, 2, 3, 5)
    assert [layout.row(row) for row in range(5)] == [(0, False), (1, False), (2, False), (3, False), (3, True)]


def test_each_turn_has_its_count_below_its_role() -> None:
    """A turn of one line without marks gets a row for it; tokens that the model never sees are not counted."""
    tokens = [
        token("<s>", "system", 1), token("<u>", "user", 2), token("Hi\n", "user", 2),
        token("you", "user", 2), token("Yes", "assistant", 3, is_trained=True), token("!", "assistant", 3),
        token("no", "assistant", 3, is_cut=True),
    ]  # fmt: skip
    layout = lay_out(tokens, 20)
    assert texts(layout) == ["<s>", "<u>Hi⏎", "you", "Yes!", "no"]
    assert [layout.beside(row) for row in range(layout.tops[-1])] == [
        "system", "1 tok", "user", "3 tok", "assistant", "1 of 2", "cut here",
    ]  # fmt: skip


def test_there_are_marks_below_what_differs() -> None:
    tokens = [
        token("ab"),
        token("漢", is_trained=True),
        token("c"),
        token("d", is_trained=True),
        token("\n"),
        token("e"),
    ]
    layout = lay_out(tokens, 20, {2, 3})
    assert [marks_below(line, tokens, {2, 3}) for line in layout.lines] == ["  ━━╌═ ", " "]
    assert [line.is_marked for line in layout.lines] == [True, False]
    assert lay_out(tokens[:1], 20, {0}).lines[0].is_marked and not lay_out(tokens[:1], 20).lines[0].is_marked


def test_lines_are_broken_between_words_and_within_one_that_is_too_long() -> None:
    words = [token(text) for text in ("The", " ot", "ter", " sleeps")]
    assert texts(lay_out(words, 10)) == ["The otter", " sleeps"]
    assert texts(lay_out(words, 8)) == ["The", " otter", " sleeps"]
    assert texts(lay_out([token("abcdefgh"), token("ij")], 5)) == ["abcde", "fghij"]


def test_what_is_cut_begins_a_line_of_its_own() -> None:
    layout = lay_out([token("ab"), token("cd", is_cut=True), token("ef", "assistant", 2, is_cut=True)], 20)
    assert [(line.role, text) for line, text in zip(layout.lines, texts(layout), strict=True)] == [
        ("user", "ab"),
        ("cut here", "cd"),
        ("assistant", "ef"),
    ]


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("\x1b[31m", "␛[31m"),
        ("\u202e", "‹202E›"),
        ("a\u00a0b", "a‹A0›b"),
        ("\u0301", "◌\u0301"),
        ("e\u0301", "e\u0301"),
        ("❤\ufe0f", "❤‹FE0F›"),
        ("👍🏽", "👍‹1F3FD›"),
        ("\t", "⇥"),
        ("[/]", "[/]"),
    ],
)
def test_every_character_is_seen(text: str, drawn: str) -> None:
    assert visible(text) == drawn


def test_a_character_of_several_tokens_is_drawn_once(tmp_path: Path) -> None:
    """The tokenizer knows single bytes only: ö is two tokens, the otter is four."""
    found = seen(tmp_path, ("user", "Größe 🦦?"))
    layout = lay_out(found.tokens, 40)
    assert texts(layout) == ["<|im_start|>user⏎", "Größe 🦦?<|im_end|>⏎"]
    otter = [place for place, each in enumerate(found.tokens) if each.text == "🦦"]
    assert [layout.part(place) for place in otter] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert layout.part(0) == (1, 1)


def test_marks_stand_below_what_is_trained(tmp_path: Path) -> None:
    found = seen(tmp_path, ("user", "漢字"), ("assistant", "漢字 e\u0301 🦦 ok"))
    lines = [line for line in lay_out(found.tokens, 60).lines if line.is_marked]
    trained = [piece for line in lines for piece in line.pieces if found.tokens[piece.token].is_trained]
    assert "".join(piece.text for piece in trained) == "漢字 e◌\u0301 🦦 ok<|im_end|>"
    for line in lines:
        for number, piece in enumerate(line.pieces):
            assert piece.column == wcswidth("".join(each.text for each in line.pieces[:number]))


texts_of_tokens = st.text(st.characters(codec="utf-8") | st.sampled_from(" \nab漢\u0301🦦"), min_size=1, max_size=6)


@given(st.lists(texts_of_tokens, max_size=40), st.integers(2, 30))
def test_any_tokens_are_drawn_whole_in_lines_that_are_not_too_long(found: list[str], width: int) -> None:
    tokens = [token(text, "user", number // 9) for number, text in enumerate(found)]
    layout = lay_out(tokens, width)
    parts = [part for text in found for part in re.findall(r"[^\n]*\n|[^\n]+", text)]
    assert "".join(texts(layout)) == "".join(map(visible, parts))
    assert all(sum(piece.width for piece in line.pieces) <= width for line in layout.lines)
    assert [layout.lines[line].pieces[piece].token for line, piece in layout.places] == list(range(len(tokens)))


def test_a_row_without_tokens_has_no_lines() -> None:
    assert lay_out([], 20) == Layout()


def test_the_prompt_of_an_answer_is_drawn_turn_by_turn(tmp_path: Path) -> None:
    encoder = open_encoder(make_tokenizer(tmp_path), EncoderSpec())
    found = seen_of(look(encoder, {"prompt": "Größe <|im_end|>?", "completion": "1 m"}, generation_prompt=True))
    layout = lay_out(found.tokens, 40)
    assert [line.role for line in layout.lines] == ["user", "", "assistant"]
    assert texts(layout) == ["<|im_start|>user⏎", "Größe <|im_end|>?<|im_end|>⏎", "<|im_start|>assistant⏎"]
    assert not any(line.is_marked for line in layout.lines) and found.trained == 0
