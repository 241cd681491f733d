"""`workbench label enough`: three reward runs that sit one exam, and what they say of more votes."""

import json

from tests.conftest import Bench
from tests.small import make_model, make_tokenizer
from tests.train.test_reward import ENDS_IN_STOP, voted
from workbench.label.enough import Point, outlook
from workbench.label.learning import points_of
from workbench.runs.folder import all_runs
from workbench.workspace import Workspace

FEW_STEPS = ("--set", "max_steps=4", "--set", "batch_size=8", "--set", "learning_rate=0.01")


def vote_on(bench: Bench, count: int) -> None:
    (bench.folder / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in voted(count)))
    assert bench("label", "import", "pairs.jsonl", "--into", "yes-no").code == 0


def test_three_reward_runs_on_the_same_held_out_votes_say_whether_more_would_help(bench: Bench) -> None:
    make_model(make_tokenizer(bench.folder / "model", ENDS_IN_STOP))
    vote_on(bench, 120)
    ran = bench("label", "enough", "yes-no", "--model", "model", *FEW_STEPS, "--wait", "--json")
    assert ran.code == 0, ran.err
    runs, said = ran.json["runs"], ran.json["enough"]
    assert [each["pairs"] for each in runs][:2] == [22, 45]  # 100 pairs have a preference: 90 are trained on
    assert 80 <= runs[2]["pairs"] <= 92 and {each["status"] for each in runs} == {"finished"}
    assert len({each["held_out"] for each in runs}) == 1
    points = [Point(each["pairs"], each["accuracy"], each["held_out"]) for each in runs]
    assert said == json.loads(json.dumps(outlook(points).document()))
    assert points_of(Workspace(bench.folder), "yes-no") == points

    again = bench("label", "enough", "yes-no", "--model", "model", *FEW_STEPS)
    assert again.code == 0 and outlook(points).words() in again.out and "started" not in again.err
    assert outlook(points).words() in bench("label", "stats", "yes-no").out
    held_out = [run.history().results[-1]["held_out"]["by_grade"] for run in all_runs(Workspace(bench.folder))]
    votes = [{grade: part["votes"] for grade, part in each.items()} for each in held_out]
    assert len(votes) == 3 and votes[0] == votes[1] == votes[2]


def test_too_few_votes_are_said_before_anything_is_trained(bench: Bench) -> None:
    vote_on(bench, 24)
    ran = bench("label", "enough", "yes-no", "--model", "tiny", "--json")
    assert ran.code == 1 and "20 pairs with a preference, too few for a learning curve" in ran.json["error"]
    assert "vote on 69 more" in ran.json["fix"]  # 89 of which a tenth is held out: 80, 40 and 20 are left
    ran = bench("label", "enough", "yes-no", "--set", "data.split=0", "--json")
    assert ran.code == 1 and "held out" in ran.json["error"]
    assert not (bench.folder / "runs").exists()
