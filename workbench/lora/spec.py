"""The tuning block of a run: which parameters are trained."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Quantisation = Literal["nf4", "int8", "none"]


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
    target: str | tuple[str, ...] = "all-linear"
    """Names of the modules that get an adapter (q_proj, v_proj …), or all-linear: all but the output head."""
    quantise: Quantisation = "none"
    """How the frozen weights are held: nf4 (QLoRA), int8 or none."""


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
