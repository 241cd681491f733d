"""A session asks again and again: it is interrupted at any moment, outlives its engine, and gives the device back."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engine.test_streaming import column
from workbench.children import child_environment
from workbench.data.prompts import Prompt
from workbench.engine.session import Answered, Delta, Event, Said, Session
from workbench.errors import WorkbenchError
from workbench.models.generate import Sampling
from workbench.runs.queue import take
from workbench.settings import Settings

SHORT, ENDLESS = Sampling(max_new_tokens=3), Sampling(max_new_tokens=200_000, temperature=1.0)


@pytest.fixture
def slept() -> list[str]:
    """What the session said when it gave the device back."""
    return []


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, slept: list[str]) -> Iterator[Session]:
    """A session on the CPU, with locks of its own."""
    monkeypatch.setenv("WORKBENCH_LOCKS", str(tmp_path / "locks"))
    found = Session(Settings(device="cpu"), slept.append)
    yield found
    found.close()


def ask(
    session: Session, tiny: Path, sampling: Sampling, heard: Callable[[Event], None] = lambda _event: None
) -> list[Event]:
    """Ask one prompt; everything that was told."""
    events: list[Event] = []

    def tell(event: Event) -> None:
        events.append(event)
        heard(event)

    asked = Prompt(1, "hello")
    session.ask([column(tiny)], asked, sampling, raw=False, tell=tell, is_wanted=lambda: not session_is_left(events))
    return events


def session_is_left(events: list[Event]) -> bool:
    """Whether the person has pressed Escape: when an event of the name `left` was recorded."""
    return any(isinstance(event, Said) and event.words == "left" for event in events)


def pid(session: Session) -> int:
    assert session._engine is not None
    return session._engine._child._process.pid


def wait(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_an_answer_is_ended_half_way_and_the_engine_goes_on(session: Session, tiny: Path) -> None:
    ended = ask(session, tiny, ENDLESS, lambda event: session.cancel() if isinstance(event, Delta) else None)[-1]
    assert isinstance(ended, Answered)
    if ended.finish != "stop":  # a random model may have stopped by itself first
        assert ended.finish == "cancelled" and ended.tokens < 200_000
    again = ask(session, tiny, SHORT)
    assert not any(isinstance(event, Said) for event in again)  # nothing was loaded again


def test_who_leaves_while_the_models_load_gets_no_answer(session: Session, tiny: Path) -> None:
    events: list[Event] = []

    def tell(event: Event) -> None:
        events.append(event)
        if isinstance(event, Said) and event.words.startswith("loading"):
            events.append(Said("left"))
            session.cancel()

    is_wanted = lambda: not session_is_left(events)  # noqa: E731
    session.ask([column(tiny)], Prompt(1, "hello"), ENDLESS, raw=False, tell=tell, is_wanted=is_wanted)
    assert not any(isinstance(event, Delta | Answered) for event in events)
    assert isinstance(ask(session, tiny, SHORT)[0], Answered | Delta)  # what was loaded is still held


def test_a_cancel_that_comes_before_the_question_ends_it_too(session: Session, tiny: Path) -> None:
    ask(session, tiny, SHORT)
    engine = session._engine
    assert engine is not None
    answers = engine.answer({"tiny": [[256, 65]]}, ENDLESS)
    engine.cancel()
    following = engine.answer({"tiny": [[256, 65]]}, SHORT)  # a new question does not take the cancel back
    assert all(ended["finish"] == "cancelled" for ended in answers)
    (answered,) = following
    assert answered["finish"] in ("length", "stop")


def test_an_engine_that_dies_while_it_answers_says_so(session: Session, tiny: Path) -> None:
    def kill(event: Event) -> None:
        if isinstance(event, Delta):
            os.kill(pid(session), signal.SIGKILL)  # as the out-of-memory killer does

    with pytest.raises(WorkbenchError, match="the engine died: it was killed"):
        ask(session, tiny, ENDLESS, kill)
    assert not session.is_awake
    assert isinstance(ask(session, tiny, SHORT)[-1], Answered)


def test_an_engine_that_died_unseen_is_replaced_without_a_word_of_failure(session: Session, tiny: Path) -> None:
    ask(session, tiny, SHORT)
    before = pid(session)
    os.kill(before, signal.SIGKILL)
    assert isinstance(ask(session, tiny, SHORT)[-1], Answered)
    assert pid(session) != before


def test_a_run_that_takes_the_device_puts_the_engine_to_sleep(session: Session, slept: list[str], tiny: Path) -> None:
    ask(session, tiny, SHORT)
    engine = pid(session)
    with take("cpu", "geo-4", lambda _holder: None):
        wait(lambda: bool(slept))
        assert not session.is_awake and not Path(f"/proc/{engine}").exists()
        assert slept == ["engine asleep: a run has taken cpu; Enter wakes it"]
        ask(session, tiny, SHORT)  # woken beside the run: who asks has seen that it runs
        time.sleep(2.5)
        assert session.is_awake and len(slept) == 1
    time.sleep(1.5)
    with take("cpu", "geo-5", lambda _holder: None):
        wait(lambda: len(slept) == 2)


def test_an_answer_under_way_does_not_keep_a_run_waiting(session: Session, slept: list[str], tiny: Path) -> None:
    locks = []

    def run_starts(event: Event) -> None:
        if isinstance(event, Delta) and not locks:
            locks.append(take("cpu", "geo-4", lambda _holder: None))

    ask(session, tiny, ENDLESS, run_starts)  # returns, and raises nothing
    wait(lambda: bool(slept) or not locks)
    for lock in locks:
        lock.close()


def test_closing_waits_for_no_answer(session: Session, tiny: Path) -> None:
    began = threading.Event()
    asking = threading.Thread(target=ask, args=(session, tiny, ENDLESS, lambda _event: began.set()))
    asking.start()
    began.wait(60)
    session.close()
    asking.join(30)
    assert not asking.is_alive() and not session.is_awake


def test_who_is_no_longer_wanted_asks_nothing(session: Session, tiny: Path) -> None:
    events: list[Event] = []
    session.ask([column(tiny)], Prompt(1, "x"), SHORT, raw=False, tell=events.append, is_wanted=lambda: False)
    assert events == [] and not session.is_awake


_PARENT = """
import sys, time
from workbench.engine.client import EngineClient
from workbench.models.place import place
engine = EngineClient(place("cpu"))
print(engine._child._process.pid, flush=True)
time.sleep(600)
"""


def test_the_engine_ends_with_the_app_even_when_that_is_killed() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True, env=child_environment()
    )
    engine = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 30
    while Path(f"/proc/{engine}").exists() and time.monotonic() < deadline:
        state = Path(f"/proc/{engine}/stat").read_text().rpartition(")")[2].split()[0]
        if state == "Z":
            break
        time.sleep(0.05)
    else:
        assert not Path(f"/proc/{engine}").exists()
