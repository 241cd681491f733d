"""Quantised weights take the bytes that bitsandbytes' own tensors take, on a CPU as on a GPU."""

import pytest
import torch

from workbench.lora.stored import int8_bytes, nf4_bytes


def size(*tensors: torch.Tensor) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


@pytest.mark.parametrize(("out", "into"), [(64, 48), (300, 100), (1024, 2048)])
def test_nf4_with_double_quantisation(out, into):
    """All that a Linear4bit holds: weights, constants, constants of constants, and its tables."""
    from bitsandbytes.nn import Linear4bit

    layer = Linear4bit(into, out, bias=False, quant_type="nf4", compress_statistics=True).to("cpu")
    state = layer.weight.quant_state
    held = size(layer.weight, state.absmax, state.code, state.offset, state.state2.absmax, state.state2.code)
    assert nf4_bytes(out * into) == held


def test_nf4_by_hand():
    """65,536 weights: 32,768 bytes, 1,024 blocks of a byte, 4 of those blocks of 4 bytes, 16 + 256 + 1 float32."""
    assert nf4_bytes(65_536) == 32_768 + 1_024 + 16 + 4 * 273


def test_int8():
    from bitsandbytes.nn import Linear8bitLt

    layer = Linear8bitLt(48, 64, bias=False, has_fp16_weights=False).to("cpu")
    assert int8_bytes(64, 48) == size(*layer.state_dict().values())


def test_a_quantised_model_holds_what_is_reckoned(tmp_path):
    """Loaded as a run loads it: linear modules in nf4, embeddings, norms and head as they were."""
    from tests.lora.test_count import shapes
    from tests.small import make_model, make_tokenizer
    from workbench.lora.count import count
    from workbench.lora.held import weights
    from workbench.lora.parts import Load
    from workbench.lora.spec import LoraTuning
    from workbench.models.load import load_model

    folder = make_model(make_tokenizer(tmp_path / "model"))
    model = load_model(folder, dtype="bfloat16", device="cpu", quantise="nf4")
    held = 0
    for parameter in model.parameters():
        state = getattr(parameter, "quant_state", None)
        held += size(parameter)
        held += size(state.absmax, state.code, state.offset, state.state2.absmax, state.state2.code) if state else 0
    tuning = LoraTuning(rank=1, quantise="nf4")
    known = shapes(folder)
    tuned = count(known, tuning)
    found = weights(known, tuned, "nf4", Load("bfloat16", 1, 8, False, "cpu"))
    assert found.expected == held + 2 * tuned.trainable
