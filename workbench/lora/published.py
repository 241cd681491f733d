"""Numbers that papers and documentation print, worked out again: what a person can hold the counts against."""

from dataclasses import dataclass

from workbench.lora.lowrank import adapter_size

_LORA_PAPER = "Hu et al. 2021 (LoRA), table 4 and appendix D"
_WIDTH, _BLOCKS = 12_288, 96
"""GPT-3 175B."""


@dataclass(frozen=True)
class Worked:
    """A published number with its arithmetic."""

    what: str
    formula: str
    """With the values filled in."""
    trainable: int
    source: str


def bottleneck_size(width: int, rank: int) -> int:
    """Return the numbers of a bottleneck adapter: down (rank, width), up (width, rank), and their biases.

    Houlsby et al. 2019, section 2.1. PEFT has none: this project counts it for comparison, and does not train it.
    """
    return 2 * width * rank + rank + width


def gpt3() -> tuple[Worked, ...]:
    """Return rows of the LoRA paper's table for GPT-3, d = 12,288 and 96 blocks, with adapters two a block.

    The table prints totals: that of PreEmbed is met by 256 and 8 virtual tokens, which is this project's reading.
    """
    pairs = 2 * _BLOCKS
    lora = [
        Worked(
            f"LoRA on q and v, r = {rank}",
            f"{pairs} × {rank} × ({_WIDTH:,} + {_WIDTH:,})",
            pairs * adapter_size(_WIDTH, _WIDTH, rank),
            _LORA_PAPER,
        )
        for rank in (1, 8)
    ]
    bottlenecks = [
        Worked(
            f"Adapter-H, r = {rank}",
            f"{pairs} × (2 × {_WIDTH:,} × {rank} + {rank} + {_WIDTH:,})",
            pairs * bottleneck_size(_WIDTH, rank),
            _LORA_PAPER,
        )
        for rank in (1, 8)
    ]
    prefix, infix = 256, 8
    embedded = Worked(
        f"PreEmbed, {prefix} and {infix} virtual tokens",
        f"({prefix} + {infix}) × {_WIDTH:,}",
        (prefix + infix) * _WIDTH,
        _LORA_PAPER,
    )
    return (*lora, *bottlenecks, embedded)


HEAD_COUNTED_TWICE = (
    "distilbert with 2 classes, LoRA r = 4 on q_lin: 36,864 + 592,130 of the head = 628,994 trained. "
    "An older PEFT printed 1,221,124 = 36,864 + 2 × 592,130: it trained a copy of the head and counted the frozen "
    "original as well."
)
"""Why one published number is nearly twice what is counted here."""
