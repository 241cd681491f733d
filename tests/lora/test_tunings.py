"""What each setting of a tuning adds to the count: against PEFT, against torch's own flags, and by hand."""

import pytest

from tests.lora.models import meta_model, peft_model, write_config
from tests.lora.test_count import shapes
from tests.lora.test_peft import config_of
from workbench.errors import WrongUse
from workbench.lora.count import count
from workbench.lora.published import gpt3
from workbench.lora.spec import (
    BiasTuning,
    FreezeTuning,
    FullTuning,
    Ia3Tuning,
    LoraTuning,
    PrefixTuning,
    PromptTuning,
)
from workbench.models.load import parameters, tuned

GPT_OSS_20B = {
    "vocab_size": 201_088, "hidden_size": 2880, "intermediate_size": 2880, "num_hidden_layers": 24, "head_dim": 64,
    "num_attention_heads": 64, "num_key_value_heads": 8, "num_local_experts": 32,
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("llama", {"target": "q_proj,v_proj", "layers": "1"}),
        ("mistral", {"rank_pattern": {"q_proj": 5, r"layers\.1\..*": 1}}),
        ("llama", {"target": "q_proj", "modules_to_save": "lm_head, norm"}),
        ("qwen2", {"modules_to_save": "embed_tokens,lm_head", "bias": "all"}),
        ("qwen2", {"target": "q_proj", "modules_to_save": "self_attn.k_proj", "bias": "lora_only"}),
        ("gpt2", {"target": "c_attn,wte", "dora": True, "bias": "all", "modules_to_save": "ln_f"}),
        ("mixtral", {"rank_pattern": {"gate_up_proj": 7}}),
        ("qwen3_moe", {"target": "q_proj,down_proj", "modules_to_save": "norm"}),
        ("falcon", {"target": ".*dense.*", "modules_to_save": "word_embeddings"}),
        ("deepseek_v3", {"target": "kv_a_proj_with_mqa,kv_b_proj", "layers": "0"}),
    ],
)
def test_settings_of_lora_count_as_in_peft(tmp_path, kind, settings):
    folder = write_config(tmp_path, kind)
    tuning = LoraTuning(rank=3, **settings)
    found = count(shapes(folder), tuning)
    assert (found.trainable, found.total) == peft_model(folder, config_of(tuning)).get_nb_trainable_parameters()


@pytest.mark.parametrize("kind", ["llama", "gpt2", "mixtral", "opt", "gpt_bigcode"])
@pytest.mark.parametrize(
    "tuning",
    [
        FullTuning(),
        FreezeTuning(last=1),
        FreezeTuning(target="norm,ln_f,final_layer_norm,lm_head"),
        FreezeTuning(last=1, target=r".*(embed_tokens|wte)"),
        FreezeTuning(target="all-linear"),
        BiasTuning(),
        LoraTuning(target="all-linear", layers="1"),
        LoraTuning(target=r".*\.(q_proj|c_attn)", layers=(0,)),
    ],
    ids=str,
)
def test_what_is_counted_is_what_a_run_sets_to_be_trained(tmp_path, kind, tuning):
    folder = write_config(tmp_path, kind)
    try:
        found = count(shapes(folder), tuning)
    except WrongUse:
        assert kind == "llama" or kind == "mixtral"
        assert isinstance(tuning, BiasTuning | LoraTuning)
        return
    assert (found.trainable, found.total) == parameters(tuned(meta_model(folder), tuning))


def test_gpt2_with_its_last_block_and_final_norm(tmp_path):
    """shared/FIELD.md: 7,089,408 = a block of 7,087,872 and a norm of 2 × 768."""
    gpt2 = shapes(write_config(tmp_path, "gpt2", vocab_size=50257, n_embd=768, n_layer=12, n_head=12))
    assert count(gpt2, FreezeTuning(last=1)).trainable == 12 * 768 * 768 + 13 * 768 == 7_087_872
    assert count(gpt2, FreezeTuning(last=1, target="ln_f")).trainable == 7_089_408


def test_distilbert_with_two_classes_counts_its_head_once(tmp_path):
    """shared/FIELD.md: 628,994 of 67,584,004 = 36,864 LoRA + 592,130 head; an older PEFT counted the head twice."""
    sizes = {"vocab_size": 30522, "dim": 768, "hidden_dim": 3072, "n_layers": 6, "n_heads": 12}
    folder = write_config(tmp_path, "distilbert", **sizes)
    found = count(shapes(folder, "classify"), LoraTuning(rank=4, target="q_lin"))
    lora = 6 * 4 * (768 + 768)
    head = (768 * 768 + 768) + (768 * 2 + 2)
    assert (lora, head) == (36_864, 592_130)
    assert (found.trainable, found.total) == (lora + head, 67_584_004) == (628_994, 67_584_004)
    assert lora + 2 * head == 1_221_124
    assert {each.name for each in found.trained if each.how == "copy"} == {"pre_classifier", "classifier"}


def test_a_head_has_as_many_rows_as_there_are_labels(tmp_path):
    folder = write_config(tmp_path, "llama")
    tuning = LoraTuning(rank=1, target="q_proj")
    alone = count(shapes(folder), tuning).trainable
    heads = [count(shapes(folder, *asked), tuning).trainable - alone for asked in
             [("classify", 0), ("classify", 5), ("reward", 0)]]  # fmt: skip
    assert heads == [2 * 32, 5 * 32, 32]


def test_dora_adds_a_row_length_for_each_row(tmp_path):
    model = shapes(write_config(tmp_path, "llama"))
    plain, dora = (count(model, LoraTuning(rank=2, target="k_proj", dora=dora)).trainable for dora in (False, True))
    assert dora - plain == 2 * 16


def test_a_prefix_is_as_wide_as_the_keys(tmp_path):
    """head_dim 24 and 2 heads of keys: 48, where hidden / heads would say 16."""
    found = count(shapes(write_config(tmp_path, "qwen3")), PrefixTuning(virtual_tokens=5))
    assert found.trainable == 5 * 2 * 2 * 48
    multi_query = count(shapes(write_config(tmp_path / "one", "gemma")), PrefixTuning(virtual_tokens=5))
    assert multi_query.trainable == 5 * 2 * 2 * 16


def test_an_encoder_and_its_decoder_have_virtual_tokens_of_their_own(tmp_path):
    found = count(shapes(write_config(tmp_path, "t5"), "seq2seq"), PromptTuning(virtual_tokens=5))
    assert found.trainable == 2 * 5 * 32


def test_only_what_a_network_makes_is_saved(tmp_path):
    found = count(shapes(write_config(tmp_path, "llama")), PrefixTuning(virtual_tokens=5, projection=True))
    assert found.trainable == 5 * 16 + (16 * 16 + 16) + (16 * 64 + 64)
    assert found.adapter_bytes == 4 * 5 * 64


def test_an_adapter_on_the_output_head_is_counted_and_said_to_be_refused(tmp_path):
    model = shapes(write_config(tmp_path, "llama"))
    found = count(model, LoraTuning(rank=2, target="q_proj,lm_head"))
    assert found.trainable == 2 * 2 * 64 + 2 * (100 + 32)
    assert found.refused is not None and "modules_to_save" in found.refused
    assert count(model, LoraTuning(target="q_proj", modules_to_save="lm_head")).refused is None


def test_a_quantised_module_in_a_copy_is_counted_and_said_to_be_refused(tmp_path):
    model = shapes(write_config(tmp_path, "llama"), "reward")
    found = count(model, LoraTuning(target="q_proj", modules_to_save="mlp", quantise="nf4"))
    assert found.refused is not None and "gate_proj" in found.refused
    assert count(model, LoraTuning(target="q_proj", modules_to_save="mlp")).refused is None
    assert count(model, LoraTuning(target="q_proj", quantise="nf4")).refused is None  # the head of the task is a copy


@pytest.mark.parametrize(
    ("kind", "tuning", "said"),
    [
        ("llama", LoraTuning(target="q_proj", layers="7"), "they are in layers 0 to 1"),
        ("mixtral", LoraTuning(layers="0"), "one parameter in every layer"),
        ("llama", LoraTuning(modules_to_save="lm_heat"), "did you mean lm_head?"),
        ("llama", LoraTuning(modules_to_save="mlp,up_proj"), "up_proj lies in model.layers.0.mlp"),
        ("llama", LoraTuning(target="q_proj", rank_pattern={"v_proj": 2}), "v_proj means no target"),
        ("llama", LoraTuning(target="norm", modules_to_save="norm"), "trained whole already"),
        ("mixtral", LoraTuning(dora=True), "PEFT has no dora"),
        (
            "mixtral",
            LoraTuning(target_parameters="experts.up_proj"),
            "here: experts.down_proj, experts.gate_up_proj",
        ),
        ("mixtral", LoraTuning(target_parameters="q_proj.weight"), "name modules as target"),
        ("gpt_oss", LoraTuning(target_parameters="down_proj", modules_to_save="experts"), "already, in a copy"),
        ("llama", LoraTuning(target_parameters="experts.up_proj"), "no experts so"),
        ("llama", BiasTuning(), "llama has no biases"),
        ("llama", FreezeTuning(last=3), "3 of 2 blocks"),
        ("llama", FreezeTuning(target="lm_heat"), "nothing here is called lm_heat"),
        ("qwen3_moe", Ia3Tuning(), "PEFT has no default for qwen3_moe"),
        ("llama", Ia3Tuning(target="embed_tokens"), "not a linear module"),
        ("mamba", PrefixTuning(), "no prefix tuning for mamba"),
    ],
)
def test_what_cannot_be_tuned_so_says_what_would_do(tmp_path, kind, tuning, said):
    with pytest.raises(WrongUse) as error:
        count(shapes(write_config(tmp_path, kind)), tuning)
    assert said in str(error.value)
    assert error.value.fix


def test_gpt_oss_20b_with_the_adapters_of_the_openai_cookbook(tmp_path):
    """Fine-tuning with gpt-oss and Hugging Face Transformers: experts of three layers besides all-linear, rank 8."""
    folder = write_config(tmp_path, "gpt_oss", **GPT_OSS_20B)
    model = shapes(folder)
    experts = tuple(f"{layer}.mlp.experts.{name}_proj" for layer in (7, 15, 23) for name in ("gate_up", "down"))
    tuning = LoraTuning(rank=8, target_parameters=experts)
    found, tuned = count(model, tuning), peft_model(folder, config_of(tuning))
    assert (found.trainable, found.total) == tuned.get_nb_trainable_parameters() == (15_040_512, 20_929_797_696)


def test_gpt3_as_the_lora_paper_prints_it():
    """4.7 M, 37.7 M, 7.1 M, 40.1 M and 3.2 M; d = 12,288, 96 layers."""
    found = [each.trainable for each in gpt3()]
    assert found == [4_718_592, 37_748_736, 7_078_080, 40_109_568, 3_244_032]
    assert [round(each / 1e6, 1) for each in found] == [4.7, 37.7, 7.1, 40.1, 3.2]


def test_gpt3_is_counted_from_its_modules_as_it_is_worked_out(tmp_path):
    sizes = {"hidden_size": 12288, "num_hidden_layers": 96, "num_attention_heads": 96, "ffn_dim": 4 * 12288}
    model = shapes(write_config(tmp_path, "opt", vocab_size=50257, word_embed_proj_dim=12288, **sizes))
    worked = {each.what: each.trainable for each in gpt3()}
    for rank in (1, 8):
        found = count(model, LoraTuning(rank=rank, target="q_proj,v_proj"))
        assert found.trainable == worked[f"LoRA on q and v, r = {rank}"]
    virtual = count(model, PromptTuning(virtual_tokens=264))
    assert virtual.trainable == worked["PreEmbed, 256 and 8 virtual tokens"]
