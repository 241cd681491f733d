"""Pairs from preference files of every shape: what is the prompt, what the answers, and which rows make none."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workbench.data.rows import open_rows
from workbench.errors import WorkbenchError, WrongUse
from workbench.label.importing import import_pairs
from workbench.label.pairs import LeftOut, PreferenceRows
from workbench.label.records import GivenVote, NewPair
from workbench.label.store import open_store

Made = Callable[..., list[NewPair | LeftOut]]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """The pairs of rows that are written to a file."""

    def make(*rows: dict[str, Any]) -> list[NewPair | LeftOut]:
        path = tmp_path / "rows.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return list(PreferenceRows(open_rows(path)))

    return make


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def assistant(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


def test_chosen_is_the_first_answer(made: Made) -> None:
    assert made({"prompt": "p", "chosen": "good", "rejected": "poor"}) == [NewPair("p", "good", "poor", "rows.jsonl:1")]


def test_a_dialogue_in_the_manner_of_hh_is_parted_at_its_last_common_answer(made: Made) -> None:
    start = "\n\nHuman: Hi\n\nAssistant: Hello.\n\nHuman: Why?\n\nAssistant:"
    (pair,) = made({"chosen": f"{start} Because.", "rejected": f"{start} Be quiet."})
    assert pair == NewPair(start, "Because.", "Be quiet.", "rows.jsonl:1")


def test_chats_that_repeat_their_prompt_are_parted_where_they_differ(made: Made) -> None:
    good, poor = [user("Why?"), assistant("So.")], [user("Why?"), assistant("No.")]
    expected = NewPair([user("Why?")], [assistant("So.")], [assistant("No.")], "rows.jsonl:1")
    assert made({"chosen": good, "rejected": poor}) == [expected]
    assert made({"prompt": "Why?", "chosen": good, "rejected": poor}) == [expected]
    assert made({"prompt": [user("Why?")], "chosen": good[1:], "rejected": poor[1:]}) == [expected]


def test_a_system_prompt_and_an_input_belong_to_the_prompt(made: Made) -> None:
    (pair,) = made({"system": "Be kind.", "prompt": "Sum up", "input": "A text", "chosen": "a", "rejected": "b"})
    assert isinstance(pair, NewPair)
    assert pair.prompt == [{"role": "system", "content": "Be kind."}, user("Sum up\n\nA text")]


def test_rows_that_make_no_pair_are_named_and_left_out(made: Made) -> None:
    found = made(
        {"prompt": "p", "chosen": "same", "rejected": "same"},
        {"prompt": "p", "chosen": "a", "rejected": ""},
        {"prompt": "p", "chosen": "a", "rejected": "b", "votes": [{"annotator": "ana", "choice": "best"}]},
        {"prompt": "p", "chosen": "a", "rejected": "b", "votes": [{"annotator": "ana", "choice": "second"}]},
    )
    says = [str(each.error) if isinstance(each, LeftOut) else each.votes for each in found]
    assert "row 1: rejected is the same as chosen" in says[0]
    assert "row 2: rejected is empty" in says[1]
    assert "row 3: votes holds" in says[2] and "first-clearly" in says[2]
    assert says[3] == (GivenVote("ana", "second"),)


def test_a_file_of_another_schema_is_refused_by_what_it_is(made: Made) -> None:
    with pytest.raises(WrongUse, match="prompt-completion"):
        made({"prompt": "p", "completion": "c"})


def test_importing_goes_in_slices_and_can_be_done_again(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rows = [{"prompt": f"p{n}", "chosen": "a", "rejected": "b" if n else "a"} for n in range(2500)]
    path.write_text("".join(json.dumps(row) + "\n" for row in [*rows, rows[7]]))
    told: list[int] = []
    with open_store(tmp_path / "labels.db") as store:
        done = import_pairs(store, "set", PreferenceRows(open_rows(path)), tell=lambda now: told.append(now.rows))
        assert (done.rows, done.added, done.left_out, done.known) == (2501, 2499, 1, 1)
        assert told == [1000, 2000, 2501]
        assert import_pairs(store, "set", PreferenceRows(open_rows(path))).added == 0
        assert store.sets()[0].pairs == 2499


def test_a_broken_line_stops_the_import_and_what_was_added_stays(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rows = [{"prompt": f"p{n}", "chosen": "a", "rejected": "b"} for n in range(1500)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + "{broken\n")
    with open_store(tmp_path / "labels.db") as store:
        with pytest.raises(WorkbenchError, match="row 1501"):
            import_pairs(store, "set", PreferenceRows(open_rows(path)))
        assert store.sets()[0].pairs == 1000


@pytest.mark.shared
def test_published_files(shared: Path) -> None:
    demo = list(PreferenceRows(open_rows(shared / "llama-factory-demos" / "dpo_en_demo.json")))
    assert len(demo) == 300 and all(isinstance(pair, NewPair) for pair in demo)
    assert isinstance(demo[0], NewPair) and isinstance(demo[0].prompt, list) and isinstance(demo[0].first, list)
    assert demo[0].prompt[0]["role"] == "user" and demo[0].first[0]["role"] == "assistant"
    (tiny,) = PreferenceRows(open_rows(shared / "tokenizers-tiny-torchtune" / "hh_rlhf_tiny.json"))
    question = "What do I do when I have a hole in my trousers?"
    assert tiny == NewPair(
        [user(question)], [assistant("Fix the hole.")], [assistant("Take them off.")], "hh_rlhf_tiny.json:1"
    )
