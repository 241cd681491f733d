"""Public data sets open as what they are."""

from pathlib import Path

import pytest

from workbench.data.examples import examples, prompts
from workbench.data.rows import BadFile, open_rows
from workbench.data.schema import schema_of

pytestmark = pytest.mark.shared

FILES = [
    ("fastchat-mtbench/data/dummy_conversation.json", 500, "sharegpt"),
    ("fastchat-mtbench/mt_bench/question.jsonl", 80, "prompt"),
    ("fixtures-ms-swift/tests/llm/data/alpaca.csv", 3, "alpaca"),
    ("fixtures-ms-swift/tests/llm/data/alpaca.jsonl", 3, "alpaca"),
    ("fixtures-ms-swift/tests/llm/data/alpaca2.csv", 3, "alpaca"),
    ("fixtures-ms-swift/tests/llm/data/chatml.jsonl", 3, "messages"),
    ("fixtures-ms-swift/tests/llm/data/conversations.jsonl", 3, "sharegpt"),
    ("fixtures-ms-swift/tests/llm/data/multi_modal_1.jsonl", 3, "prompt-completion"),
    ("fixtures-ms-swift/tests/llm/data/multi_modal_2.jsonl", 3, "prompt-completion"),
    ("fixtures-ms-swift/tests/llm/data/multi_modal_3.jsonl", 3, "prompt-completion"),
    ("fixtures-ms-swift/tests/llm/data/sharegpt.jsonl", 3, "sharegpt"),
    ("fixtures-ms-swift/tests/llm/data/swift_multi.json", 3, "prompt-completion"),
    ("fixtures-ms-swift/tests/llm/data/swift_multi.jsonl", 3, "prompt-completion"),
    ("fixtures-ms-swift/tests/llm/data/swift_pre.csv", 3, "text"),
    ("fixtures-ms-swift/tests/llm/data/swift_pre.jsonl", 3, "text"),
    ("fixtures-ms-swift/tests/llm/data/swift_single.csv", 3, "prompt-completion"),
    ("fixtures-ms-swift/tests/llm/data/swift_single.jsonl", 3, "prompt-completion"),
    ("fixtures-twinkle/dataset/test_data/packing_messages.jsonl", 4, "messages"),
    ("fixtures-twinkle/dataset/test_data/test.csv", 4, "classification"),
    ("fixtures-twinkle/dataset/test_data/test.json", 4, "classification"),
    ("fixtures-twinkle/dataset/test_data/test.jsonl", 4, "classification"),
    ("fixtures-twinkle/dataset/test_data/test10.jsonl", 15, "unknown"),
    ("fixtures-twinkle/dataset/test_data/test2.csv", 3, "classification"),
    ("fixtures-twinkle/dataset/test_data/test3.csv", 2, "classification"),
    ("fixtures-twinkle/dataset/test_data/test4.csv", 112, "classification"),
    ("fixtures-twinkle/dataset/test_data/test5.csv", 169, "prompt-completion"),
    ("fixtures-twinkle/dataset/test_data/test6.json", 105, "text"),
    ("fixtures-twinkle/dataset/test_data/test7.jsonl", 12, "unknown"),
    ("fixtures-twinkle/dataset/test_data/test8.csv", 12, "unknown"),
    ("fixtures-twinkle/dataset/test_data/test9.json", 12, "unknown"),
    ("fixtures-twinkle/preprocessor/test_data/alpaca_data.jsonl", 5, "alpaca"),
    ("fixtures-twinkle/preprocessor/test_data/math_data.jsonl", 4, "prompt-completion"),
    ("fixtures-twinkle/preprocessor/test_data/self_cognition_data.jsonl", 3, "prompt-completion"),
    ("gsm8k/test.jsonl", 1319, "prompt-completion"),
    ("hf-task-samples/tests_samples/SQUAD/sample.json", 14, "squad"),
    ("hf-task-samples/tests_samples/wmt16/sample.json", 10, "translation"),
    ("hf-task-samples/tests_samples/xsum/sample.json", 10, "summary"),
    ("llama-factory-demos/alpaca_en_demo.json", 999, "alpaca"),
    ("llama-factory-demos/dpo_en_demo.json", 300, "preference"),
    ("llama-factory-demos/glaive_toolcall_en_demo.json", 300, "sharegpt"),
    ("llmbar/LLMBar/Natural/dataset.json", 100, "preference"),
    ("llmbar/LLMBar/Natural/evaluators/ChatGPT/Vanilla/result.json", 100, "preference"),
    ("llmbar/LLMBar/Natural/evaluators/GPT-4/Swap/result.json", 100, "preference"),
    ("llmbar/LLMBar/Natural/evaluators/GPT-4/Vanilla/result.json", 100, "preference"),
    ("self-instruct/data/seed_tasks.jsonl", 175, "alpaca"),
    ("self-instruct/human_eval/predictions/davinci_predictions.jsonl", 252, "prompt-completion"),
    ("self-instruct/human_eval/predictions/text-davinci-003_predictions.jsonl", 252, "prompt-completion"),
    ("self-instruct/human_eval/user_oriented_instructions.jsonl", 252, "alpaca"),
    ("t0-templates/ag_news_classify_with_choices.jsonl", 200, "prompt-completion"),
    ("t0-templates/rotten_tomatoes_Reviewer_Expressed_Sentiment.jsonl", 200, "prompt-completion"),
    ("tinyshakespeare/input.txt", 7222, "text"),
    ("tokenizers-tiny-torchtune/alpaca_tiny.json", 100, "alpaca"),
    ("tokenizers-tiny-torchtune/chat_tiny.json", 1, "sharegpt"),
    ("tokenizers-tiny-torchtune/hh_rlhf_tiny.json", 1, "preference"),
    ("wikisql-mlx/test.jsonl", 100, "text"),
    ("wikisql-mlx/train.jsonl", 1000, "text"),
    ("wikisql-mlx/valid.jsonl", 100, "text"),
    ("xquad/xquad.de.json", 1190, "squad"),
    ("xquad/xquad.en.json", 1190, "squad"),
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


NOT_ROWS = [
    ("tokenizer-gpt2/tokenizer.json", "is a tokenizer"),
    ("tokenizers-tiny-torchtune/tiny_bpe_tokenizer.json", "is a tokenizer"),
    ("tokenizer-gpt2/config.json", "is a model's configuration"),
    ("model-configs/llama-3-8b/config.json", "is a model's configuration"),
    ("model-configs/qwen2-7b/config.json", "is a model's configuration"),
]


def test_every_public_file_is_looked_at(shared):
    there = {path.relative_to(shared).as_posix() for path in shared.rglob("*") if path.is_file()}
    about = {name for name in there if name.rsplit("/", 1)[-1].startswith(("LICENSE", "SOURCE"))}
    assert there - about == {file for file, *_ in [*FILES, *NOT_ROWS]}


@pytest.mark.parametrize(
    ("folder", "split", "count"),
    [("wikisql-mlx", "train", 1000), ("wikisql-mlx", "validation", 100), ("wikisql-mlx", "test", 100)],
)
def test_the_splits_of_a_public_folder_are_found(shared, folder, split, count):
    rows = open_rows(Path(f"{shared / folder}:{split}"))
    assert (len(rows), len(rows.files)) == (count, 1)


@pytest.mark.parametrize(("file", "what"), NOT_ROWS)
def test_a_models_file_is_called_by_its_name(shared, file, what):
    with pytest.raises(BadFile, match=what):
        open_rows(shared / file)
