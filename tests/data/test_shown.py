"""A row as a person reads it: parts first, long values cut with what is missing said, chats as turns."""

from workbench.data.schema import Schema
from workbench.data.shown import Piece, cell, fields, mapping_words, plain

NONE = Schema("unknown", "")


def only(value):
    return fields({"a": value}, NONE)[0]


def test_a_cell_is_text_json_or_the_first_thing_said():
    assert cell("text\nof lines") == "text\nof lines"
    assert cell({"a": [1, None]}) == '{"a": [1, null]}'
    assert cell(0.5) == "0.5"
    assert [cell(empty) for empty in (None, "", " \n", [], {})] == ["∅"] * 5
    turns = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello?"}]
    assert cell(turns) == "2 turns · Hello?"
    assert cell([{"from": "human", "value": "Hi"}]) == "1 turn · Hi"
    assert cell({"from": "gpt", "value": "Hi there"}) == "Hi there"


def test_a_cell_begins_where_the_searched_text_is():
    assert cell("the otter is grey", "otter") == "the otter is grey"
    assert cell("x" * 100 + " the OTTER is grey", "otter") == "…xxxxx the OTTER is grey"
    turns = [{"role": "user", "content": "Hello?"}, {"role": "assistant", "content": "An otter."}]
    assert cell(turns, "otter") == "2 turns · An otter."


def test_a_huge_value_is_not_written_to_its_end():
    assert plain(list(range(10**6)), limit=10) == "[0, 1, 2, "
    assert len(cell("x" * 40_000)) == 500


def test_parts_come_first_under_their_names_then_the_other_columns():
    row = {"id": 3, "question": "Who?", "turns": ["one", "two"]}
    found = fields(row, Schema("prompt-completion", "", {"prompt": "turns.0", "completion": "question"}))
    assert [(field.name, field.source, field.pieces[0].text, field.is_part) for field in found] == [
        ("prompt", "turns.0", "one", True),
        ("completion", "question", "Who?", True),
        ("id", "", "3", False),
        ("turns", "", "├ 1  one\n└ 2  two", False),
    ]


def test_what_is_asked_stands_before_what_is_answered():
    schema = Schema("preference", "", {"chosen": "chosen", "rejected": "rejected", "prompt": "prompt"})
    found = fields({"rejected": "b", "chosen": "a", "prompt": "?"}, schema)
    assert [field.name for field in found] == ["prompt", "chosen", "rejected"]


def test_what_is_cut_is_counted():
    field = only("x" * 40_000)
    assert (len(field.pieces[0].text), field.rest) == (4_000, "36,000 more characters")
    assert only("x" * 4_001).rest == "1 more character"
    assert only("x" * 4_000).rest == ""
    assert only(list(range(10_000))).rest == "cut; 10,000 items in all"


def test_a_chat_is_its_turns_and_the_rest_of_a_turn_is_json():
    call = {"role": "assistant", "content": None, "tool_calls": [{"name": "f"}]}
    field = only([{"role": "user", "content": "Hi"}, call])
    assert field.pieces == (
        Piece("user", "Hi"),
        Piece("assistant", ""),
        Piece("assistant · tool_calls", '[\n  {\n    "name": "f"\n  }\n]'),
    )


def test_a_chat_too_long_says_how_much_of_it_is_missing():
    field = only([{"from": "human", "value": "x" * 3_000}, {"from": "gpt", "value": "y" * 3_000}] * 2)
    assert [len(piece.text) for piece in field.pieces] == [3_000, 1_000]
    assert field.rest == "2,000 more characters and 2 more turns"


def test_nothing_is_told_from_emptiness():
    assert [only(value).pieces[0].text for value in (None, "", "  ", [])] == [
        "∅ nothing", "∅ empty", "∅ only white space", "∅ empty",
    ]  # fmt: skip
    assert only("").is_empty


def test_the_mapping_reads_from_column_to_part():
    assert mapping_words({"prompt": "question", "completion": "completion"}) == "question→prompt completion"


def test_two_answers_are_marked_where_they_differ_unless_they_have_little_in_common():
    schema = Schema("preference", "", {"prompt": "prompt", "chosen": "chosen", "rejected": "rejected"})
    row = {"prompt": "p", "chosen": "it is a large grey otter", "rejected": "it is a large brown otter"}
    _, chosen, rejected = fields(row, schema)
    assert (chosen.pieces[0].marks, rejected.pieces[0].marks) == (((14, 18),), ((14, 19),))
    _, chosen, rejected = fields({**row, "rejected": "no idea at all"}, schema)
    assert (chosen.pieces[0].marks, rejected.pieces[0].marks) == ((), ())
