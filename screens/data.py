"""The Data pane: opens the data set in hand, or offers files, and shows its rows."""

import contextlib
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.app import ComposeResult
from textual.message import Message
from textual.timer import Timer

from screens.data_keys import CHOOSE, DataKeys
from screens.pane import Target
from screens.problems import Problems
from screens.sources import File, files_to_open, rows_words, selection_notes
from screens.widgets.browse import Browse
from screens.widgets.schema_line import SchemaLine
from screens.widgets.table import Motion
from workbench.data.browser import Browser, Changed, SearchTold, SelectionTold
from workbench.data.lane import Lane
from workbench.data.opened import Failed, Noted, Opened, open_in
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.data.checking import Checking, CheckTold
    from workbench.data.spec import DataSpec
    from workbench.runs.desk import Hand

_SLOW_SECONDS = 0.2  # after which opening is spoken of
_LOOK_SECONDS = 2.0  # between two looks at the file
_MOST_RECENT = 8


class DataPane(DataKeys):
    """What is in my file?"""

    class Told(Message):
        """Something happened in a lane: of a data set that is being opened, or is open."""

        def __init__(self, lane: Lane, event: Any) -> None:
            self.lane = lane
            self.event = event
            super().__init__()

    class CheckedRows(Message):
        """The check behind the pane has found more."""

        def __init__(self, event: "CheckTold") -> None:
            self.event = event
            super().__init__()

    class Nearby(Message):
        """The files that could be opened."""

        def __init__(self, files: list[File]) -> None:
            self.files = files
            super().__init__()

    def __init__(self) -> None:
        super().__init__()
        self._lane: Lane | None = None
        self._slow: Timer | None = None
        self._checking: Checking | None = None
        self._recent: list[str] = []
        self._place: dict[str, Any] = {}

    def body(self) -> ComposeResult:
        """Yield the schema line and the rows below it."""
        yield SchemaLine()
        yield Browse()

    # the selection

    def hand_changed(self, before: "Hand | None", now: "Hand") -> None:
        """Open the data set in hand, or go to the row in hand."""
        data = now.draft.file
        if before is not None and _same_rows(data, self._asked):
            if now.row != before.row:
                self.query_one(Browse).go_to(now.row)
            return
        self._asked = data
        self._close()
        if data is None:
            self.query_one(SchemaLine).tell(
                "No data set is chosen", "Enter opens one of these · Ctrl+O finds others, or type a Hub id there"
            )
            self._look_around()
        else:
            is_known = self._place.get("data") == data.train and self._place.get("sent") == now.row
            self._open(data, self._place if is_known else {"row": now.row})

    def place(self) -> dict[str, Any]:
        """Return the row, the search and the columns that are seen."""
        if self._browser is not None:
            self._place = {
                "data": self._train,
                "sent": self.hand.row,
                "row": self._browser.anchor,
                **self.query_one(Browse).looks(),
            }
        return {**self._place, "recent": self._recent}

    def restore(self, place: dict[str, Any]) -> None:
        """Keep the place until its data set is open."""
        recent = place.get("recent")
        self._recent = [each for each in recent if isinstance(each, str)] if isinstance(recent, list) else []
        self._place = place

    def targets(self) -> list[Target]:
        """Return the row for Template and the data set for Train."""
        if self._browser is None or not self._browser.row:
            return []
        row = self._browser.row
        return [
            Target("template", f"row {row:,}: which of its tokens are trained", {"row": row}),
            Target("train", "the data set, for the next run"),
        ]

    def command(self) -> str:
        """Return the command that shows the row under the cursor."""
        if self._browser is None:
            return ""
        query = self._browser.query
        row = f" --row {self._browser.row}" if self._browser.row else ""
        which = f" --where {quote(query.where)}" if query is not None and query.where else row
        return f"workbench data show {quote(self._train)}{which}"

    # opening

    @property
    def _train(self) -> str:
        """The data set as the draft names it."""
        return self._asked.train if self._asked is not None else ""

    @property
    def _called(self) -> str:
        """The data set as a person calls it: a file by its name alone."""
        path = Path(self._train)
        return path.name if path.is_absolute() else self._train

    def _open(self, data: "DataSpec", place: dict[str, Any]) -> None:
        self._place = place
        lane = self._lane = Lane()
        self._slow = self.set_timer(_SLOW_SECONDS, lambda: self.query_one(SchemaLine).tell(f"opening {data.train}"))
        open_in(lane, data.train, data.map, lambda event: self._tell(lane, event))

    def _close(self) -> None:
        """Forget the data set that was open."""
        if self._checking is not None:
            self._checking.stop()
            self._checking = None
        if self._browser is not None:
            self._browser.close()
        elif self._lane is not None:
            self._lane.close()
        self._lane = self._browser = self._opened = None
        self._stop_waiting()

    def _stop_waiting(self) -> None:
        if self._slow is not None:
            self._slow.stop()
            self._slow = None

    def _tell(self, lane: Lane, event: Any) -> None:
        """Called in the lane, maybe after the app has ended."""
        with contextlib.suppress(RuntimeError):
            self.post_message(self.Told(lane, event))

    @on(Told)
    def _told(self, message: Told) -> None:
        event = message.event
        if message.lane is not self._lane:
            return
        if isinstance(event, Noted):
            self.say(event.text)
        elif isinstance(event, Failed):
            self._refused(event.error)
        elif isinstance(event, Opened):
            self._show(event, message.lane)
        elif isinstance(event, Changed):
            self.warn(f"{self._called} changed on disk: Ctrl+R reads it again")
        elif self._browser is not None:
            is_asked = isinstance(event, SelectionTold) and event.query is self._browser.query
            self.query_one(Browse).hear(event)
            self._describe()
            self._check_when_counted()
            if isinstance(event, SearchTold) and event.found.error is not None:
                self.warn(f"the search ended early: {event.found.error}")
            if isinstance(event, SelectionTold) and is_asked and event.error is not None:
                self.fail(event.error)

    def _refused(self, error: WorkbenchError) -> None:
        self._close()
        self.query_one(SchemaLine).trouble(error.what.replace(self._train, self._called), error.fix)
        self._look_around()

    def _show(self, opened: Opened, lane: Lane) -> None:
        """Show the rows, where the place says."""
        self._stop_waiting()
        row = self._place.get("row")
        row = row if isinstance(row, int) and row > 0 else 1
        self._opened = opened
        self._browser = Browser(opened, lane, lambda event: self._tell(lane, event), row)
        self.query_one(Browse).show(opened, self._browser, self._place)
        self._describe()
        self.show_frame()
        self._check_when_counted()
        self._remember_recent()

    def _describe(self) -> None:
        if self._opened is not None and self._browser is not None:
            notes = [*filter(None, [self._opened.doubt]), *selection_notes(self._browser), *self._opened.rows.notes]
            found = self.query_one(Browse).problems.words()
            self.query_one(SchemaLine).data(
                " · ".join(filter(None, [rows_words(self._browser), found])),
                self._browser.count,
                self._opened.rows.column_names,
                self._opened.schema,
                notes,
            )

    def _check_when_counted(self) -> None:
        """Have the whole file checked, behind what the person does."""
        opened, browser = self._opened, self._browser
        if self._checking is None and opened is not None and browser is not None and browser.count:
            from workbench.data.checking import Checking

            asked = self._asked
            data_map = asked.map if asked is not None and not opened.doubt else {}
            validation = asked.validation if asked is not None else None
            self._checking = Checking(self._train, data_map, validation, self._tell_checked)

    def _tell_checked(self, event: "CheckTold") -> None:
        """Called in a thread, maybe after the app has ended."""
        with contextlib.suppress(RuntimeError):
            self.post_message(self.CheckedRows(event))

    @on(CheckedRows)
    def _checked(self, message: CheckedRows) -> None:
        event = message.event
        if event.checking is not self._checking:
            return
        if event.error is not None:
            self.warn(f"the check ended early: {event.error.what}")
            return
        self.query_one(Browse).found(Problems(event.problems, is_done=event.is_done))
        self._describe()

    def _remember_recent(self) -> None:
        others = [each for each in self._recent if each != self._train]
        self._recent = [self._train, *others][:_MOST_RECENT]
        self.remember()

    # files to choose from

    @work(thread=True, exclusive=True, group="nearby", exit_on_error=False)
    def _look_around(self) -> None:
        self.post_message(self.Nearby(files_to_open(self.workspace.folder, self._recent)))

    @on(Nearby)
    def _found_files(self, message: Nearby) -> None:
        if self._browser is None:
            self.query_one(Browse).offer(message.files)

    # keys

    def action_move(self, motion: Motion) -> None:
        """Move the cursor, or scroll a row that is open."""
        self.query_one(Browse).move(motion)

    def action_row(self, motion: Motion) -> None:
        """Go to another row, also while one is open."""
        self.query_one(Browse).move_row(motion)

    def action_sideways(self, step: int) -> None:
        """Move the cursor by a column."""
        self.query_one(Browse).move_sideways(step)

    def action_look(self) -> None:
        """Open the file, or the row, under the cursor; close a row that is open."""
        self.query_one(Browse).look()

    def action_search(self) -> None:
        """Type what to search for."""
        if self._browser is None:
            self.say(CHOOSE)
        self.query_one(Browse).search()

    def action_seek(self, step: int) -> None:
        """Go to the next row, or the one before, that has what is searched for."""
        self.query_one(Browse).seek(step)

    def action_where(self) -> None:
        """Type a condition, or the number of a row."""
        if self._browser is None:
            self.say(CHOOSE)
        self.query_one(Browse).type_condition()

    def action_sort(self) -> None:
        """Sort by the column under the cursor."""
        self.query_one(Browse).sort()

    def action_hide_column(self) -> None:
        """Hide the column under the cursor."""
        self.query_one(Browse).hide_column()

    def action_show_columns(self) -> None:
        """Show every column again."""
        self.query_one(Browse).show_columns()

    def action_move_column(self, step: int) -> None:
        """Move the column under the cursor."""
        self.query_one(Browse).move_column(step)

    def action_close(self) -> None:
        """Close the row that is open, else end the search."""
        self.query_one(Browse).close()

    def action_reload(self) -> None:
        """Read the file again, and stand where one stood."""
        if self._asked is not None:
            place = self.place()
            self._close()
            self._open(self._asked, place)

    @on(Browse.Moved)
    def _moved(self) -> None:
        self._describe()
        self.remember()

    @on(Browse.Chosen)
    def _chosen(self, message: Browse.Chosen) -> None:
        self.workbench.take(draft={"data": {"train": message.file.train}}, row=1)

    def on_mount(self) -> None:
        """Look now and then whether the file is still what was opened."""
        self.set_interval(_LOOK_SECONDS, self._look_for_changes)

    def on_screen_suspend(self) -> None:
        """Have the rows of a long file counted no further while another pane is shown."""
        if self._browser is not None and self.workbench.active_pane is not self:
            self._browser.rest()

    def on_screen_resume(self) -> None:
        """Go on counting, and see whether the file was changed meanwhile."""
        if self._browser is not None:
            self._browser.go_on()
        self._look_for_changes()

    def _look_for_changes(self) -> None:
        if self._browser is not None and self.is_current:
            self._browser.look_for_changes()

    def on_unmount(self) -> None:
        """Let go of the file."""
        self._close()


def _same_rows(one: "DataSpec | None", other: "DataSpec | None") -> bool:
    """Whether two data sets are read alike; how they are split makes no difference here."""
    if one is None or other is None:
        return one is other
    return (one.train, one.map) == (other.train, other.map)
