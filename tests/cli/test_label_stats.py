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
    assert found["agreement"]["kappa"] == pytest.approx(cohen_kappa_score(ANA, BOB))
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
