"""Each planted defect is found, in its row, by its code; a clean file has none."""

import json
import random
from typing import Any

import pytest

from workbench.data.check.fix import fix
from workbench.data.check.problems import CODES, Problem
from workbench.data.check.run import check
from workbench.data.examples import examples
from workbench.data.rows import BadRow, open_rows
from workbench.errors import WrongUse

WORDS = [
    "river",
    "animal",
    "fruit",
    "colour",
    "capital",
    "house",
    "garden",
    "winter",
    "summer",
    "bread",
    "letter",
    "window",
    "street",
    "school",
]


def sentence(number: int) -> str:
    return " ".join(random.Random(number).choices(WORDS, k=9)) + f" {number}"


def turns(*contents: str) -> list[dict[str, Any]]:
    return [{"role": ("user", "assistant")[at % 2], "content": content} for at, content in enumerate(contents)]


CLEAN: dict[str, list[dict[str, Any]]] = {
    "prompt-completion": [{"prompt": sentence(n), "completion": sentence(-n)} for n in range(1, 121)],
    "messages": [{"messages": turns(sentence(n), sentence(-n))} for n in range(1, 31)],
    "sharegpt": [
        {"conversations": [{"from": "human", "value": sentence(n)}, {"from": "gpt", "value": sentence(-n)}]}
        for n in range(1, 31)
    ],
    "preference": [{"prompt": sentence(n), "chosen": sentence(-n), "rejected": sentence(n + 500)} for n in range(31)],
    "kto": [{"prompt": sentence(n), "completion": sentence(-n), "label": n % 2 == 0} for n in range(1, 31)],
    "classification": [{"text": sentence(n), "label": ("good", "bad")[n % 2]} for n in range(1, 31)],
    "text": [{"text": sentence(n)} for n in range(1, 31)],
    "squad": [
        {"context": sentence(n), "question": sentence(n + 500), "answers": {"text": ["house"], "answer_start": [0]}}
        for n in range(1, 31)
    ],
}  # fmt: skip

# A defect, the schema of the file it is planted in, and the row that has it.
PAIR, CHAT, PREFERENCE, KTO, LABEL, SQUAD = (
    "prompt-completion", "messages", "preference", "kto", "classification", "squad",
)  # fmt: skip
PLANTED: list[tuple[str, str, Any]] = [
    ("missing-field", PAIR, {"prompt": "Why?"}),
    ("empty-field", PAIR, {"prompt": " ", "completion": "Because."}),
    ("empty-answer", PAIR, {"prompt": "Why?", "completion": "\n"}),
    ("empty-answer", PAIR, {"prompt": "Why?", "completion": None}),
    ("wrong-type", PAIR, {"prompt": "Why?", "completion": ["Because."]}),
    ("mixed-types", PAIR, {"prompt": "Why?", "completion": 3}),
    ("exact-copy", PAIR, CLEAN[PAIR][3]),
    ("repeated-prompt", PAIR, {**CLEAN[PAIR][3], "completion": "Because."}),
    ("control-character", PAIR, {"prompt": "Why?\x00", "completion": "Because."}),
    ("control-character", PAIR, {"prompt": "Why?", "completion": "\x1b[31mBecause\x1b[0m."}),
    ("invisible-character", PAIR, {"prompt": "Wh\u200by?", "completion": "Because."}),
    ("invisible-character", PAIR, {"prompt": "\ufeffWhy?", "completion": "Because."}),
    ("replacement-character", PAIR, {"prompt": "Why?", "completion": "Because of caf\ufffd."}),
    ("mojibake", PAIR, {"prompt": "Why?", "completion": "Because itâ€™s a cafÃ©."}),
    ("mojibake", PAIR, {"prompt": "Why?", "completion": "Because it\x92s so."}),
    ("lone-surrogate", PAIR, {"prompt": "Why?", "completion": "Because \ud83d."}),
    ("script-outlier", PAIR, {"prompt": "Почему это так, скажи?", "completion": "Потому что это так."}),
    ("secret", PAIR, {"prompt": "Why?", "completion": "Because of AKIAIOSFODNN7EXAMPLE."}),
    ("email-address", PAIR, {"prompt": "Why?", "completion": "Ask jane.doe@example.org, please."}),
    ("no-answer", CHAT, {"messages": turns("Why?")}),
    ("ends-without-answer", CHAT, {"messages": turns("Why?", "Because.", "Really?")}),
    ("empty-answer", CHAT, {"messages": turns("Why?", "")}),
    ("empty-turn", CHAT, {"messages": turns("", "Because.")}),
    ("unknown-role", CHAT, {"messages": [*turns("Why?"), {"role": "assistent", "content": "Because."}]}),
    ("roles-not-alternating", CHAT, {"messages": [*turns("Why?"), *turns("Why?", "Because.")]}),
    ("roles-not-alternating", CHAT, {"messages": turns("Why?", "Because.")[::-1] + turns("Why?", "Because.")}),
    ("broken-chat", CHAT, {"messages": [*turns("Why?"), {"role": "assistant"}]}),
    ("wrong-type", CHAT, {"messages": "Why? Because."}),
    ("exact-copy", CHAT, CLEAN[CHAT][4]),
    ("unknown-role", "sharegpt", {"conversations": [{"from": "human", "value": "a"}, {"from": "gtp", "value": "b"}]}),
    ("identical-pair", PREFERENCE, {"prompt": "Why?", "chosen": "Because.", "rejected": "Because. "}),
    ("empty-answer", PREFERENCE, {"prompt": "Why?", "chosen": "Because.", "rejected": ""}),
    ("prompts-differ", PREFERENCE,
        {"prompt": "Why?", "chosen": turns("Why?", "Because."), "rejected": turns("Who?", "Me.")}),
    ("contradiction", PREFERENCE,
        {**CLEAN[PREFERENCE][3], "chosen": CLEAN[PREFERENCE][3]["rejected"],
         "rejected": CLEAN[PREFERENCE][3]["chosen"]}),
    ("contradiction", KTO, {**CLEAN[KTO][3], "label": not CLEAN[KTO][3]["label"]}),
    ("unfit-row", KTO, {"prompt": "Why?", "completion": "Because.", "label": "perhaps"}),
    ("empty-answer", LABEL, {"text": "Why?", "label": float("nan")}),
    ("mixed-role-names", CHAT, {"messages": [{**turn, "role": turn["role"].title()} for turn in turns("Why?", "So.")]}),
    ("mixed-role-names", "sharegpt",
        {"conversations": [{"from": "user", "value": "a"}, {"from": "gpt", "value": "b"}]}),
    ("mixed-types", KTO, {"prompt": "Why?", "completion": "Because.", "label": "perhaps"}),
    ("contradiction", LABEL, {**CLEAN[LABEL][3], "label": "bad"}),
    ("label-imbalance", LABEL, {"text": "Why?", "label": "neither"}),
    ("unanswerable", SQUAD, {"context": "Why?", "question": "Who?", "answers": {"text": [], "answer_start": []}}),
    ("exact-copy", "text", CLEAN["text"][3]),
]  # fmt: skip


def problems(path, **options) -> dict[str, Problem]:
    *_, found = check(open_rows(path), **options)
    return {problem.code: problem for problem in found.problems}


@pytest.mark.parametrize("schema", CLEAN)
def test_a_clean_file_has_no_problem(write, schema):
    path = write("rows.jsonl", CLEAN[schema])
    *_, found = check(open_rows(path))
    assert (found.schema.name, found.rows, found.problems, found.has_errors) == (schema, len(CLEAN[schema]), (), False)


@pytest.mark.parametrize(("code", "schema", "row"), PLANTED)
def test_a_planted_defect_is_found_in_its_row(write, code, schema, row):
    rows = [*CLEAN[schema][:20], row, *CLEAN[schema][20:]]
    found = problems(write("rows.jsonl", rows))
    assert found[code].rows[-1] == 21
    assert found[code].severity == CODES[code].severity
    alike = {"contradiction": 2, "repeated-prompt": 2}
    assert found[code].count == alike.get(code, 1)


@pytest.mark.parametrize(("code", "schema", "row"), PLANTED)
def test_what_training_refuses_is_an_error(write, code, schema, row):
    rows = open_rows(write("rows.jsonl", [*CLEAN[schema][:20], row]))
    try:
        training = examples(rows)
    except WrongUse:
        pytest.skip("not for supervised fine-tuning")
    errors = {number for problem in problems(rows.path).values() if problem.severity == "error"
              for number in problem.rows}  # fmt: skip
    for index in range(len(rows)):
        try:
            training[index]
        except BadRow:
            assert index + 1 in errors


@pytest.mark.parametrize(("code", "schema", "row"), PLANTED)
def test_after_a_fix_no_mended_code_is_left(write, tmp_path, code, schema, row):
    rows = [*CLEAN[schema][:20], row, *CLEAN[schema][20:]]
    path, out = write("rows.jsonl", rows), tmp_path / "fixed.jsonl"
    before = path.read_bytes()
    fixed = fix(open_rows(path), out)
    left = problems(out)
    assert not {code for code in left if CODES[code].mending}
    assert fixed.left == {code: problem.count for code, problem in left.items()}
    assert fixed.rows_in - fixed.rows_out == sum(fixed.dropped.values())
    assert path.read_bytes() == before
    done = {"drop": fixed.dropped, "mend": fixed.changed, "": fixed.left}[CODES[code].mending]
    assert done[code] >= 1
    assert [json.loads(line) for line in out.read_text().splitlines()][:20] == rows[:20]


def test_a_row_that_cannot_be_read_is_told_and_dropped_by_a_fix(write, tmp_path):
    path = write("rows.jsonl", b'{"prompt": "a", "completion": "b"}\n{"prompt": \n{"prompt": "c", "completion": "d"}\n')
    found = problems(path)
    assert found["unreadable-row"].rows == (2,)
    assert "line 2: malformed JSON" in found["unreadable-row"].message
    fixed = fix(open_rows(path), tmp_path / "fixed.jsonl")
    assert (fixed.rows_in, fixed.rows_out, fixed.dropped) == (3, 2, {"unreadable-row": 1})


def test_prompts_of_the_validation_file_are_found_and_dropped(write, tmp_path):
    rows = open_rows(write("train.jsonl", CLEAN[PAIR]))
    others = open_rows(write("other.jsonl", [{**CLEAN[PAIR][7], "completion": "Another answer."}]))
    assert problems(rows.path, held_out=[others])["in-validation"].rows == (8,)
    fixed = fix(rows, tmp_path / "fixed.jsonl", held_out=[others])
    assert (fixed.rows_out, fixed.dropped, fixed.left) == (119, {"in-validation": 1}, {})


def test_a_label_that_is_neither_good_nor_bad_is_an_error(write):
    rows = [{"prompt": sentence(n), "completion": sentence(-n), "label": n % 2 == 0} for n in range(1, 61)]
    found = problems(write("rows.jsonl", [*rows, {"prompt": "Why?", "completion": "Because.", "label": "perhaps"}]))
    assert found["unfit-row"].rows == (61,)
    assert "label is neither true nor false" in found["unfit-row"].message


@pytest.mark.parametrize(
    ("equal", "columns"),
    [({"winner": "tie"}, {"winner": "model_a"}), ({"score_a": 2, "score_b": 2}, {"score_a": 2, "score_b": 1})],
)
def test_a_tie_is_an_error_that_a_fix_drops(write, tmp_path, equal, columns):
    rows = [
        {"prompt": sentence(n), "answer_a": sentence(-n), "answer_b": sentence(n + 99), **columns} for n in range(9)
    ]
    path = write("rows.jsonl", [*rows, {**rows[0], **equal}])
    assert {code: problem.rows for code, problem in problems(path).items() if code == "tie"} == {"tie": (10,)}
    fixed = fix(open_rows(path), tmp_path / "fixed.jsonl")
    assert (fixed.rows_out, fixed.dropped, fixed.left) == (9, {"tie": 1}, {})


def test_a_fix_gives_each_speaker_the_usual_name(write, tmp_path):
    def chat(n: int, user: str, assistant: str) -> dict[str, Any]:
        return {"conversations": [{"from": user, "value": sentence(n)}, {"from": assistant, "value": sentence(-n)}]}

    names = [("human", "gpt"), ("human", "gpt"), ("HUMAN", "chatgpt"), ("user", "gpt")]
    path = write("rows.jsonl", [chat(n, *who) for n, who in enumerate(names, 1)])
    assert problems(path)["mixed-role-names"].rows == (3, 4)
    out = tmp_path / "fixed.jsonl"
    fixed = fix(open_rows(path), out)
    assert (fixed.rows_out, fixed.changed, fixed.left) == (4, {"mixed-role-names": 2}, {})
    assert [json.loads(line) for line in out.read_text().splitlines()] == [chat(n, "human", "gpt") for n in range(1, 5)]


def test_columns_that_say_nothing_are_one_error(write):
    found = problems(write("rows.jsonl", [{"a": 1, "b": 2}, {"a": 3, "b": 4}]))
    assert list(found) == ["unknown-schema"]
    assert "a, b" in found["unknown-schema"].message


def test_a_mapping_says_what_is_checked(write):
    path = write("rows.jsonl", [{"a": "Why?", "b": "Because."}, {"a": "Who?", "b": ""}])
    found = problems(path, map={"prompt": "a", "completion": "b"})
    assert found["empty-answer"].rows == (2,)
    assert found["empty-answer"].message == "b (the completion) is empty"


def test_a_row_counts_once_however_many_of_its_columns_are_of_another_type(write):
    rows = [*CLEAN[PAIR][:3], {"prompt": 1, "completion": 2}, {"prompt": "Why?", "completion": 3}]
    found = problems(write("rows.jsonl", rows))["mixed-types"]
    assert (found.rows, found.count) == ((4, 5), 2)
    assert "completion is integer here, text in most rows" in found.message


def test_whole_and_other_numbers_are_of_one_type(write):
    rows = [{"prompt": sentence(n), "completion": n / 2 if n % 2 else n} for n in range(9)]
    assert problems(write("rows.jsonl", rows)) == {}


def test_only_the_first_thousand_rows_are_named_and_all_are_counted(write):
    rows = [{"prompt": f"{n}", "completion": ""} for n in range(1_500)]
    found = problems(write("rows.jsonl", [{"prompt": "a", "completion": "b"}, *rows]))["empty-answer"]
    assert (found.count, len(found.rows), found.rows[-1]) == (1_500, 1_000, 1_001)


def test_what_is_known_so_far_is_told_on_the_way(write):
    rows = [{"prompt": sentence(n), "completion": sentence(-n) if n else ""} for n in range(600)]
    first, *_, last = check(open_rows(write("rows.jsonl", rows)))
    assert (first.rows, [problem.code for problem in first.problems], first.is_done) == (256, ["empty-answer"], False)
    assert (last.rows, last.is_done) == (600, True)


def test_a_fix_that_empties_an_answer_drops_the_row(write, tmp_path):
    path = write("rows.jsonl", [{"prompt": "a", "completion": "b"}, {"prompt": "c", "completion": "\u200b"}])
    fixed = fix(open_rows(path), tmp_path / "fixed.jsonl")
    assert (fixed.rows_out, fixed.dropped, fixed.changed) == (1, {"empty-answer": 1}, {})


def test_paragraphs_of_a_book_may_come_twice(write):
    assert problems(write("book.txt", "Chorus\n\nA line.\n\nChorus\n\nAnother line.")) == {}


def test_a_label_ten_times_rarer_is_no_imbalance_and_eleven_times_is_one(write):
    def labelled(many: int) -> list[dict[str, str]]:
        return [{"text": sentence(n), "label": "good" if n else "bad"} for n in range(many + 1)]

    assert problems(write("ten.jsonl", labelled(10))) == {}
    found = problems(write("eleven.jsonl", labelled(11)))["label-imbalance"]
    assert (found.rows, found.message) == (
        (1,),
        "the labels are far from balanced: 11 rows with 'good', 1 row with 'bad'",
    )


def test_the_encoder_is_asked_about_what_is_trained(write):
    def encode(rows):
        for row in rows:
            size = len(row["completion"])
            is_cut = size > 40
            yield {
                "input_ids": [0] * min(size, 40), "cut": max(0, size - 40),
                "problems": [] if size > 1 else ["nothing-trained"], "warnings": ["truncated"] if is_cut else [],
            }  # fmt: skip

    rows = [{"prompt": "a", "completion": "b" * size} for size in (10, 41, 1, 39)]
    found = problems(write("rows.jsonl", rows), encode=encode)
    assert {code: problem.rows for code, problem in found.items() if code != "repeated-prompt"} == {
        "nothing-trained": (3,), "too-long": (2,),
    }  # fmt: skip
    assert found["too-long"].message == "the row is longer than the limit of 40 tokens: it is cut"
