"""Packed files open as what is in them; what is wrong with one is said of the file that a person knows."""

import gzip
import os
from collections import namedtuple

import pytest

from workbench.data import unpacked
from workbench.data.rows import BadFile, BadRow, open_rows
from workbench.data.write import copy_rows
from workbench.errors import Missing

LINES = b'{"a": 1}\n{"a": }\n{"a": 3}\n'


def test_a_broken_row_in_a_packed_file_names_that_file_and_its_line(write):
    path = write("rows.jsonl.gz", gzip.compress(LINES))
    rows = open_rows(path)
    assert (rows.path, rows.files, len(rows)) == (path, [path], 3)
    with pytest.raises(BadRow) as caught:
        rows[1]
    assert caught.value.what == f"{path}, row 2: line 2: malformed JSON at column 7: Expecting value"
    assert (caught.value.row, caught.value.raw) == (2, '{"a": }')
    assert [row for row in rows.each() if not isinstance(row, BadRow)] == [{"a": 1}, {"a": 3}]


def test_lines_of_a_packed_file_are_copied_as_they_stand(write, tmp_path):
    rows = open_rows(write("rows.jsonl.gz", gzip.compress(LINES)))
    assert copy_rows(rows, [3, 2], tmp_path / "out.jsonl") == 2
    assert (tmp_path / "out.jsonl").read_bytes() == b'{"a": 3}\n{"a": }\n'


def test_a_packed_file_that_changed_is_unpacked_again(write):
    path = write("rows.jsonl.gz", gzip.compress(b'{"a": 1}\n'))
    assert list(open_rows(path)) == [{"a": 1}]
    write("rows.jsonl.gz", gzip.compress(b'{"a": 2}\n'))
    os.utime(path, (1, 1))
    assert list(open_rows(path)) == [{"a": 2}]


@pytest.mark.parametrize("format", ["gz", "bz2", "xz", "zst"])
def test_a_packed_file_that_is_cut_off_is_named_with_its_size(write, tmp_path, format):
    from tests.data.test_every_format import PACKED

    whole = PACKED[f".{format}"](os.urandom(5000).hex().encode())
    path = write(f"rows.jsonl.{format}", whole[:-20])
    with pytest.raises(BadFile, match=f"rows.jsonl.{format}: the .* is cut off after {len(whole) - 20:,} bytes"):
        open_rows(path)
    assert not [left for left in (tmp_path / "cache").rglob("*") if left.is_file()]


def test_a_damaged_gzip_is_no_shorter_file(write):
    whole = bytearray(gzip.compress(b'{"a": 1}\n' * 99))
    whole[-6] ^= 1
    with pytest.raises(BadFile, match="the gzip is damaged: CRC check failed"):
        open_rows(write("rows.jsonl.gz", bytes(whole)))


def test_a_file_that_unpacks_to_more_than_the_disk_has_is_refused(write, monkeypatch):
    full = namedtuple("usage", "free")(10_000)  # a disk that is full cannot be had here
    monkeypatch.setattr(unpacked.shutil, "disk_usage", lambda _: full)
    with pytest.raises(Missing, match=r"rows\.jsonl\.gz unpacks to more than .* is full") as caught:
        open_rows(write("rows.jsonl.gz", gzip.compress(LINES)))
    assert "XDG_CACHE_HOME" in caught.value.fix


def test_what_nobody_opened_for_a_week_is_removed(write, tmp_path):
    list(open_rows(write("old.jsonl.gz", gzip.compress(b'{"a": 1}\n'))))
    (old,) = (tmp_path / "cache").rglob("old.jsonl")
    os.utime(old, (1, 1))
    list(open_rows(write("new.jsonl.gz", gzip.compress(b'{"a": 1}\n'))))
    assert [path.name for path in (tmp_path / "cache").rglob("*.jsonl")] == ["new.jsonl"]


def test_utf_16_text_is_read_as_that_whatever_is_in_it(write):
    lines = open_rows(write("rows.jsonl", '{"a": "é"}\n{"a": "ß"}\n'.encode("utf-16")))
    assert (list(lines), lines.notes) == ([{"a": "é"}, {"a": "ß"}], ["UTF-16 text, read as that"])
    assert list(
        open_rows(write("rows.csv", "text,n\r\né,1\r\nß,2\r\n".encode("utf-16-be").join([b"\xfe\xff", b""])))
    ) == [
        {"text": "é", "n": 1},
        {"text": "ß", "n": 2},
    ]
