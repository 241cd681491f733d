"""Every action of the app in one table: key bindings, footer, help and palette are made from it.

The same key means the same thing in every pane. A key is a name of Textual's; the first of several is shown.
"""

from dataclasses import dataclass
from typing import Literal

PaneName = Literal["data", "template", "lora", "train", "compare", "label"]
PANES: tuple[PaneName, ...] = ("data", "template", "lora", "train", "compare", "label")
TITLES: dict[PaneName, str] = {
    "data": "Data", "template": "Template", "lora": "LoRA", "train": "Train", "compare": "Compare", "label": "Label",
}  # fmt: skip
PURPOSES: dict[PaneName, str] = {
    "data": "What is in my file, and what is wrong with it?",
    "template": "What text does the model see, and which tokens does the loss see?",
    "lora": "How many parameters will I train, and does it fit?",
    "train": "Start it, watch it, stop it, resume it.",
    "compare": "Is the tuned model better than the base?",
    "label": "Which answer is better, and do we agree?",
}

_KEYCAPS = {
    "up": "↑", "down": "↓", "left": "←", "right": "→", "enter": "Enter", "escape": "Esc", "space": "Space",
    "backspace": "Backspace", "pageup": "PgUp", "pagedown": "PgDn", "home": "Home", "end": "End", "tab": "Tab",
    "greater_than_sign": ">", "slash": "/", "plus": "+", "minus": "-", "left_square_bracket": "[",
    "right_square_bracket": "]", "question_mark": "?",
}  # fmt: skip


@dataclass(frozen=True)
class Action:
    """Something a person can do: in one pane, or in all of them."""

    pane: PaneName | Literal["all"]
    keys: str
    """Names of keys, separated by commas."""
    action: str
    """The method action_… of the pane, or of the app for "all"."""
    label: str
    """One or two words, for the footer."""
    help: str
    """A sentence, for the help and the palette."""
    footer: bool = False
    keycap: str = ""
    """How the keys are shown, where the first of them alone would not tell."""

    @property
    def shown_keys(self) -> str:
        """The keys as a person reads them."""
        return self.keycap or keycap(self.keys.split(",")[0])


def keycap(key: str) -> str:
    """Return what is printed on a key of Textual's name: ctrl+o → Ctrl+O."""
    *modifiers, last = key.split("+") if len(key) > 1 else [key]
    name = _KEYCAPS.get(last, last.upper() if modifiers or len(last) > 1 else last)
    return "+".join([*(modifier.capitalize() for modifier in modifiers), name])


ACTIONS: tuple[Action, ...] = (
    # the frame
    *(
        Action("all", str(number), f"app.pane('{name}')", TITLES[name], f"Go to {TITLES[name]}.")
        for number, name in enumerate(PANES, 1)
    ),
    Action("all", "ctrl+o", "app.open", "open", "Choose data, a model, a run or a set of pairs."),
    Action("all", "greater_than_sign", "app.send", "send on", "Send what is under the cursor on; >> to the next pane."),
    Action("all", "backspace", "app.way_back", "back", "Go back to where you came from."),
    Action("all", "Y", "app.copy_command", "copy command", "Copy the command that does the same."),
    Action("all", "f1", "app.help", "all keys", "Show all keys and what this pane is for.", footer=True),
    Action("all", "ctrl+p", "app.command_palette", "palette", "Find any action by its name."),
    Action("all", "f2", "app.mouse", "mouse", "Let go of the mouse so that the terminal can select text, or take it."),
    Action("all", "f3", "app.coach", "coach", "Show or hide the coach line of the demo."),
    Action("all", "f4", "app.light", "light", "Change between the dark and the light theme."),
    Action("all", "q,ctrl+q", "app.quit", "quit", "Leave; runs go on."),
    # Data
    # Template
    # LoRA
    # Train
    # Compare
    # Label
)


def actions_of(pane: PaneName) -> list[Action]:
    """Return what can be done in a pane, its own actions first."""
    return [each for each in ACTIONS if each.pane == pane] + [each for each in ACTIONS if each.pane == "all"]
