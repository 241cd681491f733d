"""Public data sets hold what a person who looks at the rows finds there, and no more."""

from pathlib import Path

import pytest

from workbench.data.check.run import check
from workbench.data.rows import open_rows

_DATA = Path(__file__).resolve().parents[3].parent / "shared" / "data"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not _DATA.is_dir(), reason="the public data is not beside the checkout"),
]

FILES = [
    ("gsm8k/test.jsonl", {"invisible-character": (394,)}),
    ("t0-templates/ag_news_classify_with_choices.jsonl", {}),
    ("t0-templates/rotten_tomatoes_Reviewer_Expressed_Sentiment.jsonl", {"mojibake": (58, 157)}),
    ("wikisql-mlx/train.jsonl", {"exact-copy": (162,), "near-copy": (516,)}),
    ("tinyshakespeare/input.txt", {}),
    ("hf-task-samples/tests_samples/xsum/sample.json", {"mojibake": (4,)}),
    ("hf-task-samples/tests_samples/SQUAD/sample.json", {"unanswerable": (4, 5, 7, 9, 13, 14)}),
    ("fixtures-ms-swift/tests/llm/data/chatml.jsonl", {}),
    ("fixtures-ms-swift/tests/llm/data/swift_multi.jsonl", {}),
    ("fastchat-mtbench/mt_bench/question.jsonl", {}),
]


@pytest.mark.parametrize(("file", "expected"), FILES)
def test_a_public_file_has_the_problems_that_are_in_it(file, expected):
    *_, found = check(open_rows(_DATA / file))
    assert {problem.code: problem.rows for problem in found.problems} == expected
