"""What the Data pane does with an open data set: visits its problems, maps, profiles, mends, saves and copies."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on, work

from screens.pane import Pane
from screens.widgets.browse import Browse
from workbench.data.browser import Browser
from workbench.data.opened import Opened, stamp_of
from workbench.data.shown import count_words, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.data.check.fix import Fixed
    from workbench.data.rows import Rows
    from workbench.data.spec import DataSpec
    from workbench.workspace import Workspace

CHOOSE = "choose a data set first: Ctrl+O"
_MOST_COPIED = 100_000  # characters: terminals take no more


class DataKeys(Pane):
    """The keys of an open data set; the pane opens it."""

    PANE = "data"

    def __init__(self) -> None:
        super().__init__()
        self._asked: DataSpec | None = None
        self._opened: Opened | None = None
        self._browser: Browser | None = None

    def action_problem(self) -> None:
        """Go to the next row that something is wrong with."""
        from screens.problems import described

        if self._browser is None:
            self.say(CHOOSE)
            return
        browse = self.query_one(Browse)
        row = browse.next_problem()
        if not row:
            self.say(_nothing_words(browse))
            return
        at, count = browse.problem_place(row)
        among = "the first " if browse.problems.is_cut else ""
        self.say(f"{at:,} of {among}{count:,} · {'; '.join(described(each) for each in browse.problems.of(row))}")

    def action_problems(self) -> None:
        """List what is wrong with the data set."""
        from screens.problem_list import ProblemList

        browse = self.query_one(Browse)
        if not browse.problems.all:
            self.say(_nothing_words(browse))
            return
        self.app.push_screen(ProblemList(browse.problems), self._visit)

    def _visit(self, code: str | None) -> None:
        browse = self.query_one(Browse)
        if code is not None:
            browse.visit(code)
            self.action_problem()

    def action_map(self) -> None:
        """Choose which column plays which part."""
        from screens.mapping import MappingView
        from workbench.data.mapping import MappingDraft

        if self._opened is None:
            self.say(CHOOSE)
            return
        rows = self._opened.rows
        draft = MappingDraft.of(rows.columns, self._opened.head, self._opened.schema)
        self.app.push_screen(MappingView(draft), self._mapped)

    def _mapped(self, mapping: dict[str, str] | None) -> None:
        if mapping is not None and self._asked is not None and mapping != self._asked.map:
            self.workbench.take(draft={"data": {**self._asked.model_dump(), "map": mapping}})

    def action_profile(self) -> None:
        """Tell what stands in the column under the cursor."""
        from screens.profile import ProfileView

        column = self.query_one(Browse).column
        if self._opened is None or self._browser is None or column is None:
            self.say(CHOOSE)
            return
        model = self.hand.draft.model
        count_tokens = partial(_token_counts, model, self.workspace) if model else None
        self.app.push_screen(ProfileView(self._opened.rows, column, self._browser.count, count_tokens))

    def action_save(self) -> None:
        """Type a file for the rows that are shown."""
        self.query_one(Browse).type_file()

    @on(Browse.Named)
    def _named(self, message: Browse.Named) -> None:
        if self._opened is not None:
            self._write(self._opened, self.query_one(Browse).numbers, message.file)

    @work(thread=True, exclusive=True, group="save", exit_on_error=False)
    def _write(self, opened: Opened, numbers: "Sequence[int]", name: str) -> None:
        from workbench.data.write import check_out, copy_rows
        from workbench.errors import WrongUse

        if opened.stamp != stamp_of(opened.rows):
            raise WrongUse(f"{opened.rows.path} changed on disk", "Ctrl+R reads it again; then write it")
        rows = opened.rows
        out = self.workspace.folder / Path(name).expanduser()
        check_out(out, rows.files)
        if out.exists():
            raise WrongUse(f"{name} is there already", "name another file")
        count = copy_rows(rows, numbers, out)
        self.app.call_from_thread(self.say, f"{count_words(count, 'row')} written to {name}")

    def action_copy_cell(self) -> None:
        """Copy the value under the cursor."""
        browse = self.query_one(Browse)
        if browse.column is not None:
            self.workbench.copy_text(plain(browse.cell, _MOST_COPIED), browse.column or "the cell")

    def action_fix(self) -> None:
        """Write a new file without what can be mended."""
        if self._opened is None or self._asked is None:
            self.say(CHOOSE)
        elif not self.query_one(Browse).problems.all:
            self.action_problem()
        else:
            self.say("mending: a new file is written")
            self._fix(self._opened.rows, {} if self._opened.doubt else self._asked.map, self._asked.validation)

    @work(thread=True, exclusive=True, group="save", exit_on_error=False)
    def _fix(self, rows: "Rows", data_map: dict[str, str], validation: str | None) -> None:
        from workbench.data.check.fix import fix
        from workbench.data.check.run import rows_held_out

        out = _beside(rows.path)
        fixed = fix(rows, out, data_map, held_out=rows_held_out(rows.path, validation, lambda _: None))
        self.app.call_from_thread(self.say, _fixed_words(out, fixed))


def _nothing_words(browse: Browse) -> str:
    """Why there is no row with a problem to go to."""
    if browse.problems.all and not browse.problems.next(0):
        return "what is wrong concerns the whole file: E tells it"
    if browse.problems.all and not browse.shows_all:
        return "nothing is wrong with the rows that are shown: E lists the others"
    return "nothing is wrong with any row" if browse.problems.is_done else "nothing was found so far"


def _beside(path: Path) -> Path:
    """A new file beside the one that is read, in a format that can be written."""
    from workbench.data.place import is_pattern
    from workbench.data.write import SUFFIXES

    if is_pattern(path):  # beside the folder: what lies in it may fit the pattern
        path = path.parent
    suffix = path.suffix if path.suffix.lower() in SUFFIXES else ".jsonl"
    names = (f"{path.stem}.fixed{number}{suffix}" for number in ("", *range(2, 1000)))
    return next(path.with_name(name) for name in names if not path.with_name(name).exists())


def _fixed_words(out: Path, fixed: "Fixed") -> str:
    """What was written, and what it lacks."""
    parts = [f"{out.name}: {fixed.rows_out:,} of {count_words(fixed.rows_in, 'row')}"]
    for done, counts in (("mended", fixed.changed), ("dropped", fixed.dropped), ("left", fixed.left)):
        if counts:
            parts.append(f"{done} " + ", ".join(f"{code} {count:,}" for code, count in counts.items()))
    return " · ".join(parts)


def _token_counts(model: str, workspace: "Workspace", texts: "Sequence[str]") -> list[int]:
    """How many tokens of a model each text is, with those that its tokenizer always adds. For a thread."""
    from workbench.models.find import Need, find_model
    from workbench.template.client import EncoderWorker
    from workbench.template.spec import EncoderSpec

    folder = find_model(model, Need.TOKENIZER, lambda _: None).tokenizer_folder
    with EncoderWorker(folder, EncoderSpec(), workspace.settings) as worker:
        answers = worker.prompts(({"prompt": text} for text in texts), raw=True)
        return [len(answer["input_ids"]) for answer in answers if "input_ids" in answer]
