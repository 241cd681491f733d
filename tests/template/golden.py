"""What the golden tests are made of: TRL's chat templates with their real stop tokens, chats of every shape, TRL."""

import contextlib
import json
import re
from pathlib import Path
from typing import Any

from tests.small import make_tokenizer, trl_template
from workbench.template.encoder import IGNORED, Encoder
from workbench.template.spec import EncoderSpec
from workbench.template.writer import TemplateFailed

LONG = EncoderSpec(max_length=100_000)

STOPS = {
    "cohere": ("<|END_OF_TURN_TOKEN|>",), "cohere2": ("<|END_OF_TURN_TOKEN|>",),
    "deepseek_r1_distill": ("<｜end▁of▁sentence｜>",), "deepseekv3": ("<｜end▁of▁sentence｜>",),
    "diffusion_gemma": ("<turn|>", "<|tool_response>"), "gemma": ("<end_of_turn>",), "gemma3": ("<end_of_turn>",),
    "gemma4": ("<turn|>", "<|tool_response>"), "gemma4_v2": ("<turn|>",),
    **dict.fromkeys(("gemma4_v3", "gemma4_v4", "gemma4_v5"), ("<turn|>", "<|tool_response>")),
    "glm4moe": ("<|user|>", "<|observation|>"),
    "gptoss": ("<|return|>", "<|call|>", "<|end|>"), "idefics3": ("<end_of_utterance>",),
    "lfm2": ("<|im_end|>",), "lfm2_2_5": ("<|im_end|>",), "lfm2_2_5_v2": ("<|im_end|>",),
    "lfm2_2_5_vl": ("<|im_end|>",), "lfm2_v2": ("<|im_end|>",), "llama3": ("<|eot_id|>",),
    "llama3_1": ("<|eot_id|>", "<|eom_id|>"), "llama3_2": ("<|eot_id|>",), "llava_next": ("</s>",),
    "muse_glimmer": ("<|eot|>",), "nemotron_3_5_lightning": ("<|im_end|>",), "nemotron_3_nano": ("<|im_end|>",),
    "nemotron_3_super": ("<|im_end|>",), "nemotron_3_ultra": ("<|im_end|>",), "phi3": ("<|end|>",),
    "phi3_5": ("<|end|>",), "qwen2_5": ("<|im_end|>",), "qwen2_5_vl": ("<|im_end|>",), "qwen3": ("<|im_end|>",),
    "qwen3_5_nothink": ("<|im_end|>",), "qwen3_5_think": ("<|im_end|>",), "qwen3_6": ("<|im_end|>",),
    "qwen3_8": ("<|im_end|>",), "qwen3_instruct_2507": ("<|im_end|>",), "qwen3_vl": ("<|im_end|>",),
    "smolvlm": ("<end_of_utterance>",),
}  # fmt: skip
"""Every template that TRL ships, with the tokens that end a model's turn, the usual one first."""

NO_TWIN = ("gemma4", "gemma4_v2", "gemma4_v3", "gemma4_v4", "gemma4_v5", "llama3_1", "llama3_2")
"""The templates that TRL has no training twin of: it refuses assistant_only_loss, and judges completions alone."""

IN_PARTS = ("idefics3", "smolvlm", "llava_next")
"""The templates that drop or refuse text that is not in parts; TRL gives text as it is, so rows for it are in parts."""

_CONTROL = re.compile(
    r"<\|[^|>\s]{1,40}\|>|<(?:start|end)_of_[a-z]+>|</?s>|<(?:bos|eos)>|<｜[^｜]+｜>|<\|[a-z_]+>|<[a-z_]+\|>"
)

CALL = {"type": "function", "function": {"name": "add", "arguments": {"a": 1, "b": 2}}}
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "add", "description": "Add.",
            "parameters": {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}},
        },
    }
]  # fmt: skip


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def assistant(text: str, **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": text, **more}


def plain_chats() -> list[dict[str, Any]]:
    """Chats of one to five turns, each without and with a system prompt."""
    found = []
    for turns in range(1, 6):
        chat = [message for n in range(turns) for message in (user(f"Q{n} ß?"), assistant(f"A{n} «ok».  x"))]
        found += [{"messages": chat}, {"messages": [{"role": "system", "content": "Be brief."}, *chat]}]
    return found


def tool_chats() -> list[dict[str, Any]]:
    """A call and its result, then the same again in a later turn."""
    once = [user("1+2?"), assistant("", tool_calls=[CALL]), {"role": "tool", "name": "add", "content": "3"},
            assistant("It is 3.")]  # fmt: skip
    twice = [*once, user("And 1+2?"), *once[1:3], assistant("Still 3.")]
    return [{"messages": once, "tools": TOOLS}, {"messages": twice, "tools": TOOLS}]


def reasoning_chats() -> list[dict[str, Any]]:
    """Answers with what was thought before them, in a field of its own."""
    chat = [user("1+2?"), assistant("3", reasoning_content="Easy."), user("2+2?"),
            assistant("4", reasoning_content="Hm.")]  # fmt: skip
    return [{"messages": chat[:2]}, {"messages": chat}]


def make_golden(folder: Path, name: str) -> Path:
    """Write a byte tokenizer with a template of TRL, its control tokens, and its stop tokens."""
    source = trl_template(name)
    stops = STOPS[name]
    control = sorted({*_CONTROL.findall(source), *stops})
    make_tokenizer(folder, source, control=tuple(control), eos=stops[0], bos="<bos>" if "bos_token" in source else None)
    from transformers import AutoTokenizer

    ids = AutoTokenizer.from_pretrained(folder).convert_tokens_to_ids(list(stops))
    (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": ids}))
    return folder


def completions(chats: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same chats, with the last answer as the completion of all that comes before it."""
    return [
        {"prompt": chat["messages"][:-1], "completion": chat["messages"][-1:]}
        | ({"tools": chat["tools"]} if "tools" in chat else {})
        for chat in chats
    ]


def taken_by(encoder: Encoder, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows that the template does not refuse."""
    found = []
    for row in rows:
        with contextlib.suppress(TemplateFailed):
            encoder.encode(row)
            found.append(row)
    return found


def of_trl(folder: Path, rows: list[dict[str, Any]], out: Path, **loss: bool) -> list[tuple[list[int], list[int]]]:
    """The ids and labels of TRL's SFTTrainer, under its `assistant_only_loss` or `completion_only_loss`."""
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    trainer = SFTTrainer(
        model=AutoModelForCausalLM.from_pretrained(folder),
        args=SFTConfig(
            output_dir=str(out), max_length=None, use_cpu=True, bf16=False, report_to="none", disable_tqdm=True, **loss
        ),
        train_dataset=Dataset.from_list(rows),
        processing_class=AutoTokenizer.from_pretrained(folder),
    )
    batches = [trainer.data_collator([row]) for row in trainer.train_dataset]
    return [(batch["input_ids"][0].tolist(), batch["labels"][0].tolist()) for batch in batches]


def as_given_to_trl(name: str, row: dict[str, Any]) -> dict[str, Any]:
    """The row in the form that the template takes, where that is another than the usual: TRL tries no other."""
    if name not in IN_PARTS:
        return row
    return {
        key: [{**message, "content": [{"type": "text", "text": message["content"]}]} for message in value]
        if key != "tools"
        else value
        for key, value in row.items()
    }


def trained(encoder: Encoder, row: dict[str, Any]) -> list[str]:
    """The stretches of text that are trained, decoded."""
    return stretches(encoder, encoder.encode(row).labels)


def stretches(encoder: Encoder, labels: list[int]) -> list[str]:
    """The stretches of labels that are not ignored, decoded."""
    found: list[list[int]] = [[]]
    for label in labels:
        if label != IGNORED:
            found[-1].append(label)
        elif found[-1]:
            found.append([])
    return [encoder.tokenizer.decode(stretch) for stretch in found if stretch]
