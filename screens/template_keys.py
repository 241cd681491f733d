"""What the keys of the Template pane do: other rows, policies and templates, and the same row beside itself."""

from pathlib import Path
from typing import TYPE_CHECKING

from textual import on, work
from textual.message import Message

from screens.pane import Pane
from screens.widgets.set_line import SetLine
from screens.widgets.sides import Sides
from workbench.errors import WorkbenchError
from workbench.template.nearby import others, templates_nearby
from workbench.template.spec import template_name
from workbench.template.survey import Survey
from workbench.template.viewer import Ask, Shown

if TYPE_CHECKING:
    from workbench.template.spec import EncoderSpec, TrainOn

_POLICIES: tuple["TrainOn", ...] = ("assistant", "last", "completion", "all")
_OWN = "the model's own"


class TemplateKeys(Pane):
    """The keys; the pane asks and shows."""

    PANE = "template"

    class Templates(Message):
        """What can be chosen from: the next of them is to be taken, or one to be put beside."""

        def __init__(self, names: list[str], *, is_beside: bool) -> None:
            self.names = names
            self.is_beside = is_beside
            super().__init__()

    def __init__(self) -> None:
        super().__init__()
        self._asked: Ask | None = None
        self._shown: Shown | None = None
        self._rows: int | None = None

    def ask_beside(self) -> None:
        """Have the row in hand encoded for the second lens as well, where there is one."""
        raise NotImplementedError

    def draw_row(self) -> None:
        """Draw the lines about the row and the token."""
        raise NotImplementedError

    def action_reload(self) -> None:
        """Read everything again, and stand where one stood."""
        raise NotImplementedError

    @property
    def sides(self) -> Sides:
        """The lens, or two."""
        return self.query_one(Sides)

    @property
    def survey(self) -> Survey | None:
        """What is counted of the set with the policy and the template in hand."""
        return self.query_one(SetLine).survey

    def action_row(self, step: int) -> None:
        """Go to another row."""
        row = max(1, min(self.hand.row + step, self._rows or self.hand.row + 1))
        if self._asked is not None:
            self.workbench.take(row=row)

    def action_problem(self) -> None:
        """Go to the next row that something is wrong with."""
        found = self.survey.next_problem(self.hand.row) if self.survey is not None else None
        if found is not None:
            self.workbench.take(row=found)
        elif self.survey is None or not self.survey.is_done:
            self.say("the set is still being counted")
        else:
            self.say("nothing is wrong with the rows that were counted")

    def action_policy(self) -> None:
        """Train on other tokens."""
        at = _POLICIES.index(self.hand.draft.train_on)
        self.workbench.take(draft={"train_on": _POLICIES[(at + 1) % len(_POLICIES)]})

    def action_look(self) -> None:
        """Take what is missing: the starter, or data."""
        draft = self.hand.draft
        if draft.data is None:
            self.workbench.go("data")
        elif draft.model is None:
            self.workbench.take(draft={"model": "starter"})

    # other templates

    @work(thread=True, exclusive=True, group="templates", exit_on_error=False)
    def action_template(self) -> None:
        """Take the next template; the model's own comes after the last."""
        self.post_message(self.Templates(templates_nearby(self.workspace.folder), is_beside=False))

    @on(Templates)
    def _choose(self, message: Templates) -> None:
        if message.is_beside:
            self._offer_beside(message.names)
        else:
            self._take_template([None, *message.names])

    def _take_template(self, choices: list[str | None]) -> None:
        now = self.hand.draft.template
        if choices == [now]:
            self.say("t goes through the Jinja files of the folder templates/ here; it has none")
            return
        at = choices.index(now) if now in choices else -1
        taken = choices[(at + 1) % len(choices)]
        if self.workbench.take(draft={"template": taken}):
            self.say(f"template: {Path(taken).name if taken else _OWN}")

    def action_edit(self) -> None:
        """Open the template in the person's editor; the model's own is copied to templates/ first."""
        from screens.editing import copy_of, edit

        asked, source = self._asked, self._shown.template if self._shown is not None else None
        if asked is None or not (asked.spec.template or source):
            self.say("there is no chat template to edit")
            return
        folder = self.workspace.folder / "templates"
        try:
            taken = asked.spec.template or copy_of(source or "", folder, Path(asked.model).name)
            file = Path(taken)
            edit(self.app, file)
        except WorkbenchError as error:
            self.fail(error)
            return
        if self.workbench.take(draft={"template": str(file)}):
            self.action_reload()
            self.say(f"template: {file.name}")

    # beside it

    def action_beside(self) -> None:
        """Put the same row under something else beside the first, or end that."""
        if self.sides.spec is not None:
            self.put_beside(None)
        elif self._shown is None:
            self.say("b puts a row that is shown beside itself, under something else")
        else:
            self._look_for_templates()

    @work(thread=True, exclusive=True, group="templates", exit_on_error=False)
    def _look_for_templates(self) -> None:
        self.post_message(self.Templates(templates_nearby(self.workspace.folder), is_beside=True))

    def _offer_beside(self, names: list[str]) -> None:
        from screens.beside_choice import BesideChoice

        if self._asked is not None:
            now = self._asked.spec
            self.app.push_screen(BesideChoice(now, others(now, names)), self._chosen_beside)

    def _chosen_beside(self, chosen: "EncoderSpec | None") -> None:
        if chosen is not None:
            self.put_beside(chosen)

    def put_beside(self, spec: "EncoderSpec | None") -> None:
        """Have a second lens for this template and policy; None for one lens."""
        self.sides.put(spec)
        self.set_class(spec is not None, "-beside")
        self.ask_beside()
        self.draw_row()
        self.remember()

    def action_close(self) -> None:
        """End the second lens."""
        if self.sides.spec is not None:
            self.put_beside(None)

    def action_difference(self, step: int) -> None:
        """Go to the next difference."""
        if self.sides.spec is None:
            self.say("b puts the row beside itself under another template or policy; n goes through the differences")
        elif self.sides.compared is None:
            self.say("not both are shown yet")
        elif not self.sides.go(step):
            self.say("there is no difference")
        else:
            self.draw_row()

    def action_side(self) -> None:
        """Put the cursor into the other lens."""
        if self.sides.spec is None:
            self.say("there is one lens; b puts another one beside it")
        else:
            self.sides.change()
            self.draw_row()

    # the set

    def action_histogram(self) -> None:
        """Show how many tokens of the rows are trained."""
        from screens.survey_view import SurveyView

        if self.survey is None or not self.survey.rows:
            self.say("the set is still being counted")
        else:
            self.app.push_screen(SurveyView(self.survey))

    def action_findings(self) -> None:
        """Show what the template does to chats in general."""
        from screens.findings import Findings

        found, asked = self.survey, self._asked
        if found is None or asked is None:
            self.say("the template is looked at with the set, once a row is shown")
        elif not found.is_done:
            self.say("the set is still being counted")
        elif not found.template:
            self.say("nothing is odd about the template")
        else:
            self.app.push_screen(Findings(template_name(asked.spec), found.template))
