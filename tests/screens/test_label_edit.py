"""An answer edited in $EDITOR, in a real terminal: a row to imitate, and a pair of its own."""

from tests.conftest import Bench
from tests.screens.test_label import make_set
from tests.screens.test_label_more import editor
from tests.terminal import Terminal
from workbench.label.store import open_store


def test_an_edited_answer_is_better_than_the_one_it_came_from(bench: Bench) -> None:
    make_set(bench.folder, 2)
    (bench.folder / ".workbench").mkdir()
    (bench.folder / ".workbench" / "place.json").write_text('{"pairs": "geo", "pane": "label"}')
    shouts = editor(bench.folder, "Perhaps.")
    with Terminal(bench.command(), bench.folder, (80, 24), EDITOR=shouts, VISUAL=None) as terminal:
        terminal.wait("question 0?")
        terminal.press("e")
        terminal.wait("Write a better answer")
        terminal.press("enter")
        terminal.wait("your answer is kept")
        terminal.press("ctrl+q")
        assert terminal.ended() == 0
    with open_store(bench.folder / "labels.db") as store:
        (written,) = store.demonstrations("geo")
        assert (written.annotator, written.text) == ("ana", "Perhaps.")
        made = store.pair(written.pair_id)
        assert made.first == "Perhaps." and made.second in ("yes 0", "no 0")
        assert [vote.choice for vote in store.votes("geo") if vote.item_id == made.id] == ["first"]
