"""Which files of a repository a look needs. Names only: nothing here touches the disk or the network."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from workbench.errors import Missing


class What(StrEnum):
    """What a person looks at; each of the first three includes the one before it."""

    CONFIG = "config"
    """The architecture, a few KB: enough to count parameters."""
    TOKENIZER = "tokenizer"
    """The tokenizer and its chat template, a few MB: enough to see tokens."""
    WEIGHTS = "weights"
    """The safetensors weights."""
    DATA = "data"
    """The data files of a data set."""
    CARD = "card"
    """The README, where a data set says which of its files are what."""
    CONTENT = "content"
    """All files but the README and those of git, whatever they are."""


class NoDataFiles(Missing):
    """A data set whose files are of kinds that are not read here."""


@dataclass(frozen=True)
class HubFile:
    """One file of a repository: its size, and the hash of its content where the Hub tells it."""

    name: str
    bytes: int
    sha256: str = ""


CONFIGS = ("config.json", "generation_config.json", "adapter_config.json")
TOKENIZERS = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "vocab.txt",
    "merges.txt",
    "*.model",
    "*.tiktoken",
    "tekken.json",
    "chat_template.jinja",
    "chat_template.json",
    "additional_chat_templates/*.jinja",
)
_PICKLES = (".bin", ".pt", ".pth", ".pkl", ".ckpt")
_DATA = (".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".parquet", ".arrow", ".txt")
_PACKED = (".gz", ".bz2", ".xz", ".zst")
_NOT_DATA = {
    "dataset_infos.json",
    "dataset_info.json",
    "dataset_dict.json",
    "state.json",
    "requirements.txt",
    "license.txt",
    "readme.txt",
}
_INDEX = "model.safetensors.index.json"


def select(what: What, names: Sequence[str], label: str, split: str | None = None) -> list[str]:
    """Return those of `names` that `what` needs, in order; `label` names the repository in errors.

    Raises Missing when the repository has no configuration, no safetensors weights or no data for this.
    """
    if what is What.CARD:
        return [name for name in names if name == "README.md"]
    if what is What.DATA:
        return _data_files(names, label, split)
    if what is What.CONTENT:
        return [name for name in names if name != "README.md" and not name.startswith(".git")]
    if not any(name in names for name in ("config.json", "adapter_config.json")):
        raise Missing(f"{label} has no config.json: it holds {few(names)}", "name the repository of a model")
    wanted = [name for name in names if name in CONFIGS]
    if what in (What.TOKENIZER, What.WEIGHTS):
        wanted += [name for name in names if is_tokenizer_file(name)]
    if what is What.WEIGHTS:
        wanted += weight_files(names, label)
    return wanted


def is_tokenizer_file(name: str) -> bool:
    """Whether `name`, relative to the model's folder, is part of a tokenizer."""
    return any(fnmatchcase(name, pattern) and name.count("/") == pattern.count("/") for pattern in TOKENIZERS)


def weight_files(names: Iterable[str], label: str) -> list[str]:
    """Return the safetensors files, and their index, that transformers or peft would load; each weight once.

    Raises Missing when there are none, and says why pickles are not an answer.
    """
    top = [name for name in names if "/" not in name]
    found = [name for name in top if name.endswith(".safetensors")]
    for only in ("adapter_model.safetensors", "model.safetensors"):
        if only in found:
            return [only]
    if _INDEX in top:
        return [_INDEX, *(name for name in found if re.fullmatch(r"model-\d+-of-\d+\.safetensors", name))]
    if found:
        return found
    pickles = [name for name in top if name.endswith(_PICKLES)]
    if pickles:
        raise Missing(
            f"{label} has its weights only as pickles ({few(pickles)}), and loading one runs its code",
            "convert them to safetensors, or name a model that has a model.safetensors",
        )
    raise Missing(f"{label} has no model.safetensors: it holds {few(top)}", "name a model with safetensors weights")


def _data_files(names: Sequence[str], label: str, split: str | None) -> list[str]:
    found = [name for name in names if _is_data(name)]
    if not found:
        raise NoDataFiles(
            f"{label} has no data files: it holds {few(names)}",
            f"name a data set with files that end in {', '.join(_DATA)}",
        )
    if split is None:
        return found
    chosen = [name for name in found if split in re.split(r"[/._-]", name)]
    if not chosen:
        raise Missing(f"{label} has no file of the split {split!r}", f"its data files are {few(found)}")
    return chosen


def _is_data(name: str) -> bool:
    last = name.rsplit("/", 1)[-1].lower()
    last = last.rpartition(".")[0] if last.endswith(_PACKED) else last
    hidden = any(part.startswith(".") for part in name.split("/"))
    return last.endswith(_DATA) and last not in _NOT_DATA and not hidden


def few(names: Iterable[str], most: int = 4) -> str:
    """Return the first `most` names as one phrase, with how many more there are."""
    listed = list(names)
    if not listed:
        return "nothing"
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more
