"""What is not data is called by its name, with what to do."""

import gzip
import json
import zipfile
from pathlib import Path

import pytest

from workbench.data.rows import BadFile, open_rows
from workbench.errors import Missing, WorkbenchError, WrongUse


@pytest.mark.parametrize(
    ("name", "content", "what", "fix"),
    [
        ("e.jsonl", b" \n\n", "is empty", "write rows"),
        ("h.json", b"\n<!DOCTYPE html><html>", "is an HTML page", "/resolve/"),
        ("z.jsonl", gzip.compress(b"<html>", mtime=0), "z.jsonl is an HTML page", "/resolve/"),
        ("t.gz", gzip.compress(gzip.compress(b'{"a": 1}', mtime=0), mtime=0), "is packed twice", "unpack it"),
        ("t.tar", b"rows.csv".ljust(257, b"\0") + b"ustar\x0000", "is a tar archive", "tar xf"),
        ("p.jsonl", b"%PDF-1.7 ...", "is a PDF document", "can be opened"),
        ("b.jsonl", bytes(range(256)), "is binary", "can be opened"),
        ("u.csv", "a,b\n1,2\n".encode("utf-16")[:-1], "is broken UTF-16 text", "as UTF-8"),
        ("f.feather", b"FEA1....", "is a Feather file of the first version", "can be opened"),
        ("j.json", '{"a": "é"\n}'.encode("cp1252"), "line 1: not UTF-8", "iconv"),
        ("d.json", b'[\n{"a": 1},\n{"a": 2},\n{"a": ', "cut off after 2 whole rows (line 4)", "again"),
        ("s.json", b'[{"a": 1}, {"a": "half', "cut off after 1 whole rows", "again"),
        ("m.json", b'[{"a": 1},\n {"a" 2}]', "line 2, column 7: malformed JSON: Expecting ':'", "mend"),
        ("x.json", b'{\n"a": 1}\n{\n"a": 2}', "line 3, column 1: malformed JSON: Extra data", "jq -c"),
        ("w.json", b"not json at all", "malformed JSON", "mend"),
        ("t.json", b'"text"', "holds one JSON text", "list of objects"),
        ("c.json", b'{"model_type": "gpt2",\n "n": 1}', "is a model's configuration", "list of objects"),
        ("o.json", b'{"a": 1,\n "b": 2}', "is one JSON object, not rows (its keys: a, b)", "list of objects"),
        ("n.json", b"[" * 100_000, "JSON that cannot be read", "nest"),
    ],
)
def test_a_file_that_is_no_rows_is_named_with_the_fix(write, name, content, what, fix):
    with pytest.raises(BadFile) as caught:
        open_rows(write(name, content))
    assert what in caught.value.what
    assert fix in caught.value.fix
    assert caught.value.exit_code == 1


def test_a_zip_names_the_command_that_unpacks_it(tmp_path):
    path = tmp_path / "my rows.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("rows.jsonl", json.dumps({"a": 1}))
    with pytest.raises(BadFile) as caught:
        open_rows(path)
    assert caught.value.fix == f"unpack it first: unzip '{path}'"


def test_what_is_not_here_exits_with_3_and_a_folder_with_2(write, tmp_path):
    path = write("rows.jsonl", [{"a": 1}])
    (tmp_path / "empty").mkdir()
    pointer = write("p.jsonl", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    cases = [
        (tmp_path / "row.jsonl", Missing, f"did you mean {path}?"),
        (pointer, Missing, "git lfs pull"),
        (Path(f"{path}:part"), WrongUse, "name the file alone"),
        (tmp_path / "empty", WrongUse, "name a data file"),
    ]
    for asked, kind, fix in cases:
        with pytest.raises(WorkbenchError) as caught:
            open_rows(asked)
        assert type(caught.value) is kind
        assert fix in caught.value.fix
