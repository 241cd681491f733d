"""Streamed text is the text: for a batch of rows, whatever its characters, and when it is ended half-way."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from transformers import AutoTokenizer

from tests.small import make_tokenizer
from workbench.children import child_environment
from workbench.compare.columns import Column
from workbench.data.prompts import Prompt
from workbench.engine.client import EngineClient
from workbench.engine.session import Answered, Delta, Event, Said, Session
from workbench.errors import WorkbenchError
from workbench.models.generate import Sampling
from workbench.models.place import place
from workbench.models.streaming import RowText
from workbench.settings import Settings

CPU = Settings(device="cpu")


@pytest.mark.parametrize(
    "text", ["plain words", "  led and trailed  ", "漢字 and e\u0301 👩‍👩‍👧 ∀x", "a\n\n b\t", "", " \n "]
)
def test_text_comes_whole_though_its_characters_come_in_bytes(tmp_path: Path, text: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(make_tokenizer(tmp_path / "bytes"))
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    row, pieces = RowText(tokenizer, {tokenizer.eos_token_id}), []
    for token in [*ids, tokenizer.eos_token_id, *ids]:
        row.add(token)
        pieces.append(row.flush())
    assert "".join(pieces) == text.strip() and row.has_ended
    assert not any("\ufffd" in piece for piece in pieces)


def column(tiny: Path, name: str = "tiny") -> Column:
    return Column(name, tiny, None, tiny)


def test_a_batch_streams_what_it_answers_without_streaming(tiny: Path) -> None:
    prompts = {"one": [[256, 65, 66], [256, 70, 71, 72, 73], [80], [256, 90]]}
    for sampling in (Sampling(max_new_tokens=24), Sampling(max_new_tokens=24, temperature=1.5, seed=3)):
        with EngineClient(place("cpu")) as engine:
            engine.load([column(tiny, "one")])
            plain = {(each["row"], each["column"]): each["text"] for each in engine.answer(prompts, sampling)}
            streamed: dict[tuple[int, str], str] = dict.fromkeys(plain, "")
            for each in engine.answer(prompts, sampling, stream=True):
                key = (each["row"], each["column"])
                if "delta" in each:
                    streamed[key] += each["delta"]
                else:
                    assert each["text"] == streamed[key] and each["seconds"] > 0
        assert streamed == plain and len(plain) == 4


def ask(session: Session, tiny: Path, sampling: Sampling) -> list[Event]:
    events: list[Event] = []
    session.ask(
        [column(tiny)], Prompt(1, "hello"), sampling, raw=False, tell=events.append, is_wanted=lambda: True
    )  # fmt: skip
    return events


def test_an_answer_is_ended_half_way_and_the_engine_goes_on(tiny: Path) -> None:
    session, endless = Session(CPU), Sampling(max_new_tokens=100_000, temperature=1.0)
    events: list[Event] = []

    def tell(event: Event) -> None:
        events.append(event)
        if isinstance(event, Delta):
            session.cancel()

    session.ask([column(tiny)], Prompt(1, "hello"), endless, raw=False, tell=tell, is_wanted=lambda: True)
    ended = events[-1]
    assert isinstance(ended, Answered)
    if ended.finish != "stop":  # a random model may have stopped by itself first
        assert ended.finish == "cancelled" and ended.tokens < 100_000
    again = ask(session, tiny, Sampling(max_new_tokens=3))
    assert not any(isinstance(event, Said) for event in again)  # nothing was loaded again
    session.kill()


def test_an_engine_that_dies_says_so_and_the_next_prompt_starts_another(tiny: Path) -> None:
    session = Session(CPU)
    assert isinstance(ask(session, tiny, Sampling(max_new_tokens=3))[-1], Answered)
    os.kill(session._engine._child._process.pid, signal.SIGKILL)  # the out-of-memory killer
    with pytest.raises(WorkbenchError, match="the engine died"):
        ask(session, tiny, Sampling(max_new_tokens=3))
    assert not session.is_awake
    assert isinstance(ask(session, tiny, Sampling(max_new_tokens=3))[-1], Answered)
    session.sleep()
    assert not session.is_awake
    session.kill()


def test_who_is_no_longer_wanted_asks_nothing(tiny: Path) -> None:
    session, events = Session(CPU), []
    sampling = Sampling(max_new_tokens=3)
    session.ask([column(tiny)], Prompt(1, "x"), sampling, raw=False, tell=events.append, is_wanted=lambda: False)
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
