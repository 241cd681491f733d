"""Counts equal PEFT's own, module by module, and the numbers that papers and documentation print."""

import json
from pathlib import Path

import pytest

from tests.lora.models import ARCHITECTURES, peft_counts, write_config
from workbench.errors import WorkbenchError, WrongUse
from workbench.lora.count import adapter_size, count
from workbench.lora.known import shapes_of
from workbench.lora.modules import Shapes, shapes_from_json
from workbench.lora.shapes import read_shapes
from workbench.lora.spec import FullTuning, LoraTuning


def shapes(folder: Path, task: str = "sft", labels: int = 0) -> Shapes:
    return shapes_from_json(json.loads(json.dumps(read_shapes(folder, task, labels).as_json())))


@pytest.mark.parametrize("kind", [kind for kind in ARCHITECTURES if kind != "mamba"])
def test_all_linear_counts_as_peft_does_in_every_module(tmp_path, kind):
    folder = write_config(tmp_path, kind)
    found = count(shapes(folder), LoraTuning(rank=3))
    totals, modules = peft_counts(folder, r=3, target_modules="all-linear")
    assert (found.trainable, found.total) == totals
    assert {each.name: each.trainable for each in found.trained} == modules
    assert found.percent == pytest.approx(100 * totals[0] / totals[1])


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("llama", ["q_proj", "v_proj"]),
        ("llama", ["embed_tokens", "lm_head", "down_proj"]),
        ("llama", ["layers.1.mlp.up_proj"]),
        ("llama", r".*layers\.1\..*_proj"),
        ("gpt2", ["attn.c_proj"]),
        ("gpt2", ["c_proj", "wte"]),
        ("mixtral", ["q_proj", "w1", "w2", "w3"]),
        ("mixtral", ["gate"]),
        ("qwen3_moe", r".*\.(down|gate|up)_proj"),
        ("qwen2_moe", ["q_proj"]),
    ],
)
def test_names_and_patterns_match_as_in_peft(tmp_path, kind, target):
    folder = write_config(tmp_path, kind)
    tuning = LoraTuning(rank=2, target=target if isinstance(target, str) else tuple(target))
    found = count(shapes(folder), tuning)
    totals, modules = peft_counts(folder, r=2, target_modules=target)
    assert (found.trainable, found.total) == totals
    assert {each.name: each.trainable for each in found.trained} == modules


def test_a_hundred_by_a_hundred_with_rank_two_trains_400_of_10_000():
    assert adapter_size(100, 100, rank=2) == 400


def test_gpt2_as_it_is_published(tmp_path):
    gpt2 = shapes(write_config(tmp_path, "gpt2", vocab_size=50257, n_embd=768, n_layer=12, n_head=12))
    assert gpt2.size == count(gpt2, FullTuning()).trainable == 124_439_808
    found = count(gpt2, LoraTuning(rank=4, target="c_attn"))
    assert found.trainable == 12 * 4 * (768 + 2304) == 147_456
    assert {each.shape for each in found.trained} == {(2304, 768)}


def test_qwen2_half_a_billion(tmp_path):
    shape = {"vocab_size": 151936, "hidden_size": 896, "intermediate_size": 4864, "num_hidden_layers": 24,
             "num_attention_heads": 14, "num_key_value_heads": 2, "tie_word_embeddings": True}  # fmt: skip
    qwen = shapes(write_config(tmp_path, "qwen2", **shape))
    found = count(qwen, LoraTuning(rank=16))
    assert (qwen.size, found.trainable) == (494_032_768, 8_798_208)
    assert found.adapter_bytes == 4 * 8_798_208
    assert round(found.percent, 2) == 1.75


def test_full_tuning_counts_a_tied_embedding_once(tmp_path):
    tied = shapes(write_config(tmp_path / "tied", "llama", tie_word_embeddings=True))
    loose = shapes(write_config(tmp_path / "loose", "llama", tie_word_embeddings=False))
    assert count(loose, FullTuning()).total - count(tied, FullTuning()).total == 100 * 32
    assert sum(each.trainable for each in count(tied, FullTuning()).trained) == tied.size


@pytest.mark.parametrize(
    ("kind", "target", "said"),
    [
        ("llama", "q_prj", "did you mean q_proj?"),
        ("llama", "(", "is not a regular expression"),
        ("llama", "self_attn", "neither a linear module nor an embedding"),
        ("mixtral", "w1", "name w3 as well"),
        ("gpt_oss", "gate_up_proj", "nothing here is called gate_up_proj"),
    ],
)
def test_a_target_that_cannot_be_adapted_says_what_would_do(tmp_path, kind, target, said):
    with pytest.raises(WrongUse) as error:
        count(shapes(write_config(tmp_path, kind)), LoraTuning(target=target))
    assert said in str(error.value)
    names = [target] if target != "(" else None
    if names:
        with pytest.raises(ValueError):
            peft_counts(tmp_path, target_modules=names)


def test_experts_have_no_dropout(tmp_path):
    with pytest.raises(WrongUse, match="dropout"):
        count(shapes(write_config(tmp_path, "mixtral")), LoraTuning(dropout=0.1))


def test_shapes_come_from_a_child_once_and_are_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = write_config(tmp_path / "model", "llama")
    found = shapes_of(folder)
    assert found.as_json() == shapes(folder).as_json()
    (kept,) = (tmp_path / "cache" / "workbench" / "shapes").iterdir()
    first = kept.stat()
    assert shapes_of(folder).as_json() == found.as_json()
    assert kept.stat().st_mtime_ns == first.st_mtime_ns
    kept.write_text("{torn")
    assert shapes_of(folder).as_json() == found.as_json()
    assert kept.stat().st_size == first.st_size


@pytest.mark.parametrize(
    "content", [{"model_type": "unheard-of"}, {"model_type": "t5"}, {"model_type": "llama", "hidden_size": "wide"}]
)
def test_a_configuration_of_no_causal_model_is_refused_with_a_fix(tmp_path, monkeypatch, content):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "config.json").write_text(json.dumps(content))
    with pytest.raises(WorkbenchError) as error:
        shapes_of(tmp_path)
    assert "no causal language model" in error.value.what
    assert error.value.fix
    assert len(error.value.what.splitlines()) == 1
    assert not (tmp_path / "cache").exists()
