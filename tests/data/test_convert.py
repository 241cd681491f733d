"""A row becomes the row of another schema that says the same; what cannot is left out with the reason."""

import pytest

from workbench.data.convert import Conversion
from workbench.data.examples import examples
from workbench.data.rows import open_rows
from workbench.data.schema import schema_of
from workbench.data.write import write_rows
from workbench.errors import WrongUse

CHAT = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Hello."},
    {"role": "user", "content": "Why?"},
    {"role": "assistant", "content": "So."},
]


def converted(path, to="", **map):
    return list(Conversion(open_rows(path), to, map))


@pytest.mark.parametrize("to", ["messages", "sharegpt", "alpaca", "prompt-completion"])
def test_a_chat_says_the_same_in_every_layout(write, tmp_path, to):
    source = open_rows(write("chat.jsonl", [{"messages": CHAT}]))
    out = tmp_path / "out.jsonl"
    write_rows(out, Conversion(source, to), [source.path])
    rows = open_rows(out)
    assert schema_of(rows).name == to
    (example,) = examples(rows)
    assert example.get("messages") or [*example["prompt"], *example["completion"]] == CHAT


def test_questions_and_answers_stay_text_where_all_are_plain(write):
    plain = [{"messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]}]
    assert converted(write("a.jsonl", plain), "prompt-completion") == [{"prompt": "Q", "completion": "A"}]
    both = converted(write("b.jsonl", [*plain, {"messages": CHAT}]), "prompt-completion")
    assert both[0] == {
        "prompt": [{"role": "user", "content": "Q"}],
        "completion": [{"role": "assistant", "content": "A"}],
    }


def test_calls_of_tools_go_to_sharegpt_and_back(write, tmp_path):
    call = {"type": "function", "function": {"name": "add", "arguments": {"a": 1}}}
    chat = [
        {"role": "user", "content": "1+1?"},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "content": "2"},
        {"role": "assistant", "content": "Two."},
    ]
    tools = [{"type": "function", "function": {"name": "add", "parameters": {}}}]
    source = open_rows(write("tools.jsonl", [{"messages": chat, "tools": tools}]))
    out = tmp_path / "out.jsonl"
    write_rows(out, Conversion(source, "sharegpt"), [])
    assert converted(out, "messages") == [{"messages": chat, "tools": tools}]


def test_a_dialogue_as_text_is_parted_at_the_last_shared_turn(write):
    start = "\n\nHuman: Hi\n\nAssistant: Hello.\n\nHuman: Why?\n\nAssistant:"
    path = write("hh.jsonl", [{"chosen": f"{start} Because.", "rejected": f"{start} Be quiet."}])
    expected = {"prompt": start, "chosen": "Because.", "rejected": "Be quiet."}
    assert converted(path, "preference") == [expected]
    assert converted(path, "prompt-completion") == [{"prompt": start, "completion": "Because."}]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (("output_1", "output_2"), (2, 1)),
        (("response_a", "response_b"), ("model_b", "model_a")),
        (("answer_0", "answer_1"), (1, 0)),
        (("first", "second"), ("second", "first")),
    ],
)
def test_which_of_two_answers_is_better_is_said_by_the_end_of_its_name(write, columns, said):
    rows = [{"prompt": "p", columns[0]: "x", columns[1]: "y", "winner": winner} for winner in said]
    assert converted(write("two.jsonl", rows), "preference") == [
        {"prompt": "p", "chosen": "y", "rejected": "x"},
        {"prompt": "p", "chosen": "x", "rejected": "y"},
    ]


def test_a_tie_is_left_out(write):
    rows = [{"prompt": "p", "answer_a": "x", "answer_b": "y", "winner": winner} for winner in ("a", "tie")]
    conversion = Conversion(open_rows(write("two.jsonl", rows)), "preference")
    assert len(list(conversion)) == 1
    assert [(error.row, error.detail) for error in conversion.left_out] == [
        (2, "winner (the preferred) is a tie: neither answer is better")
    ]


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": "p", "responses": ["b", "a", "c", "b2"], "scores": [2, 3, 1, 2]},
        {"prompt": "p", "answers": ["b", "a", "c", "b2"], "ranks": [2, 1, 3, 2]},
        {
            "instruction": "p",
            "completions": [{"response": t, "overall_score": s} for t, s in zip("bacd", [2, 3, 1, 2], strict=True)],
        },
    ],
)
def test_a_ranking_becomes_all_pairs_of_different_merit(write, row):
    path = write("ranked.jsonl", [row])
    assert schema_of(open_rows(path)).name == "ranking"
    pairs = [(pair["chosen"], pair["rejected"]) for pair in converted(path, "preference")]
    other = "d" if "completions" in row else "b2"
    assert pairs == [("a", "b"), ("a", other), ("a", "c"), ("b", "c"), (other, "c")]
    assert converted(path, "prompt-completion") == [{"prompt": "p", "completion": "a"}]


def test_judged_answers_keep_their_judgement_and_only_good_ones_are_imitated(write):
    pairs = write("pairs.jsonl", [{"prompt": "p", "chosen": "x", "rejected": "y"}])
    judged = converted(pairs, "kto")
    assert judged == [
        {"prompt": "p", "completion": "x", "label": True},
        {"prompt": "p", "completion": "y", "label": False},
    ]
    conversion = Conversion(open_rows(write("kto.jsonl", judged)), "messages")
    assert [[turn["content"] for turn in row["messages"]] for row in conversion] == [["p", "x"]]
    assert [error.row for error in conversion.left_out] == [2]


def test_with_a_map_alone_columns_take_the_names_of_their_parts(write):
    path = write("own.csv", "frage,antwort,id\nA?,a,1\nB?,b,2\n")
    assert converted(path, prompt="frage", completion="antwort") == [
        {"prompt": "A?", "completion": "a"},
        {"prompt": "B?", "completion": "b"},
    ]


def test_broken_and_unfit_rows_are_left_out_with_the_reason(write):
    path = write("mixed.jsonl", '{"prompt": "p", "completion": "c"}\n{"prompt": 1\n{"prompt": "p", "completion": ""}\n')
    conversion = Conversion(open_rows(path), "messages")
    assert len(list(conversion)) == 1
    assert [(error.row, error.detail.partition(":")[0]) for error in conversion.left_out] == [
        (2, "line 2"),
        (3, "completion is empty"),
    ]


@pytest.mark.parametrize("to", ["preference", "kto", "text", "nonsense"])
def test_what_a_schema_cannot_become_is_refused(write, to):
    with pytest.raises(WrongUse):
        converted(write("pc.jsonl", [{"prompt": "p", "completion": "c"}]), to)
