"""What a workspace's workbench.toml may say. Every setting has a default; unknown ones are refused."""

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
