"""What a workspace's workbench.toml may say. Every setting has a default; unknown ones are refused."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """The settings of one workspace."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    device: str = Field("auto", pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$")
    """Where local runs and answers are computed: auto, cpu, mps, cuda or cuda:N."""
    checkpoints_kept: int = Field(2, ge=1)
    """How many of a run's checkpoints stay on disk."""
    render_seconds: float = Field(1.5, gt=0)
    """How long a chat template may take for one row before the encoder worker is killed, in seconds."""
    render_memory_gib: float = Field(4.0, gt=0)
    """The address space that the encoder worker may use, in GiB."""
    bell: bool = False
    """Whether the app rings the terminal's bell, and sends a desktop notice (OSC 9), when a run ends."""
    price_per_hour: float | None = Field(None, ge=0)
    """What an hour of one device costs, in whatever money; `lora fit` multiplies it by the hours that it reckons."""
    annotator: str = ""
    """Whose the votes are; by default the login name."""
    label_order: Literal["added", "random", "stratified", "least-sure", "disputed"] = "added"
    """Which pairs are shown first: as they were added, at random, each source in turn, where the newest reward run is
    least sure, or where people disagree. A set for which `label order` keeps another order has that."""
    label_repeats: float = Field(0.0, ge=0, le=0.5)
    """The share of pairs that are shown a second time, unsaid and with the sides swapped, to measure consistency."""
    rubric: str = ""
    """A Markdown file of the workspace that says what makes an answer better; by default rubric.md, if it is there."""
