"""Which files a look needs, decided by their names alone."""

import pytest

from workbench.errors import Missing
from workbench.hub.selection import What, select

MISTRAL = [
    "README.md",
    "config.json",
    "consolidated.safetensors",
    "generation_config.json",
    "model-00001-of-00002.safetensors",
    "model-00002-of-00002.safetensors",
    "model.safetensors.index.json",
    "onnx/model.safetensors",
    "params.json",
    "pytorch_model-00001-of-00002.bin",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer.model",
]


def test_weights_are_taken_once_although_the_repository_has_them_three_times() -> None:
    assert select(What.WEIGHTS, MISTRAL, "mistral") == [
        "config.json",
        "generation_config.json",
        "special_tokens_map.json",
        "tokenizer.json",
        "tokenizer.model",
        "model.safetensors.index.json",
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
    ]


def test_a_single_file_wins_over_an_index_as_in_transformers() -> None:
    names = ["config.json", "model.safetensors", "model.safetensors.index.json", "model-00001-of-00001.safetensors"]
    assert select(What.WEIGHTS, names, "x") == ["config.json", "model.safetensors"]


def test_an_adapter_needs_its_own_weights() -> None:
    names = ["adapter_config.json", "adapter_model.safetensors", "tokenizer.json"]
    assert select(What.WEIGHTS, names, "x") == ["adapter_config.json", "tokenizer.json", "adapter_model.safetensors"]


def test_a_repository_that_is_no_model_says_what_it_holds() -> None:
    with pytest.raises(Missing, match=r"x has no config.json: it holds a.gguf, b.gguf"):
        select(What.CONFIG, ["a.gguf", "b.gguf"], "x")


def test_descriptions_and_hidden_files_are_no_data() -> None:
    names = [".cache/a.json", "dataset_infos.json", "LICENSE.txt", "train.jsonl", "en/train.csv", "validation.csv"]
    assert select(What.DATA, names, "x") == ["train.jsonl", "en/train.csv", "validation.csv"]
    assert select(What.DATA, names, "x", split="train") == ["train.jsonl", "en/train.csv"]


def test_a_split_is_a_whole_word() -> None:
    assert select(What.DATA, ["constrain.csv", "train_sft-0.csv"], "x", split="train") == ["train_sft-0.csv"]
