"""Rows in the shapes of well-known public sets: what they are, which column plays which part, and nothing to report."""

import json

import pytest

from workbench.data.check.run import check
from workbench.data.convert import Conversion
from workbench.data.examples import examples, prompts
from workbench.data.rows import open_rows
from workbench.data.schema import schema_of
from workbench.errors import WrongUse

ASK = [{"role": "user", "content": "Is 7 prime?"}]
CHAT = [*ASK, {"role": "assistant", "content": "Yes, it is."}]
CALL = {"name": "dial", "arguments": '{"number": 7}'}
PASSAGE = "Ada keeps bees on the roof of the mill. She sold 40 jars in 2019."

SHAPES = [
    # two answers and what says which is better
    (
        {"history": "My dough is flat.", "human_ref_A": "Wait.", "human_ref_B": "Knead.", "labels": 1, "score_A": 9},
        "preference",
        {"prompt": "history", "first": "human_ref_A", "second": "human_ref_B", "preferred": "labels"},
    ),
    (
        {"prompt": "p", "response_0": "a", "response_1": "b", "is_response_0_safe": True, "better_response_id": 1},
        "preference",
        {"prompt": "prompt", "first": "response_0", "second": "response_1", "preferred": "better_response_id"},
    ),
    (
        {"context": ASK, "response1": "a", "response2": "b", "overall_preference": -2, "language": "english"},
        "preference",
        {"prompt": "context", "first": "response1", "second": "response2", "strength": "overall_preference"},
    ),
    (
        {"question": {"id": "x1", "full_text": "Why?"}, "answer_0": "a", "answer_1": "b", "score_0": 0.5, "score_1": 0},
        "preference",
        {
            **{"prompt": "question.full_text", "first": "answer_0", "second": "answer_1"},
            **{"first_score": "score_0", "second_score": "score_1"},
        },
    ),
    (
        {"prompt": "p", "response_a": "x", "response_b": "y", "winner_model_a": 0, "winner_model_b": 1},
        "preference",
        {
            **{"prompt": "prompt", "first": "response_a", "second": "response_b"},
            **{"first_score": "winner_model_a", "second_score": "winner_model_b"},
        },
    ),
    (
        {"info": {"post": "long story"}, "summaries": [{"text": "a"}, {"text": "b"}], "choice": 1},
        "preference",
        {"prompt": "info.post", "first": "summaries.0.text", "second": "summaries.1.text", "preferred": "choice"},
    ),
    (
        {"query": "q", "response": "a", "rejected_response": "b", "history": [["x", "y"]]},
        "preference",
        {"prompt": "query", "chosen": "response", "rejected": "rejected_response", "history": "history"},
    ),
    ({"messages": CHAT, "rejected_response": "No."}, "preference", {"chosen": "messages"}),
    (
        {"question": "q", "answers": [{"text": "a", "pm_score": 4}, {"text": "b", "pm_score": 1}], "date": "2010"},
        "ranking",
        {"prompt": "question", "responses": "answers"},
    ),
    # chats
    ({"conversations": ["q", "a", "more?", "yes"], "source": "wiki"}, "sharegpt", {"messages": "conversations"}),
    ({"turns": CHAT, "id": 1}, "messages", {"messages": "turns"}),
    ({"id": "1", "data": ["q", "a"]}, "sharegpt", {"messages": "data"}),
    ({"conversations": [{"role": "human", "value": "q"}, {"role": "bot", "value": "a"}]}, "sharegpt", {}),
    ({"conversation": CHAT, "toxic": False, "language": "English"}, "messages", {"messages": "conversation"}),
    (
        {"messages": ASK, "ground_truth": "yes", "dataset": "primes"},
        "prompt-completion",
        {"prompt": "messages", "completion": "ground_truth"},
    ),
    (
        {"messages": [*ASK, {"role": "assistant", "content": None, "function_call": CALL}], "functions": [CALL]},
        "messages",
        {"messages": "messages", "tools": "functions"},
    ),
    ({"system": "Be brief.", "messages": CHAT}, "messages", {"messages": "messages", "system": "system"}),
    ({"messages": [{"role": "User", "content": "q"}, {"role": "Chatbot", "content": "a"}]}, "messages", {}),
    # questions with an answer
    (
        {"question": "Who?", "context": PASSAGE, "answer": "a certain Ms A., who keeps insects"},
        "prompt-completion",
        {"prompt": "question", "completion": "answer", "context": "context"},
    ),
    ({"question": "Who?", "context": "", "answer": "Ada"}, "prompt-completion", {"prompt": "question"}),
    ({"question": "Who?", "context": PASSAGE, "answer": "Ada"}, "squad", {"answers": "answer"}),
    ({"question": "Who?", "context": PASSAGE, "answers": ["Ada", "she"]}, "squad", {"answers": "answers"}),
    (
        {"question": "is it", "answer": True, "passage": PASSAGE},
        "prompt-completion",
        {"prompt": "question", "completion": "answer", "context": "passage"},
    ),
    (
        {"question": "Who?", "context": {"title": ["T"], "sentences": [[PASSAGE]]}, "answer": "Ada", "level": "easy"},
        "prompt-completion",
        {"prompt": "question", "completion": "answer"},
    ),
    ({"question": "Who?", "answer": ["Ada", "Ms Ada"]}, "prompt-completion", {"completion": "answer.0"}),
    ({"question": "Who?", "answer": {"value": "Ada"}}, "prompt-completion", {"completion": "answer.value"}),
    ({"problem": "1+1", "solution": "It is 2.", "answer": "2"}, "prompt-completion", {"completion": "solution"}),
    ({"prompt": "def f():", "canonical_solution": " return 1", "test": "x"}, "prompt-completion", {}),
    ({"question": "How many?", "query": "SELECT 1", "db_id": "x"}, "prompt-completion", {"completion": "query"}),
    (
        {"task_id": 1, "text": "Add two.", "code": "a + b"},
        "prompt-completion",
        {"prompt": "text", "completion": "code"},
    ),
    ({"query": "q", "answers": "[]", "tools": "[]"}, "prompt-completion", {"completion": "answers"}),
    ({"Context": "I am sad.", "Response": "Tell me."}, "prompt-completion", {"prompt": "Context"}),
    (
        {"inputs": [5, 1], "inputs_pretokenized": "q", "targets": [7], "targets_pretokenized": "a"},
        "prompt-completion",
        {"prompt": "inputs_pretokenized", "completion": "targets_pretokenized"},
    ),
    (
        {"instruction": "q", "input": "", "output": "a", "prompt": "Below is a task.\n### Task:\nq\n### Answer:\na"},
        "alpaca",
        {"instruction": "instruction", "output": "output", "input": "input"},
    ),
    # choices
    (
        {"question": "Even?", "choices": {"text": ["3", "4"], "label": ["A", "B"]}, "answerKey": "B"},
        "prompt-completion",
        {"prompt": "question", "choices": "choices", "choice": "answerKey"},
    ),
    ({"question": "Even?", "choices": ["3", "4"], "answer": 1, "subject": "x"}, "prompt-completion", {}),
    ({"ctx": "He falls", "endings": ["up", "down"], "label": "1"}, "prompt-completion", {"prompt": "ctx"}),
    # labels
    (
        {"sentence": PASSAGE, "question": "Who?", "label": 1, "idx": 0},
        "classification",
        {"text": "sentence", "text_pair": "question", "label": "label"},
    ),
    ({"text": "t", "labels": [2, 5], "id": "x"}, "classification", {"text": "text", "label": "labels"}),
    ({"text": "t", "coarse_label": 1, "fine_label": 3}, "classification", {"label": "coarse_label"}),
    (
        {"question1": "a?", "question2": "b?", "is_duplicate": 0},
        "classification",
        {"text": "question1", "text_pair": "question2", "label": "is_duplicate"},
    ),
    ({"id": 3, "text": "flood!", "target": 1}, "classification", {"text": "text", "label": "target"}),
    (
        {"sentence1": "a cat", "sentence2": "a dog", "score": 2.5},
        "classification",
        {"text": "sentence1", "text_pair": "sentence2", "label": "score"},
    ),
    ({"text": "t", "score": 0.9}, "text", {"text": "text"}),
    ({"sms": "call me", "label": 0}, "classification", {"text": "sms"}),
    # text alone, translations, summaries
    ({"text": "hello", "role": "prompter", "labels": {"name": ["spam"], "value": [0.0]}}, "text", {"text": "text"}),
    ({"quote": "So it is.", "author": "Ada", "tags": ["life"]}, "text", {"text": "quote"}),
    ({"id": "a", "en": "bread", "de": "Brot"}, "translation", {"source": "en", "target": "de"}),
    ({"content": PASSAGE, "summary": "Bees.", "title": "t"}, "summary", {"document": "content"}),
]


@pytest.mark.parametrize(("row", "name", "mapping"), SHAPES)
def test_a_shape_is_recognised_and_clean(write, row, name, mapping):
    rows = open_rows(write("rows.jsonl", [row]))
    schema = schema_of(rows)
    assert (schema.name, {target: schema.mapping.get(target) for target in mapping}) == (name, mapping)
    assert all(prompt.prompt for prompt in prompts(rows))
    *_, found = check(rows)
    assert found.problems == ()


@pytest.mark.parametrize(
    "row",
    [
        {"name": "lamp", "price": 3, "color": "red", "stock": 4},
        {"id": "0", "tokens": ["Ada", "runs"], "ner_tags": [1, 0]},
        {"question": "Even?", "A": "3", "B": "4", "C": "5", "answer": "B"},
        {"sentence": "The _ barks.", "option1": "cat", "option2": "dog", "answer": "2"},
        {"premise": "It rains.", "choice1": "Wet.", "choice2": "Dry.", "question": "effect", "label": 0},
        {"story": "s", "questions": ["a?", "b?"], "answers": {"input_text": ["x", "y"], "answer_start": [0, 1]}},
    ],
)
def test_what_no_schema_can_hold_whole_is_of_none(write, row):
    assert schema_of(open_rows(write("rows.jsonl", [row]))).name == "unknown"


@pytest.mark.parametrize(
    ("row", "first_is_better"),
    [
        ({"human_ref_A": "x", "human_ref_B": "y", "labels": 1}, True),
        ({"human_ref_A": "x", "human_ref_B": "y", "labels": 0}, False),
        ({"response_a": "x", "response_b": "y", "choice": 0}, True),
        ({"response_a": "x", "response_b": "y", "winner": "[[B]]"}, False),
        ({"response_1": "x", "response_2": "y", "winner": "Response 1"}, True),
        ({"response_1": "x", "response_2": "y", "preference_strength": -1}, True),
        ({"response_1": "x", "response_2": "y", "preference_strength": 3}, False),
        ({"answer_0": "x", "answer_1": "y", "score_0": -0.5, "score_1": 0.25}, False),
        ({"answer_0": "x", "answer_1": "y", "score_0": 1, "score_1": 0}, True),
        ({"response_a": "x", "response_b": "y", "winner_model_a": 1, "winner_model_b": 0}, True),
    ],
)
def test_the_better_answer_is_the_chosen_one(write, row, first_is_better):
    (pair,) = Conversion(open_rows(write("rows.jsonl", [{"prompt": "p", **row}])), "preference")
    chosen, rejected = ("x", "y") if first_is_better else ("y", "x")
    assert pair == {"prompt": "p", "chosen": chosen, "rejected": rejected}


@pytest.mark.parametrize(
    ("row", "example"),
    [
        (
            {"conversations": ["Is 7 prime?", "Yes, it is."]},
            {"messages": CHAT},
        ),
        (
            {"question": "Even?", "choices": ["3", "4"], "answer": 1},
            {"prompt": "Even?\n\nA. 3\nB. 4", "completion": "B"},
        ),
        (
            {"question": "Even?", "choices": {"text": ["3", "4"], "label": ["1", "2"]}, "answerKey": "2"},
            {"prompt": "Even?\n\n1. 3\n2. 4", "completion": "2"},
        ),
        (
            {"question": "Even?", "options": ["A)3", "B)4"], "correct": "B", "rationale": "4 = 2 + 2"},
            {"prompt": "Even?\n\nA. 3\nB. 4", "completion": "B"},
        ),
        (
            {"article": "Ada has 4.", "question": "How many?", "options": ["3", "4"], "answer": "4"},
            {"prompt": "Ada has 4.\n\nHow many?\n\nA. 3\nB. 4", "completion": "B"},
        ),
        (
            {"question": "How old?", "context": "CREATE TABLE p (age INT)", "answer": "SELECT age FROM p"},
            {"prompt": "CREATE TABLE p (age INT)\n\nHow old?", "completion": "SELECT age FROM p"},
        ),
        ({"question": "Who?", "answer": ["Ada", "Ms Ada"]}, {"prompt": "Who?", "completion": "Ada"}),
        ({"text": "So glad!", "labels": [2, 5]}, {"prompt": "So glad!", "completion": "2, 5"}),
        (
            {"messages": [*ASK, {"role": "assistant", "content": None, "function_call": CALL}]},
            {
                "messages": [
                    *ASK,
                    {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "function": CALL}]},
                ]
            },
        ),
    ],
)
def test_what_such_a_row_is_trained_on(write, row, example):
    assert list(examples(open_rows(write("rows.jsonl", [row])))) == [example]


def test_an_answer_beside_the_rejected_one_is_the_chosen_one_also_at_the_end_of_a_chat(write):
    rows = open_rows(write("rows.jsonl", [{"messages": CHAT, "rejected_response": "No."}]))
    assert list(Conversion(rows, "preference")) == [
        {"prompt": ASK, "chosen": CHAT[1:], "rejected": [{"role": "assistant", "content": "No."}]}
    ]


def test_a_chat_that_has_its_own_system_prompt_gets_no_second_one(write):
    chat = [{"role": "system", "content": "Be brief."}, *CHAT]
    rows = open_rows(
        write("rows.jsonl", [{"system": "Be brief.", "messages": chat}, {"system": "So.", "messages": CHAT}])
    )
    assert [example["messages"][0]["content"] for example in examples(rows)] == ["Be brief.", "So."]


def test_which_of_a_and_b_is_2_is_not_guessed(write):
    rows = [{"prompt": "p", "answer_a": "x", "answer_b": "y", "winner": winner} for winner in (1, 2)]
    assert schema_of(open_rows(write("rows.jsonl", rows))).name == "prompt"


@pytest.mark.parametrize(
    "cell",
    [
        '[{""role"": ""user"", ""content"": ""Hi""}, {""role"": ""assistant"", ""content"": ""Hello.""}]',
        "[{'role': 'user', 'content': 'Hi'}, {'role': 'assistant', 'content': 'Hello.'}]",
        "[{'content': 'Hi', 'role': 'user'}\n {'content': 'Hello.', 'role': 'assistant'}]",
    ],
)
def test_a_chat_may_stand_in_a_cell(write, cell):
    rows = open_rows(write("chats.csv", f'id,messages\n1,"{cell}"\n'))
    assert schema_of(rows).name == "messages"
    assert [turn["content"] for turn in examples(rows)[0]["messages"]] == ["Hi", "Hello."]


def test_an_empty_system_prompt_is_none(write):
    chat = [{"role": "system", "content": ""}, *CHAT]
    *_, found = check(open_rows(write("rows.jsonl", [{"messages": chat}])))
    assert found.problems == ()


@pytest.mark.parametrize("answer", ['[{"role": "admin", "content": 1}]', '{"input": 1, "output": 2}', "[1, 2]", "[]"])
def test_an_answer_that_is_json_stays_text(write, answer):
    (example,) = examples(open_rows(write("rows.jsonl", [{"prompt": "p", "completion": answer}])))
    assert example == {"prompt": "p", "completion": answer}


def test_one_odd_row_makes_a_translation_no_other_file(write):
    pairs = [{"translation": {"en": f"bread {n}", "de": f"Brot {n}"}} for n in range(4)]
    rows = open_rows(write("rows.jsonl", [*pairs, {"translation": None}]))
    assert schema_of(rows).mapping == {"source": "translation.en", "target": "translation.de"}
    *_, found = check(rows)
    assert [(problem.code, problem.rows) for problem in found.problems] == [("empty-field", (5,))]


@pytest.mark.parametrize("to", ["messages", "sharegpt", "alpaca", "prompt-completion"])
@pytest.mark.parametrize("row", [{"prompt": "Why?"}, {"text": "Once upon a time."}])
def test_rows_without_answers_cannot_become_examples_and_say_so(write, row, to):
    with pytest.raises(WrongUse, match="cannot become") as caught:
        Conversion(open_rows(write("rows.jsonl", [row])), to)
    assert "--map" in caught.value.fix


@pytest.mark.parametrize(
    "cell",
    [
        *('{""text"": [""Ada""], ""answer_start"": [0]}', "{'text': ['Ada'], 'answer_start': [0]}", "Ada", "['Ada']"),
        "{'text': array(['Ada'], dtype=object), 'answer_start': array([0], dtype=int32)}",
    ],
)
def test_the_answers_of_squad_may_stand_in_a_cell(write, cell):
    rows = open_rows(write("squad.csv", f'context,question,answers\n{PASSAGE},Who?,"{cell}"\n'))
    assert schema_of(rows).name == "squad"
    assert list(examples(rows)) == [{"prompt": f"{PASSAGE}\n\nWho?", "completion": "Ada"}]


def test_a_chat_written_as_one_text_is_parted_at_its_speakers(write):
    chat = (
        "USER: Dial 7.\n\n\nASSISTANT: <functioncall> {} <|endoftext|>\n\n\n"
        "FUNCTION RESPONSE: ok\n\n\nASSISTANT: Note: done."
    )
    rows = open_rows(write("rows.jsonl", [{"system": "SYSTEM: You can dial.", "chat": chat}]))
    said = [
        *(("system", "You can dial."), ("user", "Dial 7."), ("assistant", "<functioncall> {}")),
        *(("tool", "ok"), ("assistant", "Note: done.")),
    ]
    assert list(examples(rows)) == [{"messages": [{"role": role, "content": content} for role, content in said]}]
    *_, found = check(rows)
    assert (found.schema.name, found.problems) == ("messages", ())


def test_a_dialogue_between_people_is_no_chat(write):
    row = {"dialogue": "Ada: Honey?\nBen: Please.", "summary": "Ben wants honey."}
    assert schema_of(open_rows(write("rows.jsonl", [row]))).name == "summary"


def test_the_definition_of_a_task_is_the_instruction_of_its_instances(write):
    task = {"Definition": ["Name the colour."], "Instances": [{"input": "sky", "output": ["blue", "azure"]}]}
    rows = open_rows(write("task.json", json.dumps(task)))
    parts = {"instruction": "Name the colour.", "input": "sky"}
    assert list(examples(rows)) == [{"prompt": "Name the colour.\n\nsky", "completion": "blue", "parts": parts}]


@pytest.mark.parametrize("to", ["preference", "kto"])
def test_a_preference_with_a_system_column_is_messages_in_every_row(write, to):
    rows = [{"system": system, "question": "q", "chosen": "a", "rejected": "b"} for system in ("Be brief.", "")]
    for made in Conversion(open_rows(write("rows.jsonl", rows)), to):
        assert all(isinstance(value, (list, bool)) for value in made.values())
