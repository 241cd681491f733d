"""What a person can choose from in the app: chat templates, and what else a row can be put beside."""

from collections.abc import Iterable
from pathlib import Path
from typing import get_args

from workbench.template.known import known_templates
from workbench.template.spec import EncoderSpec, TrainOn


def templates_nearby(folder: Path) -> list[str]:
    """Return the templates of a workspace and those with names, as a draft names them. Reads the disk; for a thread."""
    return [str(each.path) if each.source == "workspace" else each.name for each in known_templates(folder)]


def with_templates(spec: EncoderSpec, templates: Iterable[str]) -> list[EncoderSpec]:
    """Return the same under the model's own template, then under these."""
    named = dict.fromkeys([None, *templates, *([spec.template] if spec.template else [])])
    return [spec.model_copy(update={"template": each}) for each in named]


def others(spec: EncoderSpec, templates: Iterable[str]) -> list[EncoderSpec]:
    """Return what a row can be put beside: the other policies, then the other templates."""
    policies = [spec.model_copy(update={"train_on": each}) for each in get_args(TrainOn) if each != spec.train_on]
    return policies + [each for each in with_templates(spec, templates) if each.template != spec.template]
