"""Rows of every schema become one of three shapes; what does not fit is told with file, row and field."""

import json

import pytest

from workbench.data.examples import Prompt, examples, prompts
from workbench.data.rows import SAMPLE, BadRow, open_rows
from workbench.errors import WrongUse

USER, ASSISTANT = {"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}
SYSTEM = {"role": "system", "content": "s"}

PARTS = {"parts": {"instruction": "q", "input": "i"}}


@pytest.mark.parametrize(
    ("row", "example"),
    [
        ({"question": "q", "answer": 4}, {"prompt": "q", "completion": "4"}),
        ({"instruction": "q", "input": "i", "output": "a"}, {"prompt": "q\n\ni", "completion": "a", **PARTS}),
        ({"instruction": "q", "input": "", "output": "a"}, {"prompt": "q", "completion": "a"}),
        (
            {"instruction": "q", "input": "i", "output": "a", "system": "s", "history": [["h1", "h2"]]},
            {
                "prompt": [
                    SYSTEM,
                    {"role": "user", "content": "h1"},
                    {"role": "assistant", "content": "h2"},
                    {"role": "user", "content": "q\n\ni"},
                ],
                "completion": [ASSISTANT],
                **PARTS,
            },
        ),
        (
            {"instruction": "q", "instances": [{"input": "i", "output": "a"}]},
            {"prompt": "q\n\ni", "completion": "a", **PARTS},
        ),
        (
            {"messages": [USER, {**ASSISTANT, "weight": 0, "tool_calls": None}]},
            {"messages": [USER, {**ASSISTANT, "weight": 0}]},
        ),
        (
            {"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}], "system": "s"},
            {"messages": [SYSTEM, USER, ASSISTANT]},
        ),
        (
            {"conversation": [{"human": "q", "assistant": "a"}], "system": ""},
            {"messages": [USER, ASSISTANT]},
        ),
        (
            {"context": "c", "question": "q", "answers": {"text": ["a", "b"], "answer_start": [0, 1]}},
            {"prompt": "c\n\nq", "completion": "a"},
        ),
        ({"context": "c", "question": "q", "answer": "a"}, {"prompt": "c\n\nq", "completion": "a"}),
        ({"document": "d", "summary": "s"}, {"prompt": "d", "completion": "s"}),
        ({"translation": {"en": "e", "ro": "r"}}, {"prompt": "e", "completion": "r"}),
        ({"text": "t", "label": "pos"}, {"prompt": "t", "completion": "pos"}),
        ({"text": "t"}, {"text": "t"}),
        ({"prompt": [USER], "completion": [ASSISTANT]}, {"prompt": [USER], "completion": [ASSISTANT]}),
        ({"prompt": [USER], "completion": "a"}, {"prompt": [USER], "completion": [ASSISTANT]}),
    ],
)
def test_a_row_becomes_an_example(write, row, example):
    made = examples(open_rows(write("rows.jsonl", [row, row])))
    assert list(made) == [example, example]
    assert made[1] == example
    assert [number for number, _ in made.numbered()] == [1, 2]


def test_calls_and_results_of_tools_become_messages(write):
    call = {"name": "add", "arguments": {"a": 1}}
    tool = {"name": "add", "description": "adds", "parameters": {}}
    row = {
        "conversations": [
            {"from": "human", "value": "q"},
            {"from": "function_call", "value": json.dumps(call)},
            {"from": "observation", "value": "2"},
            {"from": "gpt", "value": "a"},
            {"from": "function_call", "value": "not json"},
        ],
        "tools": json.dumps([tool]),
    }
    assert examples(open_rows(write("rows.jsonl", [row])))[0] == {
        "messages": [
            USER,
            {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "function": call}]},
            {"role": "tool", "content": "2"},
            ASSISTANT,
            {"role": "assistant", "content": "not json"},
        ],
        "tools": [{"type": "function", "function": tool}],
    }


def test_rows_without_system_are_chats_too_when_the_file_has_a_column_for_it(write):
    rows = [{"query": "q", "response": "a", "system": "s"}, {"query": "q", "response": "a"}]
    assert list(examples(open_rows(write("rows.jsonl", rows)))) == [
        {"prompt": [SYSTEM, USER], "completion": [ASSISTANT]},
        {"prompt": [USER], "completion": [ASSISTANT]},
    ]


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ({"question": "q", "answer": ""}, "row 2: answer (the completion) is empty"),
        ({"question": "q"}, "row 2: answer (the completion) is empty"),
        ({"question": " \n", "answer": "a"}, "row 2: question (the prompt) is empty"),
        ({"question": "q", "answer": [1]}, "answer (the completion) cannot be read: turn 1 has neither role"),
        ({"question": {"x": 1}, "answer": "a"}, "question (the prompt) cannot be read: turn 1 has neither"),
    ],
)
def test_a_row_that_does_not_fit_is_named_when_it_is_reached(write, bad, told):
    path = write("rows.jsonl", [{"question": "q", "answer": "a"}, bad])
    made = examples(open_rows(path))
    assert made[0] == {"prompt": "q", "completion": "a"}
    with pytest.raises(BadRow) as caught:
        made[1]
    assert str(path) in caught.value.what
    assert told in caught.value.what


@pytest.mark.parametrize(
    ("turns", "told"),
    [
        ([{"from": "narrator", "value": "x"}], "conversations (the messages) cannot be read: turn 1: unknown speaker"),
        ([{"from": "human", "value": 3}], "turn 1: value is not text"),
        ([], "conversations (the messages) is empty"),
        ([{"role": "user", "content": 3}], "turn 1: content is not text"),
        ([{"role": "user", "content": None}], "turn 1: content is missing"),
    ],
)
def test_a_broken_turn_is_named(write, turns, told):
    good = {"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]}
    made = examples(open_rows(write("rows.jsonl", [good, {"conversations": turns}])))
    with pytest.raises(BadRow) as caught:
        made[1]
    assert told in caught.value.what


def test_a_question_without_an_answer_is_refused_for_training_and_kept_as_a_prompt(write):
    row = {"context": "c", "question": "q", "answers": {"text": [], "answer_start": []}}
    rows = open_rows(write("rows.jsonl", [{**row, "answers": {"text": ["a"]}}, row]))
    with pytest.raises(BadRow, match="row 2: answers is empty"):
        examples(rows)[1]
    assert prompts(rows)[1] == Prompt(2, "c\n\nq", None)


def test_a_column_that_turns_up_late_is_not_dropped_in_silence(write):
    row = {"question": "q", "answer": "a"}
    rows = open_rows(write("rows.jsonl", [row] * SAMPLE + [{**row, "system": "s"}]))
    with pytest.raises(BadRow, match=f"row {SAMPLE + 1}: system is a column that the first 1,000 rows do not have"):
        list(examples(rows))
    assert examples(rows, {"system": "system"})[SAMPLE]["prompt"] == [SYSTEM, USER]


@pytest.mark.parametrize(
    ("row", "what", "fix"),
    [
        ({"height": 1}, "no schema has the columns height", "--map prompt=COLUMN --map completion=COLUMN"),
        ({"prompt": "q"}, "has prompts (prompt) but no answers", "map: {prompt: prompt, completion: COLUMN}"),
        ({"chosen": "a", "rejected": "b"}, "holds preference rows", "task: reward, dpo or kto"),
    ],
)
def test_what_cannot_be_imitated_is_refused_with_the_map_that_would_do(write, row, what, fix):
    with pytest.raises(WrongUse) as caught:
        examples(open_rows(write("rows.jsonl", [row])))
    assert what in caught.value.what
    assert fix in caught.value.fix


@pytest.mark.parametrize(
    ("row", "prompt", "answer"),
    [
        ({"question": "q", "answer": "a"}, "q", "a"),
        ({"question": "q", "answer": ""}, "q", None),
        ({"turns": ["q", "more"]}, "q", None),
        ({"instruction": "q", "input": "i", "output": "a"}, "q\n\ni", "a"),
        ({"instruction": "q", "output": "a", "system": "s"}, [SYSTEM, USER], "a"),
        ({"messages": [SYSTEM, USER, ASSISTANT]}, [SYSTEM, USER], "a"),
        ({"messages": [SYSTEM, USER]}, [SYSTEM, USER], None),
        ({"prompt": "q", "chosen": "a", "rejected": "b"}, "q", "a"),
        ({"input": {"messages": [USER]}, "preferred_output": [ASSISTANT], "rejected": "b"}, [USER], "a"),
        ({"instruction": "q", "input": "i", "chosen": "a", "rejected": "b"}, "q\n\ni", "a"),
        ({"chosen": [USER, ASSISTANT], "rejected": [USER, ASSISTANT]}, [USER], "a"),
        (
            {"chosen": "\n\nHuman: q\n\nAssistant: a", "rejected": "\n\nHuman: q\n\nAssistant: b"},
            "\n\nHuman: q\n\nAssistant:",
            "a",
        ),
        ({"prompt": "q", "completion": "a", "label": True}, "q", None),
        ({"text": "once upon"}, "once upon", None),
        ({"text": "t", "label": 1}, "t", "1"),
    ],
)
def test_a_row_becomes_a_prompt_with_its_answer(write, row, prompt, answer):
    rows = [row, row]
    more = PARTS if row.get("input") == "i" else {}
    assert prompts(open_rows(write("rows.jsonl", rows))) == [Prompt(number, prompt, answer, more) for number in (1, 2)]


def test_what_is_asked_brings_its_tools_along(write):
    tool = {"type": "function", "function": {"name": "add", "parameters": {}}}
    row = {"messages": [USER, ASSISTANT], "tools": [tool]}
    (found,) = prompts(open_rows(write("rows.jsonl", [row])))
    assert found.asked == {"prompt": [USER], "tools": [tool]}
