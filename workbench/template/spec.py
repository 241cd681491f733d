"""The template block of a run: what is rendered, and which tokens the loss sees."""

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

TrainOn = Literal["assistant", "last", "completion", "all"]
"""assistant: every assistant turn of a chat; last: the last one; completion: what follows the prompt; all: every token.

Of a row with a prompt and a completion only the completion's answers are trained; of a chat the last answer is what
follows the prompt. An answer with "weight": 0 is not trained, as OpenAI has it."""


class EncoderSpec(BaseModel):
    """Everything that decides how a row becomes `input_ids` and `labels`, but the tokenizer itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    template: str | None = Field(None, min_length=1)
    """In place of the model's own: a Jinja file, or a name that `workbench template list` knows."""
    new_tokens: Literal["template"] | tuple[str, ...] = ()
    """Control tokens to add to the tokenizer; `template`: those that the template writes and the tokenizer lacks.

    The token that ends an answer, if it is one of them, becomes the stop token; with `template` in any case.
    """
    stop_token: str | None = None
    """The token that ends an answer, and becomes the tuned model's EOS; by default the model's own."""
    train_on: TrainOn = "assistant"
    """Which tokens are trained."""
    max_length: int = Field(1024, ge=2)
    """Rows are cut after this many tokens."""
    allow_control_tokens: bool = False
    """Whether control tokens written inside a message act as control tokens; otherwise they are plain text."""

    @field_validator("new_tokens")
    @classmethod
    def _are_names(cls, found: Any) -> Any:
        if found == "template":
            return found
        if "template" in found:
            raise ValueError("template stands alone: it names those that the template writes")
        if not all(name.strip() for name in found):
            raise ValueError("a token is more than white space")
        return tuple(dict.fromkeys(found))


def template_name(spec: EncoderSpec) -> str:
    """Return what a person calls the template; it may come from outside."""
    if not spec.template:
        return "model's own"
    return Path(spec.template).name if Path(spec.template).is_absolute() else spec.template
