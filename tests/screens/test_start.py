"""How the app ends: by a key, by a signal, or by a fault of its own."""

import signal
import sys

from tests.conftest import Bench
from tests.terminal import Terminal

_FAULTY = """
import sys
from screens.app import WorkbenchApp
from workbench.cli.main import run
def fail(self):
    raise ValueError("a fault")
WorkbenchApp.action_light = fail
sys.exit(run([]))
"""


def test_a_fault_leaves_the_terminal_whole_and_says_three_lines(bench: Bench) -> None:
    with Terminal([sys.executable, "-c", _FAULTY], bench.folder) as terminal:
        terminal.wait("1 Data")
        terminal.press("f4")
        assert terminal.ended() == 1
        assert "error: the app failed: ValueError: a fault" in terminal.text
        assert b"\x1b[?1049l" in terminal.raw and "Traceback" not in terminal.text
    assert "ValueError: a fault" in (bench.folder / ".workbench" / "crash.txt").read_text()


_SLOW = """
import sys, time
from screens.app import WorkbenchApp
from workbench.cli.main import run
def wait(self):
    for _ in range(40):
        self.run_worker(lambda: time.sleep(600), thread=True)
WorkbenchApp.action_light = wait
sys.exit(run([]))
"""


def test_leaving_waits_for_no_thread(bench: Bench) -> None:
    with Terminal([sys.executable, "-c", _SLOW], bench.folder) as terminal:
        terminal.wait("1 Data")
        terminal.press("f4", "3", "q")
        assert terminal.ended() == 0


def test_sigterm_leaves_in_good_order_and_keeps_the_place(bench: Bench) -> None:
    with Terminal(bench.command(), bench.folder) as terminal:
        terminal.wait("1 Data")
        terminal.press("3")
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.ended() == 0
        assert b"\x1b[?1049l" in terminal.raw
    with Terminal(bench.command(), bench.folder, (80, 24)) as terminal:
        terminal.wait("3 LoRA")
