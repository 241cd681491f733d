"""The map of a model: layers down, kinds across, and painting that writes targets which mean the same to PEFT."""

import pytest

from tests.lora.models import write_config
from tests.lora.test_count import shapes
from workbench.errors import WrongUse
from workbench.lora.count import count
from workbench.lora.layout import glyph, layout, painted, toggled
from workbench.lora.spec import FullTuning, LoraTuning


def test_a_llama_has_its_seven_kinds_in_every_layer(tmp_path):
    found = layout(shapes(write_config(tmp_path, "llama")))
    assert list(found.titles.values()) == ["q", "k", "v", "o", "gate", "up", "down"]
    assert [row.label for row in found.rows] == ["embed_tokens", "L0", "L1", "lm_head"]
    assert found.rows[1].cells["self_attn.k_proj"][0].shape == (16, 32)


def test_kinds_that_share_a_name_keep_what_tells_them_apart(tmp_path):
    found = layout(shapes(write_config(tmp_path, "gpt2")))
    assert list(found.titles.values()) == ["c_attn", "attn.c_proj", "c_fc", "mlp.c_proj"]


def test_painting_every_kind_is_all_linear_and_one_less_is_names(tmp_path):
    model = shapes(write_config(tmp_path, "llama"))
    found = layout(model)
    without = toggled(model, found, LoraTuning(rank=2), "mlp.up_proj")
    assert without.target == ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "down_proj")
    assert "mlp.up_proj" not in painted(found, count(model, without).trained)
    assert toggled(model, found, without, "mlp.up_proj") == LoraTuning(rank=2)


def test_one_of_two_kinds_with_the_same_last_name_can_be_painted(tmp_path):
    model = shapes(write_config(tmp_path, "gpt2"))
    found = layout(model)
    only = LoraTuning(target="attn.c_proj")
    both = toggled(model, found, only, "attn.c_attn")
    assert both.target == ("c_attn", "attn.c_proj")
    assert painted(found, count(model, both).trained) == {"attn.c_attn", "attn.c_proj"}


def test_the_last_kind_stays(tmp_path):
    model = shapes(write_config(tmp_path, "llama"))
    with pytest.raises(WrongUse, match="at least one"):
        toggled(model, layout(model), LoraTuning(target="q_proj"), "self_attn.q_proj")


def test_experts_are_painted_by_the_names_that_peft_translates(tmp_path):
    model = shapes(write_config(tmp_path, "mixtral"))
    found = layout(model)
    both = toggled(model, found, LoraTuning(target="q_proj"), "mlp.experts.gate_up_proj")
    assert both.target == ("q_proj", "w1", "w3")
    assert painted(found, count(model, both).trained) == {"self_attn.q_proj", "mlp.experts.gate_up_proj"}


def test_experts_that_peft_cannot_reach_are_refused(tmp_path):
    model = shapes(write_config(tmp_path, "gpt_oss"))
    with pytest.raises(WrongUse, match="no name of its own"):
        toggled(model, layout(model), LoraTuning(), "mlp.experts.gate_up_proj")


def test_glyphs_tell_frozen_adapted_and_trained():
    assert glyph((), frozenset(), LoraTuning()) == "░"
    assert glyph((), frozenset(), FullTuning()) == "█"
