"""An annotator's steps in a thread of their own, one after the other: the screen asks, and hears what came of it.

What a step answers was on disk before it is told.
"""

import contextlib
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError
from dataclasses import replace
from pathlib import Path

from workbench.data.lane import Lane
from workbench.data.rows import open_rows
from workbench.data.spec import DataSpec
from workbench.errors import Missing, WorkbenchError, WrongUse
from workbench.label.collecting import Collector
from workbench.label.heard import Heard, Importing, Judged, NothingToUndo, Reordered
from workbench.label.importing import Imported, import_pairs
from workbench.label.item_session import ItemSession, ItemShown
from workbench.label.offer import look_around
from workbench.label.plan import Plan, usual_plan
from workbench.label.records import Answer, Order, PairSet
from workbench.label.session import Session, Shown
from workbench.label.sides import Stance
from workbench.label.sources import source_of
from workbench.label.store import Store, open_store
from workbench.workspace import Workspace

_CLOSE_SECONDS = 0.5


class Labeller:
    """`tell(step, heard)` is called in the thread; each request returns the number of its step."""

    def __init__(self, labels: Path, annotator: str, tell: Callable[[int, Heard], None]) -> None:
        self.annotator = annotator
        self._labels = labels
        self._tell = tell
        self._lane = Lane()
        self._steps = 0
        self.safety = ""
        """What a person should know of how the open file is kept safe; "" where nothing is out of the ordinary."""
        self._store: Store | None = None
        self._session: Session | ItemSession | None = None
        self._plan: Callable[[PairSet], Plan] = usual_plan
        self._collector = Collector(Workspace(labels.parent))

    def collect(self) -> int:
        """Take what runs were answered into their sets; tells of it as Collected."""
        return self._do(self._collector.collect)

    def open(
        self,
        set_name: str | None,
        data: DataSpec | None,
        pair_id: int | None,
        plan: Callable[[PairSet], Plan] | None = None,
    ) -> int:
        """Show a set as `plan` says of it, from a pair on; or what there is to label when there is no such set."""

        def step() -> Heard:
            self._close_store()
            self._collector.collect()
            offer = look_around(self._labels, None if set_name else data, set_name)
            held = next((each for each in offer.sets if each.name == set_name), None)
            if held is None:
                return look_around(self._labels, data, set_name)
            self._plan = plan or usual_plan
            self._store = open_store(self._labels)
            self.safety = self._store.safety
            going = Session if held.kind == "pairs" else ItemSession
            self._session = going(self._store, held.name, self.annotator, self._plan(held))
            return self._session.begin(pair_id)

        return self._do(step)

    def vote(self, shown: Shown, stance: Stance, note: str, seconds: float | None = None) -> int:
        """Vote on the pair that is shown, after so many seconds."""
        return self._do(lambda: self._of_pairs.vote(shown, stance, note, seconds))

    def say(
        self, shown: ItemShown, choice: str, note: str, seconds: float | None = None, *, is_new: bool = False
    ) -> int:
        """Say what the item that is shown is: good or bad, an order, a class, which may be new to the set."""
        return self._do(lambda: self._of_items.say(shown, choice, note, seconds, is_new=is_new))

    def judge(self, shown: Shown, said: Mapping[str, Stance]) -> int:
        """Vote on the pair that is shown by criteria of the rubric."""

        def step() -> Heard:
            for criterion, stance in said.items():
                self._of_pairs.judge(shown, criterion, stance)
            return Judged(tuple(said))

        return self._do(step)

    def judge_item(self, shown: ItemShown, said: Mapping[str, str]) -> int:
        """Call the answer that is shown good or bad by criteria of the rubric."""

        def step() -> Heard:
            for criterion, choice in said.items():
                self._of_items.judge(shown, criterion, choice)
            return Judged(tuple(said))

        return self._do(step)

    def edit(self, shown: Shown, words: str, of: Answer | None) -> int:
        """Store an answer that the annotator wrote, or edited from one of the pair that is shown."""
        return self._do(lambda: self._of_pairs.edit(shown, words, of))

    def show(self, number: int) -> int:
        """Show the pair, or another item, of this number, to vote on it once more."""
        return self._do(lambda: self._going.show(number))

    def stats(self) -> int:
        """Ask what the votes of the set say about the votes."""

        def step() -> Heard:
            from workbench.label.learning import enough_lines  # reads runs, which no vote waits for

            found = self._going.stats()
            if found.kind not in ("pairs", "ranking"):
                return found
            return replace(found, enough=tuple(enough_lines(Workspace(self._labels.parent), found.set_name)))

        return self._do(step)

    def go_through(self, set_name: str, order: Order) -> int:
        """Keep in which order a set is gone through; it is to be opened anew then."""

        def step() -> Heard:
            with open_store(self._labels) as store:
                held = store.set_named(set_name)
                self._plan(replace(held, order=order))  # what cannot be had is not kept
                store.go_through(set_name, order, held.repeats)
            return Reordered(set_name, order)

        return self._do(step)

    def undo(self) -> int:
        """Take the last vote back."""
        return self._do(lambda: self._going.undo() or NothingToUndo())

    def again(self) -> int:
        """Go through the skipped pairs once more."""
        return self._do(lambda: self._going.again())

    def import_file(self, file: Path, set_name: str, map: dict[str, str]) -> int:
        """Add what a file gives to label to a set, of whatever kind; tells of it several times."""
        number = self._steps + 1

        def step() -> Heard:
            source = source_of(open_rows(file), map)

            def tell(so_far: Imported) -> None:
                self._tell(number, Importing(set_name, so_far, source.kind))

            with open_store(self._labels) as store:
                done = import_pairs(store, set_name, source.items, tell, source.kind)
            if done.left_out == done.rows:
                raise WorkbenchError(
                    f"{file.name}: no row makes a pair", done.problems[0].what if done.problems else ""
                )
            return Importing(set_name, done, source.kind, is_done=True)

        return self._do(step)

    def close(self) -> None:
        """Let go of the file, and end the thread after the step that it is in."""
        with contextlib.suppress(TimeoutError, CancelledError):
            self._lane.submit(self._close_store).result(_CLOSE_SECONDS)
        self._lane.close()

    @property
    def _going(self) -> Session | ItemSession:
        if self._session is None:
            raise Missing("no set of pairs is open", "Ctrl+O chooses one")
        return self._session

    @property
    def _of_pairs(self) -> Session:
        going = self._going
        if not isinstance(going, Session):
            raise WrongUse("this set holds no pairs", "Ctrl+O chooses another")
        return going

    @property
    def _of_items(self) -> ItemSession:
        going = self._going
        if not isinstance(going, ItemSession):
            raise WrongUse("this set holds pairs", "Ctrl+O chooses another")
        return going

    def _close_store(self) -> None:
        if self._store is not None:
            self._store.close()
        self._store = self._session = None

    def _do(self, step: Callable[[], Heard]) -> int:
        self._steps += 1
        number = self._steps

        def told() -> None:
            try:
                heard = step()
            except WorkbenchError as error:
                heard = error
            except OSError as error:
                heard = Missing(f"{error.filename or self._labels}: {(error.strerror or str(error)).lower()}")
            except Exception as error:
                heard = WorkbenchError(f"unexpected {type(error).__name__}: {error}", "please report it")
            self._tell(number, heard)

        self._lane.submit(told)
        return number
