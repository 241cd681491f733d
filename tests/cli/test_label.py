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


def voted(bench: Bench) -> None:
    """A set of four pairs with votes of ana and bob: first, a tie, second clearly, none."""
    write(bench, "pairs.jsonl", *({"prompt": f"p{n}", "chosen": f"a{n}", "rejected": f"b{n}"} for n in range(4)))
    bench("label", "import", "pairs.jsonl", "--into", "geo")
    for pair, choice in (("1", "first"), ("2", "tie"), ("3", "second-clearly")):
        assert bench("label", "vote", "geo", pair, choice, "--annotator", "ana").code == 0


def test_export_writes_what_was_voted_and_tells_what_it_left_out(bench: Bench) -> None:
    voted(bench)
    ran = bench("label", "export", "geo", "out.jsonl", "--format", "trl", "--json")
    assert (ran.code, ran.json["rows"], ran.json["ties"], ran.json["without_votes"]) == (0, 2, 1, 1)
    rows = [json.loads(line) for line in (bench.folder / "out.jsonl").read_text().splitlines()]
    assert [(row["chosen"], row["margin"]) for row in rows] == [("a0", 1.0), ("b2", 2.0)]
    again = bench("label", "export", "geo", "out.jsonl")
    assert again.code == 2 and "--force" in again.err
    ran = bench(
        "label", "export", "geo", "out.jsonl", "--force", "--split", "0.5", "--ties", "both", "--annotator", "ana"
    )
    assert ran.out.startswith("4 pairs, 1 without a vote\n") and "out.validation.jsonl" in ran.out
    assert bench("label", "export", "geo", "o.jsonl", "--min-grade", "clearly", "--json").json["below_grade"] == 1
    ran = bench("label", "export", "geo", "openai.jsonl", "--format", "openai")
    assert ran.code == 0 and "at least 10 rows" in ran.err
    for arguments, code, says in (
        (("geo", "x.jsonl", "--annotator", "nobody"), 2, "nobody has given no vote"),
        (("geo", "x.jsonl", "--min-agreement", "70"), 2, "no share"),
        (("nowhere", "x.jsonl"), 3, "no set of pairs named nowhere"),
        (("geo", "absent/x.jsonl"), 2, "no such folder"),
        (("geo", "labels.db", "--force"), 2, "no format"),
    ):
        ran = bench("label", "export", *arguments)
        assert ran.code == code and says in ran.err and "Traceback" not in ran.err, ran.err


def test_history_tells_what_was_taken_back(bench: Bench) -> None:
    voted(bench)
    undone = bench("label", "undo", "geo", "--annotator", "ana", "--json", USER="boss").json
    assert (undone["pair"], undone["choice"]) == (3, "second-clearly")
    bench("label", "vote", "geo", "3", "bad", "--annotator", "ana", "--note", "both wrong")
    (first, second) = bench("label", "history", "geo", "3", "--json").json["history"]
    assert (first["choice"], first["undone_by"]) == ("second-clearly", "boss") and first["undone"] > first["at"]
    assert (second["choice"], second["note"], second["undone"]) == ("bad", "both wrong", None)
    assert "taken back" in bench("label", "history", "geo", "3").out
    assert bench("label", "undo", "geo", "--annotator", "nobody").code == 1


def test_history_tells_the_answers_that_were_written(bench: Bench) -> None:
    voted(bench)
    bench("label", "edit", "geo", "2", "--annotator", "ana", "--text", "Bel\x1b[2J.", "--of", "second")
    bench("label", "edit", "geo", "2", "--annotator", "bob", "--text", "Bel it is.")
    bench("label", "undo", "geo", "--annotator", "ana")
    *_, edited, anew = bench("label", "history", "geo", "2", "--json").json["history"]
    assert (edited["annotator"], edited["of"], edited["undone"] is None) == ("ana", "second", False)
    assert (anew["text"], anew["of"], anew["undone"]) == ("Bel it is.", None, None)
    said = bench("label", "history", "geo", "2").out
    assert "wrote Bel it is." in said and "edited from the second" in said and "\x1b" not in said


def test_rank_good_class_and_edit(bench: Bench) -> None:
    write(bench, "ranks.jsonl", {"prompt": "q", "responses": ["x", "y", "z"], "ranks": [1, 2, 3]})
    write(bench, "kto.jsonl", {"prompt": "q", "completion": "x", "label": True})
    write(bench, "mood.jsonl", {"text": "great", "guess": "glad", "probability": 0.6}, {"text": "hm", "guess": "sad"})
    for name in ("ranks", "kto", "mood"):
        assert bench("label", "import", f"{name}.jsonl", "--into", name).code == 0
    assert bench("label", "rank", "ranks", "1", "3=2>1", "--annotator", "ana", "--json").json["choice"] == "2=3>1"
    assert bench("label", "bad", "kto", "1", "--annotator", "ana", "--json").json["choice"] == "bad"
    accepted = bench("label", "class", "mood", "1", "--annotator", "ana", "--json").json
    assert (accepted["choice"], accepted["guess"], accepted["accepted"]) == ("glad", "glad", True)
    corrected = bench("label", "class", "mood", "2", "glad", "--annotator", "ana", "--json").json
    assert (corrected["choice"], corrected["guess"], corrected["accepted"]) == ("glad", "sad", False)
    voted(bench)
    wrote = bench("label", "edit", "geo", "1", "--text", "b0!", "--of", "second", "--annotator", "ana", "--json").json
    assert (wrote["of"], wrote["made"]) == ("second", 5)
    for arguments, says in (
        (("rank", "ranks", "1", "1>2"), "no order of 3 answers"),
        (("rank", "geo", "1", "1>2"), "geo holds pairs"),
        (("good", "mood", "1"), "mood holds classes"),
        (("class", "mood", "1", "angry"), "angry is not a class"),
        (("edit", "geo", "1"), "--text TEXT or --file FILE"),
    ):
        ran = bench("label", *arguments, "--annotator", "ana")
        assert ran.code == 2 and says in ran.err and "Traceback" not in ran.err, ran.err
    listed = bench("label", "list", "--json").json["sets"]
    assert [(each["name"], each["kind"]) for each in listed] == [
        *(("geo", "pairs"), ("kto", "single"), ("mood", "classes"), ("ranks", "ranking"))
    ]
