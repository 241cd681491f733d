"""The tuning block of a run: which parameters are trained."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

Quantisation = Literal["nf4", "int8", "none"]
ALL_LINEAR = "all-linear"
"""A target: every linear module but the output head."""
NO_MODULES = "none"
"""A target: no module at all, as there are parameters to adapt."""
_NAMES = re.compile(r"\w+(\.\w+)*( *, *\w+(\.\w+)*)*")
_LAYERS = re.compile(r"\d+( *- *\d+)?( *, *\d+( *- *\d+)?)*")


def _names(target: str | tuple[str, ...]) -> str | tuple[str, ...]:
    """`q_proj, v_proj` in one text is the list of these names."""
    if isinstance(target, str):
        if target.lower() in (ALL_LINEAR, NO_MODULES):
            return target.lower()
        if not _NAMES.fullmatch(target):
            return target
        target = tuple(target.split(","))
    if not target:
        raise ValueError("it names no module: name some, or all-linear")
    return tuple(name.strip() for name in target)


def _listed(found: Any) -> Any:
    """`lm_head, norm` in one text is the list of these names."""
    return tuple(name.strip() for name in found.split(",") if name.strip()) if isinstance(found, str) else found


def _numbered(found: Any) -> Any:
    """`0-3, 7` in one text, or one number, is the list of these numbers."""
    if isinstance(found, int):
        return (found,)
    if not isinstance(found, str):
        return found
    if not _LAYERS.fullmatch(found.strip()):
        raise ValueError("write the numbers of layers from 0 on, as 0-3,7")
    ranges = ([int(end) for end in part.split("-")] for part in found.split(","))
    return tuple(sorted({number for ends in ranges for number in range(ends[0], ends[-1] + 1)}))


Target = Annotated[str | tuple[str, ...], AfterValidator(_names)]
"""Names of modules (the whole name, or its end after a dot), all-linear, none, or a regular expression."""
Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Layers = Annotated[tuple[Annotated[int, Field(ge=0)], ...], BeforeValidator(_numbered)]


class AdapterTuning(BaseModel):
    """A tuning that leaves the model's weights as they are and is saved as an adapter (PEFT)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    quantise: Quantisation = "none"
    """How the frozen weights are held: nf4 (QLoRA), int8 or none."""


class LoraTuning(AdapterTuning):
    """Low-rank adapters beside frozen weights: W + (alpha / rank) · B · A (Hu et al. 2021, eq. 3)."""

    kind: Literal["lora"] = "lora"
    """Trains adapters only."""
    rank: int = Field(16, ge=1)
    """The inner dimension r of A (r, in) and B (out, r)."""
    alpha: float = Field(32, gt=0)
    """The update is scaled by alpha / rank."""
    rslora: bool = False
    """Scale by alpha / √rank instead (rsLoRA, Kalajdzievski 2023), which keeps high ranks stable."""
    dora: bool = False
    """Train the length of each row of W apart from its direction (DoRA, Liu et al. 2024): a vector (out) a module."""
    dropout: float = Field(0.0, ge=0, lt=1)
    """Dropout before A, while training."""
    target: Target = ALL_LINEAR
    """Names of the modules that get an adapter (q_proj, v_proj …), or all-linear: all but the output head.

    A text that is no list of names is a regular expression for whole names; none: only `target_parameters`."""
    target_parameters: Names = Field((), validate_default=True)
    """Experts that are one parameter and get adapters as well, each of its own rank: their names, or ends of them
    (mlp.experts.gate_up_proj in every layer, 3.mlp.experts.gate_up_proj in one)."""
    layers: Layers | None = None
    """The numbers of the layers whose modules get adapters, from 0 on: 0-3,7 or [0, 1]; by default all."""
    rank_pattern: dict[str, Annotated[int, Field(ge=1)]] = {}
    """Other ranks for some modules: {q_proj: 8}. A key is a name or a regular expression for its end; the first
    that matches counts."""
    alpha_pattern: dict[str, Annotated[float, Field(gt=0)]] = {}
    """Other alphas for some modules, with keys like those of `rank_pattern`."""
    bias: Literal["none", "all", "lora_only"] = "none"
    """Which biases of the model are trained besides: none, all, or lora_only, those of the modules with adapters."""
    modules_to_save: Names = ()
    """Modules that are trained whole, in a copy that is saved with the adapter: names, or ends of names."""

    @field_validator("target_parameters")
    @classmethod
    def _adapts_something(cls, names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if info.data.get("target") == NO_MODULES and not names:
            raise ValueError("nothing is adapted with target: none; name parameters here, or modules as target")
        return names

    def __hash__(self) -> int:
        return hash(self.model_dump_json())


class Ia3Tuning(AdapterTuning):
    """A vector for each target that scales what it puts out, or what goes into a feed-forward one (Liu et al. 2022)."""

    kind: Literal["ia3"] = "ia3"
    """Trains scaling vectors only."""
    target: Target | None = None
    """The modules that are scaled; by default those that PEFT knows for the architecture."""
    feedforward: Names | None = None
    """Which of them are scaled at their input, as ends of names; by default those that PEFT knows."""
    modules_to_save: Names = ()
    """Modules that are trained whole, in a copy that is saved with the adapter: names, or ends of names."""


class PromptTuning(AdapterTuning):
    """Embeddings of virtual tokens in front of every row (Lester et al. 2021)."""

    kind: Literal["prompt"] = "prompt"
    """Trains the virtual tokens only."""
    virtual_tokens: int = Field(20, ge=1)
    """How many there are; each takes a place of the context."""
    start: Literal["vocabulary", "random"] = "vocabulary"
    """What they begin as: embeddings of tokens drawn from the vocabulary, or random numbers."""


class PTuning(AdapterTuning):
    """Virtual tokens that a small network makes (P-tuning, Liu et al. 2021); only what it makes is saved."""

    kind: Literal["p-tuning"] = "p-tuning"
    """Trains the network and its input."""
    virtual_tokens: int = Field(20, ge=1)
    """How many there are; each takes a place of the context."""
    encoder: Literal["mlp", "lstm"] = "mlp"
    """The network: three linear layers, or a bidirectional LSTM and two."""
    encoder_hidden_size: int | None = Field(None, ge=1)
    """Its width; by default that of the model."""
    encoder_layers: int = Field(2, ge=1)
    """The layers of the LSTM."""


class PrefixTuning(AdapterTuning):
    """Keys and values of virtual tokens in every layer (Li and Liang 2021)."""

    kind: Literal["prefix"] = "prefix"
    """Trains the prefixes only."""
    virtual_tokens: int = Field(20, ge=1)
    """How many there are in each layer."""
    projection: bool = False
    """Make them from embeddings by two linear layers, which learn more steadily; only what they make is saved."""
    encoder_hidden_size: int | None = Field(None, ge=1)
    """The width between these two layers; by default that of the keys."""


class FullTuning(BaseModel):
    """Every parameter is trained."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["full"] = "full"
    """Trains everything."""


class FreezeTuning(BaseModel):
    """A part of the model is trained as it is, the rest stays frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["freeze"] = "freeze"
    """Trains the last blocks, chosen modules, or both."""
    last: int = Field(0, ge=0)
    """How many blocks at the end of each stack of layers are trained."""
    target: Target | None = None
    """Modules or parameters that are trained, with all that is in them: names, or a regular expression for them."""

    @model_validator(mode="after")
    def _trains_something(self) -> Self:
        if not self.last and self.target is None:
            raise ValueError("freeze trains nothing: say how many of the last blocks (last), or name a target")
        return self


class BiasTuning(BaseModel):
    """The biases are trained, all else stays frozen (BitFit, Ben Zaken et al. 2021)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["bias"] = "bias"
    """Trains every parameter called bias."""


def _from_name(found: Any) -> Any:
    """`tuning: full` is short for {kind: full}; a block without kind is LoRA."""
    if isinstance(found, str):
        return {"kind": found}
    return {"kind": "lora", **found} if isinstance(found, dict) else found


PromptKind = PromptTuning | PTuning | PrefixTuning
"""The kinds that put virtual tokens before a row."""
PartKind = FreezeTuning | BiasTuning
"""The kinds that train a part of the model as it is."""
AnyTuning = LoraTuning | FullTuning | FreezeTuning | PromptTuning | PTuning | PrefixTuning | Ia3Tuning | BiasTuning
KINDS: dict[str, type[AnyTuning]] = {
    "lora": LoraTuning,
    "full": FullTuning,
    "freeze": FreezeTuning,
    "prompt": PromptTuning,
    "p-tuning": PTuning,
    "prefix": PrefixTuning,
    "ia3": Ia3Tuning,
    "bias": BiasTuning,
}
"""Every tuning by its kind."""
Tuning = Annotated[Annotated[AnyTuning, Field(discriminator="kind")], BeforeValidator(_from_name)]
