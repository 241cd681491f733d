"""The task block of a run: what is learned, and what only that task asks for. `task: reward` is {kind: reward}.

Two tasks train nothing and ask instead: sample, whose answers become pairs, and judge, whose answers become votes.
"""

from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator


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


class AskingTask(BaseModel):
    """What both tasks have that ask a model and train nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    set: str = Field(min_length=1)
    """The name of the set in labels.db that the answers are for."""
    endpoint: str | None = None
    """An OpenAI-compatible address, mostly ending in /v1; `model` is then what the model is called there. Its key comes
    from the environment of whoever starts the run, and is kept nowhere."""
    at_once: int = Field(4, ge=1)
    """Questions to an address at the same time."""
    seconds: float = Field(120.0, gt=0)
    """How long one answer of an address may take."""

    @field_validator("endpoint")
    @classmethod
    def _without_a_secret(cls, address: str | None) -> str | None:
        parts = urlsplit(address or "http://none")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{address} is no address: write the whole of it, http://127.0.0.1:8000/v1")
        if parts.username or parts.password or parts.query:
            raise ValueError("what may be secret in an address would be kept in the run's file: leave it out")
        return address


class SampleTask(AskingTask):
    """Answers are sampled to prompts and become pairs to vote on."""

    kind: Literal["sample"] = "sample"
    """Every two answers of a model to a prompt are a pair (Ouyang et al. 2022, section 3.5), or one of each of two."""
    against: str | None = None
    """Another run or model, at the same address where there is one: pairs are of its answers and the model's."""
    samples: int | None = Field(None, ge=1)
    """Answers of each model to each prompt; 4 of one model, 1 of each of two."""
    rows: int | None = Field(None, ge=1)
    """Only so many prompts, the first."""
    seed: int | None = Field(None, ge=0, lt=2**32)
    """Of the draws: another one draws other answers to the same prompts. By default the run's, which also says which
    rows are held out."""
    temperature: float = Field(0.8, ge=0)
    """Higher is more varied."""
    top_p: float = Field(1.0, gt=0, le=1)
    """The unlikely tokens beyond this share are left out."""
    max_new_tokens: int = Field(256, ge=1)
    """The longest answer."""

    @property
    def times(self) -> int:
        """How many answers each model gives to each prompt."""
        return self.samples or (1 if self.against else 4)

    def draws_with(self, seed: int) -> int:
        """Return the seed of the draws in a run of this seed."""
        return seed if self.seed is None else self.seed

    @model_validator(mode="after")
    def _makes_pairs(self) -> Self:
        if not self.against and self.times < 2:
            raise ValueError("one answer makes no pair: samples: 2, or against: another model")
        if self.times > 1 and not self.temperature:
            raise ValueError("at temperature 0 a model gives one answer only: temperature: 0.8")
        return self


class JudgeTask(AskingTask):
    """A model votes on pairs, each asked in both orders, and is tried against the votes of people."""

    kind: Literal["judge"] = "judge"
    """What both orders name is its vote, else a tie."""
    annotator: str = ""
    """It votes as judge:NAME; by default as its model."""
    rubric: str | None = None
    """A Markdown file that says what is better; by default the workspace's rubric."""
    prompt: str | None = None
    """A text file that asks in other words, with $rubric, $prompt, $answer_a and $answer_b in it."""
    criterion: str = ""
    """The one criterion of the rubric that it votes by, such as helpful; by default all in all."""
    pairs: int | None = Field(None, ge=1)
    """At most so many pairs."""
    alone: bool = False
    """Also pairs that no person voted on; only once the trial is passed."""
    kappa: float = Field(0.6, ge=0, le=1)
    """The trial is passed when the kappa with people is so high for sure."""
    max_new_tokens: int = Field(1024, ge=1)
    """The longest answer."""


TRAINS_NOTHING = ("sample", "judge")
"""The kinds of the tasks that only ask."""


def unit_of(kind: str) -> str:
    """Return what a run of this task goes through one by one: step, prompt or pair."""
    return {"sample": "prompt", "judge": "pair"}.get(kind, "step")


def _from_name(found: Any) -> Any:
    return {"kind": found} if isinstance(found, str) else found


Task = Annotated[
    Annotated[SftTask | RewardTask | SampleTask | JudgeTask, Field(discriminator="kind")], BeforeValidator(_from_name)
]
