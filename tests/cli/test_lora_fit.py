"""`workbench lora fit`, as a person runs it."""

import pytest

from tests.conftest import Bench


@pytest.fixture
def kept(bench: Bench, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return bench


def test_the_document_adds_up(kept):
    found = kept("lora", "fit", "tiny", "--rank", "4", "--gpu", "24", "--json").json
    parts = [found[f"{name}_gib"] for name in (
        "weights", "gradients", "optimizer", "activations", "logits", "overhead", "models", "kv_cache",
    )]  # fmt: skip
    assert found["total_gib"] == pytest.approx(sum(parts) - found["overlap_gib"])
    low, high = found["range_gib"]
    assert low < found["total_gib"] < high < 24
    assert (found["fits"], found["verdict"], found["changes"]) == (True, "fits", [])
    assert found["trainable"] == 2 * (2 * 4 * (32 + 32) + 2 * 4 * (32 + 16) + 3 * 4 * (32 + 64))
    assert [card["verdict"] for card in found["cards"]] == ["fits"] * 10
    assert found["largest"]["batch"] > 8


def test_what_does_not_fit_gets_ways_out(kept):
    found = kept("lora", "fit", "tiny", "--gpu", "1.5", "--batch", "4096", "--length", "2048", "--json").json
    assert (found["fits"], found["verdict"]) == (False, "does not fit")
    assert found["changes"]
    assert found["changes"][-1]["fits"]
    assert found["largest"]["batch"] < 4096


def test_zero_over_the_devices_that_are_named(kept):
    found = kept("lora", "fit", "tiny", "--tuning", "full", "--devices", "64", "--gpu", "24", "--json").json
    assert [(each["stage"], each["gpus"]) for each in found["zero"]] == [(stage, 64) for stage in range(4)]
    size = found["trainable"] / 2**30
    held = [size * 16, size * (4 + 12 / 64), size * (2 + 14 / 64), size * 16 / 64]
    assert [each["per_gpu_gib"] for each in found["zero"]] == pytest.approx(held)
    assert found["cost"]["tokens_per_step"] == 8 * 1024 * 64


def test_without_a_gpu_it_judges_this_machine_s_free_memory(kept):
    ran = kept("lora", "fit", "tiny", CUDA_VISIBLE_DEVICES="")
    assert ran.code == 0
    assert "free on cpu" in ran.out
    assert "H200" in ran.out


def test_hours_come_from_the_last_run_s_speed(kept):
    assert kept("train", "start", str(kept.spec("first")), "--wait").code == 0
    found = kept("lora", "fit", "tiny", "--steps", "90", "--rate", "2", "--json", CUDA_VISIBLE_DEVICES="").json
    speed = found["speed"]["tokens_per_second"]
    assert found["speed"]["run"] == "first"
    assert found["cost"]["hours"] == pytest.approx(90 * 8 * 1024 / speed / 3600)
    assert found["cost"]["price"] == pytest.approx(2 * found["cost"]["hours"])


def test_wrong_use_says_what_would_do(kept):
    ran = kept("lora", "fit", "tiny", "--batch", "6", "--micro-batch", "4")
    assert ran.code == 2
    assert "no multiple" in ran.err
    assert kept("lora", "fit", "tiny", "--tuning", "full", "--rank", "3").code == 2
    assert kept("lora", "fit", "tiny", "--target", "q_prj").code == 2


def test_it_says_which_moment_needs_most(kept):
    found = kept("lora", "fit", "tiny", "--gpu", "24", "--json").json
    moments = {each["name"]: each["gib"] for each in found["moments"]}
    assert set(moments) == {"loss", "backward", "end of backward", "step", "evaluation", "saving"}
    assert moments[found["peak"]] == max(moments.values()) == pytest.approx(found["total_gib"])
    assert f"the peak is at: {found['peak']}" in kept("lora", "fit", "tiny", "--gpu", "24").out


def test_a_plan_that_devices_share_is_judged_for_one_of_them(kept):
    """In full tuning of float32 weights a device has an eighth of 4 + 4 + 8 bytes a parameter, and of AdamW's steps."""
    asked = ("lora", "fit", "tiny", "--tuning", "full", "--gpu", "24", "--devices", "8")
    alone, shared = (kept(*asked, *more, "--json").json for more in ((), ("--zero", "3")))
    for part in ("weights", "gradients", "optimizer"):
        assert shared[f"{part}_gib"] == pytest.approx(alone[f"{part}_gib"] / 8)
    assert shared["gathered_gib"] > 0 == alone["gathered_gib"]
    assert shared["zero"] == alone["zero"]
    assert kept(*asked, "--fsdp", "full", "--json").json["parts"] == shared["parts"]
    assert "a run here uses one device" in kept(*asked, "--zero", "2").out
    assert kept("lora", "fit", "tiny", "--zero", "3").code == 2
    assert kept(*asked, "--zero", "3", "--fsdp", "full").code == 2


def test_count_and_fit_take_the_same_options(kept):
    words = ("--rank", "3", "--alpha-pattern", "q_proj=8", "--rank-pattern", "v_proj=2", "--dora", "--dropout", "0.1",
             "--bias", "all", "--quantise", "nf4", "--new-tokens", "2")  # fmt: skip
    counted = kept("lora", "count", "tiny", *words, "--json").json
    fitted = kept("lora", "fit", "tiny", *words, "--json")
    assert fitted.json["trainable"] == counted["trainable"]
    assert fitted.json["load"]["new_tokens"] == 2
    assert kept("lora", "fit", "tiny", "--tuning", "prefix", "--checkpointing", "--json").json["load"] | {
        "prefix_tokens": 20, "checkpointing": False,
    } == kept("lora", "fit", "tiny", "--tuning", "prefix", "--json").json["load"]  # fmt: skip
    assert kept("lora", "count", "tiny", "--alpha-pattern", "q_proj").code == 2
