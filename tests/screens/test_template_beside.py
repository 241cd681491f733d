"""The Template pane with two lenses: what differs is marked and visited, and both cursors are on one token."""

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.template import TemplatePane
from screens.widgets.lens import Lens
from screens.widgets.sides import Sides
from tests.screens.conftest import Opened, screen_text, until
from tests.screens.test_template import chat, draft, model, shows, take_template, templates, write
from tests.small import CHATML

__all__ = ["draft", "model"]

SHOUTING = CHATML.replace("<|im_start|>{{ message.role }}", "{{ message.role | upper }} =").replace(
    "<|im_start|>assistant", "ASSISTANT ="
)


async def put_beside(pilot: Pilot[None], *words: str, down: int = 0) -> Sides:
    """Open a second lens on the choice that stands so far down in the list."""
    await pilot.press("b")
    await shows(pilot, "Beside it, the same row under")
    await pilot.press(*["down"] * down, "enter")
    sides = pilot.app.active_pane.query_one(Sides)
    await until(pilot, lambda: sides.compared is not None)
    await shows(pilot, *words)
    return sides


def under_cursors(sides: Sides) -> tuple[str, str]:
    first, second = sides.query(Lens)
    assert first.token is not None and second.token is not None
    return first.token.text, second.token.text


async def test_another_policy_beside_it(opened: Opened, tmp_path: Path, draft: dict[str, Any]) -> None:
    async with opened(tmp_path, pane="template", draft=draft, row=4) as pilot:
        await shows(pilot, "3 trained")
        sides = await put_beside(pilot, "row 4 of 9 · 2 differences", "all · 25 tokens, 25 trained", down=2)
        assert pilot.app.hand.draft.train_on == "assistant"
        text = screen_text(pilot)
        assert "model's own · assistant · 25 tokens, 3 trained" in text and "═══" in text and "╌╌╌" in text
        assert under_cursors(sides) == ("a", "a")
        await pilot.press("left", "left", "n")
        await shows(pilot, "difference 2 of 2")
        assert sides.first.cursor == 24 and under_cursors(sides) == ("\n", "\n")
        await pilot.press("n")
        await shows(pilot, "difference 1 of 2")
        assert under_cursors(sides) == ("<|im_start|>", "<|im_start|>") and sides.first.cursor == 0
        await pilot.press("N", "left")
        await shows(pilot, "2 differences")
        await pilot.press("right_square_bracket")
        await shows(pilot, "row 5 of 9 · 2 differences", "25 tokens, 25 trained")
        await pilot.press("y", "y", "y")
        text = await shows(pilot, "row 5 of 9 · no difference")
        assert "═" not in text.split("─")[0].replace("═ trained", "") and text.count("all · 25 tokens") == 2
        command = pilot.app.active_pane.command()
        assert command.endswith("--row 5 --train-on all --against-train-on all")
        await pilot.press("escape")
        text = await shows(pilot, "row 5 of 9 · template: model's own")
        assert "difference" not in text and sides.spec is None


async def test_another_template_beside_it(opened: Opened, tmp_path: Path, draft: dict[str, Any]) -> None:
    templates(tmp_path, shout=SHOUTING)
    async with opened(tmp_path, pane="template", draft=draft, size=(80, 24)) as pilot:
        await shows(pilot, "3 trained")
        sides = await put_beside(pilot, "shout.jinja · assistant", "USER·=", down=3)
        assert under_cursors(sides) == ("a", "a")
        first, second = sides.query(Lens)
        assert second.cursor != first.cursor and first.region.bottom < second.region.y
        await pilot.press("o", "left", "left")
        await until(pilot, lambda: under_cursors(sides)[1] == "=")
        await shows(pilot, '"="  id')
        await pilot.press("o", "left")
        assert sides.lens is first
        pane = pilot.app.active_pane
        assert isinstance(pane, TemplatePane)
        assert pane.command().endswith(f"--against-template {tmp_path}/templates/shout.jinja")
        await pilot.press("p")
        text = await shows(pilot, "prompt on", "USER·=")
        assert "━" not in text


async def test_a_second_template_that_refuses_the_row_leaves_the_first(
    opened: Opened, tmp_path: Path, draft: dict[str, Any]
) -> None:
    templates(tmp_path, raises="{{ raise_exception('never [/]') }}")
    async with opened(tmp_path, pane="template", draft=draft) as pilot:
        await shows(pilot, "3 trained")
        await pilot.press("b")
        await shows(pilot, "raises.jinja")
        await pilot.press(*"raises", "enter")
        text = await shows(pilot, "raises.jinja · assistant · nothing to show", "never [/]", "b closes it")
        assert "row 1 of 9 · nothing to compare" in text
        assert "━━━" in text and '"a"  id' in text
        await pilot.press("b")
        await shows(pilot, "row 1 of 9 · template: model's own")


async def test_the_second_lens_is_there_again_after_a_restart(
    opened: Opened, tmp_path: Path, draft: dict[str, Any]
) -> None:
    async with opened(tmp_path, pane="template", draft=draft) as pilot:
        await shows(pilot, "3 trained")
        await put_beside(pilot, "no difference")
        await pilot.press("q")
    async with opened(tmp_path) as pilot:
        await shows(pilot, "no difference", "last · 25 tokens, 3 trained")


async def test_what_the_template_does_in_general_is_told_with_its_fix(
    opened: Opened, tmp_path: Path, draft: dict[str, Any]
) -> None:
    refuses = "{% if messages[0].role == 'system' %}{{ raise_exception('no') }}{% endif %}"
    templates(tmp_path, strict=refuses + CHATML)
    async with opened(tmp_path, pane="template", draft=draft) as pilot:
        await shows(pilot, "stop trained: all")
        pane = pilot.app.active_pane
        assert isinstance(pane, TemplatePane)
        await until(pilot, lambda: pane.survey is not None and pane.survey.is_done)  # the template is asked last
        await pilot.press("c")
        await shows(pilot, "nothing is odd about the template")
        await take_template(pilot, "strict")
        await shows(pilot, "strict.jinja", "⚠ the template: it refuses a system message (c: what to do)", "3 trained")
        await pilot.press("c")
        await shows(pilot, "What the template does to chats in general: strict.jinja", "→ put what it says into")
        await pilot.press("escape")
        await until(pilot, lambda: "chats in general" not in screen_text(pilot))


@pytest.mark.parametrize("role", ["system", "tool", "wizard"])
async def test_each_role_has_its_tint_and_what_the_template_writes_another(
    opened: Opened, tmp_path: Path, draft: dict[str, Any], role: str
) -> None:
    row = {"messages": [{"role": role, "content": "told"}, *chat("asked", "said")["messages"]]}
    draft = {**draft, "data": {"train": write(tmp_path, [row])}}
    async with opened(tmp_path, pane="template", draft=draft) as pilot:
        await shows(pilot, "5 trained")
        await pilot.press("G")
        template, told, asked, said = (tint(pilot, text) for text in ("<|im_start|>", "told", "asked", "said"))
        assert template not in (told, asked, said) and said not in (told, asked)
        assert (told == asked) == (role == "wizard")


def tint(pilot: Pilot[None], text: str) -> str:
    """The colour of the first segment on the screen that begins with this text."""
    segments = (each for strip in pilot.app.screen._compositor.render_strips() for each in strip)
    style = next(each.style for each in segments if each.text.startswith(text))
    assert style is not None and style.color is not None
    return style.color.name


async def test_a_first_that_is_refused_is_not_compared_and_comes_back(
    opened: Opened, tmp_path: Path, draft: dict[str, Any]
) -> None:
    templates(tmp_path, raises="{{ raise_exception('no') }}")
    async with opened(tmp_path, pane="template", draft=draft) as pilot:
        await shows(pilot, "3 trained")
        sides = await put_beside(pilot, "2 differences", down=2)
        await take_template(pilot, "raises")
        await shows(pilot, "raises.jinja", "refuses this row")
        await pilot.press("n")
        await shows(pilot, "not both are shown yet")
        assert sides.compared is None
        await take_template(pilot, "own")
        await shows(pilot, "2 differences", "all · 25 tokens, 25 trained")
        await pilot.press("right_square_bracket", "ctrl+r")
        await shows(pilot, "row 2 of 9 · 2 differences", "q2", "25 trained")


async def test_both_sides_of_a_pair_stand_beside_each_other(
    opened: Opened, tmp_path: Path, draft: dict[str, Any]
) -> None:
    rows = [{"prompt": "q", "chosen": "good one", "rejected": "wry"}, {"prompt": "q", "chosen": "a", "rejected": "b"}]
    async with opened(tmp_path, pane="template", draft={**draft, "data": {"train": write(tmp_path, rows)}}) as pilot:
        text = await shows(pilot, "row 1 of 2 · 1 difference", "model's own · chosen", "model's own · rejected")
        assert "good·one<|im_end|>" in text and "wry<|im_end|>" in text and "b closes" not in text
        sides = pilot.app.active_pane.query_one(Sides)
        assert under_cursors(sides)[0] == "g"
        await pilot.press("o", "n")
        await shows(pilot, "difference 1 of 1", '"w"  id')
        await pilot.press("right_square_bracket")
        await shows(pilot, "row 2 of 2 · 1 difference", "set: median 4 trained")
        await pilot.press("b")
        await shows(pilot, "Beside it, the same row under")
        await pilot.press(*"alpaca", "enter")
        await shows(pilot, "alpaca · assistant", "model's own · assistant", "b closes")
        await pilot.press("b")
        await shows(pilot, "model's own · rejected", "a preference pair")
