"""`workbench lora count`, as a person runs it."""

import pytest

from tests.conftest import Bench


@pytest.fixture
def kept(bench: Bench, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return bench


def test_the_document_adds_up(kept):
    """tiny: 2 layers, 32 wide, 64 in the middle, 2 of 4 heads for keys and values."""
    found = kept("lora", "count", "tiny", "--rank", "4", "--json").json
    layer = 2 * 4 * (32 + 32) + 2 * 4 * (32 + 16) + 3 * 4 * (32 + 64)
    assert found["trainable"] == 2 * layer == sum(each["trainable"] for each in found["modules"])
    assert found["total"] == found["base"] + found["trainable"]
    assert found["percent"] == pytest.approx(100 * found["trainable"] / found["total"])
    down = next(each for each in found["modules"] if each["name"] == "model.layers.1.mlp.down_proj")
    assert (down["shape"], down["trainable"]) == ([32, 64], 4 * (32 + 64))


def test_a_configuration_alone_is_enough(kept):
    whole = kept("lora", "count", "tiny", "--json").json
    assert kept("lora", "count", "tiny/config.json", "--json").json == whole
    assert kept("lora", "fit", "tiny/config.json", "--gpu", "8", "--json").json["trainable"] == whole["trainable"]
    assert kept("lora", "count", "rows.jsonl").code == 2


def test_names_full_tuning_and_words_for_people(kept):
    named = kept("lora", "count", "tiny", "--rank", "1", "--target", "q_proj,v_proj", "--json").json
    assert named["trainable"] == 2 * ((32 + 32) + (32 + 16))
    full = kept("lora", "count", "tiny", "--tuning", "full", "--json").json
    assert full["trainable"] == full["total"] == named["base"]
    shown = kept("lora", "count", "tiny").out
    assert "parameters are trained" in shown
    assert "mlp.down_proj" in shown


def test_wrong_use_says_what_would_do(kept):
    ran = kept("lora", "count", "tiny", "--target", "q_prj", "--json")
    assert ran.code == ran.json["exit_code"] == 2
    assert "did you mean q_proj?" in ran.err
    ran = kept("lora", "count", "tiny", "--target", "none", "--json")
    assert ran.code == 2 and "target_parameters: nothing is adapted" in ran.err
    assert "full tuning has no rank" in kept("lora", "count", "tiny", "--tuning", "full", "--rank", "3").err
    assert kept("lora", "count", "nothing-here").code == 3


def test_every_kind_of_tuning_has_its_settings(kept):
    """tiny: a vector for k and v (16) and down_proj (64) in each layer; 3 virtual tokens; a block and the norm."""

    def trains(*options: str) -> int:
        found = kept("lora", "count", "tiny", *options, "--json").json
        assert found["trainable"] == sum(each["trainable"] for each in found["modules"])
        return int(found["trainable"])

    assert trains("--tuning", "ia3") == 2 * (16 + 16 + 64)
    assert trains("--tuning", "prompt", "--virtual-tokens", "3") == 3 * 32
    assert trains("--tuning", "prefix", "--virtual-tokens", "3") == 3 * 2 * 2 * 16
    assert trains("--target", "q_proj,v_proj", "--layers", "1", "--rank-pattern", "v_proj=2", "-r", "1") == 64 + 2 * 48
    block = 2 * 32 * 32 + 2 * 16 * 32 + 3 * 32 * 64 + 2 * 32
    assert trains("--tuning", "freeze", "--last", "1", "--target", "norm") == block + 32
    assert trains("--task", "reward", "--target", "q_proj", "--rank", "1") == 2 * 64 + 32


def test_a_setting_of_another_kind_is_named(kept):
    ran = kept("lora", "count", "tiny", "--tuning", "ia3", "--virtual-tokens", "4")
    assert ran.code == 2
    assert "ia3 tuning has no virtual-tokens" in ran.err
    assert "--tuning prompt or p-tuning or prefix" in ran.err
