"""What a run's file says about its data."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator


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
