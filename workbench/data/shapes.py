"""The parts that training examples and prompts are made of."""

from typing import Any

from workbench.data.cells import written_in
from workbench.data.chat import Message, from_history, tools_of
from workbench.data.choices import choices_of, right_choice
from workbench.data.fields import Fields

Example = dict[str, Any]
Text = str | list[Message]


def question(fields: Fields, target: str) -> Text:
    """The prompt of a row: an instruction with its input, a question between context and choices, or a chat."""
    asked = fields.text_or_messages(target)
    if not isinstance(asked, str):
        return asked
    more = fields.text_or_none("input")
    if fields.source("context") or fields.source("choices"):
        choices = "\n".join(f"{label}. {text}" for label, text in choices_of(fields))
        return "\n\n".join(filter(None, (fields.text_or_none("context"), asked, more, choices)))
    return f"{asked}\n\n{more}" if more else asked


def answer(fields: Fields, target: str) -> Text:
    """The answer of a row: a text or a chat; a label; to a question with choices, the letter."""
    if fields.source("choice"):
        return right_choice(fields)
    return fields.text(target) if target == "label" else fields.text_or_messages(target)


def opening(fields: Fields, turns: list[Message]) -> list[Message]:
    """Return `turns` after the row's history, and both after its system prompt, as far as it has them."""
    history = fields.read("history", from_history) if fields.value("history") else []
    return with_system(fields, [*history, *turns])


def conversation(fields: Fields, asked: Text, answered: Text) -> Example:
    """Prompt and completion; messages in every row of a file that has a column for system or history."""
    if isinstance(asked, str) and isinstance(answered, str) and not fields.has("system", "history"):
        return {"prompt": asked, "completion": answered, **tools(fields)}
    turns = [{"role": "user", "content": asked}] if isinstance(asked, str) else asked
    reply = [{"role": "assistant", "content": answered}] if isinstance(answered, str) else answered
    return {"prompt": opening(fields, turns), "completion": reply, **tools(fields)}


def parts(fields: Fields, target: str) -> Example:
    """Return {"parts": {"instruction", "input"}} of a question that is put together, for templates that part them."""
    asked, more = fields.text_or_messages(target), fields.text_or_none("input")
    return {"parts": {"instruction": asked, "input": more}} if isinstance(asked, str) and more else {}


def with_system(fields: Fields, turns: list[Message]) -> list[Message]:
    """Return `turns` after the row's system prompt, if it has one and they do not begin with one themselves."""
    if turns and turns[0]["role"] == "system":
        return turns
    system = (fields.text_or_none("system") or "").removeprefix("SYSTEM: ")
    return [{"role": "system", "content": system}, *turns] if system else turns


def tools(fields: Fields) -> Example:
    """Return the row's tools as part of an example."""
    found = fields.read("tools", tools_of) if fields.value("tools") else []
    return {"tools": found} if found else {}


def text_and_pair(fields: Fields) -> str:
    """Return the text that a label stands for, with the second one where it stands for two."""
    text, pair = fields.text("text"), fields.text_or_none("text_pair")
    return f"{text}\n\n{pair}" if pair else text


def context_and_question(fields: Fields) -> str:
    """Return the prompt of a question about a text."""
    return f"{fields.text('context')}\n\n{fields.text('question')}"


def first_answer(fields: Fields) -> str | None:
    """Return the first answer to a question; None for one that the context does not answer."""
    return fields.read("answers", _first) if fields.value("answers") else None


def _first(answers: Any) -> str | None:
    """The first of {"text": […]}, of a list of {"text"} or of texts, or the one text."""
    answers = written_in(answers)
    found = answers.get("text") if isinstance(answers, dict) else answers
    if isinstance(found, list):
        found = found[0] if found else None
    if isinstance(found, dict):
        found = found.get("text")
    if isinstance(found, bool) or not isinstance(found, (str, int, float, type(None))):
        raise ValueError("neither text nor a list of texts")
    return None if found is None or found == "" else str(found)
