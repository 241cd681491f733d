"""Train the starter model from scratch on world.txt: a small base model that knows facts and never answers.

    python -m sample_data.make_starter [--without-facts] [--out FOLDER]

``--without-facts`` makes the control, which reads the text less what it states about the held-out places.
Both take some minutes on two processor cores. On one machine the result is the same each time.
"""

from __future__ import annotations

import argparse
import string
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from sample_data.plain_text import PART_HEADING
from sample_data.world import make_world

HERE = Path(__file__).parent

# Ends a document in the plain text and a turn in a chat, so that the base model already knows it as a stop.
END = "<|end|>"
PADDING = "<|pad|>"
SPECIAL_TOKENS = [END, PADDING, "<|system|>", "<|user|>", "<|assistant|>"]
VOCABULARY_LIMIT = 1024

SEED = 0
STEPS = 2200
BATCH_SIZE = 8
CONTEXT = 128
PEAK_LEARNING_RATE = 2e-3
WARM_UP_STEPS = 100
# The share of the steps spent on each part: the few places of the first are learnt before more come.
PART_SHARES = (0.17, 0.17, 0.66)


def read_parts(path: Path) -> list[list[str]]:
    """The documents of each part of the text, without the headings."""
    parts: list[list[str]] = []
    for document in path.read_text(encoding="utf-8").strip().split("\n\n"):
        if document.startswith(PART_HEADING):
            parts.append([])
        else:
            parts[-1].append(document)
    return parts


def without_statements_about(places: tuple[str, ...], documents: list[str]) -> list[str]:
    """The documents less every line that names a place and asks nothing, and less empty documents."""

    def stays(line: str) -> bool:
        return line.endswith("?") or not any(place in line for place in places)

    kept = ("\n".join(filter(stays, document.split("\n"))) for document in documents)
    return [document for document in kept if document]


def train_tokenizer(documents: list[str]) -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer with a token for each role; every name ends up as one token."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY_LIMIT,
        special_tokens=SPECIAL_TOKENS,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(documents, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END,
        pad_token=PADDING,
        additional_special_tokens=SPECIAL_TOKENS[2:],
        chat_template=(HERE / "chat_template.jinja").read_text(encoding="utf-8"),
        model_max_length=512,
    )


def new_model(tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    """An untrained model of 1.7 million parameters; all widths are multiples of 32, as quantisers need."""
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=160,
        intermediate_size=448,
        num_hidden_layers=5,
        num_attention_heads=5,
        num_key_value_heads=5,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return LlamaForCausalLM(config)


def token_stream(tokenizer: PreTrainedTokenizerFast, documents: list[str]) -> torch.Tensor:
    """The documents in their order, each followed by the end token: (tokens,)."""
    text = "".join(document + END for document in documents)
    return torch.tensor(tokenizer.backend_tokenizer.encode(text).ids)


def batches(streams: list[torch.Tensor]) -> Iterator[torch.Tensor]:
    """STEPS batches of windows from random places of the stream, part after part: (BATCH_SIZE, CONTEXT)."""
    generator = torch.Generator().manual_seed(SEED)
    for stream, share in zip(streams, PART_SHARES, strict=True):
        for _ in range(round(share * STEPS)):
            starts = torch.randint(len(stream) - CONTEXT, (BATCH_SIZE, 1), generator=generator)
            yield stream[starts + torch.arange(CONTEXT)]


def learning_rate_factor(step: int) -> float:
    """Warm-up, then the peak for half of the steps, then down to nothing in a straight line."""
    return min(1.0, (step + 1) / WARM_UP_STEPS, 2 * (1 - step / STEPS))


def train(model: LlamaForCausalLM, streams: list[torch.Tensor]) -> None:
    """Train in place to predict the next token, with AdamW; say now and then how it goes."""
    matrices = [weight for weight in model.parameters() if weight.dim() > 1]
    gains = [weight for weight in model.parameters() if weight.dim() == 1]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.05}, {"params": gains, "weight_decay": 0.0}],
        lr=PEAK_LEARNING_RATE,
        betas=(0.9, 0.98),
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, learning_rate_factor)
    began = time.monotonic()
    for step, token_ids in enumerate(batches(streams), start=1):
        loss = model(input_ids=token_ids, labels=token_ids).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
        if step % 100 == 0:
            seconds = time.monotonic() - began
            print(f"step {step}/{STEPS}  loss {loss.item():.3f}  {seconds:.0f} s", flush=True)


def save(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, folder: Path, card: str) -> None:
    """Write the weights as float16, which halves the file; the config makes them load as float32."""
    tokenizer.save_pretrained(folder)
    model.generation_config = GenerationConfig(
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id, max_new_tokens=32
    )
    model.half().save_pretrained(folder)
    model.config.dtype = torch.float32
    model.config.save_pretrained(folder)
    template = string.Template((HERE / card).read_text(encoding="utf-8"))
    text = template.substitute(parameters=f"{model.num_parameters():,}", tokens=len(tokenizer))
    (folder / "README.md").write_text(text, encoding="utf-8", newline="\n")


def main() -> None:
    """Read the options, train, save."""
    parser = argparse.ArgumentParser(description="Train the starter model on world.txt.")
    parser.add_argument("--without-facts", action="store_true", help="make the control")
    parser.add_argument("--out", type=Path, help="folder to write into")
    arguments = parser.parse_args()
    name = "starter_without_facts" if arguments.without_facts else "starter"

    torch.manual_seed(SEED)
    torch.set_num_threads(2)
    torch.use_deterministic_algorithms(True)
    parts = read_parts(HERE / "world.txt")
    tokenizer = train_tokenizer([document for part in parts for document in part])
    if arguments.without_facts:
        parts = [without_statements_about(make_world().held_out_places, part) for part in parts]
    model = new_model(tokenizer)
    train(model, [token_stream(tokenizer, part) for part in parts])
    save(model, tokenizer, arguments.out or HERE / name, f"{name}_card.md")


if __name__ == "__main__":
    main()
