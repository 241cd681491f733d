"""The arithmetic in words: the module's own numbers, and ranges that promise no more than they know."""

from tests.lora.models import write_config
from tests.lora.test_count import shapes
from workbench.lora.count import count
from workbench.lora.layout import layout
from workbench.lora.parts import GIB
from workbench.lora.spec import FullTuning, LoraTuning
from workbench.lora.words import algebra, percent, share, span


def said(folder, kind: str, label: str, module: str, tuning) -> str:
    model = shapes(write_config(folder, kind))
    row = next(row for row in layout(model).rows if row.label == label)
    return algebra("it", row.cells[module], {each.name: each for each in count(model, tuning).trained})


def test_algebra_of_adapters_frozen_and_trained_modules(tmp_path):
    q, tuning = "self_attn.q_proj", LoraTuning(rank=2)
    assert said(tmp_path, "llama", "L0", q, tuning) == "it: W 32×32 frozen + B 32×2 · A 2×32 → 128"
    frozen = LoraTuning(target="k_proj")
    assert said(tmp_path, "llama", "L0", q, frozen) == "it: W 32×32 frozen → 0 of 1,024"
    assert said(tmp_path, "qwen2", "L0", q, FullTuning()) == "it: W 32×32 trained and its bias → 1,056"


def test_each_expert_has_an_adapter_of_its_own(tmp_path):
    """4 experts of 96 × 32, where gate and up (48 × 32 each) bring rank 2 along: 4 · 4 · (96 + 32)."""
    found = said(tmp_path, "mixtral", "L1", "mlp.experts.gate_up_proj", LoraTuning(rank=2))
    assert found == "it: 4 × (W 96×32 frozen + B 96×4 · A 4×32) → 2,048"


def test_a_tied_head_says_what_it_is(tmp_path):
    found = said(tmp_path, "qwen2", "lm_head", "lm_head", LoraTuning())
    assert found == "it: W 100×32 is the same tensor as model.embed_tokens, counted there"


def test_ranges_are_rounded_outwards():
    assert span(57.6 * GIB, 58.4 * GIB) == "57–59 GiB"
    assert span(0.44 * GIB, 1.11 * GIB) == "0.4–1.2 GiB"
    assert span(0.02 * GIB, 816.7 * GIB) == "0–817 GiB"
    assert span(GIB, GIB) == "1.0 GiB"
    assert span(1.55 * 1024 * GIB, 2 * 1024 * GIB) == "1.5–2.0 TiB"


def test_shares():
    assert share(100, 100, 2) == "r (d + k) = 2 × (100 + 100) = 400 of 10,000 = 4 %"
    assert [percent(value) for value in (100, 1.7497, 0.0537)] == ["100 %", "1.75 %", "0.0537 %"]
