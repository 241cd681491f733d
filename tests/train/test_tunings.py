"""Every kind of tuning trains what was counted before, leaves what loads again, and leaves the base model as it was."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from tests.conftest import Bench
from tests.small import make_model, make_tokenizer
from tests.train.test_run import losses, os, pid_of, wait_for_step
from workbench.lora.options import options
from workbench.lora.spec import Tuning

TUNINGS: list[dict[str, Any]] = [
    {"kind": "lora", "rank": 2, "rslora": True, "layers": "1", "rank_pattern": {"q_proj": 3}},
    {"kind": "lora", "rank": 2, "target": "q_proj,c_proj", "dora": True, "bias": "all", "modules_to_save": "lm_head"},
    {"kind": "ia3", "quantise": "nf4"},
    {"kind": "prompt", "virtual_tokens": 5},
    {"kind": "p-tuning", "virtual_tokens": 5, "encoder": "lstm", "encoder_hidden_size": 8},
    {"kind": "prefix", "virtual_tokens": 5, "projection": True},
    {"kind": "freeze", "last": 1, "target": "norm"},
    {"kind": "bias"},
]


@pytest.fixture(scope="module")
def with_biases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its q, k and v have biases."""
    return make_model(make_tokenizer(tmp_path_factory.mktemp("models") / "biased"), "qwen2")


@pytest.mark.parametrize("tuning", TUNINGS, ids=lambda found: found["kind"])
def test_a_run_trains_what_was_counted_and_its_output_answers_beside_the_base(bench: Bench, with_biases, tuning):
    words = options(TypeAdapter(Tuning).validate_python(tuning))
    counted = bench("lora", "count", str(with_biases), *words, "--json").json
    spec = bench.spec("tuned", model=str(with_biases), tuning=tuning, learning_rate=0.02, max_steps=6)
    ran = bench("train", "start", spec, "--wait", "--json")
    assert ran.code == 0, ran.err
    resolved = json.loads((bench.folder / "runs/tuned/resolved.json").read_text())
    assert (resolved["trained"], resolved["total"]) == (counted["trainable"], counted["total"]) or "quantise" in tuning
    assert resolved["trained"] == counted["trainable"]
    output = Path(bench.show("tuned")["output"])
    is_adapter = tuning["kind"] not in ("freeze", "bias")
    assert (output / "adapter_config.json").is_file() is is_adapter
    answers_beside(with_biases, output, is_adapter=is_adapter)


EXPERTS: list[tuple[str, dict[str, Any]]] = [
    ("gpt_oss", {"target": "none", "target_parameters": "1.mlp.experts.down_proj, 1.mlp.experts.gate_up_proj"}),
    ("gpt_oss", {"target": "q_proj", "target_parameters": "experts.down_proj", "rank_pattern": {"0.*down_proj": 3}}),
    ("mixtral", {}),
]


@pytest.mark.parametrize(("kind", "tuning"), EXPERTS, ids=["two of one layer", "beside modules", "by older names"])
def test_experts_in_one_parameter_are_trained_and_answer_beside_the_base(bench: Bench, tmp_path, kind, tuning) -> None:
    sizes = {"num_local_experts": 4, "num_experts_per_tok": 2, "head_dim": 8}
    model = make_model(make_tokenizer(tmp_path / "moe"), kind, **sizes)
    tuning = {"rank": 2, **tuning}
    counted = bench("lora", "count", str(model), *options(TypeAdapter(Tuning).validate_python(tuning)), "--json").json
    spec = bench.spec("tuned", model=str(model), tuning=tuning, learning_rate=0.02, max_steps=6)
    ran = bench("train", "start", spec, "--wait", "--json")
    assert ran.code == 0, ran.err
    resolved = json.loads((bench.folder / "runs/tuned/resolved.json").read_text())
    assert (resolved["trained"], resolved["total"]) == (counted["trainable"], counted["total"])
    first, *_, last = (loss for _, loss, *_ in losses(bench, "tuned"))
    assert last < first
    answers_beside(model, Path(bench.show("tuned")["output"]), is_adapter=True)


def answers_beside(model: Path, output: Path, *, is_adapter: bool) -> None:
    """Both answer, together as alone, and not the same."""
    from workbench.models.generate import Sampling
    from workbench.models.side_by_side import load

    base = {"name": "base", "folder": str(model), "adapter": None, "tokenizer": str(model)}
    tuned = {**base, "name": "tuned", "tokenizer": str(output)}
    tuned |= {"adapter": str(output)} if is_adapter else {"folder": str(output)}
    prompts = [[65 + step for step in range(length)] for length in (3, 9, 5)]

    def answers(*columns: dict[str, Any]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        asked = {column["name"]: prompts for column in columns}
        for loaded in load(columns, dtype="float32", device="cpu"):
            for _, name, answer in loaded.answer(asked, Sampling(12)):
                found.setdefault(name, []).append(f"{answer.tokens} {answer.text}")
        return found

    together = answers(base, tuned)
    assert together["base"] == answers(base)["base"]
    assert together["tuned"] == answers(tuned)["tuned"]
    assert logits(tuned, prompts[0]) != pytest.approx(logits(base, prompts[0]))


def logits(column: dict[str, Any], prompt: list[int]) -> list[float]:
    """The model's scores of the next token."""
    import torch

    from workbench.models.find import ModelFolder
    from workbench.models.load import load_answering

    adapter = Path(column["adapter"]) if column["adapter"] else None
    model = load_answering(
        ModelFolder("it", Path(column["folder"]), "folder", adapter, None), dtype="float32", device="cpu"
    )
    with torch.no_grad():
        found: list[float] = model(input_ids=torch.tensor([prompt])).logits[0, -1].tolist()
    return found


def test_a_network_of_virtual_tokens_goes_on_from_where_it_was(bench: Bench) -> None:
    how = {"tuning": {"kind": "p-tuning", "virtual_tokens": 3}, "max_steps": 30, "save_every": 5}
    bench("train", "start", bench.spec("killed", **how))
    wait_for_step(bench, "killed", 14)
    os.kill(pid_of(bench, "killed"), signal.SIGKILL)
    before = losses(bench, "killed")  # of steps 11 to 14, which no checkpoint holds, the resumed run has its own
    assert bench("train", "resume", "killed", "--wait").code == 0
    after = losses(bench, "killed")
    assert len(after) == 30 and after[: len(before)] == before


def test_an_adapter_on_the_output_head_is_refused_with_the_reason(bench: Bench) -> None:
    ran = bench("train", "start", bench.spec("head", tuning={"target": ["q_proj", "lm_head"]}), "--wait", "--json")
    assert ran.code == 1
    assert "would never be trained" in ran.json["error"]
    assert "modules_to_save" in ran.json["fix"]


def test_a_quantised_module_in_a_copy_is_refused_with_the_reason(bench: Bench) -> None:
    tuning = {"target": ["q_proj"], "modules_to_save": ["down_proj"], "quantise": "nf4"}
    ran = bench("train", "start", bench.spec("copy", tuning=tuning), "--wait", "--json")
    assert ran.code == 1
    assert "so is its copy" in ran.json["error"]
    assert "quantise: none" in ran.json["fix"]
