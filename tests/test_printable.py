"""Nothing from outside reaches the terminal as anything but text."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from workbench.printable import printable


def test_control_invisible_and_direction_characters_are_made_visible() -> None:
    assert printable("a\x1b]0;title\x07b") == "a␛]0;title␇b"
    assert printable("one\ntwo\tthree\r") == "one⏎two⇥three␍"
    assert printable("one\ntwo", newlines=True) == "one\ntwo"
    assert printable("a\u202eb\u200bc\x9bd\x7f") == "a‹202E›b‹200B›c‹9B›d␡"
    assert printable("\ud800") == "\ufffd"
    assert printable("Größe 🦦 日本 [/]") == "Größe 🦦 日本 [/]"


@given(st.text())
def test_what_comes_out_has_no_control_character(text: str) -> None:
    assert not [c for c in printable(text) if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")]
