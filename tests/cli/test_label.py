"""`workbench label`: import, vote and list, as a person or a script runs them."""

import json

from tests.conftest import Bench


def write(bench: Bench, name: str, *rows: dict) -> None:
    (bench.folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_import_vote_list(bench: Bench) -> None:
    votes = [{"annotator": "cyn", "choice": "second"}, {"annotator": "dan", "choice": "tie"}]
    write(
        bench,
        "pairs.jsonl",
        {"prompt": "p1", "chosen": "a", "rejected": "b", "votes": votes},
        {"prompt": "p2", "chosen": "a", "rejected": "a"},
        {"prompt": "p3", "chosen": "c", "rejected": "d"},
    )
    assert bench("label", "list", "--json").json == {"sets": []}
    assert not (bench.folder / "labels.db").exists()  # asking makes nothing
    ran = bench("label", "import", "pairs.jsonl", "--into", "geo", "--json")
    assert (ran.code, ran.json["pairs"], ran.json["left_out"]) == (0, 2, 1)
    assert ran.json["problems"][0]["row"] == 2 and "row 2" in ran.err
    assert bench("label", "import", "pairs.jsonl", "--into", "geo", "--json").json["pairs"] == 0
    assert bench("label", "import", "pairs.jsonl", "--into", "other").out == "2 pairs added to other · 1 row left out\n"
    voted = bench("label", "vote", "other", "2", "second-clearly", "--annotator", "ana", "--json").json
    assert voted == {"vote": 5, "set": "other", "pair": 2, "choice": "second-clearly", "annotator": "ana"}
    assert bench("label", "list", "--json").json == {
        "sets": [
            {"name": "geo", "pairs": 2, "votes": 2, "kind": "pairs"},
            {"name": "other", "pairs": 2, "votes": 3, "kind": "pairs"},
        ]
    }
    assert "geo" in bench("label", "list").out


def test_columns_of_other_names_are_mapped(bench: Bench) -> None:
    write(bench, "odd.jsonl", {"ask": "p", "good": "a", "poor": "b"})
    mapped = ("--map", "prompt=ask", "--map", "chosen=good", "--map", "rejected=poor")
    assert bench("label", "import", "odd.jsonl", "--into", "geo", *mapped, "--json").json["pairs"] == 1


def test_what_cannot_be_done_is_said_and_leaves_nothing_behind(bench: Bench) -> None:
    write(bench, "same.jsonl", {"prompt": "p", "chosen": "a", "rejected": "a"})
    for arguments, code, says in (
        (("import", "rows.jsonl", "--into", "geo"), 2, "prompt-completion"),
        (("import", "absent.jsonl", "--into", "geo"), 3, "absent.jsonl"),
        (("vote", "geo", "1", "tie", "--annotator", "ana"), 3, "no set of pairs named geo"),
        (("vote", "geo", "1", "best", "--annotator", "ana"), 2, "best"),
    ):
        ran = bench("label", *arguments)
        assert ran.code == code and says in ran.err and "Traceback" not in ran.err, ran.err
        assert not (bench.folder / "labels.db").exists()
    ran = bench("label", "import", "same.jsonl", "--into", "geo", "--json")
    assert ran.code == 1 and "no row makes a pair" in ran.json["error"]
    assert bench("label", "list", "--json").json == {"sets": []}
