"""What a person can choose from: the chat templates nearby, and what else a row can be put beside."""

from collections.abc import Iterable
from pathlib import Path
from typing import get_args

from workbench.template.spec import EncoderSpec, TrainOn


def templates_nearby(folder: Path) -> list[str]:
    """Return the Jinja files in templates/ of a workspace, as a draft names them. Reads the disk; for a thread."""
    return [str(file) for file in sorted((folder / "templates").glob("*.jinja"))]


def others(spec: EncoderSpec, templates: Iterable[str]) -> list[EncoderSpec]:
    """Return what a row can be put beside: the other policies, then the model's own template and these."""
    policies = [spec.model_copy(update={"train_on": each}) for each in get_args(TrainOn) if each != spec.train_on]
    named = [each for each in (None, *templates) if each != spec.template]
    return policies + [spec.model_copy(update={"template": each}) for each in named]
