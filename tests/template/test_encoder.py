"""The one encoder against hand-worked values and against TRL's own preparation of the same rows."""

from pathlib import Path
from typing import Any

import pytest

from tests.small import CHATML, ZEPHYR, make_tokenizer, trl_template
from workbench.template.encoder import IGNORED, Encoder, open_encoder
from workbench.template.spec import EncoderSpec
from workbench.template.writer import TemplateFailed

CHAT = {
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Otter?"},
        {"role": "assistant", "content": "Grey."},
        {"role": "user", "content": "Größe?"},
        {"role": "assistant", "content": "1 m — «ok» 🦦"},
    ]
}


def trained_text(encoder: Encoder, row: dict[str, Any]) -> list[str]:
    """The stretches of text that are trained, decoded."""
    tokens = encoder.encode(row)
    stretches: list[list[int]] = [[]]
    for label in tokens.labels:
        if label != IGNORED:
            stretches[-1].append(label)
        elif stretches[-1]:
            stretches.append([])
    return [encoder.tokenizer.decode(stretch) for stretch in stretches if stretch]


@pytest.mark.parametrize("template", [CHATML, ZEPHYR], ids=["chatml", "zephyr"])
def test_assistant_turns_are_trained_through_their_stop_token_and_no_further(tmp_path: Path, template: str) -> None:
    eos = "<|im_end|>" if template is CHATML else "</s>"
    encoder = open_encoder(make_tokenizer(tmp_path, template, eos=eos), EncoderSpec())
    assert trained_text(encoder, CHAT) == [f"Grey.{eos}", f"1 m — «ok» 🦦{eos}"]
    assert encoder.encode(CHAT).problems == []


def test_completion_trains_the_last_answer_only_and_all_trains_everything(tmp_path: Path) -> None:
    folder = make_tokenizer(tmp_path)
    last = open_encoder(folder, EncoderSpec(train_on="completion"))
    assert trained_text(last, CHAT) == ["1 m — «ok» 🦦<|im_end|>"]
    every = open_encoder(folder, EncoderSpec(train_on="all")).encode(CHAT)
    assert every.labels == every.input_ids


def test_prompt_and_completion_become_a_user_and_an_assistant_turn(tmp_path: Path) -> None:
    encoder = open_encoder(make_tokenizer(tmp_path), EncoderSpec())
    row = {"prompt": "Otter?", "completion": "Grey."}
    chat = {"messages": [{"role": "user", "content": "Otter?"}, {"role": "assistant", "content": "Grey."}]}
    assert encoder.encode(row) == encoder.encode(chat)


def test_without_a_template_prompt_and_completion_are_plain_text_ended_by_eos(tmp_path: Path) -> None:
    encoder = open_encoder(make_tokenizer(tmp_path, None), EncoderSpec())
    tokens = encoder.encode({"prompt": "ab", "completion": "cd"})
    assert encoder.tokenizer.decode(tokens.input_ids) == "abcd<|im_end|>"
    assert [label != IGNORED for label in tokens.labels] == [False, False, True, True, True]
    with pytest.raises(TemplateFailed, match="no chat template"):
        encoder.encode(CHAT)


def test_a_control_token_in_a_message_is_plain_text_unless_allowed(tmp_path: Path) -> None:
    folder = make_tokenizer(tmp_path)
    row = {
        "messages": [
            {"role": "user", "content": "a<|im_end|>b"},
            {"role": "assistant", "content": "c<|im_end|>"},
        ]
    }
    stop = 257
    encoder = open_encoder(folder, EncoderSpec())
    tokens = encoder.encode(row)
    assert tokens.input_ids.count(stop) == 2 and tokens.warnings == ["control-token"]
    assert encoder.tokenizer.decode(tokens.input_ids) == encoder.renderer.text(row["messages"], None)
    assert trained_text(encoder, row) == ["c<|im_end|><|im_end|>"]
    allowed = open_encoder(folder, EncoderSpec(allow_control_tokens=True)).encode(row)
    assert allowed.input_ids.count(stop) == 4 and allowed.warnings == []


def test_a_completion_of_several_turns_is_trained_and_its_prompt_is_not(tmp_path: Path) -> None:
    row = {"prompt": CHAT["messages"][:4], "completion": CHAT["messages"][4:]}
    for policy in ("assistant", "completion"):
        encoder = open_encoder(make_tokenizer(tmp_path / policy), EncoderSpec(train_on=policy))
        assert trained_text(encoder, row) == ["1 m — «ok» 🦦<|im_end|>"]


THINKS = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{% if m.role == 'assistant' and loop.last %}"
    "<think>{{ m.reasoning_content }}</think>{% endif %}{{ m.content | trim }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def test_the_last_answer_alone_is_trained_also_of_a_completion(tmp_path: Path) -> None:
    encoder = open_encoder(make_tokenizer(tmp_path), EncoderSpec(train_on="last"))
    row = {"prompt": CHAT["messages"][:2], "completion": CHAT["messages"][2:]}
    assert trained_text(encoder, CHAT) == trained_text(encoder, row) == ["1 m — «ok» 🦦<|im_end|>"]


def test_an_answer_of_weight_0_is_not_trained(tmp_path: Path) -> None:
    encoder = open_encoder(make_tokenizer(tmp_path), EncoderSpec())
    messages = [{**message, "weight": int(at == 2)} for at, message in enumerate(CHAT["messages"])]
    assert trained_text(encoder, {"messages": messages}) == ["Grey.<|im_end|>"]
    assert encoder.encode({"messages": messages}).input_ids == encoder.encode(CHAT).input_ids


@pytest.mark.parametrize("weight", [0.5, "0", 2, [0]])
def test_a_weight_that_is_neither_0_nor_1_is_refused_not_guessed(tmp_path: Path, weight: Any) -> None:
    encoder = open_encoder(make_tokenizer(tmp_path), EncoderSpec())
    asked, answer = CHAT["messages"][1:3]
    with pytest.raises(TemplateFailed, match="turn 2: its weight is"):
        encoder.encode({"messages": [asked, {**answer, "weight": weight}]})
    not_given = {"messages": [{**asked, "weight": weight}, {**answer, "weight": None}]}
    assert trained_text(encoder, not_given) == ["Grey.<|im_end|>"]


def test_parts_of_text_are_text_and_others_are_refused(tmp_path: Path) -> None:
    encoder = open_encoder(make_tokenizer(tmp_path), EncoderSpec())
    parts = [{"type": "text", "text": "Ot"}, {"type": "text", "text": "ter?"}]
    row = {"messages": [{"role": "user", "content": parts}, {"role": "assistant", "content": "Grey."}]}
    assert encoder.encode(row) == encoder.encode({"prompt": "Otter?", "completion": "Grey."})
    picture = [{"type": "image_url", "image_url": {"url": "file:///x"}}]
    with pytest.raises(TemplateFailed, match="image_url"):
        encoder.encode({"messages": [{"role": "user", "content": picture}, *row["messages"][1:]]})


def test_arguments_of_calls_are_given_as_the_template_takes_them(tmp_path: Path) -> None:
    joins = (
        "{% for m in messages %}{{ m.tool_calls[0].function.arguments + '|' if m.tool_calls else m.content }}"
        "{% endfor %}"
    )
    walks = (
        "{% for m in messages %}{% if m.tool_calls %}{% for k, v in m.tool_calls[0].function.arguments.items() %}"
        "{{ k }}={{ v }}|{% endfor %}{% else %}{{ m.content }}{% endif %}{% endfor %}"
    )
    for template, written in ((joins, '{"a": 1}|'), (walks, "a=1|")):
        encoder = open_encoder(make_tokenizer(tmp_path / written[0], template), EncoderSpec())
        for arguments in ({"a": 1}, '{"a": 1}'):
            call = {"type": "function", "function": {"name": "f", "arguments": arguments}}
            chat = [{"role": "user", "content": "x"}, {"role": "assistant", "content": "", "tool_calls": [call]}]
            assert encoder.renderer.text(chat, None) == f"x{written}"


def test_answers_are_found_where_what_was_thought_is_left_out_of_the_history(tmp_path: Path) -> None:
    encoder = open_encoder(make_tokenizer(tmp_path, THINKS), EncoderSpec())
    messages = [*CHAT["messages"][1:3], CHAT["messages"][3], {**CHAT["messages"][4], "reasoning_content": "Hm."}]
    row = {"messages": messages}
    assert trained_text(encoder, row) == ["Grey.<|im_end|>", "<think>Hm.</think>1 m — «ok» 🦦<|im_end|>"]
    assert encoder.encode(row).warnings == ["history-rewritten"]
    assert encoder.encode({"messages": messages[:2]}).warnings == []


def test_a_template_s_own_marks_are_its_word(tmp_path: Path) -> None:
    template = (
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{% if loop.last %}{% generation %}{{ m.content }}<|im_end|>"
        "{% endgeneration %}{% else %}{{ m.content }}<|im_end|>{% endif %}\n{% endfor %}"
    )
    encoder = open_encoder(make_tokenizer(tmp_path, template), EncoderSpec())
    assert trained_text(encoder, CHAT) == ["1 m — «ok» 🦦<|im_end|>"]


def test_plain_text_gets_one_eos(tmp_path: Path) -> None:
    encoder = open_encoder(make_tokenizer(tmp_path, None), EncoderSpec())
    once, already = encoder.encode({"text": "ab"}), encoder.encode({"text": "ab<|im_end|>"})
    assert once.input_ids == already.input_ids and once.labels == once.input_ids
    assert already.warnings == ["control-token-acts"]


def test_what_would_train_wrongly_is_named(tmp_path: Path) -> None:
    encoder = open_encoder(make_tokenizer(tmp_path / "a"), EncoderSpec(max_length=40))
    assert encoder.encode({"messages": [{"role": "user", "content": "x"}]}).problems == ["nothing-trained"]
    long = {"prompt": "x" * 50, "completion": "y"}
    cut = encoder.encode(long)
    assert cut.problems == ["answer-cut"] and len(cut.input_ids) == 40 and cut.cut > 0
    no_stop = CHATML.replace("<|im_end|>\n{% endfor %}", "\n{% endfor %}")
    endless = open_encoder(make_tokenizer(tmp_path / "b", no_stop), EncoderSpec())
    assert endless.encode({"prompt": "x", "completion": "y"}).problems == ["stop-not-trained"]
    twice = "{{ bos_token }}{{ bos_token }}" + CHATML
    doubled = open_encoder(make_tokenizer(tmp_path / "c", twice, bos="<s>"), EncoderSpec())
    assert doubled.encode({"prompt": "x", "completion": "y"}).problems == ["bos-doubled"]


def test_a_template_that_rewrites_earlier_turns_is_refused_not_guessed(tmp_path: Path) -> None:
    template = (
        "{% for m in messages %}<|im_start|>{{ m.role }}\n"
        "{{ m.content if loop.last else m.content | upper }}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )
    encoder = open_encoder(make_tokenizer(tmp_path, template), EncoderSpec())
    with pytest.raises(TemplateFailed, match="turn 3 differently"):
        encoder.encode(CHAT)


def test_labels_equal_those_of_trl(tmp_path: Path) -> None:
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    from tests.small import make_model

    rows = [CHAT, {"messages": CHAT["messages"][1:3]}, {"messages": CHAT["messages"][1:]}]
    controls = ("<|im_start|>", "<|im_end|>", "<|user|>", "<|assistant|>", "<|end|>", "<|start_header_id|>",
                "<|end_header_id|>", "<|eot_id|>", "<|system|>")  # fmt: skip
    cases = {
        "qwen2_5": ("<|im_end|>", None),
        "phi3": ("<|end|>", None),
        "llama3": ("<|eot_id|>", "<|begin_of_text|>"),
    }
    for name, (eos, bos) in cases.items():
        folder = make_tokenizer(tmp_path / name, trl_template(name), control=controls, eos=eos, bos=bos)
        make_model(folder)
        encoder = open_encoder(folder, EncoderSpec())
        trainer = SFTTrainer(
            model=AutoModelForCausalLM.from_pretrained(folder),
            args=SFTConfig(
                output_dir=str(tmp_path / "out"), assistant_only_loss=True, max_length=None, use_cpu=True, bf16=False,
                report_to="none",
            ),
            train_dataset=Dataset.from_list(rows),
            processing_class=AutoTokenizer.from_pretrained(folder),
        )  # fmt: skip
        for row, theirs in zip(rows, trainer.train_dataset, strict=True):
            batch = trainer.data_collator([theirs])
            ours = encoder.encode(row)
            assert ours.input_ids == batch["input_ids"][0].tolist(), name
            assert ours.labels == batch["labels"][0].tolist(), name


def test_rows_with_tools_go_through_the_models_own_template_for_them(tmp_path: Path) -> None:
    """As transformers takes one of several named templates."""
    from transformers import AutoTokenizer

    folder = make_tokenizer(tmp_path / "several")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.chat_template = {"default": CHATML, "tool_use": "TOOLS {{ tools | length }}\n" + CHATML}
    tokenizer.save_pretrained(folder)
    chat = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
    tools = [{"type": "function", "function": {"name": "f", "parameters": {}}}]
    encoder = open_encoder(folder, EncoderSpec())
    for row, given in (({"messages": chat}, None), ({"messages": chat, "tools": tools}, tools)):
        whole = tokenizer.apply_chat_template(chat, tools=given, tokenize=False)
        assert encoder.renderer.render(row).text == whole
        asked = tokenizer.apply_chat_template(chat[:1], tools=given, tokenize=False, add_generation_prompt=True)
        assert encoder.prompt(chat[:1], given)[0] == asked
    assert whole.startswith("TOOLS 1\n")
