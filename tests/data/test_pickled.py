"""A pickle runs code: it opens only where a person allowed it for this one file."""

import pickle

import numpy
import pandas
import pytest

from workbench.data.rows import BadFile, open_rows
from workbench.errors import WrongUse


class Evil:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (self.path, "w")


def test_a_pickle_is_refused_and_its_code_is_not_run(write, tmp_path):
    path = write("p.pkl", pickle.dumps(Evil(str(tmp_path / "ran"))))
    with pytest.raises(WrongUse, match="opening it runs the code that is in it") as caught:
        open_rows(path)
    assert "--trust-pickle" in caught.value.fix
    assert not (tmp_path / "ran").exists()
    with pytest.raises(BadFile, match="not rows"):
        open_rows(path, trust_pickle=True)


def test_values_of_pandas_and_numpy_become_plain_ones(write):
    frame = pandas.DataFrame(
        {"text": ["a", None], "n": [numpy.int64(1), 2], "v": [numpy.array([1.5, 2.5]), []],
         "t": pandas.to_datetime(["2024-02-03", None])},
        index=pandas.Index([7, 8], name="id"),
    )  # fmt: skip
    assert list(open_rows(write("p", pickle.dumps(frame)), trust_pickle=True)) == [
        {"id": 7, "text": "a", "n": 1, "v": [1.5, 2.5], "t": "2024-02-03T00:00:00"},
        {"id": 8, "text": None, "n": 2, "v": [], "t": None},
    ]


@pytest.mark.parametrize("held", [[{"a": 1}, {"a": 2}], {"a": [1, 2]}, pandas.Series([1, 2], name="a")])
def test_other_shapes_of_rows_open_too(write, held):
    assert list(open_rows(write("p", pickle.dumps(held)), trust_pickle=True)) == [{"a": 1}, {"a": 2}]


def test_a_pickle_of_something_else_is_no_rows(write):
    with pytest.raises(BadFile, match="holds a int, not rows"):
        open_rows(write("p", pickle.dumps(7)), trust_pickle=True)
