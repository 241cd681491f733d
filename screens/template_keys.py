"""What the keys of the Template pane do: other rows, policies and templates, and the same row beside itself."""

from pathlib import Path
from typing import TYPE_CHECKING

from textual import on, work
from textual.message import Message

from screens.pane import Pane
from screens.widgets.set_line import SetLine
from screens.widgets.sides import Sides
from workbench.errors import WorkbenchError
from workbench.template.known import source_of
from workbench.template.nearby import others, templates_nearby, with_templates
from workbench.template.spec import template_name
from workbench.template.survey import Survey
from workbench.template.viewer import Ask, Shown

if TYPE_CHECKING:
    from workbench.template.spec import EncoderSpec, TrainOn

_POLICIES: tuple["TrainOn", ...] = ("assistant", "last", "completion", "all")


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
        if draft.file is None:
            self.workbench.go("data")
        elif draft.model is None:
            self.workbench.take(draft={"model": "starter"})

    # other templates

    def action_template(self) -> None:
        """Offer the templates that are known."""
        if self._asked is not None:
            self._look_for_templates(is_beside=False)

    @work(thread=True, exclusive=True, group="templates", exit_on_error=False)
    def _look_for_templates(self, *, is_beside: bool) -> None:
        self.post_message(self.Templates(templates_nearby(self.workspace.folder), is_beside=is_beside))

    @on(Templates)
    def _offer(self, message: Templates) -> None:
        from screens.template_choice import TemplateChoice

        if self._asked is None:
            return
        now = self._asked.spec
        if message.is_beside:
            choice = TemplateChoice("Beside it, the same row under", now, others(now, message.names))
            self.app.push_screen(choice, self._chosen_beside)
        else:
            choice = TemplateChoice("Which template?", now, with_templates(now, message.names))
            self.app.push_screen(choice, self._chosen)

    def _chosen(self, chosen: "EncoderSpec | None") -> None:
        if chosen is not None and self.workbench.take(draft={"template": chosen.template}):
            self.say(f"template: {template_name(chosen)}")

    def action_tokens(self) -> None:
        """Add the tokens that the template needs to the model, or no more."""
        draft = self.hand.draft
        if self._asked is None:
            return
        adds = not (draft.new_tokens or draft.stop_token)
        if self.workbench.take(draft={"new_tokens": "template" if adds else (), "stop_token": None}):
            self.say(
                "the tokens that the template writes and the model lacks are added, and its end of an answer stops"
                if adds
                else "no tokens are added to the model"
            )

    def action_edit(self) -> None:
        """Open the template in the person's editor; one that is no file of theirs is copied to templates/ first."""
        from screens.editing import copy_of, edit

        asked, source = self._asked, self._shown.template if self._shown is not None else None
        if asked is None or not (asked.spec.template or source):
            self.say("there is no chat template to edit: t puts one on the model")
            return
        folder, named = self.workspace.folder / "templates", asked.spec.template
        try:
            if named and Path(named).is_absolute():
                file = Path(named)
            elif named:
                file = copy_of(source_of(named), folder, Path(named).name)
            else:
                file = copy_of(source or "", folder, Path(asked.model).name)
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
            self._look_for_templates(is_beside=True)

    def _chosen_beside(self, chosen: "EncoderSpec | None") -> None:
        if chosen is not None:
            self.put_beside(chosen)

    def put_beside(self, spec: "EncoderSpec | None") -> None:
        """Have a second lens for this template and policy; None for one lens."""
        self.sides.put(spec)
        self.ask_beside()
        self.draw_row()
        self.remember()

    def action_close(self) -> None:
        """End the second lens."""
        if self.sides.spec is not None:
            self.put_beside(None)

    def action_difference(self, step: int) -> None:
        """Go to the next difference."""
        if not self.sides.are_two:
            self.say("b puts the row beside itself under another template or policy; n goes through the differences")
        elif self.sides.compared is None:
            self.say("not both are shown yet")
        elif not self.sides.go(step):
            self.say("there is no difference")
        else:
            self.draw_row()

    def action_side(self) -> None:
        """Put the cursor into the other lens."""
        if not self.sides.are_two:
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
