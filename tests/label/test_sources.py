"""Files of every kind become what there is to label; rows that make nothing are named with their numbers."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workbench.data.rows import open_rows
from workbench.errors import WrongUse
from workbench.label.importing import Imported, import_pairs
from workbench.label.pairs import LeftOut
from workbench.label.records import GivenVote, Guess, NewItem, NewPair, Origin
from workbench.label.sources import Recorded, Source, source_of
from workbench.label.store import open_store

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def rows(*given: dict[str, Any], name: str = "rows.jsonl") -> Path:
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in given))
        return tmp_path / name

    return rows


def wrong(source: Source) -> dict[str, int]:
    return {each.error.detail: each.error.row for each in source.items if isinstance(each, LeftOut)}


def test_a_ranking_file_is_rankings_with_the_files_own_order_as_a_vote(write: Write) -> None:
    path = write(
        {"prompt": "q", "responses": ["x", "y", "z"], "ranks": [2, 1, 2]},
        {"prompt": "q", "responses": ["x", "x"], "ranks": [1, 2]},
        {"prompt": "q", "responses": ["x", ""], "ranks": [1, 2]},
    )
    source = source_of(open_rows(path))
    first, *_ = source.items
    assert source.kind == "ranking"
    votes = (GivenVote("rows.jsonl", "2>1=3"),)
    assert first == NewItem("q", ("x", "y", "z"), source="rows.jsonl:1", votes=votes)
    assert wrong(source_of(open_rows(path))) == {
        "responses holds the same answer twice": 2,
        "responses holds an answer without text": 3,
    }


def test_answers_without_an_order_wait_to_be_ranked(write: Write) -> None:
    path = write({"prompt": "river?", "answers": ["Aa", "Lim", "?"]}, {"prompt": "hill?", "answers": ["Ox"]})
    source = source_of(open_rows(path))
    assert source.kind == "ranking"
    assert next(iter(source.items)) == NewItem("river?", ("Aa", "Lim", "?"), source="rows.jsonl:1")
    assert wrong(source_of(open_rows(path))) == {"answers holds no two answers": 2}


def test_scores_rank_the_other_way_round(write: Write) -> None:
    path = write({"prompt": "q", "responses": ["x", "y", "z"], "scores": [0.5, 3, 1]})
    (item,) = source_of(open_rows(path), annotator="ana").items
    assert isinstance(item, NewItem) and item.votes == (GivenVote("ana", "2>3>1"),)


def test_answers_with_yes_or_no_are_single_answers(write: Write) -> None:
    chat = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "x"}]
    source = source_of(open_rows(write({"messages": chat, "label": True}, {"messages": chat, "label": False})))
    items = list(source.items)
    assert source.kind == "single"
    assert [(each.prompt, each.answers, each.votes[0].choice) for each in items if isinstance(each, NewItem)] == [
        ([chat[0]], ([chat[1]],), "good"),
        ([chat[0]], ([chat[1]],), "bad"),
    ]


def test_a_guess_can_stand_beside_a_row(write: Write) -> None:
    path = write(
        {"text": "great", "guess": "glad", "probability": 0.6},
        {"text": "hm", "guess": None, "probability": None},
        {"text": "bad", "guess": "sad", "probability": 60},
    )
    source = source_of(open_rows(path))
    found = [each.guess for each in source.items if isinstance(each, NewItem)]
    assert (source.kind, found) == ("classes", [Guess("glad", 0.6), None])
    assert wrong(source_of(open_rows(path))) == {"probability is 60": 3}


def test_recorded_answers_in_two_columns_keep_their_models(write: Write) -> None:
    rows = [{"prompt": "q", "base": "x", "tuned": "y"}, {"prompt": "r", "base": "x", "tuned": "x"},
            {"prompt": "s", "base": "", "tuned": "x"}]  # fmt: skip
    path = write(*rows)
    source = source_of(open_rows(path), recorded=Recorded("base", "tuned"))
    pair, *_ = source.items
    origins = (Origin(model="base"), Origin(model="tuned"))
    assert pair == NewPair("q", "x", "y", "rows.jsonl:1", origins=origins)
    assert list(wrong(source).values()) == [2, 3]
    with pytest.raises(WrongUse, match="no answers in other"):
        source_of(open_rows(path), recorded=Recorded("base", "other"))
    with pytest.raises(WrongUse, match="two columns"):
        source_of(open_rows(path), recorded=Recorded("base"))


def test_what_compare_wrote_is_found_by_itself(write: Write, tmp_path: Path) -> None:
    path = tmp_path / "compared.json"
    path.write_text(
        json.dumps({"models": ["v2.5", "t"], "rows": [{"prompt": "q", "answers": {"v2.5": "x", "t": "y"}}]})
    )
    (pair,) = source_of(open_rows(path)).items
    assert isinstance(pair, NewPair) and (pair.first, pair.second) == ("x", "y")
    assert pair.origins == (Origin(model="v2.5"), Origin(model="t"))


def test_two_files_meet_by_prompt_and_what_only_one_was_asked_is_named(write: Write) -> None:
    one = write(*({"prompt": f"q{n}", "completion": f"a{n}"} for n in (1, 2, 3)), name="base.jsonl")
    other = write(*({"prompt": f"q{n}", "response": f"b{n}"} for n in (4, 3, 1)), name="tuned.jsonl")
    items = list(source_of(open_rows(one), recorded=Recorded(against=open_rows(other))).items)
    origins = (Origin(file="base.jsonl"), Origin(file="tuned.jsonl"))
    assert [each for each in items if isinstance(each, NewPair)] == [
        NewPair("q1", "a1", "b1", "base.jsonl:1", origins=origins),
        NewPair("q3", "a3", "b3", "base.jsonl:3", origins=origins),
    ]
    left = [str(each.error).splitlines()[0] for each in items if isinstance(each, LeftOut)]
    assert [text.rpartition("/")[2] for text in left] == [
        "base.jsonl, row 2: prompt is not in tuned.jsonl",
        "tuned.jsonl, row 1: prompt is not in base.jsonl",
    ]


def test_answers_to_different_prompts_and_equal_ones_are_left_out_by_reason(write: Write, tmp_path: Path) -> None:
    def chat(asked: str, answered: str) -> list[dict[str, str]]:
        return [{"role": "user", "content": asked}, {"role": "assistant", "content": answered}]

    path = write(
        {"chosen": chat("a", "x"), "rejected": chat("a", "y")},
        {"chosen": chat("a", "x"), "rejected": chat("b", "y")},
        {"chosen": chat("a", "x"), "rejected": chat("a", "x ")},
        {"chosen": chat("c", "x"), "rejected": chat("d", "y")},
        {"chosen": chat("a", "x"), "rejected": chat("a", "")},
    )
    done = imported(tmp_path, path)
    assert (done.added, done.left_out) == (1, 4)
    assert sorted(done.reasons.values()) == [(2, 4), (3,), (5,)]
    texts = [("a", "a"), ("a", "b")]
    rows = [
        {"chosen": f"\n\nHuman: {one}\n\nAssistant: x", "rejected": f"\n\nHuman: {other}\n\nAssistant: y"}
        for one, other in texts
    ]
    done = imported(tmp_path, write(*rows, name="hh.jsonl"))
    assert (done.added, list(done.reasons.values())) == (1, [(2,)])
    assert any("different prompts" in reason for reason in done.reasons)


def test_who_chose_can_be_named(write: Write) -> None:
    path = write(
        {"prompt": "p", "chosen": "a", "rejected": "b"},
        {"prompt": "q", "chosen": "a", "rejected": "b", "votes": [{"annotator": "ana", "choice": "tie"}]},
    )
    pairs = [each for each in source_of(open_rows(path), annotator="ana").items if isinstance(each, NewPair)]
    assert [each.votes for each in pairs] == [(GivenVote("ana", "first"),), (GivenVote("ana", "tie"),)]


def imported(folder: Path, path: Path, recorded: Recorded | None = None, annotator: str = "") -> Imported:
    source = source_of(open_rows(path), annotator=annotator, recorded=recorded)
    with open_store(folder / "labels.db") as store:
        return import_pairs(store, path.stem, source.items, kind=source.kind)


@pytest.mark.shared
def test_published_files_and_recorded_answers(shared: Path, tmp_path: Path) -> None:
    done = imported(tmp_path, shared / "llama-factory-demos" / "dpo_en_demo.json")
    assert (done.rows, done.added, done.left_out) == (300, 295, 0)  # five of them are there twice
    done = imported(tmp_path, shared / "llmbar" / "LLMBar" / "Natural" / "dataset.json", annotator="llmbar")
    assert (done.rows, done.added) == (100, 100)
    answers = shared / "self-instruct" / "human_eval" / "predictions"
    other = Recorded(against=open_rows(answers / "text-davinci-003_predictions.jsonl"))
    done = imported(tmp_path, answers / "davinci_predictions.jsonl", other)
    assert (done.rows, done.added, done.left_out) == (252, 252, 0)
    with open_store(tmp_path / "labels.db") as store:
        assert {each.name: each.votes for each in store.sets()}["dataset"] == 100


def test_the_winner_may_stand_in_a_column_for_each_side_and_answers_in_lists_of_turns(write: Write) -> None:
    """Chatbot Arena's comparisons as Kaggle has them: cells hold JSON, a winner is marked by a 1, a tie has its own."""
    names = ("prompt", "response_a", "response_b", "winner_model_a", "winner_model_b", "winner_tie")
    said = [
        (["hill?", "and sea?"], ["Ox", "Lim"], ["Ox", "Aa"], 1, 0, 0),
        (["hill?"], ["Ox"], ["?"], 0, 1, 0),
        (["sea?"], ["Lim"], [None], 0, 0, 1),
        (["sea?"], ["Lim"], ["Aa"], 0, 0, 1),
    ]
    lists = [dict(zip(names, (*map(json.dumps, row[:3]), *row[3:]), strict=True)) for row in said]
    source = source_of(open_rows(write(*lists)))
    pairs = [each for each in source.items if isinstance(each, NewPair)]
    assert [(each.prompt, each.first, each.second) for each in pairs[:2]] == [
        (
            [turn("user", "hill?"), turn("assistant", "Ox"), turn("user", "and sea?")],
            [turn("assistant", "Lim")],
            [turn("assistant", "Aa")],
        ),
        ([turn("user", "hill?")], [turn("assistant", "?")], [turn("assistant", "Ox")]),  # the winner is first
    ]
    assert [each.votes for each in pairs] == [(), (), (GivenVote("rows.jsonl", "tie"),)]
    assert list(wrong(source).values()) == [3]  # one said nothing
    texts = [dict(zip(names, (*(each[0] for each in row[:3]), *row[3:]), strict=True)) for row in said[1::2]]
    one, tied = source_of(open_rows(write(*texts, name="texts.jsonl")), annotator="ana").items
    assert one == NewPair("hill?", "?", "Ox", "texts.jsonl:1", votes=(GivenVote("ana", "first"),))
    assert isinstance(tied, NewPair) and tied.votes == (GivenVote("ana", "tie"),)


def turn(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def test_ranks_of_argilla_are_votes_and_equal_ones_are_ties(write: Write) -> None:
    def record(count: int, *ranks: Any, key: str = "preference") -> dict[str, Any]:
        answers = {f"response{n}": f"a{n}" for n in range(1, count + 1)}
        said = [{"user_id": f"user {at}", "value": each} for at, each in enumerate(ranks)]
        return {"fields": {"prompt": "q", **answers}, "responses": {key: said}, "metadata": {}}

    def ranked(*ranks: int) -> list[dict[str, Any]]:
        return [{"value": f"response{place}", "rank": rank} for place, rank in enumerate(ranks, 1)]

    pairs = source_of(open_rows(write(record(2, ranked(1, 2), ranked(3, 3), ["response2", "response1"], "response2"))))
    (pair,) = pairs.items
    assert isinstance(pair, NewItem) and pairs.kind == "pairs"
    assert [vote.choice for vote in pair.votes] == ["first", "tie", "second", "second"]
    rows = record(3, ranked(2, 1, 2), ranked(1, 1, 1), key="ranking"), record(3, ranked(1, 2)), record(3, [{"rank": 1}])
    rankings = source_of(open_rows(write(*rows, name="three.jsonl")))
    item = next(iter(rankings.items))
    assert isinstance(item, NewItem) and rankings.kind == "ranking"
    assert [vote.choice for vote in item.votes] == ["2>1=3", "1=2=3"]
    assert wrong(rankings) == {
        "responses do not rank 3 responses, each once": 2,
        "responses hold a rank that is none": 3,
    }


def test_a_vote_that_cannot_be_given_names_its_row(write: Write, tmp_path: Path) -> None:
    row = {"prompt": "q", "responses": ["a", "b"], "annotator": "ana"}
    source = source_of(open_rows(write({**row, "choice": "2>1"}, {**row, "prompt": "r", "choice": "1>1"})))
    with open_store(tmp_path / "labels.db") as store, pytest.raises(WrongUse, match=r"^rows\.jsonl:2: '1>1' is no"):
        import_pairs(store, "geo", source.items, kind=source.kind)


ASKED = {"prompt": "q", "response1": "a", "response2": "b"}


@pytest.mark.parametrize(
    ("record", "detail"),
    [
        ({"prompt": "another shape", "completion": "x"}, "fields is not what a record of Argilla holds"),
        ({"fields": "text", "responses": {}}, "fields is not what a record of Argilla holds"),
        ({"fields": ASKED, "responses": [1]}, "responses is not what a record of Argilla holds"),
        ({"fields": ASKED, "responses": {}, "metadata": "text"}, "metadata is not what a record of Argilla holds"),
        ({"fields": ASKED, "responses": {"preference": ["x"]}}, "responses holds no list for preference"),
        ({"fields": ASKED, "responses": {"note": 3}}, "responses holds no list for note"),
        (
            {"fields": ASKED, "responses": {"preference": [{"user_id": ["u"], "value": None}]}},
            "responses holds a preference without user_id or value",
        ),
    ],
)
def test_what_is_no_record_of_argilla_is_left_out_and_the_others_come(
    write: Write, record: dict[str, Any], detail: str
) -> None:
    good = {"fields": ASKED, "responses": {"preference": [{"user_id": "u", "value": "response1"}]}}
    source = source_of(open_rows(write(good, record, {**good, "responses": {"note": None, "preference": None}})))
    made = list(source.items)
    assert [type(each) for each in made] == [NewItem, LeftOut, NewItem]
    assert isinstance(made[0], NewItem) and made[0].votes == (GivenVote("u", "first"),)
    assert wrong(Source("pairs", made)) == {detail: 2}
