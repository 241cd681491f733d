"""Painting writes the shortest tuning that means the painted cells and no others, to PEFT as well."""

import random

import pytest

from tests.lora.models import peft_model, write_config
from tests.lora.test_count import shapes
from tests.lora.test_peft import config_of, usual_task
from workbench.errors import WrongUse
from workbench.lora.cell_ranks import ranked, ranks
from workbench.lora.count import count
from workbench.lora.layout import Cell, Layout, layout
from workbench.lora.modules import Shapes
from workbench.lora.painting import Canvas, Paint, painted, rectangle, states
from workbench.lora.spec import (
    AnyTuning,
    BiasTuning,
    FreezeTuning,
    FullTuning,
    Ia3Tuning,
    LoraTuning,
    PromptTuning,
)


def paint(known: tuple[Shapes, Layout], tuning: AnyTuning, cells: frozenset[Cell], how: Paint) -> AnyTuning:
    try:
        counted = count(known[0], tuning)
    except WrongUse:
        counted = None
    return painted(Canvas(*known, tuning, counted), cells, how)


def rank(known: tuple[Shapes, Layout], tuning: LoraTuning, cells: frozenset[Cell], number: int) -> LoraTuning:
    return ranked(known[1], tuning, ranks(known[1], count(known[0], tuning)), cells, number)


def model(tmp_path, kind: str, **changes) -> tuple[Shapes, Layout]:
    found = shapes(write_config(tmp_path, kind, **changes), usual_task(kind))
    return found, layout(found)


def adapted(shapes: Shapes, found: Layout, tuning: AnyTuning) -> set[Cell]:
    return {cell for cell, state in states(found, count(shapes, tuning)).items() if state.startswith("adapter")}


def peft_adapted(folder, found: Layout, tuning: AnyTuning, task: str) -> set[Cell]:
    """The cells in which PEFT itself put an adapter."""
    tuned = peft_model(folder, config_of(tuning), task)
    names = {
        name for name, module in tuned.base_model.model.named_modules() if "lora_A" in dict(module.named_children())
    }
    return {cell for cell, matrices in found.cells.items() if all(each.name in names for each in matrices)}


def test_painting_every_kind_is_all_linear_and_one_less_is_names(tmp_path):
    known = model(tmp_path, "llama")
    without = paint(known, LoraTuning(rank=2), known[1].of_kind["mlp.up_proj"], "frozen")
    assert without.target == ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "down_proj")
    assert paint(known, without, known[1].of_kind["mlp.up_proj"], "adapter") == LoraTuning(rank=2)


def test_one_of_two_kinds_with_the_same_last_name_can_be_painted(tmp_path):
    known = model(tmp_path, "gpt2")
    both = paint(known, LoraTuning(target="attn.c_proj"), known[1].of_kind["attn.c_attn"], "adapter")
    assert both.target == ("c_attn", "attn.c_proj")


def test_a_block_of_layers_is_names_and_layers(tmp_path):
    known = model(tmp_path, "llama", num_hidden_layers=4)
    tuning = paint(known, LoraTuning(), rectangle(known[1], (3, "self_attn.q_proj"), (4, "mlp.down_proj")), "frozen")
    assert tuning.target == "all-linear"
    assert tuning.layers == (0, 1)


def test_any_other_cells_are_a_regular_expression(tmp_path):
    known = model(tmp_path, "llama", num_hidden_layers=3)
    tuning = paint(known, LoraTuning(target="q_proj"), frozenset({(2, "mlp.up_proj"), (1, "mlp.up_proj")}), "adapter")
    assert tuning.target == (r"model\.layers\.\d+\.self_attn\.q_proj|model\.layers\.(0|1)\.mlp\.up_proj")
    assert tuning.layers is None


@pytest.mark.parametrize("kind", ["llama", "gpt2", "qwen2", "gpt_neox", "t5", "falcon", "phi3"])
def test_what_is_painted_is_what_peft_adapts(tmp_path, kind):
    """Random rectangles, one after the other, in a model of three layers."""
    folder = write_config(tmp_path, kind)
    known = model(tmp_path, kind)
    chance = random.Random(kind)
    cells = [cell for cell in known[1].cells if known[1].rows[cell[0]].is_layer]
    wanted = set(adapted(*known, LoraTuning(rank=2)))
    tuning: AnyTuning = LoraTuning(rank=2)
    for _ in range(6):
        block = rectangle(known[1], chance.choice(cells), chance.choice(cells)) & set(cells)
        how = chance.choice(["adapter", "frozen"])
        after = wanted | block if how == "adapter" else wanted - block
        if not after:
            continue
        tuning, wanted = paint(known, tuning, block, how), after
        assert adapted(*known, tuning) == wanted
        assert peft_adapted(folder, known[1], tuning, usual_task(kind)) == wanted


def test_a_module_trained_whole_is_saved_beside_the_adapters(tmp_path):
    folder = write_config(tmp_path, "llama")
    known = model(tmp_path, "llama")
    last = len(known[1].rows) - 1
    tuning = paint(known, LoraTuning(rank=2), frozenset({(last, "lm_head"), (1, "mlp.up_proj")}), "whole")
    assert tuning.modules_to_save == ("model.layers.0.mlp.up_proj", "lm_head")
    trained = {name for name, each in peft_model(folder, config_of(tuning)).named_parameters() if each.requires_grad}
    whole = {name for name in trained if "modules_to_save" in name}
    assert {name.split(".modules_to_save")[0].removeprefix("base_model.model.") for name in whole} == {
        "model.layers.0.mlp.up_proj",
        "lm_head",
    }
    assert not any("layers.0.mlp.up_proj.lora" in name for name in trained)
    assert states(known[1], count(known[0], tuning))[1, "mlp.up_proj"] == "whole"
    assert paint(known, tuning, frozenset({(last, "lm_head"), (1, "mlp.up_proj")}), "frozen").modules_to_save == ()


def test_norms_that_are_saved_stay_saved(tmp_path):
    known = model(tmp_path, "llama")
    before = LoraTuning(modules_to_save=("norm", "lm_head"))
    after = paint(known, before, known[1].of_kind["mlp.up_proj"], "frozen")
    assert after.modules_to_save == ("norm", "lm_head")


def test_a_rank_of_its_own_follows_its_cells_and_weighs_the_same(tmp_path):
    known = model(tmp_path, "llama")
    tuning = rank(known, LoraTuning(rank=8, alpha=16), frozenset({(1, "self_attn.q_proj")}), 2)
    tuning = rank(known, tuning, known[1].of_kind["self_attn.v_proj"], 4)
    assert tuning.rank_pattern == {r"model\.layers\.0\.self_attn\.q_proj": 2, "v_proj": 4}
    assert tuning.alpha_pattern == {r"model\.layers\.0\.self_attn\.q_proj": 4, "v_proj": 8}
    found = ranks(known[1], count(known[0], tuning))
    assert (found[1, "self_attn.q_proj"], found[2, "self_attn.q_proj"], found[2, "self_attn.v_proj"]) == (2, 8, 4)
    less = paint(known, tuning, known[1].of_kind["self_attn.v_proj"], "frozen")
    assert less.rank_pattern == {r"model\.layers\.0\.self_attn\.q_proj": 2}
    with pytest.raises(WrongUse, match="none of these"):
        rank(known, less, known[1].of_kind["self_attn.v_proj"], 4)


def test_ia3_is_painted_with_its_feedforward_ones(tmp_path):
    known = model(tmp_path, "llama")
    tuning = paint(known, Ia3Tuning(), known[1].of_kind["self_attn.q_proj"], "adapter")
    assert set(tuning.target) == {"q_proj", "k_proj", "v_proj", "down_proj"}
    assert tuning.feedforward == ("down_proj",)
    assert paint(known, tuning, known[1].of_kind["mlp.down_proj"], "frozen").feedforward == ()


def test_freezing_keeps_the_last_blocks_while_they_are_whole(tmp_path):
    known = model(tmp_path, "llama", num_hidden_layers=3)
    more = paint(known, FreezeTuning(last=1), frozenset({(1, "mlp.up_proj")}), "whole")
    assert (more.last, more.target) == (1, r"model\.layers\.0\.mlp\.up_proj")
    assert paint(known, more, frozenset({(1, "mlp.up_proj")}), "frozen") == FreezeTuning(last=1)
    less = paint(known, more, frozenset({(3, "mlp.up_proj")}), "frozen")
    assert less.last == 0
    assert states(known[1], count(known[0], less))[3, "self_attn.q_proj"] == "whole"


def test_experts_are_painted_by_the_names_that_peft_translates(tmp_path):
    known = model(tmp_path, "mixtral")
    both = paint(known, LoraTuning(target="q_proj"), known[1].of_kind["mlp.experts.gate_up_proj"], "adapter")
    assert both.target == ("q_proj", "w1", "w3")


@pytest.mark.parametrize("kind", ["gpt_oss", "mixtral", "qwen2_moe"])
def test_experts_of_some_layers_are_painted_by_the_names_of_their_parameters(tmp_path, kind):
    known = model(tmp_path, kind, num_hidden_layers=3)
    column = sorted(known[1].of_kind["mlp.experts.down_proj"])
    after = paint(known, LoraTuning(target="q_proj"), frozenset(column[1:]), "adapter")
    assert after.target == ("q_proj",)
    assert after.target_parameters == tuple(f"model.layers.{layer}.mlp.experts.down_proj" for layer in (1, 2))
    alone = paint(known, after, known[1].of_kind["self_attn.q_proj"], "frozen")
    assert (alone.target, alone.target_parameters) == ("none", after.target_parameters)


@pytest.mark.parametrize("kind", ["gpt_oss", "mixtral", "qwen3_moe"])
def test_rectangles_over_experts_count_as_peft_counts_them(tmp_path, kind):
    known, tuning, cast = model(tmp_path, kind, num_hidden_layers=3), LoraTuning(rank=4), random.Random(7)
    cells, counted = list(known[1].cells), 0
    for _ in range(14):
        marked = rectangle(known[1], cast.choice(cells), cast.choice(cells))
        try:
            if cast.random() < 0.7:
                tuning = paint(known, tuning, marked, cast.choice(["frozen", "adapter"]))
            else:
                tuning = rank(known, tuning, marked, cast.choice([2, 8]))
        except WrongUse:
            continue
        counted += 1
        found = count(known[0], tuning)
        tuned = peft_model(tmp_path, config_of(tuning))
        assert (found.trainable, found.total) == tuned.get_nb_trainable_parameters()
    assert counted > 7


def test_experts_without_older_names_are_painted_by_the_column(tmp_path):
    known = model(tmp_path, "gpt_oss")
    column = known[1].of_kind["mlp.experts.gate_up_proj"]
    both = paint(known, LoraTuning(), column, "adapter")
    assert (both.target, both.target_parameters) == ("all-linear", ("mlp.experts.gate_up_proj",))
    assert paint(known, both, column, "frozen") == LoraTuning()
    with pytest.raises(WrongUse, match="PEFT has no dora for"):
        paint(known, LoraTuning(dora=True), column, "adapter")


@pytest.mark.parametrize("tuning", [FullTuning(), BiasTuning(), PromptTuning()])
def test_a_tuning_without_modules_paints_nothing(tmp_path, tuning):
    known = model(tmp_path, "gpt2")
    with pytest.raises(WrongUse, match="nothing to paint"):
        paint(known, tuning, known[1].of_kind["mlp.c_fc"], "frozen")


def test_the_last_kind_stays(tmp_path):
    known = model(tmp_path, "llama")
    with pytest.raises(WrongUse, match="at least one"):
        paint(known, LoraTuning(target="q_proj"), known[1].of_kind["self_attn.q_proj"], "frozen")


def test_states_tell_biases_from_adapters(tmp_path):
    known = model(tmp_path, "gpt2")
    biased = states(known[1], count(known[0], LoraTuning(target="c_attn", bias="all")))
    assert (biased[2, "attn.c_attn"], biased[2, "mlp.c_fc"]) == ("adapter and bias", "bias")
    assert set(states(known[1], count(known[0], FullTuning())).values()) == {"whole"}
    assert set(states(known[1], None).values()) == {"frozen"}
