"""The index finds the lines that reading the file line by line finds."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.data.formats import line_index
from workbench.data.formats.line_index import index_lines
from workbench.errors import Interrupted

_LINE = st.sampled_from([b"", b" ", b"\r", b"\t\x0c", b"\xef\xbb\xbf", b"{}", b' {"a": 1}', b"[1]", b"null", b"{" * 9])


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(_LINE, max_size=20), chunk=st.integers(1, 12))
def test_lines_blank_lines_and_strangers_are_found_in_chunks_of_any_size(tmp_path, monkeypatch, lines, chunk):
    monkeypatch.setattr(line_index, "_CHUNK", chunk)
    path = tmp_path / "lines.jsonl"
    path.write_bytes(b"\n".join(lines))
    starts, blanks, odd, start = [], [], 0, 0
    for line in _split(path):
        if line.strip() in (b"", b"\xef\xbb\xbf"):
            blanks.append(len(starts))
        else:
            starts.append(start)
            odd += not line.lstrip().startswith(b"{")
        start += len(line)
    index = index_lines(path)
    assert (list(index.starts), list(index.blanks), index.odd) == (starts, blanks, odd)


def _split(path):
    with path.open("rb") as file:
        return list(file)


def test_a_pass_is_told_of_and_can_be_ended(write):
    path = write("rows.jsonl", [{"a": "x" * 1000}] * 3000)
    shares = []
    index_lines(path, shares.append)
    assert shares == sorted(shares)
    assert len(shares) == 3
    assert shares[-1] == 1

    def stop(share):
        raise Interrupted("enough")

    with pytest.raises(Interrupted):
        index_lines(path, stop)
