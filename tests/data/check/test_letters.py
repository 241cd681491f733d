"""Characters that do harm are told from those that a language needs; mending gives back what was meant."""

import pytest

from workbench.data.check.letters import is_suspect, look_at_letters, mend

NORMAL = [
    "a\tb\r\nc\fd", "co\u00adoperate", "10\u00a0€", "😀 👨\u200d👩\u200d👧 ❤️\u200d🔥", "می\u200cخواهم", "क्\u200dष",
    "שלום \u200f!", "ไทย\u200bภาษา", "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "Il a été…»", "„Spaß“ und „GROß–“", "“CAFÉ”", "“MAÇÔ NÃO", "Âge, Ångström, Ämter, Ãg", "Tiếng Việt", "日本語",
    "3 × 4 ÷ 2", "x² – y³",
]  # fmt: skip
WRONG = [
    ("Ã©tÃ©", "été"), ("donâ€™t", "don’t"), ("Ã¼ber", "über"), ("Â£5", "£5"), ("â‚¬5", "€5"), ("ðŸ˜€", "😀"),
    ("ÐŸÑ€Ð¸Ð²ÐµÑ‚", "Привет"), ("ä½\xa0å¥½", "你好"), ("Ã–sterreich", "Österreich"), ("it\x92s", "it’s"),
    ("ÃƒÂ©", "é"), ("\ufeffhi", "hi"), ("ï»¿hi", "hi"), ("a\u200bb", "ab"), ("\x1b[31mred\x1b[0m", "red"),
    ("a\x00b\x7f", "ab"), ("x\u202ey", "xy"), ("hid\U000e0041den", "hidden"), ("a\ud800b", "ab"), ("a\u200db", "ab"),
]  # fmt: skip


@pytest.mark.parametrize("text", NORMAL)
def test_normal_use_is_no_problem_and_stays(text):
    assert list(look_at_letters(text)) == []
    assert mend(text) == text


@pytest.mark.parametrize(("text", "meant"), WRONG)
def test_what_does_harm_is_found_and_mended(text, meant):
    assert is_suspect(text)
    assert len(list(look_at_letters(text))) == 1
    assert mend(text) == meant
    assert list(look_at_letters(meant)) == []


@pytest.mark.parametrize("text", ["größer", "été", "naïve", "Привет", "你好", "“quoted” – …", "£ € ¥ ½", "😀"])
def test_any_text_read_as_windows_1252_by_mistake_comes_back(text):
    wrong = "".join(bytes([byte]).decode("cp1252", "replace").replace("\ufffd", chr(byte)) for byte in text.encode())
    assert mend(f"so {wrong} so") == f"so {text} so"


def test_lost_characters_are_reported_and_stay():
    assert [code for code, _ in look_at_letters("caf\ufffd")] == ["replacement-character"]
    assert mend("caf\ufffd") == "caf\ufffd"
