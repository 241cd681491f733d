"""The map of a model: layers down, kinds across."""

from tests.lora.models import write_config
from tests.lora.test_count import shapes
from workbench.lora.layout import layout


def test_a_llama_has_its_seven_kinds_in_every_layer(tmp_path):
    found = layout(shapes(write_config(tmp_path, "llama")))
    assert list(found.titles.values()) == ["q", "k", "v", "o", "gate", "up", "down"]
    assert [row.label for row in found.rows] == ["embed_tokens", "L0", "L1", "lm_head"]
    assert found.rows[1].cells["self_attn.k_proj"][0].shape == (16, 32)


def test_kinds_that_share_a_name_keep_what_tells_them_apart(tmp_path):
    found = layout(shapes(write_config(tmp_path, "gpt2")))
    assert list(found.titles.values()) == ["c_attn", "attn.c_proj", "c_fc", "mlp.c_proj"]
