"""The data block of a run's file."""

import pytest

from workbench.data.map import parse_map
from workbench.data.spec import DataSpec
from workbench.errors import WrongUse
from workbench.validation import validated


def test_a_bare_file_name_is_the_training_file():
    assert DataSpec.model_validate("rows.jsonl") == DataSpec(train="rows.jsonl")


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({"train": "a", "validation": "b", "split": 0.1}, "validation or split, not both"),
        ({"train": "a", "split": 1.0}, "split: input should be less than 1"),
        ({"train": "a", "spilt": 0.1}, "spilt is not a known key"),
        ({"validation": "b"}, "train: field required"),
    ],
)
def test_a_wrong_block_names_the_field(found, told):
    with pytest.raises(WrongUse) as caught:
        validated(DataSpec, found, "run.yaml")
    assert told in caught.value.what


def test_a_map_on_the_command_line():
    assert parse_map(["prompt=question", "completion=a=b"]) == {"prompt": "question", "completion": "a=b"}
    for wrong in (["prompt"], ["=x"], ["prompt="], ["prompt=a", "prompt=b"]):
        with pytest.raises(WrongUse):
            parse_map(wrong)
