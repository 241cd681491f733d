"""Keeps the selection and the places of the panes: read once, saved a moment after each change, and at the end."""

import contextlib
from threading import Lock
from typing import TYPE_CHECKING, Any

from screens.actions import PANES, PaneName
from screens.theme import DARK, SIXTEEN
from workbench.strict_json import read_object

if TYPE_CHECKING:
    from pathlib import Path

    from textual.timer import Timer

    from screens.app import WorkbenchApp
    from workbench.runs.desk import Desk, Hand

_SAVE_SECONDS = 0.4


class Keeper:
    """The app's memory. The draft is parsed only after the first paint: that costs a tenth of a second."""

    def __init__(self, app: "WorkbenchApp") -> None:
        self._app = app
        self._folder = app.workspace.folder / ".workbench"
        self._desk: Desk | None = None
        self._hand: Hand | None = None
        self._timer: Timer | None = None
        self._has_failed = False
        self._latest: tuple[Hand, dict[str, Any]]
        self._writing = Lock()
        self._places = read_object(self._folder / "place.json")  # tells which pane to show, before the desk is opened

    @property
    def pane(self) -> PaneName:
        """The pane where the last app stood."""
        pane = self._places.get("pane")
        return pane if pane in PANES else "data"

    @property
    def theme(self) -> str:
        """The theme of the last app."""
        theme = self._places.get("theme")
        return theme if isinstance(theme, str) and self._app.get_theme(theme) else DARK.name

    def place_of(self, pane: PaneName) -> dict[str, Any]:
        """Return the place of one pane."""
        panes = self._places.get("panes")
        place = panes.get(pane) if isinstance(panes, dict) else None
        return place if isinstance(place, dict) else {}

    @property
    def hand(self) -> "Hand":
        """The selection."""
        if self._hand is None:
            self._hand = self._restored()
        return self._hand

    @hand.setter
    def hand(self, hand: "Hand") -> None:
        self._hand = hand

    def _restored(self) -> "Hand":
        from workbench.runs.desk import Desk

        self._desk = Desk(self._app.workspace)
        hand, self._places, problem = self._desk.restore()
        if problem:
            self._app.call_after_refresh(self._app.active_pane.warn, problem)
        return hand

    @property
    def draft_file(self) -> "Path":
        """Where the draft is saved."""
        return self._desk.draft_file if self._desk else self._folder / "draft.yaml"

    def remember(self) -> None:
        """Save a moment from now."""
        if self._timer is None:
            self._timer = self._app.set_timer(_SAVE_SECONDS, self._save)

    def _save(self) -> None:
        self._timer = None
        if not self._app.is_leaving:
            self._latest = self._now()
            self._app.run_worker(self._write, thread=True, group="keep", exit_on_error=False)  # no key waits for it

    def save_now(self) -> None:
        """Write everything before this returns: two small files."""
        self._latest = self._now()
        self._write()

    def _now(self) -> "tuple[Hand, dict[str, Any]]":
        hand = self.hand
        panes = {name: self.place_of(name) for name in PANES}
        for name in PANES:
            pane = self._app.pane_of(name)
            if pane is not None and pane.has_begun:
                panes[name] = pane.place()
        theme = self._app.theme if self._app.theme != SIXTEEN.name else self.theme
        self._places = {"pane": self._app.active_pane.PANE, "theme": theme, "panes": panes}
        return hand, dict(self._places)

    def _write(self) -> None:
        """Write the latest, whoever comes first. A folder that cannot be written to is told of once."""
        with self._writing:
            assert self._desk is not None
            try:
                self._desk.save(*self._latest)
            except OSError as error:
                if not self._has_failed:
                    self._has_failed = True
                    why = (error.strerror or str(error)).lower()
                    self._app.call_later(self._tell, f"the selection cannot be kept in {self._folder}: {why}")

    def _tell(self, text: str) -> None:
        self._app.active_pane.warn(text)

    def keep_copy(self, text: str) -> str:
        """Write what was copied to a file as well; return where, as words."""
        file = self._folder / "copied.txt"
        with contextlib.suppress(OSError):
            file.parent.mkdir(exist_ok=True)
            file.write_text(text + "\n", encoding="utf-8")
            return ", saved to .workbench/copied.txt"
        return ""
