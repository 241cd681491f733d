"""Public data sets open as what they are."""

import pytest

from workbench.data.examples import examples, prompts
from workbench.data.rows import BadFile, open_rows
from workbench.data.schema import schema_of

pytestmark = pytest.mark.shared

FILES = [
    ("gsm8k/test.jsonl", 1319, "prompt-completion"),
    ("llama-factory-demos/alpaca_en_demo.json", 999, "alpaca"),
    ("llama-factory-demos/dpo_en_demo.json", 300, "preference"),
    ("llama-factory-demos/glaive_toolcall_en_demo.json", 300, "sharegpt"),
    ("fastchat-mtbench/data/dummy_conversation.json", 500, "sharegpt"),
    ("fastchat-mtbench/mt_bench/question.jsonl", 80, "prompt"),
    ("self-instruct/data/seed_tasks.jsonl", 175, "alpaca"),
    ("self-instruct/human_eval/user_oriented_instructions.jsonl", 252, "alpaca"),
    ("self-instruct/human_eval/predictions/davinci_predictions.jsonl", 252, "prompt-completion"),
    ("xquad/xquad.en.json", 1190, "squad"),
    ("xquad/xquad.de.json", 1190, "squad"),
    ("wikisql-mlx/train.jsonl", 1000, "text"),
    ("tinyshakespeare/input.txt", 7222, "text"),
    ("hf-task-samples/tests_samples/SQUAD/sample.json", 14, "squad"),
    ("hf-task-samples/tests_samples/wmt16/sample.json", 10, "translation"),
    ("hf-task-samples/tests_samples/xsum/sample.json", 10, "summary"),
    ("t0-templates/ag_news_classify_with_choices.jsonl", 200, "prompt-completion"),
    ("tokenizers-tiny-torchtune/hh_rlhf_tiny.json", 1, "preference"),
    ("tokenizers-tiny-torchtune/chat_tiny.json", 1, "sharegpt"),
    ("fixtures-ms-swift/tests/llm/data/sharegpt.jsonl", 3, "sharegpt"),
    ("fixtures-ms-swift/tests/llm/data/chatml.jsonl", 3, "messages"),
    ("fixtures-ms-swift/tests/llm/data/swift_single.csv", 3, "prompt-completion"),
    ("fixtures-ms-swift/tests/llm/data/swift_pre.csv", 3, "text"),
    ("fixtures-twinkle/dataset/test_data/test4.csv", 112, "classification"),
    ("fixtures-twinkle/dataset/test_data/test8.csv", 12, "unknown"),
    ("llmbar/LLMBar/Natural/dataset.json", 100, "preference"),
]


@pytest.mark.parametrize(("file", "count", "name"), FILES)
def test_a_public_file_is_recognised(shared, file, count, name):
    rows = open_rows(shared / file)
    assert (len(rows), schema_of(rows).name) == (count, name)
    assert sum(1 for _ in rows) == count
    if name != "unknown":
        assert len(prompts(rows)) == count


@pytest.mark.parametrize(("file", "count", "name"), FILES)
def test_every_row_of_a_public_training_file_becomes_an_example(shared, file, count, name):
    if name in ("unknown", "prompt", "preference") or "SQUAD" in file:
        pytest.skip("not all of its rows are examples to imitate")
    assert sum(1 for _ in examples(open_rows(shared / file))) == count


@pytest.mark.parametrize(
    ("file", "what"),
    [
        ("tokenizer-gpt2/tokenizer.json", "is a tokenizer"),
        ("tokenizer-gpt2/config.json", "is a model's configuration"),
        ("model-configs/llama-3-8b/config.json", "is a model's configuration"),
    ],
)
def test_a_models_file_is_called_by_its_name(shared, file, what):
    with pytest.raises(BadFile, match=what):
        open_rows(shared / file)
