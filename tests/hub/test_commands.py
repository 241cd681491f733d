"""Commands on Hub ids: each fetches what it needs and no more, and a run's weights come with the run."""

import json
from pathlib import Path

from tests.conftest import Bench
from tests.hub_server import HubServer


def test_commands_take_models_and_data_sets_from_the_hub_and_pay_per_look(
    bench: Bench, tiny: Path, tmp_path: Path
) -> None:
    rows = tmp_path / "set"
    rows.mkdir()
    lines = [json.dumps({"question": f"q{n}", "answer": f"a{n}"}) + "\n" for n in range(12)]
    (rows / "train.jsonl").write_text("".join(lines[:8]))
    (rows / "test.jsonl").write_text("".join(lines[8:]))
    with HubServer({"acme/tiny": tiny.resolve()}, datasets={"acme/rows": rows}) as hub:
        environment = hub.environment(tmp_path / "home")
        seen = bench("template", "show", "rows.jsonl", "-m", "acme/tiny", "--json", **environment)
        assert seen.code == 0 and seen.json["stop_token_trained"]
        assert "model.safetensors" not in hub.downloaded("acme/tiny")

        unnamed = bench("data", "show", "acme/rows", "--json", **environment)
        assert (unnamed.json["rows_total"], unnamed.json["schema"]) == (8, "prompt-completion")
        assert "the split train; others: acme/rows:test" in unnamed.err
        assert hub.downloaded("datasets/acme/rows") == ["train.jsonl"]
        shown = bench("data", "show", "acme/rows:train", "--json", **environment).json
        assert shown["rows"] == unnamed.json["rows"]
        absent = bench("data", "show", "acme/rows:dev", **environment)
        assert absent.code == 2 and "acme/rows has no part dev: it has train, test" in absent.err
        assert bench("data", "show", "acme/absent", **environment).code == 3

        spec = bench.spec("hub", model="acme/tiny", data="acme/rows:train", max_steps=2)
        ran = bench("train", "start", spec, "--wait", **environment)
        assert ran.code == 0, ran.err
        assert "model.safetensors" in hub.downloaded("acme/tiny")
        hub.requests.clear()
    offline = {**environment, "HF_HUB_OFFLINE": "1"}
    again = bench("train", "start", spec, "--set", "name=offline", "--wait", **offline)
    assert again.code == 0, again.err
    assert bench("compare", "hub", "-p", "rows.jsonl", "--rows", "1", "--json", **offline).json["models"] == [
        "acme/tiny",
        "hub",
    ]
    unknown = bench("template", "show", "rows.jsonl", "-m", "acme/other", **offline)
    assert unknown.code == 3 and "acme/other" in unknown.err
