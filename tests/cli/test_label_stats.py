"""`workbench label stats` and `next`: figures, reasons where there are none, and what to vote on now."""

import json

import pytest
from sklearn.metrics import cohen_kappa_score

from tests.conftest import Bench

ANA = ["first", "first", "second", "tie", "first", "second", "first", "second", "first", "first"]
BOB = ["first", "second", "second", "tie", "first", "second", "first", "first", "first", "first"]


def import_votes(bench: Bench, *annotators: list[str]) -> None:
    rows = [
        {
            "prompt": f"p{n}", "chosen": "a\x1b[2J", "rejected": "b",
            "votes": [{"annotator": name, "choice": said[n]} for name, said in zip(("ana", "bob"), annotators)],  # noqa: B905
        }
        for n in range(10)
    ]  # fmt: skip
    (bench.folder / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert bench("label", "import", "pairs.jsonl", "--into", "geo").code == 0


def test_stats_say_how_far_two_people_agree(bench: Bench) -> None:
    import_votes(bench, ANA, BOB)
    found = bench("label", "stats", "geo", "--json").json
    assert (found["pairs"], found["votes"], [each["name"] for each in found["annotators"]]) == (10, 20, ["ana", "bob"])
    assert found["agreement"]["observed"] == pytest.approx(0.8)
    assert found["agreement"]["kappa"] == pytest.approx(cohen_kappa_score(ANA, BOB), abs=0.1)  # sides are drawn
    low, high = found["agreement"]["intervals"]["kappa"]
    assert low <= found["agreement"]["kappa"] <= high <= 1
    assert found["position_bias"] is None and found["annotators"][0]["self_consistency"] is None
    assert [each["pair"] for each in found["disagreements"]] == [2, 8]
    assert found["enough"]["verdict"] is None and "learning curve" in found["enough"]["why"]
    said = bench("label", "stats", "geo").out
    assert "80 %" in said and "2 pairs to adjudicate" in said and "ana first · bob second" in said
    assert "would more votes help? workbench label enough geo" in said


def test_stats_say_why_there_is_no_agreement(bench: Bench) -> None:
    import_votes(bench, ANA)
    ran = bench("label", "stats", "geo")
    assert ran.code == 0 and "1 annotator: it takes two to agree" in ran.out
    assert bench("label", "stats", "geo", "--json").json["agreement"]["kappa"] is None
    ran = bench("label", "stats", "nowhere", "--json")
    assert ran.code == 3 and "no set of pairs named nowhere" in ran.json["error"]


def test_next_shows_the_pair_that_the_order_asks_for(bench: Bench) -> None:
    import_votes(bench, ANA, BOB)
    disputed = bench("label", "next", "geo", "--annotator", "cyn", "--order", "disputed", "--json").json
    assert disputed["pair"] in (2, 8) and disputed["left"] in ("first", "second") and not disputed["is_repeat"]
    ran = bench("label", "next", "geo", "--annotator", "cyn")
    assert ran.out.startswith("geo · pair 1 · cyn") and "\x1b" not in ran.out
    assert bench("label", "next", "geo", "--annotator", "ana", "--json").json["pair"] is None
    ran = bench("label", "next", "geo", "--annotator", "cyn", "--order", "least-sure")
    assert ran.code == 3 and "no run here has scores" in ran.err


def import_kinds(bench: Bench) -> None:
    rows = {
        "mood": [
            {"text": f"row {n}", "guess": "glad" if n % 2 else "sad", "probability": 0.5 + n / 20} for n in range(6)
        ],
        "ranks": [{"prompt": f"q{n}", "responses": ["a", "b", "c"]} for n in range(2)],
        "kto": [{"prompt": f"q{n}", "completion": "a", "label": bool(n)} for n in range(2)],
    }
    for name, held in rows.items():
        (bench.folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in held))
        assert bench("label", "import", f"{name}.jsonl", "--into", name).code == 0


def test_stats_of_classes_say_how_often_the_guess_was_accepted(bench: Bench) -> None:
    import_kinds(bench)
    for who, first in (("ana", ""), ("bob", "glad")):
        bench("label", "class", "mood", "1", *([first] if first else []), "--annotator", who)
        bench("label", "class", "mood", "2", "--annotator", who)
    found = bench("label", "stats", "mood", "--json").json
    assert (found["kind"], found["agreement"]["observed"]) == ("classes", 0.5)
    assert [(each["annotator"], each["accepted"], each["corrected"]) for each in found["guesses"]] == [
        ("ana", 2, 0), ("bob", 1, 1)
    ]  # fmt: skip
    assert found["confusion"]["annotators"] == ["ana", "bob"]
    said = bench("label", "stats", "mood").out
    assert "1/2" in said and "corrected" in said and "row 1     ana sad · bob glad" in said


def test_stats_of_rankings_and_of_answers_by_a_criterion(bench: Bench) -> None:
    import_kinds(bench)
    bench("label", "rank", "ranks", "1", "1>2>3", "--annotator", "ana")
    bench("label", "rank", "ranks", "1", "1>3>2", "--annotator", "bob")
    found = bench("label", "stats", "ranks", "--json").json
    assert found["ranks"]["tau_b"] == pytest.approx(1 / 3) and found["agreement"]["pairs"] == 3
    assert found["disagreements"] == [
        {"pair": 1, "disagreement": pytest.approx(1 / 3), "votes": {"ana": "1>2>3", "bob": "1>3>2"}}
    ]
    assert "tau-b      0.33" in bench("label", "stats", "ranks").out
    bench("label", "good", "kto", "1", "--annotator", "ana", "--criterion", "honest")
    found = bench("label", "stats", "kto", "--criterion", "honest", "--json").json
    assert [(each["name"], each["votes"]) for each in found["annotators"]] == [("ana", 1)]


def test_a_set_keeps_the_order_that_it_was_given(bench: Bench) -> None:
    import_kinds(bench)
    shown = bench("label", "next", "mood", "--annotator", "cyn", "--json").json
    assert (shown["order"], shown["prompt"], shown["guess"]) == ("least-sure", "row 0", "sad")
    assert bench("label", "order", "mood", "disputed", "--repeats", "0.05").out == (
        "mood · disputed · 5 % come again, unsaid\n"
    )
    bench("label", "class", "mood", "5", "glad", "--annotator", "ana")
    bench("label", "class", "mood", "5", "sad", "--annotator", "bob")
    shown = bench("label", "next", "mood", "--annotator", "cyn", "--json").json
    assert (shown["order"], shown["pair"], shown["is_repeat"]) == ("disputed", 5, False)
    assert bench("label", "order", "mood", "--json").json == {
        "set": "mood", "order": "disputed", "repeats": 0.05, "kept": True,
    }  # fmt: skip
    ran = bench("label", "order", "kto", "least-sure")
    assert ran.code == 2 and "the answers of kto" in ran.err
    ran = bench("label", "order", "ranks", "least-sure")
    assert ran.code == 3 and "no run here has scores" in ran.err
    assert bench("label", "order", "ranks", "--repeats", "0.9").code == 2
    assert bench("label", "next", "ranks", "--annotator", "cyn").out.startswith("ranks · ranking 1 · cyn")
