"""The sample data is what the generator writes, keeps held-out places out of tuning, and stays small."""

from __future__ import annotations

import json
import re
import struct
import subprocess
import sys
from math import prod
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "sample_data"
TUNING_FILES = (
    "alpaca.json",
    "chat.jsonl",
    "prompt_completion.jsonl",
    "preference.jsonl",
    "kto.jsonl",
    "classes.csv",
    "translation.jsonl",
    "summary.jsonl",
    "squad.json",
)
STARTERS = ("starter", "starter_without_facts")
# More than a training window of 128 tokens can hold: the shortest line has 7 tokens.
LINES_APART = 22


def place_in(question: str) -> str:
    """The last word of a question, which is always the place."""
    found = re.search(r"(\w+)\?$", question)
    assert found, question
    return found[1]


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def text_of(name: str) -> str:
    return (DATA / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def held_out() -> list[dict[str, str]]:
    return [json.loads(line) for line in text_of("held_out.jsonl").splitlines()]


@pytest.fixture(scope="module")
def held_out_places(held_out: list[dict[str, str]]) -> set[str]:
    return {place_in(row["prompt"]) for row in held_out}


@pytest.fixture(scope="module")
def tuning_rows() -> list[dict[str, str]]:
    return [json.loads(line) for line in text_of("prompt_completion.jsonl").splitlines()]


def test_generator_reproduces_the_committed_files(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sample_data.make_data", "--out", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True)

    written = files_in(tmp_path)

    assert set(written) == {*TUNING_FILES, "world.txt", "held_out.jsonl"}
    for name, content in written.items():
        assert content == (DATA / name).read_bytes(), name


def test_one_place_in_four_is_held_out(held_out_places: set[str], tuning_rows: list[dict[str, str]]) -> None:
    tuning_places = {place_in(row["prompt"]) for row in tuning_rows}
    assert (len(held_out_places), len(tuning_places)) == (20, 60)
    assert not held_out_places & tuning_places


@pytest.mark.parametrize("name", TUNING_FILES)
def test_no_held_out_place_or_answer_in_a_tuning_file(
    name: str, held_out: list[dict[str, str]], held_out_places: set[str]
) -> None:
    content = text_of(name)
    assert [place for place in held_out_places if place in content] == []
    assert [row for row in held_out if row["prompt"] in content or row["answer"] in content] == []


def test_every_held_out_answer_is_stated_in_the_text(held_out: list[dict[str, str]]) -> None:
    lines = set(text_of("world.txt").splitlines())
    assert [row["answer"] for row in held_out if row["answer"] not in lines] == []


def test_documents_hold_questions_or_statements_never_both() -> None:
    for document in text_of("world.txt").strip().split("\n\n"):
        assert len({line.endswith("?") for line in document.split("\n")}) == 1, document


def test_after_a_question_no_line_in_reach_names_its_place_and_asks_nothing() -> None:
    lines = [line for line in text_of("world.txt").splitlines() if line]
    for index, line in enumerate(lines):
        if line.endswith("?"):
            place = place_in(line)
            after = lines[index + 1 : index + 1 + LINES_APART]
            assert [other for other in after if place in other and not other.endswith("?")] == []


def test_kto_labels_and_preferences_agree_with_the_right_answers(tuning_rows: list[dict[str, str]]) -> None:
    right = {row["prompt"]: row["completion"] for row in tuning_rows}
    for line in text_of("kto.jsonl").splitlines():
        row = json.loads(line)
        assert (row["completion"] == right[row["prompt"]]) is row["label"], row
    for line in text_of("preference.jsonl").splitlines():
        row = json.loads(line)
        assert row["chosen"] == right[row["prompt"]] != row["rejected"], row


def test_squad_answers_stand_where_they_are_said_to() -> None:
    for article in json.loads(text_of("squad.json"))["data"]:
        for paragraph in article["paragraphs"]:
            for question in paragraph["qas"]:
                for answer in question["answers"]:
                    start = answer["answer_start"]
                    assert paragraph["context"][start:].startswith(f"{answer['text']}."), question
                    assert paragraph["context"][start - 1] == " ", question


def test_data_files_stay_small() -> None:
    names = (*TUNING_FILES, "world.txt", "held_out.jsonl")
    assert sum((DATA / name).stat().st_size for name in names) < 1_500_000


@pytest.mark.parametrize("starter", STARTERS)
def test_starter_is_a_small_model_of_one_to_four_million_parameters(starter: str) -> None:
    folder = DATA / starter
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 8_000_000

    with (folder / "model.safetensors").open("rb") as file:
        (header_bytes,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(header_bytes))
    header.pop("__metadata__", None)
    assert 1_000_000 <= sum(prod(tensor["shape"]) for tensor in header.values()) <= 4_000_000


def test_control_differs_from_the_starter_in_weights_and_card_only() -> None:
    starter, control = (files_in(DATA / name) for name in STARTERS)
    assert set(starter) == set(control)
    differing = {name for name in starter if starter[name] != control[name]}
    assert differing == {"model.safetensors", "README.md"}
