"""The task block of a run: what is learned, and what only that task asks for. `task: reward` is {kind: reward}."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class SftTask(BaseModel):
    """Supervised fine-tuning on chats or prompt–completion rows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["sft"] = "sft"
    """Answers are learned token by token."""


class RewardTask(BaseModel):
    """A reward model: a score for each answer, from pairs of which one was preferred (Bradley and Terry 1952)."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    kind: Literal["reward"] = "reward"
    """-log σ(r_chosen − r_rejected − margin) is made small (Ouyang et al. 2022, eq. 1; margin: Touvron et al. 2023,
    eq. 2)."""
    margin: float = Field(0.0, ge=0)
    """By how much a clearly better answer has to lead; one that is only better, by a third of it. Needs votes."""
    center_rewards_coefficient: float = Field(0.0, ge=0)
    """How strongly scores are pulled to 0 on average: adds this times (r_chosen + r_rejected)² (Eisenstein et al. 2023,
    who use 0.01)."""


def _from_name(found: Any) -> Any:
    return {"kind": found} if isinstance(found, str) else found


Task = Annotated[Annotated[SftTask | RewardTask, Field(discriminator="kind")], BeforeValidator(_from_name)]
