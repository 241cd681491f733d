"""How large the adapter's file is: the tensors of one that a run's own model and trainer really saved."""

from pathlib import Path

import pytest

from tests.lora.test_count import shapes
from tests.small import make_model, make_tokenizer
from workbench.lora.count import count
from workbench.lora.spec import Ia3Tuning, LoraTuning, PrefixTuning, PTuning
from workbench.models.load import load_model, tuned
from workbench.models.vocabulary import make_room, vocabulary_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Its q, k and v have biases."""
    return make_model(make_tokenizer(tmp_path_factory.mktemp("models") / "biased"), "qwen2")


def written(file: Path) -> int:
    """The bytes of all tensors in a file."""
    from safetensors import safe_open

    with safe_open(file, "pt") as content:
        tensors = [content.get_tensor(name) for name in content.keys()]  # noqa: SIM118
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize(
    ("tuning", "new"),
    [
        (LoraTuning(rank=2), 0),
        (LoraTuning(rank=2), 3),
        (LoraTuning(rank=2, bias="all"), 0),
        (LoraTuning(rank=2, target="q_proj", modules_to_save="norm,lm_head"), 0),
        (LoraTuning(rank=2, quantise="nf4"), 0),
        (LoraTuning(rank=2, dora=True, quantise="int8"), 0),
        (Ia3Tuning(quantise="nf4"), 0),
        (PTuning(virtual_tokens=3), 0),
        (PrefixTuning(virtual_tokens=3, projection=True, quantise="nf4"), 0),
    ],
    ids=str,
)
def test_it_is_what_is_saved(folder, tmp_path, dtype, tuning, new):
    from datasets import Dataset
    from transformers import AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    model = load_model(folder, dtype=dtype, device="cpu", quantise=tuning.quantise)
    tokens = {vocabulary_of(model) + number: [1, 2] for number in range(new)}
    make_room(model, tokens)
    model = tuned(model, tuning, tokens)
    skip = {"skip_prepare_dataset": True}
    arguments = SFTConfig(str(tmp_path), max_length=None, dataset_kwargs=skip, bf16=dtype == "bfloat16", use_cpu=True,
                          report_to="none", gradient_checkpointing=False)  # fmt: skip
    rows = Dataset.from_list([{"input_ids": [1, 2], "labels": [1, 2]}])
    SFTTrainer(model, arguments, train_dataset=rows, processing_class=AutoTokenizer.from_pretrained(folder))  # casts
    model.save_pretrained(tmp_path / "saved")
    found = count(shapes(folder), tuning, new)
    assert found.file_bytes(dtype) == written(tmp_path / "saved/adapter_model.safetensors")
