"""The LoRA pane: the map, the algebra, painting, the numbers, the calculator, and models that cannot be read."""

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from screens.widgets.grid import CellGrid
from screens.widgets.lora_words import others
from tests.lora.models import write_config
from tests.screens.conftest import Opened, screen_text, until
from workbench.models.devices import Device, Process


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The shapes are read once for all tests here."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder


@pytest.fixture
def model(tmp_path: Path, cache: Path) -> dict[str, str]:
    """A draft with a small llama: 2 layers, 32 wide, 48 in the middle."""
    return {"model": str(write_config(tmp_path / "small-llama", "llama"))}


async def shows(pilot: Pilot[None], *texts: str) -> str:
    return await until(pilot, lambda: all(text in screen_text(pilot) for text in texts) and screen_text(pilot))


async def test_the_map_shows_what_is_trained_and_the_algebra_under_the_cursor(opened: Opened, tmp_path, model):
    async with opened(tmp_path, pane="lora", draft=model) as pilot:
        text = await shows(pilot, "q_proj L0: W 32×32 frozen + B 32×16 · A 16×32 → 1,024", "free of")
        assert f"trainable {2 * 16 * (2 * 64 + 2 * 48 + 3 * 80):,} = " in text
        assert "▒ LoRA" in text
        assert "roughly" in text
        await pilot.press("l", "down")
        await shows(pilot, "k_proj L1: W 16×32 frozen + B 16×16 · A 16×32 → 768")


async def test_plus_and_minus_change_the_rank_and_alpha_follows(opened: Opened, tmp_path, model):
    async with opened(tmp_path, pane="lora", draft={**model, "tuning": {"rank": 12, "alpha": 24}}) as pilot:
        await shows(pilot, "· A 12×32")
        await pilot.press("plus")
        assert (pilot.app.hand.draft.tuning.rank, pilot.app.hand.draft.tuning.alpha) == (16, 32)
        await pilot.press("minus", "minus")
        assert (pilot.app.hand.draft.tuning.rank, pilot.app.hand.draft.tuning.alpha) == (4, 8)
        await pilot.press("u")
        assert pilot.app.hand.draft.tuning.rank == 8


async def test_painting_toggles_the_kind_in_every_layer_and_says_so(opened: Opened, tmp_path, model):
    async with opened(tmp_path, pane="lora", draft=model) as pilot:
        await shows(pilot, "q_proj L0")
        await pilot.press("space")
        await shows(pilot, "every layer changed", "q_proj L0: W 32×32 frozen → 0 of 1,024")
        assert "q_proj" not in pilot.app.hand.draft.tuning.target
        assert "--target k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj" in pilot.app.active_pane.command()
        await pilot.press("a")
        assert pilot.app.hand.draft.tuning.target == "all-linear"


async def test_a_rectangle_is_painted_and_ranked_by_itself(opened: Opened, tmp_path, model):
    async with opened(tmp_path, pane="lora", draft=model) as pilot:
        await shows(pilot, "q_proj L0")
        await pilot.press("down", "right", "v", "right", "space")
        await shows(pilot, "2 cells painted", "v_proj L1: W 16×32 frozen → 0 of 512", "‹░›", "[░]")
        assert pilot.app.hand.draft.tuning.target.endswith(r"model\.layers\.0\.(self_attn\.k_proj|self_attn\.v_proj)")
        await pilot.press("u", "plus")
        await shows(pilot, "rank 32 in 2 cells", "A 32×32")
        assert set(pilot.app.hand.draft.tuning.rank_pattern.values()) == {32}
        await pilot.press("escape", "plus")
        assert pilot.app.hand.draft.tuning.rank == 32


async def test_the_command_that_y_copies_counts_the_same(opened: Opened, tmp_path, model):
    async with opened(tmp_path, pane="lora", draft={**model, "batch_size": 6, "max_length": 333}) as pilot:
        await shows(pilot, "q_proj L0")
        await pilot.press("v", "right", "minus", "minus", "escape", "G", "W", "w")
        await shows(pilot, "█")
        tuning = pilot.app.hand.draft.tuning
        assert (tuning.quantise, tuning.modules_to_save, len(tuning.rank_pattern)) == ("int8", ("lm_head",), 1)
        words = shlex.split(pilot.app.active_pane.command())
        shown = screen_text(pilot)
    said = subprocess.run([sys.executable, "-m", *words, "--json"], capture_output=True, text=True, check=True)
    found = json.loads(said.stdout)
    assert f"trainable {found['trainable']:,} = " in shown
    assert (found["load"]["length"], found["load"]["micro_batch"]) == (333, 6)


async def test_the_head_is_trained_whole_but_refused_as_an_adapter(opened: Opened, tmp_path, model):
    async with opened(tmp_path, pane="lora", draft=model) as pilot:
        await shows(pilot, "q_proj L0")
        await pilot.press("G", "W")
        await shows(pilot, "[█]lm_head")
        assert pilot.app.hand.draft.tuning.modules_to_save == ("lm_head",)
        await pilot.press("space")
        await shows(pilot, "[▒]lm_head", "the loss reads the head's weight directly")


async def test_the_biases_of_a_model_are_painted(opened: Opened, tmp_path, cache):
    gpt2 = str(write_config(tmp_path / "small-gpt2", "gpt2"))
    async with opened(tmp_path, pane="lora", draft={"model": gpt2, "tuning": {"target": ["c_attn"]}}) as pilot:
        await shows(pilot, "c_attn L0")
        await pilot.press("b")
        await shows(pilot, "▓ LoRA + bias", "lora only")
        await pilot.press("b")
        assert pilot.app.hand.draft.tuning.bias == "all"


async def test_a_tuning_is_chosen_from_a_list_with_its_count(opened: Opened, tmp_path, model):
    async with opened(tmp_path, pane="lora", draft=model) as pilot:
        await shows(pilot, "q_proj L0")
        await pilot.press("T")
        await shows(pilot, "Train which parameters?", f"{20 * 32:,} = ", "llama has no biases")
        await pilot.press(*"prefix", "enter", "plus", "space")
        await shows(pilot, "prefix: 21 virtual tokens", "trains virtual tokens, no modules", "+ - tokens")
        await pilot.press("T", *"freeze", "enter", "plus")
        await shows(pilot, "freeze: the last 2 blocks", "+ - blocks")
        await pilot.press("minus", "minus")
        await shows(pilot, "last blocks: 0 is not possible here")
        await pilot.press("home", "space")
        await shows(pilot, "the last block and chosen modules", "[█]embed_tokens")


async def test_f_offers_changes_that_make_it_fit_and_takes_one(opened: Opened, tmp_path, cache):
    large = str(write_config(tmp_path / "large", "llama", hidden_size=8192, num_hidden_layers=40))
    async with opened(tmp_path, pane="lora", draft={"model": large, "max_length": 4096}) as pilot:
        await shows(pilot, "DOES NOT FIT")
        await pilot.press("f")
        await shows(pilot, "cards, GB", " -", "GiB free of", "Enter takes it")
        before = pilot.app.hand.draft  # which change is the cheapest depends on the memory of this machine
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.hand.draft != before)


async def test_f_offers_the_most_that_fits(opened: Opened, tmp_path, model):
    async with opened(tmp_path, pane="lora", draft={**model, "micro_batch": 1}) as pilot:
        await shows(pilot, "FITS")
        await pilot.press("f")
        await shows(pilot, "16 of 16 rows at once", "what the model was made for", "the highest")
        await pilot.press(*"16 of", "enter")
        await until(pilot, lambda: pilot.app.hand.draft.micro_batch == 16)


def test_others_on_the_device_are_named_the_largest_first() -> None:
    held = [("python", "bob", 3), ("python", "", None), ("vllm", "eve", 9), ("a", "b", 1), ("c", "d", 2)]
    processes = tuple(Process(pid, name, owner, gib and gib * 2**30) for pid, (name, owner, gib) in enumerate(held))
    device = Device("cuda", 0, "it", 24 * 2**30, 9 * 2**30, bf16=True, processes=processes)
    assert others(device) == [
        "  9.0 GiB held by vllm 2 eve", "  3.0 GiB held by python 0 bob", "  2.0 GiB held by c 4 d",
    ]  # fmt: skip


async def test_the_help_explains_why_others_print_other_counts(opened: Opened, tmp_path, model):
    async with opened(tmp_path, pane="lora", draft=model, size=(120, 60)) as pilot:
        await shows(pilot, "q_proj L0")
        await pilot.press("f1")
        await shows(pilot, "1,221,124 = 36,864 + 2 × 592,130", "= 628,994", "37,748,736")


async def test_weights_and_full_tuning(opened: Opened, tmp_path, model):
    async with opened(tmp_path, pane="lora", draft=model) as pilot:
        await shows(pilot, "free of")
        await pilot.press("w", "w")
        assert pilot.app.hand.draft.tuning.quantise == "nf4"
        await pilot.press("F", "w")
        await shows(pilot, "█ embed_tokens", "quantised ones cannot be trained")
        await pilot.press("F")
        assert pilot.app.hand.draft.tuning.quantise == "nf4"


async def test_enter_types_numbers_and_shows_formulas(opened: Opened, tmp_path, model):
    async with opened(tmp_path, size=(80, 24), pane="lora", draft=model) as pilot:
        await shows(pilot, "roughly")
        await pilot.press("enter", "3", "tab", "tab", "6", "tab", "4")
        await shows(pilot, "micro_batch 4 must divide batch_size 6", "chosen from memory unless given")
        await pilot.press("backspace", "3")
        await shows(pilot, "B 32×3 · A 3×32 → 192", "bytes each of")
        await pilot.press("enter")
        draft = pilot.app.hand.draft
        assert (draft.tuning.rank, draft.batch_size, draft.micro_batch) == (3, 6, 3)


async def test_everything_a_tuning_says_can_be_typed(opened: Opened, tmp_path, model):
    async with opened(tmp_path, pane="lora", draft=model) as pilot:
        await shows(pilot, "roughly")
        await pilot.press("enter")
        values = {"layers": "1", "rank_pattern": "q_proj=4", "rslora": "yes", "modules_to_save": "norm, lm_head"}
        await shows(pilot, "Numbers and formulas")
        for field in pilot.app.screen.query("Input"):
            field.value = values.get(field.name, field.value)
        await shows(pilot, "rank pattern", "q_proj=4")
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.hand.draft.tuning.layers == (1,))
        tuning = pilot.app.hand.draft.tuning
        assert (tuning.rank_pattern, tuning.rslora) == ({"q_proj": 4}, True)
        assert tuning.modules_to_save == ("norm", "lm_head")


async def test_without_a_model_the_calculator_answers_as_one_types(opened: Opened, tmp_path, cache):
    async with opened(tmp_path, pane="lora") as pilot:
        await shows(pilot, "= 400 of 10,000 = 4 %", "Enter takes starter")
        await pilot.press("tab", "2", "0", "0", "enter", "3", "enter", "0", "3", "enter")
        await shows(pilot, "3 × (200 + 3) = 609 of 600", "larger than the matrix")
        assert pilot.app.active_pane.PANE == "lora"
        await pilot.press("enter")
        await shows(pilot, "starter 1,733,120")
        assert pilot.app.hand.draft.model == "starter"


async def test_a_target_of_another_model_is_flagged_and_kept(opened: Opened, tmp_path, model):
    async with opened(tmp_path, pane="lora", draft={**model, "tuning": {"target": ["c_attn"]}}) as pilot:
        await shows(pilot, "nothing here is called c_attn", "a: all linear modules")
        assert pilot.app.hand.draft.tuning.target == ("c_attn",)
        await pilot.press("space")
        assert pilot.app.hand.draft.tuning.target == ("q_proj",)


async def test_a_configuration_that_fails_says_what_to_do(opened: Opened, tmp_path, cache):
    write_config(tmp_path / "odd", "no-such-architecture")
    async with opened(tmp_path, pane="lora", draft={"model": str(tmp_path / "odd")}) as pilot:
        await shows(pilot, "reading the shapes of")
        await shows(pilot, "does not recognize this architecture", "Ctrl+O chooses another model")


async def test_the_next_start_stands_on_the_same_module(opened: Opened, tmp_path, model):
    async with opened(tmp_path, pane="lora", draft=model) as pilot:
        await shows(pilot, "q_proj L0")
        await pilot.press("down", "right", "right", "q")
    async with opened(tmp_path) as pilot:
        await shows(pilot, "v_proj L1")


async def test_a_model_of_a_hundred_layers_scrolls_to_its_end(opened: Opened, tmp_path, cache):
    deep = write_config(tmp_path / "deep", "llama", num_hidden_layers=100)
    async with opened(tmp_path, size=(80, 24), pane="lora", draft={"model": str(deep)}) as pilot:
        await shows(pilot, "L0")
        await pilot.press("G")
        await shows(pilot, "L99", "lm_head 100×32", "lm_head: W 100×32 frozen → 0 of 3,200")
        assert pilot.app.screen.query_one(CellGrid).cursor[0] == 101
        await pilot.press("g")
        await shows(pilot, "embed_tokens 100×32")


async def test_the_mouse_selects_the_lines_that_it_passes(opened: Opened, tmp_path, model):
    async with opened(tmp_path, pane="lora", draft=model) as pilot:
        await shows(pilot, "free of")
        panel = pilot.app.screen.query_one("#panel")
        await pilot.mouse_down(panel, offset=(2, 1))
        await pilot.hover(panel, offset=(60, 2))
        await pilot.mouse_up(panel, offset=(60, 2))
        selected = await until(pilot, lambda: pilot.app.screen.get_selected_text())
        assert selected.splitlines() == ["alpha       32 (×2)", "weights     fp32"]
