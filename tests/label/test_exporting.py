"""What is exported, by layout; that it comes back as the same pairs and votes; that nothing is half written."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from workbench.data.rows import open_rows
from workbench.errors import Missing, WorkbenchError, WrongUse
from workbench.label.exporting import Exported, Split, export
from workbench.label.importing import import_pairs
from workbench.label.judged import Wanted
from workbench.label.layouts import Layout
from workbench.label.records import GivenVote, NewItem, NewPair
from workbench.label.sources import source_of
from workbench.label.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Four pairs: of texts, the second preferred; of three voters; a tie; without a vote."""
    with open_store(tmp_path / "labels.db") as opened:
        for n in range(4):
            opened.add_pair("geo", f"p{n}, ‘é’", f"yes {n}", f"no\n{n}", source=f"rows.jsonl:{n + 1}")
        one, two, three, _ = (pair.id for pair in opened.pairs("geo"))
        opened.vote(one, "ana", "second-clearly", shown_left="second", note='a "note",\nof two lines', seconds=2.5)
        for name, choice in (("ana", "first"), ("bob", "first-clearly"), ("cyn", "second")):
            opened.vote(two, name, choice, shown_left="first")
        opened.vote(two, "ana", "second", shown_left="second", repeat=True)
        opened.vote(two, "bob", "tie", criterion="honest")
        opened.vote(three, "ana", "tie")
        yield opened


def written(store: Store, layout: Layout, name: str = "out.jsonl", set_name: str = "geo", **more: Any) -> list[dict]:
    done = exported(store, layout, name, set_name, **more)
    return [json.loads(line) for line in done.out.read_text().splitlines()]


def exported(store: Store, layout: Layout, name: str, set_name: str = "geo", **more: Any) -> Exported:
    split, force = more.pop("split", None), more.pop("force", False)
    return export(store, set_name, store.path.parent / name, layout, Wanted(**more), split=split, force=force)


def test_trl_has_the_majoritys_choice_with_its_margin(store: Store) -> None:
    assert written(store, "trl") == [
        {"prompt": "p0, ‘é’", "chosen": "no\n0", "rejected": "yes 0", "margin": 2.0},
        {"prompt": "p1, ‘é’", "chosen": "yes 1", "rejected": "no\n1", "margin": 0.6667},
    ]


def test_kto_has_a_row_for_each_answer(store: Store) -> None:
    store.vote(store.id_at("geo", 4), "ana", "bad")
    assert [(row["completion"], row["label"]) for row in written(store, "kto")] == [
        *(("yes 0", False), ("no\n0", True), ("yes 1", True), ("no\n1", False), ("yes 3", False), ("no\n3", False))
    ]
    assert [row["label"] for row in written(store, "kto", "both.jsonl", ties="both")][4:6] == [True, True]


def test_openai_has_messages_throughout(store: Store) -> None:
    first, _ = written(store, "openai")
    assert first == {
        "input": {"messages": [{"role": "user", "content": "p0, ‘é’"}]},
        "preferred_output": [{"role": "assistant", "content": "no\n0"}],
        "non_preferred_output": [{"role": "assistant", "content": "yes 0"}],
    }
    dialogue = "\n\nHuman: Hi\n\nAssistant: Hello.\n\nHuman: Why?\n\nAssistant:"
    store.vote(store.add_pair("hh", dialogue, "So.", "No."), "ana", "first")
    (row,) = written(store, "openai", "hh.jsonl", "hh")
    assert [each["role"] for each in row["input"]["messages"]] == ["user", "assistant", "user"]
    assert written(store, "trl", "text.jsonl", "hh")[0]["prompt"] == dialogue


def test_one_chat_among_the_pairs_makes_all_of_the_file_chats(store: Store) -> None:
    chat = [{"role": "user", "content": "q"}]
    store.vote(store.add_pair("geo", chat, "a", "b"), "ana", "first")
    assert all(isinstance(row[key], list) for row in written(store, "trl") for key in ("prompt", "chosen", "rejected"))


def test_rewards_tell_grade_annotators_and_pair(store: Store) -> None:
    first, second = written(store, "rewards")
    assert (first["grade"], second["grade"], second["agreement"]) == ("clearly", "clearly", 0.6667)
    assert first["pair"] == store.pair_at("geo", 1).digest
    assert first["votes"] == [{"annotator": "ana", "choice": "first-clearly"}]  # seen from the chosen answer
    assert [each["choice"] for each in second["votes"]] == ["first", "first-clearly", "second"]


def test_csv_and_argilla_have_every_vote_of_every_pair(store: Store) -> None:
    assert len(written(store, "csv")) == 7
    records = written(store, "argilla", "records.jsonl")
    assert [len(each["responses"]["preference"]) for each in records] == [1, 3, 1]
    assert records[0]["responses"]["preference"] == [{"value": "second-clearly", "user_id": "ana"}]
    assert records[0]["fields"] == {"prompt": "p0, ‘é’", "response1": "yes 0", "response2": "no\n0"}


def back(store: Store, path: Path, name: str) -> None:
    source = source_of(open_rows(path))
    done = import_pairs(store, name, source.items, kind=source.kind)
    assert (done.left_out, done.rows) == (0, len(store.items(name)))


def said(store: Store, name: str, *, whole: bool) -> list[tuple]:
    """Every vote with its pair, as far as a layout keeps it."""
    items = {item.id: item for item in store.items(name)}
    found = []
    for each in store.votes(name):
        item = items[each.item_id]
        more = (each.shown_left, each.note, each.at, each.seconds, each.criterion, each.repeat, item.source)
        if whole or not (each.criterion or each.repeat):
            found.append((item.digest, each.annotator, each.choice, *(more if whole else ())))
    return sorted(found, key=str)


@pytest.mark.parametrize(
    "layout, name, whole",
    [("csv", "votes.csv", True), ("csv", "votes.jsonl", True), ("csv", "votes.parquet", True),
     ("argilla", "records.jsonl", False)],
)  # fmt: skip
def test_pairs_and_votes_come_back_the_same(store: Store, layout: Layout, name: str, whole: bool) -> None:
    out = exported(store, layout, name).out
    back(store, out, "back")
    assert said(store, "back", whole=whole) == said(store, "geo", whole=whole)
    back(store, out, "back")  # again changes nothing
    assert said(store, "back", whole=whole) == said(store, "geo", whole=whole)


def test_answers_that_look_like_numbers_or_yes_come_back_as_text(store: Store) -> None:
    for n, (first, second) in enumerate((("4", "1.50"), ("5", "2.25"))):
        store.vote(store.add_pair("sums", "true", first, second, source=f"{n}"), "1", "first", note=f"{n}")
    back(store, exported(store, "csv", "sums.csv", "sums").out, "back")
    assert said(store, "back", whole=True) == said(store, "sums", whole=True)


@pytest.mark.parametrize("layout", ["trl", "openai", "rewards"])
def test_chosen_and_rejected_come_back_as_pairs(store: Store, layout: Layout) -> None:
    back(store, exported(store, layout, "out.jsonl").out, "back")
    pairs = [(str(pair.first), str(pair.second)) for pair in store.pairs("back")]
    assert len(pairs) == 2 and all("no\\n0" in repr(each) or "yes" in repr(each) for each in pairs)
    again = written(store, "trl", "again.jsonl", "back") if layout == "rewards" else []
    assert layout != "rewards" or again == written(store, "trl", "once.jsonl")


def test_kto_rankings_and_classes_come_back(store: Store) -> None:
    store.add_items("ranks", "ranking", [NewItem("q", ("x", "y", "z"), source="r:1")])
    chat = [{"role": "user", "content": "q"}]
    singles = [NewItem("q", ("x",), source="s:1"), NewItem(chat, ("y",), source="s:2")]
    store.add_items("kto", "single", singles)
    store.make_set("mood", "classes", ["glad", "sad"])
    store.add_items("mood", "classes", [NewItem("a", source="m:1"), NewItem("b", source="m:2")])
    for name, choices in (("ranks", ["2>1=3"]), ("kto", ["good", "bad"]), ("mood", ["sad", "glad"])):
        for number, choice in enumerate(choices, 1):
            store.judge(store.id_at(name, number), GivenVote("ana", choice, note=f"{number}"))
        back(store, exported(store, "csv", f"{name}.csv", name).out, f"{name} again")
        assert said(store, f"{name} again", whole=True) == said(store, name, whole=True)
    assert [(row["chosen"], row["rejected"]) for row in written(store, "trl", "ranks.jsonl", "ranks")] == [
        ("y", "x"),
        ("y", "z"),
    ]
    rated = written(store, "kto", "kto.jsonl", "kto")
    assert [row["label"] for row in rated] == [True, False] and [row["prompt"] for row in rated] == [chat, chat]
    assert written(store, "sft", "mood.jsonl", "mood") == [
        {"text": "a", "label": "sad"},
        {"text": "b", "label": "glad"},
    ]
    with pytest.raises(WrongUse, match="mood holds classes, of which trl cannot be made"):
        exported(store, "trl", "no.jsonl", "mood")


def test_written_answers_are_rows_to_imitate(store: Store) -> None:
    store.edit(store.id_at("geo", 1), "ana", "maybe", of="first")
    assert written(store, "sft") == [{"prompt": "p0, ‘é’", "completion": "maybe"}]


def test_a_prompt_is_on_one_side_of_the_split_and_stays_there(store: Store) -> None:
    pairs = [NewPair(f"prompt {n % 50}", f"a{n}", f"b{n}") for n in range(200)]
    store.add_pairs("many", pairs)
    for pair in store.pairs("many"):
        store.vote(pair.id, "ana", "first")
    train = {row["prompt"] for row in written(store, "trl", set_name="many", split=Split(0.3, 1))}
    held = [json.loads(line) for line in (store.path.parent / "out.validation.jsonl").read_text().splitlines()]
    assert train.isdisjoint(row["prompt"] for row in held) and len(train | {row["prompt"] for row in held}) == 50
    assert 5 <= len({row["prompt"] for row in held}) <= 25 and len(held) == 4 * len({row["prompt"] for row in held})
    for pair in store.pairs("many")[:20]:
        store.vote(store.add_pair("many", f"new {pair.id}", "a", "b"), "ana", "second")
    more = {row["prompt"] for row in written(store, "trl", set_name="many", split=Split(0.3, 1), force=True)}
    assert train <= more and more.isdisjoint(row["prompt"] for row in held)
    other = {row["prompt"] for row in written(store, "trl", set_name="many", split=Split(0.3, 2), force=True)}
    assert other & {row["prompt"] for row in held}


def test_a_split_holds_something_out_wherever_there_are_two_prompts(store: Store) -> None:
    for share in (0.001, 0.999):
        done = exported(store, "trl", "out.jsonl", split=Split(share), force=True)
        assert (done.rows, done.validation_rows) == (1, 1)
    with pytest.raises(WrongUse, match="no part of the prompts"):
        exported(store, "trl", "out.jsonl", split=Split(1.0))
    store.vote(store.add_pair("one", "p", "a", "b"), "ana", "first")
    with pytest.raises(WorkbenchError, match="one prompt cannot be split"):
        exported(store, "trl", "one.jsonl", "one", split=Split(0.5))


def test_what_is_there_is_not_written_over_unasked(store: Store) -> None:
    out = exported(store, "trl", "out.jsonl").out
    out.write_text("mine")
    with pytest.raises(WrongUse, match="is there already") as caught:
        exported(store, "trl", "out.jsonl")
    assert "--force" in caught.value.fix and out.read_text() == "mine"
    exported(store, "trl", "out.jsonl", force=True)
    assert len(out.read_text().splitlines()) == 2
    with pytest.raises(WrongUse, match="says no format"):
        exported(store, "trl", "labels.db", force=True)


def test_nothing_left_and_no_such_set_are_said_and_write_nothing(store: Store) -> None:
    store.add_pair("new", "p", "a", "b")
    with pytest.raises(WorkbenchError, match="new: nothing to export: 1 pair, 1 without a vote"):
        exported(store, "trl", "none.jsonl", "new")
    with pytest.raises(Missing, match="nowhere"):
        exported(store, "trl", "none.jsonl", "nowhere")
    assert not (store.path.parent / "none.jsonl").exists()


def test_a_full_disk_leaves_no_half_file(small_disk: Path) -> None:
    before = b"an export of last week\n"
    with open_store(small_disk / "labels.db") as store:
        for n in range(10):
            store.vote(store.add_pair("geo", f"p{n}", "a" * 4000, "b" * 4000), "ana", "first")
        (small_disk / "out.jsonl").write_bytes(before)
        ballast = small_disk / "ballast"
        with ballast.open("wb", buffering=0) as file, pytest.raises(OSError):
            while True:
                file.write(b"x" * 4096)
        with pytest.raises(WorkbenchError, match="no space left"):
            export(store, "geo", small_disk / "out.jsonl", "trl", Wanted(), split=Split(0.3), force=True)
        assert sorted(path.name for path in small_disk.iterdir() if not path.name.startswith("labels")) == [
            "ballast",
            "out.jsonl",
        ]
        assert (small_disk / "out.jsonl").read_bytes() == before
        ballast.unlink()
        assert export(store, "geo", small_disk / "out.jsonl", "trl", Wanted(), force=True).rows == 10
