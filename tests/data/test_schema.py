"""The schema of a file is recognised from its columns and values, and a person's own map comes first."""

import pytest

from workbench.data.examples import examples, prompts
from workbench.data.rows import open_rows
from workbench.data.schema import schema_of
from workbench.errors import WrongUse

ROLE = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
FROM = [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]


@pytest.mark.parametrize(
    ("row", "name", "mapping"),
    [
        ({"messages": ROLE, "tools": "[]"}, "messages", {"messages": "messages", "tools": "tools"}),
        ({"conversations": FROM, "system": "s"}, "sharegpt", {"messages": "conversations", "system": "system"}),
        ({"conversation": [{"human": "q", "assistant": "a"}]}, "sharegpt", {"messages": "conversation"}),
        ({"instruction": "q", "input": "", "output": "a"}, "alpaca", None),
        (
            {"instruction": "q", "context": "c", "response": "a", "category": "x"},
            "alpaca",
            {"instruction": "instruction", "output": "response", "input": "context"},
        ),
        ({"question": "q", "answer": "a"}, "prompt-completion", {"prompt": "question", "completion": "answer"}),
        ({"query": "q", "response": "a"}, "prompt-completion", {"prompt": "query", "completion": "response"}),
        ({"input": "q", "output": "a"}, "prompt-completion", {"prompt": "input", "completion": "output"}),
        ({"body": "q", "reply": "a"}, "prompt-completion", {"prompt": "body", "completion": "reply"}),
        ({"prompt": ROLE[:1], "completion": ROLE[1:]}, "prompt-completion", None),
        ({"chosen": ROLE, "rejected": ROLE}, "preference", {"chosen": "chosen", "rejected": "rejected"}),
        (
            {"conversations": FROM[:1], "chosen": FROM[1], "rejected": FROM[1]},
            "preference",
            {"chosen": "chosen", "rejected": "rejected", "prompt": "conversations"},
        ),
        (
            {"input": {"messages": ROLE[:1]}, "preferred_output": ROLE[1:], "non_preferred_output": ROLE[1:]},
            "preference",
            {"chosen": "preferred_output", "rejected": "non_preferred_output", "prompt": "input.messages"},
        ),
        ({"prompt": "q", "completion": "a", "label": True}, "kto", None),
        ({"messages": ROLE, "label": False}, "kto", {"messages": "messages", "label": "label"}),
        (
            {"question": "q", "answer": "a", "label": 1},
            "prompt-completion",
            {"prompt": "question", "completion": "answer"},
        ),
        ({"text": "t", "label": 0}, "classification", {"text": "text", "label": "label"}),
        (
            {"translation": {"en": "a", "ro": "b"}},
            "translation",
            {"source": "translation.en", "target": "translation.ro"},
        ),
        ({"document": "d", "summary": "s"}, "summary", {"document": "document", "summary": "summary"}),
        (
            {"context": "c", "question": "q", "answers": {"text": ["a"], "answer_start": [0]}},
            "squad",
            {"context": "context", "question": "question", "answers": "answers"},
        ),
        ({"turns": ["q", "then"], "question_id": 1}, "prompt", {"prompt": "turns.0"}),
        ({"text": "t"}, "text", {"text": "text"}),
        ({"response": "t"}, "text", {"text": "response"}),
        ({"title": "t", "body": "an article"}, "text", {"text": "body"}),
        ({"height": 1, "name": "x"}, "unknown", {}),
    ],
)
def test_a_published_layout_is_recognised(write, row, name, mapping):
    schema = schema_of(open_rows(write("rows.jsonl", [row, row])))
    assert schema.name == name
    if mapping is None:
        mapping = {column: column for column in row}
    assert schema.mapping == mapping


def test_a_map_of_one_target_leaves_the_others_to_their_usual_names(write):
    rows = open_rows(write("rows.jsonl", [{"question": "q", "title": "t", "answer": "a"}]))
    schema = schema_of(rows, {"prompt": "title"})
    assert (schema.name, schema.mapping) == ("prompt-completion", {"prompt": "title", "completion": "answer"})


def test_a_map_decides_against_the_usual_names(write):
    rows = open_rows(write("rows.jsonl", [{"prompt": "q", "chosen": "good", "rejected": "bad"}]))
    schema = schema_of(rows, {"prompt": "prompt", "completion": "chosen"})
    assert (schema.name, schema.mapping) == ("prompt-completion", {"prompt": "prompt", "completion": "chosen"})


@pytest.mark.parametrize(
    ("own", "what", "fix"),
    [
        ({"prompt": "questoin"}, "no column questoin", "did you mean question? columns: question, n"),
        ({"promt": "question"}, "promt is not a target", "did you mean prompt?"),
        ({"zzz": "question"}, "zzz is not a target", "targets: messages, system"),
    ],
)
def test_a_map_that_names_nothing_is_refused(write, own, what, fix):
    rows = open_rows(write("rows.jsonl", [{"question": "q", "n": 1}]))
    with pytest.raises(WrongUse) as caught:
        schema_of(rows, own)
    assert what in caught.value.what
    assert caught.value.fix.startswith(fix)


@pytest.mark.parametrize(
    ("row", "name", "mapping"),
    [
        ({"Question": "q", "Answer": "a"}, "prompt-completion", {"prompt": "Question", "completion": "Answer"}),
        ({"inputs": "a", "targets": "b"}, "prompt-completion", {"prompt": "inputs", "completion": "targets"}),
        (
            {"premise": "p", "hypothesis": "h", "label": 1},
            "classification",
            {"text": "premise", "text_pair": "hypothesis", "label": "label"},
        ),
        ({"tweet": "t", "emotion": "joy"}, "classification", {"text": "tweet", "label": "emotion"}),
        (
            {"question": "q", "response_j": "a", "response_k": "b"},
            "preference",
            {"prompt": "question", "chosen": "response_j", "rejected": "response_k"},
        ),
        (
            {"context": "the cat", "question": "q", "answer_text": "cat", "answer_start": 4},
            "squad",
            {"context": "context", "question": "question", "answers": "answer_text"},
        ),
        ({"conversation": [{"input": "a", "output": "b"}]}, "sharegpt", {"messages": "conversation"}),
        (
            {"prompt": "p", "Prompt": "other", "completion": "c"},
            "prompt-completion",
            {"prompt": "prompt", "completion": "completion"},
        ),
    ],
)
def test_columns_as_public_sets_call_them_are_recognised(write, row, name, mapping):
    rows = open_rows(write("rows.jsonl", [row]))
    schema = schema_of(rows)
    assert (schema.name, schema.mapping) == (name, mapping)
    assert prompts(rows)[0].prompt


def test_a_label_of_two_texts_is_asked_of_both(write):
    (example,) = examples(open_rows(write("nli.jsonl", [{"premise": "p", "hypothesis": "h", "label": 1}])))
    assert example == {"prompt": "p\n\nh", "completion": "1"}
