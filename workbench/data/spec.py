"""What a run's file says about its data."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator


class DataSpec(BaseModel):
    """The rows to train on. A bare file name stands for {train: FILE}."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    train: str
    """The file with the rows to train on."""
    validation: str | None = None
    """A file with rows that are only measured, never trained on."""
    split: float = Field(default=0.0, ge=0, lt=1)
    """The share of the training rows that is held out for validation."""
    map: dict[str, str] = {}
    """Which column plays which part, TARGET: SOURCE, where the names in the file do not say so."""

    @model_validator(mode="before")
    @classmethod
    def _file_alone(cls, value: Any) -> Any:
        return {"train": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_source_of_validation(self) -> "DataSpec":
        if self.validation is not None and self.split:
            raise ValueError("give validation or split, not both: split would cut rows from a file already parted")
        return self


class VotesSpec(DataSpec):
    """The votes on a set of pairs in labels.db, as they stand when the run is started."""

    votes: str = Field(min_length=1)
    """The name of the set."""
    train: str = ""
    """The run's own copy of them, in its folder, from which it trains and resumes; starting the run writes it."""
    split: float = Field(default=0.1, ge=0, lt=1)
    """The share of the votes that is held out for validation; all votes on a prompt go the same way."""
    ties: Literal["drop", "both"] = "drop"
    """What becomes of a tie: it is left out, or each answer is the better one once, which draws their scores near."""
    annotators: tuple[str, ...] = ()
    """Whose votes count; by default everybody's."""
    most: int | None = Field(default=None, ge=1)
    """Train on so many of the pairs at most, for a learning curve; by default on all. The pairs of a smaller number are
    among those of a larger one, and what is held out is the same for every number."""

    @model_validator(mode="before")
    @classmethod
    def _validation_in_place_of_the_split(cls, value: Any) -> Any:
        has_file = isinstance(value, dict) and value.get("validation") is not None
        return {"split": 0.0, **value} if has_file else value


def _source(found: Any) -> str:
    is_votes = "votes" in found if isinstance(found, dict) else isinstance(found, VotesSpec)
    return "votes" if is_votes else "file"


Data = Annotated[Annotated[DataSpec, Tag("file")] | Annotated[VotesSpec, Tag("votes")], Discriminator(_source)]
"""What a run's data may be."""
