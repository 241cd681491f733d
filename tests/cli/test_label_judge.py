"""`workbench label judge`: over an address and with a local model, stopped and started again."""

import json
import os
import signal
import time

from tests.conftest import Bench
from tests.judge_server import JudgeServer
from workbench.runs.folder import RunFolder
from workbench.runs.lines import read_lines

GOOD = "\x1b[2Jright"


def import_pairs(bench: Bench, count: int = 16) -> None:
    votes = [{"annotator": "ana", "choice": "first"}]
    rows = [{"prompt": f"p{n}", "chosen": GOOD, "rejected": "wrong", "votes": votes} for n in range(count)]
    (bench.folder / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert bench("label", "import", "pairs.jsonl", "--into", "geo").code == 0


def good(asked: str) -> str:
    return "Verdict: " + ("A" if asked.index("right") < asked.index("wrong") else "B")


def test_a_judge_behind_an_address_votes_and_its_trial_is_shown(bench: Bench) -> None:
    import_pairs(bench)
    (bench.folder / "rubric.md").write_text("# What is better\n\n## Criteria\n\n- honest: nothing in it is untrue\n")
    with JudgeServer(good) as server:
        asked = ("label", "judge", "geo", "--endpoint", server.url, "--endpoint-model", "m")
        ran = bench(*asked, "--pairs", "3", "--wait", "--json", OPENAI_API_KEY="sk-1")
        found = ran.json
        assert (found["annotator"], found["pairs"], found["agreed"]) == ("judge:m", 3, 3)
        assert found["trial"]["has_passed"] is False and found["trial"]["same_when_swapped"]["same"] == 3
        assert "judge-m-1 finished 3/3" in ran.err and set(server.keys) == {"Bearer sk-1"}
        assert "- honest: nothing in it is untrue" in server.asked[0]
        alone = bench(*asked, "--alone")
        assert alone.code == 1 and "may not judge geo alone" in alone.err
        said = bench(*asked, "--wait").out
        assert "16 pairs" in said and "13 pairs judged" in said and "same when swapped  16/16" in said
        assert "nothing is asked" in bench(*asked, "--alone").out
    # people chose the first answer in the file of all, which a judge does not see: it is no agreement by chance
    stats = bench("label", "stats", "geo", "--json").json
    assert [each["judge"] for each in stats["judges"]] == ["judge:m"]
    assert stats["judges"][0]["with_people"]["observed"] == 1 and stats["position_bias"] is None
    assert "judge:m on trial · passed" in bench("label", "stats", "geo").out


def test_a_judge_votes_by_one_criterion_and_is_tried_by_it(bench: Bench) -> None:
    import_pairs(bench, 3)
    (bench.folder / "rubric.md").write_text("## Criteria\n\n- honest: nothing in it is untrue\n")
    for pair in ("1", "2"):
        assert bench("label", "vote", "geo", pair, "second", "--criterion", "honest", "--annotator", "ana").code == 0
    with JudgeServer(good) as server:
        asked = ("label", "judge", "geo", "--endpoint", server.url, "--endpoint-model", "m", "--criterion")
        found = bench(*asked, "honest", "--wait", "--json").json
        assert (found["pairs"], found["criterion"], found["trial"]["criterion"]) == (2, "honest", "honest")
        assert bench(*asked, "short").code == 2
    (trial,) = bench("label", "stats", "geo", "--criterion", "honest", "--json").json["judges"]
    assert trial["with_people"]["observed"] == 0 and trial["same_when_swapped"]["same"] == 2
    assert bench("label", "stats", "geo", "--json").json["judges"] == []
    assert "judge:m by honest on trial · not passed" in bench("train", "show", "judge-m-1").out


def test_a_judge_that_was_stopped_or_killed_goes_on_from_there(bench: Bench) -> None:
    import_pairs(bench)

    def slow_in_the_end(asked: str) -> str:
        if len(server.heard) > 8:
            time.sleep(20)
        return good(asked)

    with JudgeServer(slow_in_the_end) as server:
        asked = ("label", "judge", "geo", "--endpoint", server.url, "--endpoint-model", "m", "--at-once", "2")
        run = RunFolder(bench.folder / "runs" / "strict")
        for end in ("stop", "kill"):
            begun = time.monotonic()
            how = (*asked, "--run", "strict") if end == "stop" else ("train", "resume", "strict")
            server.heard.clear()
            assert bench(*how).code == 0
            while len(server.heard) < 10:
                time.sleep(0.02)
            if end == "stop":
                assert "strict stopped at pair" in bench("train", "stop", "strict").out
            else:
                assert run.state is not None
                os.kill(run.state.process.pid, signal.SIGKILL)
            assert time.monotonic() - begun < 15  # it waits for no answer
            assert len(read_lines(run.answers_file)[0]) == {"stop": 4, "kill": 8}[end]
        assert bench("label", "list", "--json").json["sets"][0]["votes"] == 16 + 8
        server.script = good
        server.heard.clear()
        assert bench("train", "resume", "strict", "--wait", "--json").json["status"] == "finished"
        assert len(server.heard) == 2 * (16 - 8)
    assert bench("label", "list", "--json").json["sets"][0]["votes"] == 32
    history = bench("label", "history", "geo", "16", "--json").json["history"]
    assert len([each for each in history if each["annotator"] == "judge:m"]) == 3
    shown = bench.show("strict")
    assert shown["result"]["judged"] == {"pairs": 16, "agreed": 16, "inconsistent": 0, "unreadable": 0}
    assert shown["trial"]["judge"] == "judge:m" and shown["trial"]["same_when_swapped"]["same"] == 16
    said = bench("train", "show", "strict").out
    assert "pair 16/16" in said and "16 pairs judged → geo" in said and "judge:m on trial · passed" in said


def test_a_refused_key_fails_the_run_and_it_goes_on_with_a_right_one(bench: Bench) -> None:
    import_pairs(bench, 4)
    with JudgeServer(lambda _: 401) as server:
        asked = ("label", "judge", "geo", "--endpoint", server.url, "--endpoint-model", "m")
        ran = bench(*asked, "--wait", OPENAI_API_KEY="sk-wrong")
        assert ran.code == 1 and "OPENAI_API_KEY is refused" in ran.err and "sk-wrong" not in ran.err
        server.script = good
        assert bench("train", "resume", "judge-m-1", "--wait", OPENAI_API_KEY="sk-right").code == 0
    assert server.keys[-1] == "Bearer sk-right"
    files = [path for path in bench.folder.rglob("*") if path.is_file()]
    assert not [path for path in files if b"sk-" in path.read_bytes()]


def test_a_small_local_model_is_unreadable_and_that_is_said(bench: Bench) -> None:
    import_pairs(bench, 2)
    ran = bench("label", "judge", "geo", "--model", "tiny", "--max-new-tokens", "8", "--wait")
    assert ran.code == 0 and "geo · judge:tiny · 2 pairs judged · 2 unreadable: skipped" in ran.out
    assert "with people        no pair has the votes of two annotators\n" in ran.out
    history = bench("label", "history", "geo", "1", "--json").json["history"]
    assert [each["choice"] for each in history if each["annotator"] == "judge:tiny"] == ["skip"] * 3


def test_who_judges_is_asked_for(bench: Bench) -> None:
    import_pairs(bench, 1)
    assert bench("label", "judge", "geo").code == 2
    assert bench("label", "judge", "geo", "--endpoint", "http://127.0.0.1:9/v1").code == 2
    assert bench("label", "judge", "none", "--model", "tiny").code == 3
    ran = bench(
        "label", "judge", "geo", "--endpoint", "http://127.0.0.1:9/v1", "--endpoint-model", "m", "--rubric", "no"
    )
    assert ran.code == 3 and "no such file" in ran.err
