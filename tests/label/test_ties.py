"""Rows that say neither answer is better become pairs with that vote, and are counted."""

import json
from pathlib import Path

import pytest

from workbench.data.rows import open_rows
from workbench.label.importing import import_pairs
from workbench.label.records import NewPair
from workbench.label.sources import source_of
from workbench.label.store import open_store


def rows_of(tmp_path: Path, *rows: dict) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def said_of(path: Path, annotator: str = "") -> list[tuple[str, str, list[tuple[str, str]]]]:
    found = source_of(open_rows(path), annotator=annotator)
    pairs = [each for each in found.items if isinstance(each, NewPair)]
    return [(each.first, each.second, [(vote.annotator, vote.choice) for vote in each.votes]) for each in pairs]  # type: ignore[misc]


ARENA = [
    {"prompt": "q1", "response_a": "a1", "response_b": "b1", "winner": "model_b"},
    {"prompt": "q2", "response_a": "a2", "response_b": "b2", "winner": "tie"},
    {"prompt": "q3", "response_a": "a3", "response_b": "b3", "winner": "tie (bothbad)"},
    {"prompt": "q4", "response_a": "a4", "response_b": "b4", "winner": "model_a"},
]


def test_a_tie_of_the_arena_is_a_vote_of_the_file_or_of_who_is_named(tmp_path: Path) -> None:
    path = rows_of(tmp_path, *ARENA)
    assert said_of(path) == [
        ("b1", "a1", []),
        ("a2", "b2", [("rows.jsonl", "tie")]),
        ("a3", "b3", [("rows.jsonl", "bad")]),
        ("a4", "b4", []),
    ]
    assert [votes for *_, votes in said_of(path, "ana")] == [
        [("ana", "first")], [("ana", "tie")], [("ana", "bad")], [("ana", "first")],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": "q", "response1": "a", "response2": "b", "overall_preference": 0},
        {"prompt": "q", "response_0": "a", "response_1": "b", "score_0": 3, "score_1": 3.0},
        {"prompt": "q", "chosen": "a", "rejected": "b", "margin": 0.0},
    ],
)
def test_no_difference_in_strength_score_or_margin_is_a_tie(tmp_path: Path, row: dict) -> None:
    other = {**row, **{name: 2 for name in ("overall_preference", "score_1", "margin") if name in row}}
    tie, decided = said_of(rows_of(tmp_path, row, {**other, "prompt": "p"}))
    assert tie == ("a", "b", [("rows.jsonl", "tie")]) and decided[2] == []


def test_ties_are_counted_and_added_once(tmp_path: Path) -> None:
    path = rows_of(tmp_path, *ARENA)
    with open_store(tmp_path / "labels.db") as store:
        for said in ("4 pairs added to arena · 2 ties", "0 pairs added to arena · 4 were there · 2 ties"):
            assert import_pairs(store, "arena", source_of(open_rows(path)).items).words("arena") == said
        assert [(each.annotator, each.choice) for each in store.votes("arena")] == [
            ("rows.jsonl", "tie"),
            ("rows.jsonl", "bad"),
        ]


def test_a_tie_whose_answers_are_equal_or_empty_is_left_out(tmp_path: Path) -> None:
    rows = [{**ARENA[1], "response_b": "a2"}, {**ARENA[1], "response_a": " "}, ARENA[1]]
    assert len(said_of(rows_of(tmp_path, *rows))) == 1
