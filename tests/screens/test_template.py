"""The Template pane: which tokens of a row are trained, under any template, and never a mask that is not true."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.template import TemplatePane
from screens.widgets.lens import Lens
from tests.screens.conftest import Opened, screen_text, until
from tests.small import CHATML, make_tokenizer
from tests.template.test_worker import SPIN
from workbench.workspace import sample_data

HOSTILE = "\x1b]0;owned\x07\x1b[31m\u202e[/] [bold]x[/bold] 漢字 e\u0301"


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tokenizer of single bytes in a folder that counts as a model; it has no weights."""
    folder = make_tokenizer(tmp_path_factory.mktemp("models") / "bytes")
    (folder / "config.json").write_text('{"model_type": "llama"}')
    return folder


@pytest.fixture
def draft(tmp_path: Path, model: Path) -> dict[str, Any]:
    """Nine rows of two turns under that tokenizer."""
    return {"model": str(model), "data": {"train": write(tmp_path, [chat(f"q{n}", f"a{n}") for n in range(1, 10)])}}


def chat(question: str, answer: str, role: str = "user") -> dict[str, Any]:
    return {"messages": [{"role": role, "content": question}, {"role": "assistant", "content": answer}]}


def write(folder: Path, rows: list[Any]) -> str:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def templates(folder: Path, **texts: str) -> None:
    (folder / "templates").mkdir()
    for name, text in texts.items():
        (folder / "templates" / f"{name}.jinja").write_text(text)


async def shows(pilot: Pilot[None], *words: str) -> str:
    """Wait until the screen shows all of these words; return what it shows."""
    await until(pilot, lambda: all(word in screen_text(pilot) for word in words))
    return screen_text(pilot)


async def take_template(pilot: Pilot[None], name: str) -> None:
    """Choose a template from the list by a part of its name."""
    await pilot.press("t")
    await shows(pilot, "Which template?")
    await pilot.press(*name, "enter")
    await until(pilot, lambda: len(pilot.app.screen_stack) == 1)


async def test_a_row_sent_from_data_shows_its_mask(opened: Opened, tmp_path: Path, draft: dict[str, Any]) -> None:
    async with opened(tmp_path, pane="data", draft=draft) as pilot:
        await shows(pilot, "ROW 1")
        await pilot.press("j", "greater_than_sign", "greater_than_sign")
        text = await shows(pilot, "row 2 of 9", "set: median 3 trained")
        lines = text.splitlines()
        answer = next(number for number, line in enumerate(lines) if "a2<|im_end|>" in line)
        assert lines[answer + 1].strip() == "━" * len("a2<|im_end|>")
        assert "train: assistant · prompt off · 25 tokens, 3 trained" in text
        assert '"a"  id 64  turn 2  TRAINED: part of an assistant turn' in text
        await pilot.press("G")
        assert "not trained: written by the template around the answer" in screen_text(pilot)
        await pilot.press("left")
        assert "TRAINED: part of an assistant turn: ends the answer" in screen_text(pilot)
        await pilot.press("backspace")
        assert pilot.app.active_pane.PANE == "data"


async def test_keys_change_row_policy_and_prompt(opened: Opened, tmp_path: Path, draft: dict[str, Any]) -> None:
    async with opened(tmp_path, pane="template", draft=draft, row=8) as pilot:
        await shows(pilot, "row 8", "3 trained")
        await pilot.press("right_square_bracket", "right_square_bracket", "right_square_bracket")
        await shows(pilot, "row 9", "q9<|im_end|>")
        assert pilot.app.hand.row == 9
        await pilot.press("y")
        await shows(pilot, "train: last", "3 trained")
        await pilot.press("y")
        await shows(pilot, "train: completion", "3 trained")
        await pilot.press("y")
        await shows(pilot, "train: all", "25 tokens, 25 trained")
        assert pilot.app.hand.draft.train_on == "all"
        await pilot.press("p")
        text = await shows(pilot, "prompt on", "a prompt")
        assert "a9" not in text and "━" not in text


async def test_t_offers_the_templates_and_typing_narrows_them(
    opened: Opened, tmp_path: Path, draft: dict[str, Any]
) -> None:
    templates(tmp_path, first=CHATML.replace("<|im_start|>", "<|im_start|>the "))
    async with opened(tmp_path, pane="template", draft=draft) as pilot:
        await shows(pilot, "3 trained")
        await pilot.press("t")
        await shows(pilot, "Which template?", "model's own   now", "first.jinja", "chatml", "trl/cohere")
        await pilot.press(*"qwen3_in")
        text = await shows(pilot, "trl/qwen3_instruct_2507")
        assert "chatml" not in text and "first.jinja" not in text
        await pilot.press("escape")
        await take_template(pilot, "first")
        await shows(pilot, "template: first.jinja", "<|im_start|>the·user")
        assert pilot.app.hand.draft.template == str((tmp_path / "templates" / "first.jinja").resolve())
        await take_template(pilot, "gemma3")
        await shows(pilot, "template: trl/gemma3", "<start_of_turn>user")
        await take_template(pilot, "own")
        await shows(pilot, "template: model's own", "<|im_start|>user")
        elsewhere = tmp_path / "other.txt"
        elsewhere.write_text(CHATML.replace("<|im_start|>", "<|im_start|>an "))
        await pilot.press("t")
        await shows(pilot, "Which template?")
        await pilot.press(*str(elsewhere)[:-1])
        await shows(pilot, "no such template; the path of a Jinja file works too")
        await pilot.press("t", "enter")
        await shows(pilot, "template: other.txt", "<|im_start|>an·user")


async def test_a_adds_the_tokens_that_a_template_needs_and_takes_them_back(
    opened: Opened, tmp_path: Path, draft: dict[str, Any]
) -> None:
    async with opened(tmp_path, pane="template", draft=draft) as pilot:
        await shows(pilot, "3 trained")
        await take_template(pilot, "gemma3")
        await shows(pilot, "the stop token of an answer is not trained", "A in the app", "no tokens of this model")
        await pilot.press("A")
        await shows(pilot, "+ added to the model: <start_of_turn>, <end_of_turn>", "stop trained: all")
        assert pilot.app.hand.draft.new_tokens == "template"
        assert "--new-tokens template" in pilot.app.active_pane.command()
        await pilot.press("A")
        await shows(pilot, "the stop token of an answer is not trained")
        assert pilot.app.hand.draft.new_tokens == ()


async def test_a_template_that_never_ends_is_told_and_left_with_t(
    opened: Opened, tmp_path: Path, draft: dict[str, Any]
) -> None:
    templates(tmp_path, a_spin=SPIN, b_raises="{{ raise_exception('two roles only [/] \x1b[31m') }}")
    (tmp_path / "workbench.toml").write_text("render_seconds = 1.0\n")
    async with opened(tmp_path, pane="template", draft=draft) as pilot:
        await shows(pilot, "3 trained")
        await take_template(pilot, "a_spin")
        text = await shows(pilot, "template: a_spin.jinja", "encoding…")
        assert "━" not in text
        await shows(pilot, "a template that does not end is stopped after 1 s")
        await take_template(pilot, "b_raises")  # no need to wait for it
        await shows(pilot, "b_raises.jinja", "two roles only [/] ␛[31m", "t another template")
        await take_template(pilot, "own")
        await shows(pilot, "model's own", "3 trained", "━━━")
        await take_template(pilot, "a_spin")
        await shows(pilot, "the chat template did not end within 1 s")


async def test_hostile_rows_and_refused_ones(opened: Opened, tmp_path: Path, draft: dict[str, Any]) -> None:
    rows = [chat(HOSTILE, HOSTILE, HOSTILE), {"messages": HOSTILE}, chat("q", "a" * 40_000), {"messages": []}]
    draft = {**draft, "data": {"train": write(tmp_path, rows)}}
    async with opened(tmp_path, pane="template", draft=draft) as pilot:
        text = await shows(pilot, "row 1 of 4", "␛]0;owned␇␛[31m‹202E›[/]·[bold]x[/bold]·漢字·e◌\u0301<|im_end|>")
        assert "\x1b" not in text and "\u202e" not in text
        await pilot.press("right_square_bracket")
        await shows(pilot, "row 2", "messages cannot be", "[ ] other rows")
        await pilot.press("right_square_bracket")
        text = await shows(pilot, "1,024 tokens", "38,998 tokens behind max_length are cut")
        await pilot.press("G")
        await shows(pilot, "cut off: past token 1024")
        await pilot.press("right_square_bracket", "right_square_bracket")
        await shows(pilot, "row 4", "✗")


async def test_problems_are_named_and_visited(opened: Opened, tmp_path: Path, draft: dict[str, Any]) -> None:
    rows = [chat("q", "a"), chat("q", "a"), {"messages": [{"role": "user", "content": "q"}]}]
    draft = {**draft, "data": {"train": write(tmp_path, rows)}}
    async with opened(tmp_path, pane="template", draft=draft) as pilot:
        await shows(pilot, "zero: 1 row")
        await pilot.press("e")
        await shows(pilot, "row 3", "✗ no token is trained in this row: give the row an answer")
        assert pilot.app.hand.row == 3


async def test_what_is_missing_is_asked_for(opened: Opened, tmp_path: Path, draft: dict[str, Any]) -> None:
    shutil.copy(sample_data() / "alpaca.json", tmp_path)
    async with opened(tmp_path, pane="template") as pilot:
        await shows(pilot, "No data: 1, or Ctrl+O")
        pilot.app.take(draft={"data": {"train": str(tmp_path / "alpaca.json")}})
        await shows(pilot, "No tokenizer: Ctrl+O, or Enter for starter")
        await pilot.press("enter")
        await shows(pilot, "row 1 of 420", "11 trained", "━━━")
        assert pilot.app.hand.draft.model == "starter"
        pilot.app.take(draft={"model": "absent/\x1b[31m"})
        text = await shows(pilot, "is no folder, no Hub id")
        assert "━" not in text and "\x1b" not in text


async def test_rows_that_are_no_examples_are_refused_calmly(
    opened: Opened, tmp_path: Path, draft: dict[str, Any]
) -> None:
    draft = {**draft, "data": {"train": write(tmp_path, [{"prompt": "q", "completion": "a", "label": True}])}}
    async with opened(tmp_path, pane="template", draft=draft) as pilot:
        await shows(pilot, "holds kto rows", "train with task: reward")


async def test_the_place_is_kept(opened: Opened, tmp_path: Path, draft: dict[str, Any]) -> None:
    async with opened(tmp_path, pane="template", draft=draft, row=4) as pilot:
        await shows(pilot, "row 4", "3 trained")
        await pilot.press("home", "right", "right", "q")
    async with opened(tmp_path) as pilot:
        await shows(pilot, "row 4", "3/25")
        assert pilot.app.active_pane.query_one(Lens).cursor == 2


async def test_lora_gets_the_policy_and_a_length_that_cuts_nothing(
    opened: Opened, tmp_path: Path, draft: dict[str, Any]
) -> None:
    async with opened(tmp_path, pane="template", draft=draft) as pilot:
        pane = pilot.app.active_pane
        assert isinstance(pane, TemplatePane)
        await until(pilot, lambda: pane.survey is not None and pane.survey.is_done)
        natural, fitted, train = pane.targets()
        assert (natural.pane, natural.label, natural.changes) == ("lora", "assistant, longest 25 of 1,024 tokens", {})
        assert fitted.changes == {"draft": {"max_length": 25}} and train.pane == "train"
        assert pane.command() == f"workbench template show {tmp_path}/rows.jsonl --model {draft['model']} --row 1"


async def test_what_is_counted_for_one_policy_is_not_shown_for_another(
    opened: Opened, tmp_path: Path, draft: dict[str, Any]
) -> None:
    templates(tmp_path, raises="{{ raise_exception('no') }}")
    async with opened(tmp_path, pane="template", draft=draft) as pilot:
        await shows(pilot, "set: median 3 trained")
        await take_template(pilot, "raises")
        text = await shows(pilot, "raises.jinja", "refuses this row")
        assert "median" not in text
        await take_template(pilot, "own")
        await shows(pilot, "model's own", "set: median 3 trained")
        pilot.app.take(draft={"train_on": "all"})
        await shows(pilot, "set: median 25 trained")


async def test_the_histogram_of_the_set(opened: Opened, tmp_path: Path, draft: dict[str, Any]) -> None:
    async with opened(tmp_path, pane="template", draft=draft) as pilot:
        await shows(pilot, "stop trained: all")
        await pilot.press("H")
        await shows(pilot, "Tokens of the rows", "9 rows", "trained tokens", "█")
        await pilot.press("escape")
        await until(pilot, lambda: "Tokens of the rows" not in screen_text(pilot))
