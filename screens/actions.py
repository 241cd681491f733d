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
    "right_square_bracket": "]", "question_mark": "?", "colon": ":",
}  # fmt: skip
CLASS_KEYS = "asdfgwtzvypmASDFGWTZVPM"
"""The classes of a set in Label, in its order: letters that move nothing and mean nothing else there."""


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
    kinds: str = ""
    """In Label: the kinds of sets that it is for, separated by blanks; "" for all."""

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
    Action("data", "slash", "search", "search", "Search for a text in all columns.", footer=True),
    Action(
        "data", "colon", "where", "SQL", "Show rows that meet a condition in SQL, or go to a row's number.", footer=True
    ),
    Action("data", "n", "seek(1)", "next found", "The next row with what is searched for, among all others."),
    Action("data", "N", "seek(-1)", "found before", "The row before with what is searched for."),
    Action("data", "enter", "look", "look closer", "Open the row, or the file, under the cursor."),
    Action("data", "s", "sort", "sort", "Sort by this column: up, down, and as in the file."),
    Action("data", "left,h", "sideways(-1)", "columns", "The column to the left.", keycap="← h"),
    Action("data", "right,l", "sideways(1)", "columns", "The column to the right.", keycap="→ l"),
    Action("data", "x", "hide_column", "hide", "Hide this column."),
    Action("data", "X", "show_columns", "show all", "Show all columns, in the file's order."),
    Action("data", "H", "move_column(-1)", "move left", "Move this column to the left."),
    Action("data", "L", "move_column(1)", "move right", "Move this column to the right."),
    Action("data", "m", "map", "map", "Choose which column plays which part.", footer=True),
    Action("data", "e", "problem", "next problem", "To the next row that something is wrong with.", footer=True),
    Action("data", "p", "profile", "profile", "What stands in this column, and how long it is.", footer=True),
    Action("data", "E", "problems", "problems", "List what is wrong, and go to its rows."),
    Action("data", "F", "fix", "fix", "Mend what can be mended, into a new file beside this one."),
    Action("data", "w", "save", "save as", "Write the rows that are shown to a new file."),
    Action("data", "y", "copy_cell", "copy", "Copy the value under the cursor."),
    Action("data", "up,k", "move('up')", "up", "Previous row; in an open row a line up.", keycap="↑ k"),
    Action("data", "down,j", "move('down')", "down", "Next row; in an open row a line down.", keycap="↓ j"),
    Action("data", "pageup", "move('pageup')", "page up", "A page up."),
    Action("data", "pagedown", "move('pagedown')", "page down", "A page down."),
    Action("data", "home,g", "move('home')", "first", "To the first row.", keycap="Home g"),
    Action("data", "end,G", "move('end')", "last", "To the last row.", keycap="End G"),
    Action("data", "left_square_bracket", "row('up')", "row", "Previous row, also while one is open."),
    Action("data", "right_square_bracket", "row('down')", "row", "Next row, also while one is open."),
    Action("data", "escape", "close", "close", "Close the open row; else end the search, then the filter."),
    Action("data", "ctrl+r", "reload", "reload", "Read the file again."),
    # Template
    Action("template", "left,h", "move('left')", "token", "To the token before.", footer=True, keycap="← →"),
    Action("template", "right,l", "move('right')", "token", "To the next token.", keycap="→ l"),
    Action("template", "up,k", "move('up')", "up", "A line up.", keycap="↑ k"),
    Action("template", "down,j", "move('down')", "down", "A line down.", keycap="↓ j"),
    Action("template", "pageup", "move('pageup')", "page up", "Half a page up."),
    Action("template", "pagedown", "move('pagedown')", "page down", "Half a page down."),
    Action("template", "home,g", "move('home')", "first", "To the first token.", keycap="Home g"),
    Action("template", "end,G", "move('end')", "last", "To the last token.", keycap="End G"),
    Action("template", "tab", "move('next')", "next trained", "To where training begins next."),
    Action("template", "shift+tab", "move('previous')", "trained before", "To where training began before."),
    Action("template", "left_square_bracket", "row(-1)", "row", "Previous row.", footer=True, keycap="[ ]"),
    Action("template", "right_square_bracket", "row(1)", "row", "Next row."),
    Action("template", "e", "problem", "next problem", "To the next row of the set that something is wrong with."),
    Action(
        "template", "t", "template", "template", "Another template: the model's own, yours, ours, TRL's.", footer=True
    ),
    Action("template", "y", "policy", "policy", "Train on the assistant's turns, the completion, or all.", footer=True),
    Action("template", "p", "prompt", "gen-prompt", "End where an answer would begin, and back.", footer=True),
    Action("template", "b", "beside", "beside", "The same row under another template or policy beside it; again: not."),
    Action("template", "n", "difference(1)", "next difference", "To the next difference of two: ═ trained, ╌ not."),
    Action("template", "N", "difference(-1)", "difference before", "To the difference before."),
    Action("template", "o", "side", "other lens", "Move the cursor in the other of two lenses."),
    Action(
        "template", "c", "findings", "check template", "What the template does to chats in general, and what to do."
    ),
    Action("template", "escape", "close", "close", "Close the second lens."),
    Action("template", "A", "tokens", "add tokens", "Add the tokens that the template needs to the model; again: not."),
    Action("template", "E", "edit", "edit template", "Open the template in $EDITOR, the model's own as a copy."),
    Action("template", "H", "histogram", "histogram", "How many tokens of the set's rows are trained."),
    Action("template", "enter", "look", "take starter", "Take the starter's tokenizer where no model is chosen."),
    Action("template", "ctrl+r", "reload", "reload", "Read the data, the tokenizer and the template again."),
    # LoRA
    Action("lora", "plus,equals_sign", "more(1)", "rank", "More rank (alpha follows), tokens or blocks.", True, "+ -"),
    Action("lora", "minus,underscore", "more(-1)", "rank", "Less of it; in a rectangle the rank of its cells."),
    Action(
        "lora", "space", "paint", "paint", "Adapters on this kind in every layer, or on the rectangle; or none.", True
    ),
    Action("lora", "v", "rectangle", "rectangle", "Mark a rectangle: Space, W, + and - act on its cells.", True),
    Action("lora", "f", "fit", "make it fit", "The cheapest changes that make it fit, and the most that fits.", True),
    Action(
        "lora", "enter", "closer", "numbers", "Type every number of the tuning and the run; see the formulas.", True
    ),
    Action(
        "lora", "T", "tunings", "tunings", "Choose what is trained: LoRA, full, freeze, prompt, prefix, IA3 and others."
    ),
    Action("lora", "w", "weights", "weights", "Hold frozen weights as they are, in int8, or in nf4."),
    Action("lora", "W", "whole", "whole", "Train what is marked whole, saved with the adapter; or freeze it."),
    Action("lora", "b", "biases", "biases", "Train biases besides: none, those of modules with adapters, all."),
    Action("lora", "a", "all_linear", "all", "Adapters on all linear modules but the output head."),
    Action("lora", "F", "full", "full", "Train everything instead, and back."),
    Action("lora", "u", "undo", "undo", "Take back the last change of the tuning."),
    Action("lora", "left,h", "move(0, -1)", "left", "The module to the left.", keycap="← h"),
    Action("lora", "right,l", "move(0, 1)", "right", "The module to the right.", keycap="→ l"),
    Action("lora", "up,k", "move(-1, 0)", "up", "The layer above.", keycap="↑ k"),
    Action("lora", "down,j", "move(1, 0)", "down", "The layer below.", keycap="↓ j"),
    Action("lora", "pageup", "page(-1)", "page up", "A page up."),
    Action("lora", "pagedown", "page(1)", "page down", "A page down."),
    Action("lora", "home,g", "end(-1)", "first", "To the first row.", keycap="Home g"),
    Action("lora", "end,G", "end(1)", "last", "To the last row.", keycap="End G"),
    Action("lora", "ctrl+r", "again", "reload", "Read the model and the device again."),
    Action("lora", "escape", "leave", "leave", "Let go of the rectangle; leave the field that is typed in."),
    # Train
    Action("train", "n", "new", "new run", "Start a run: the draft, what blocks it, and Enter.", footer=True),
    Action("train", "s", "stop", "stop", "Make the run save a checkpoint and end; it can be resumed.", footer=True),
    Action("train", "r", "resume", "resume", "Go on from the run's last checkpoint.", footer=True),
    Action("train", "c", "clone", "clone", "Start another run from what this one was asked for.", footer=True),
    Action("train", "o", "log", "log", "Show what the run's process wrote.", footer=True),
    Action("train", "up,k", "run(-1)", "run", "Choose the run above.", keycap="↑ k"),
    Action("train", "down,j", "run(1)", "run", "Choose the run below.", keycap="↓ j"),
    Action("train", "left,h", "cursor(-1)", "step", "A step back on the curve; its values stand below.", keycap="← h"),
    Action("train", "right,l", "cursor(1)", "step", "A step on along the curve.", keycap="→ l"),
    Action("train", "pageup", "cursor(-10)", "steps", "Ten steps back on the curve."),
    Action("train", "pagedown", "cursor(10)", "steps", "Ten steps on along the curve."),
    Action("train", "escape", "leave_curve", "leave the curve", "Put the cursor on the curve away."),
    # Compare
    Action("compare", "enter", "ask", "ask", "Ask the prompt that is shown.", footer=True),
    Action("compare", "right_square_bracket", "prompt(1)", "next", "Next prompt; it is asked at once.", footer=True),
    Action("compare", "left_square_bracket", "prompt(-1)", "prompt", "Previous prompt."),
    Action("compare", "i", "type", "type", "Type a prompt.", footer=True),
    Action("compare", "v", "blind", "blind votes", "Hide the names and vote; Esc ends with a tally.", footer=True),
    Action("compare", "c", "controls", "controls", "Temperature, longest answer, seed.", footer=True),
    Action("compare", "z", "raw", "raw prompt", "Ask without the chat template, or with it."),
    Action("compare", "o", "sides", "sides", "Change the sides."),
    Action("compare", "escape", "escape", "stop", "End the answer; leave the field, or the blind votes."),
    Action("compare", "down,j", "scroll(1)", "scroll", "Scroll both answers.", keycap="↓ j"),
    Action("compare", "up,k", "scroll(-1)", "scroll", "Scroll both answers back.", keycap="↑ k"),
    Action("compare", "pagedown", "page(1)", "page", "Scroll both answers by a page."),
    Action("compare", "pageup", "page(-1)", "page", "Scroll both answers a page back."),
    Action("compare", "a", "vote('left-clearly')", "A clearly", "Blind: A is clearly better."),
    Action("compare", "s", "vote('left')", "A", "Blind: A is better."),
    Action("compare", "d", "vote('tie')", "tie", "Blind: they are as good as each other."),
    Action("compare", "f", "vote('right')", "B", "Blind: B is better."),
    Action("compare", "g", "vote('right-clearly')", "B clearly", "Blind: B is clearly better."),
    Action("compare", "x", "vote('bad')", "both bad", "Blind: both are bad."),
    Action("compare", "u", "undo", "undo", "Blind: take the last vote back."),
    # Label: pairs
    *(
        Action("label", key, f"say('{stance}')", label, help, footer=key == "x", kinds="pairs")
        for key, stance, label, help in (
            ("a", "left-clearly", "left clearly", "The left answer, or the upper, is clearly better."),
            ("s", "left", "left slightly", "The left answer, or the upper, is slightly better."),
            ("d", "tie", "tie", "Neither answer is better."),
            ("f", "right", "right slightly", "The right answer, or the lower, is slightly better."),
            ("g", "right-clearly", "right clearly", "The right answer, or the lower, is clearly better."),
            ("x", "bad", "both bad", "Both answers are bad."),
        )
    ),
    Action(
        "label",
        "e",
        "edit",
        "edit",
        "Edit an answer, or write one: a row to imitate, and a pair of its own.",
        kinds="pairs",
    ),
    Action(
        "label",
        "tab",
        "agreement",
        "agreement",
        "How far people agree, who is consistent, what is disputed.",
    ),
    Action(
        "label",
        "S",
        "make_pairs",
        "make pairs",
        "Sample pairs from the last run and its base.",
        kinds="pairs",
    ),
    Action("label", "J", "judge", "judge", "Have a model vote, in a run; its trial stands behind Tab.", kinds="pairs"),
    Action("label", "c", "criteria", "criteria", "Vote by each criterion of the rubric.", kinds="pairs single"),
    Action("label", "b", "differences", "differences", "Mark where the two answers differ, or stop.", kinds="pairs"),
    Action("label", "o", "apart", "scroll apart", "Scroll both answers, the one, or the other.", kinds="pairs"),
    # Label: single answers
    Action("label", "g", "rate('good')", "good", "The answer is good.", kinds="single"),
    Action("label", "x", "rate('bad')", "bad", "The answer is bad.", kinds="single"),
    # Label: rows with a class
    Action(
        "label", "enter", "accept", "accept guess", "The row is what the model takes it for.", True, kinds="classes"
    ),
    Action("label", "plus", "other_class", "other class", "Type a class: a new one, or any.", True, kinds="classes"),
    *(
        Action("label", key, f"classify({at})", "class", "The row is of the class beside this key.", kinds="classes")
        for at, key in enumerate(CLASS_KEYS)
    ),
    # Label: rankings
    Action("label", "enter", "store_order", "store", "Store the answers in this order.", True, kinds="ranking"),
    Action(
        "label",
        "right,l",
        "read(True)",
        "read",
        "Read the answer in full, and the prompt below it.",
        True,
        "→ l",
        "ranking",
    ),
    Action("label", "left,h", "read(False)", "back", "Back to all answers.", keycap="← h", kinds="ranking"),
    Action(
        "label",
        "plus,left_square_bracket,K,shift+up",
        "place(-1)",
        "better",
        "Move the answer up.",
        keycap="+ [",
        kinds="ranking",
    ),
    Action(
        "label",
        "minus,right_square_bracket,J,shift+down",
        "place(1)",
        "worse",
        "Move the answer down.",
        keycap="- ]",
        kinds="ranking",
    ),
    Action(
        "label", "equals_sign", "tie", "tie", "As good as the answer above; again: not.", keycap="=", kinds="ranking"
    ),
    # Label: any set
    Action("label", "space", "skip", "skip", "Leave this for the end.", footer=True),
    Action("label", "u", "undo", "undo", "Take the last vote back and return to what it was on.", footer=True),
    Action("label", "n", "note", "note", "Write a note that is stored with the vote.", footer=True),
    Action(
        "label",
        "enter",
        "closer",
        "prompt",
        "Read a long prompt; or take the pairs offered.",
        True,
        kinds="pairs single",
    ),
    Action("label", "r", "rubric", "rubric", "Show the rubric: what makes an answer better."),
    Action(
        "label", "O", "order", "order", "What comes first in this set: at random, disputed, where a model is unsure."
    ),
    Action("label", "i", "import_file", "import", "Import a preference file as a set of pairs."),
    Action("label", "up,k", "move('up')", "up", "The text a line up; in a ranking to the answer above.", keycap="↑ k"),
    Action("label", "down,j", "move('down')", "down", "A line down; in a ranking to the answer below.", keycap="↓ j"),
    Action("label", "pageup", "move('pageup')", "page up", "The text a page up."),
    Action("label", "pagedown", "move('pagedown')", "page down", "The text a page down."),
    Action("label", "home", "move('home')", "top", "To the beginning of the text, or the first answer."),
    Action("label", "end", "move('end')", "end", "To the end of the text, or the last answer."),
    Action("label", "escape", "leave", "leave", "Leave the field that is typed in, or what is read."),
)


def actions_of(pane: PaneName, kind: str = "pairs") -> list[Action]:
    """Return what can be done in a pane, its own actions first; in Label with a set of that kind."""
    own = [each for each in ACTIONS if each.pane == pane and (not each.kinds or kind in each.kinds.split())]
    return own + [each for each in ACTIONS if each.pane == "all"]
