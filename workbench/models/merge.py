"""An adapter put into its base model for good: a folder that is a model by itself."""

import shutil
from dataclasses import replace
from pathlib import Path

from workbench.durable import sync
from workbench.errors import WrongUse
from workbench.models.find import ModelFolder
from workbench.models.load import load_answering


def merge(found: ModelFolder, into: Path, *, dtype: str, device: str) -> ModelFolder:
    """Return the model in `into`, the sum of base and adapter; it is made there unless an earlier call did.

    Raises WrongUse for an adapter that is no sum: virtual tokens.
    """
    merged = replace(found, folder=into, source="folder", adapter=None, revision=None)
    if into.is_dir():
        return merged
    from transformers import AutoTokenizer

    model = load_answering(found, dtype=dtype, device=device)
    if not hasattr(model.base_model, "merge_and_unload"):
        raise WrongUse(
            f"{found.name} is an adapter of virtual tokens, which no weights can hold", "model: its base model"
        )
    tokenizer = AutoTokenizer.from_pretrained(found.tokenizer_folder, local_files_only=True, trust_remote_code=False)
    fresh = into.with_name(into.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    model.merge_and_unload().save_pretrained(fresh, safe_serialization=True)
    tokenizer.save_pretrained(fresh)
    sync(fresh)
    fresh.rename(into)
    sync(into)
    return merged
