"""An optimizer keeps what is reckoned: equal to the states of the real one after a step."""

from typing import Any

import pytest
import torch

from tests.lora.models import write_config
from tests.lora.test_count import shapes
from workbench.lora.count import count
from workbench.lora.optimizers import Tensor, state_bytes, trained_tensors
from workbench.lora.parts import Optimizer
from workbench.lora.spec import FullTuning, LoraTuning

SHAPES = [(10,), (64, 64), (40, 100), (63, 65), (128, 96), (3, 8, 4), (5000,)]


def real(name: Optimizer, parameters: list[Any]) -> Any:
    import bitsandbytes
    from transformers.optimization import Adafactor

    if name == "adafactor":
        return Adafactor(parameters, lr=1e-3, scale_parameter=False, relative_step=False)
    makers = {
        "adamw": torch.optim.AdamW,
        "sgd": torch.optim.SGD,
        "adamw-8bit": bitsandbytes.optim.AdamW8bit,
        "paged-adamw-8bit": bitsandbytes.optim.PagedAdamW8bit,
    }
    return makers[name](parameters, lr=1e-3)


@pytest.mark.parametrize("name", ["adamw", "adamw-8bit", "paged-adamw-8bit", "adafactor", "sgd"])
def test_states_are_as_large_as_the_real_ones(name):
    parameters = [torch.nn.Parameter(torch.randn(*shape)) for shape in SHAPES]
    optimizer = real(name, parameters)
    for parameter in parameters:
        parameter.grad = torch.randn_like(parameter)
    optimizer.step()
    for parameter, shape in zip(parameters, SHAPES, strict=True):
        states = optimizer.state[parameter].values()
        held = sum(each.numel() * each.element_size() for each in states if torch.is_tensor(each))
        assert state_bytes(Tensor(shape), name) == held, shape


@pytest.mark.parametrize("kind", ["llama", "gpt2", "qwen3_moe"])
def test_what_is_trained_adds_up(tmp_path, kind):
    model = shapes(write_config(tmp_path, kind))
    for tuning in (LoraTuning(rank=3), FullTuning()):
        tuned = count(model, tuning)
        assert sum(times * tensor.size for tensor, times in trained_tensors(model, tuned).items()) == tuned.trainable


def test_the_trainer_keeps_an_embedding_s_states_in_float32(tmp_path):
    """transformers.Trainer registers every embedding with bitsandbytes' manager: 32 bit."""
    assert state_bytes(Tensor((100, 64), is_embedding=True), "adamw-8bit") == 8 * 6400
    model = shapes(write_config(tmp_path, "llama"))
    embeddings = [tensor for tensor in trained_tensors(model, count(model, FullTuning())) if tensor.is_embedding]
    assert [tensor.shape for tensor in embeddings] == [(100, 32)]
