"""The tuning block of a run: which parameters are trained."""

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

Quantisation = Literal["nf4", "int8", "none"]
ALL_LINEAR = "all-linear"
"""A target: every linear module but the output head."""
_NAMES = re.compile(r"\w+(\.\w+)*( *, *\w+(\.\w+)*)*")


class LoraTuning(BaseModel):
    """Low-rank adapters beside frozen weights: W + (alpha / rank) · B · A (Hu et al. 2021, eq. 3)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["lora"] = "lora"
    """Trains adapters only."""
    rank: int = Field(16, ge=1)
    """The inner dimension r of A (r, in) and B (out, r)."""
    alpha: float = Field(32, gt=0)
    """The update is scaled by alpha / rank."""
    dropout: float = Field(0.0, ge=0, lt=1)
    """Dropout before A, while training."""
    target: str | tuple[str, ...] = ALL_LINEAR
    """Names of the modules that get an adapter (q_proj, v_proj …), or all-linear: all but the output head.

    A text that is no list of names is a regular expression for whole names."""
    quantise: Quantisation = "none"
    """How the frozen weights are held: nf4 (QLoRA), int8 or none."""

    @field_validator("target")
    @classmethod
    def _names(cls, target: str | tuple[str, ...]) -> str | tuple[str, ...]:
        """`q_proj, v_proj` in one text is the list of these names."""
        if isinstance(target, str):
            if target.lower() == ALL_LINEAR:
                return ALL_LINEAR
            if not _NAMES.fullmatch(target):
                return target
            target = tuple(target.split(","))
        if not target:
            raise ValueError("it names no module: name some, or all-linear")
        return tuple(name.strip() for name in target)


class FullTuning(BaseModel):
    """Every parameter is trained."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["full"] = "full"
    """Trains everything."""


def _from_name(found: Any) -> Any:
    """`tuning: full` is short for {kind: full}; a block without kind is LoRA."""
    if isinstance(found, str):
        return {"kind": found}
    return {"kind": "lora", **found} if isinstance(found, dict) else found


Tuning = Annotated[
    Annotated[LoraTuning | FullTuning, Field(discriminator="kind")],
    BeforeValidator(_from_name),
]
