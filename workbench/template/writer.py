"""A chat template as a function from messages to text; a template that is a stranger's program may refuse any of them.

What messages look like differs between files, and what templates take differs too. A message's text is given as
text, or as a list of parts where a template wants that; arguments of tool calls as they are, as JSON text or as
objects, whatever it takes.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from workbench.errors import WorkbenchError

Message = dict[str, Any]

_MOST_CHARACTERS = 16 * 2**20
"""Of one row's text: no model reads as much, and a template that writes more is broken or means harm."""
_SHOWN = 300  # characters of what a template says when it refuses a row


class TemplateFailed(WorkbenchError):
    """The chat template could not render this row, or its turns cannot be told apart."""


@dataclass(frozen=True)
class Taken:
    """Messages in the form that a template took, what it wrote of them, and the marks in that."""

    messages: list[Message]
    text: str
    marks: list[tuple[int, int]]


@dataclass(frozen=True)
class Writer:
    """A template with the special tokens that it may name, and the tools of one row."""

    template: str
    variables: dict[str, Any]
    tools: list[Any] | None = None
    in_parts: bool = False
    """Whether a message's text is first given as a list of parts; see `wants_parts`."""

    def text(self, messages: list[Message], *, generation_prompt: bool = False) -> str:
        """Return the chat's text. Raises TemplateFailed."""
        return self._run(messages, generation_prompt, marks=False)[0]

    def taken(self, messages: list[Message], *, marks: bool = False) -> "Taken":
        """Return the chat's text, of the messages in the first form that the template takes.

        With `marks` also what stands between `{% generation %}` marks. Raises TemplateFailed.
        """
        refused: TemplateFailed | None = None
        for form in _forms(messages, self.in_parts):
            try:
                return Taken(form, *self._run(form, False, marks=marks))
            except TemplateFailed as error:
                refused = refused or error
        assert refused is not None
        raise refused

    def wants_parts(self) -> bool:
        """Whether the template drops a message's text, or refuses it, unless it is a list of parts."""
        return not self._keeps(lambda text: text) and self._keeps(_in_parts)

    def _keeps(self, form: Callable[[str], Any]) -> bool:
        asked, answer = "\ue0f2", "\ue0f3"
        messages = [{"role": "user", "content": form(asked)}, {"role": "assistant", "content": form(answer)}]
        try:
            text = self.text(messages)
        except TemplateFailed:
            return False
        return asked in text and answer in text and repr(form(asked)) not in text

    def _run(
        self, messages: list[Message], generation_prompt: bool, *, marks: bool
    ) -> tuple[str, list[tuple[int, int]]]:
        from jinja2 import TemplateError, TemplateSyntaxError
        from transformers.utils.chat_template_utils import render_jinja_template

        try:
            texts, found = render_jinja_template(
                [messages],
                tools=self.tools,
                chat_template=self.template,
                return_assistant_tokens_mask=marks,
                add_generation_prompt=generation_prompt,
                **self.variables,
            )
        except TemplateSyntaxError as error:
            raise TemplateFailed(
                f"the chat template cannot be read, line {error.lineno}: {str(error.message)[:_SHOWN]}",
                "correct that line, or name another template",
            ) from error
        except (TemplateError, TypeError, ValueError, KeyError, AttributeError, ArithmeticError) as error:
            raise TemplateFailed(
                f"the chat template refuses this row: {str(error)[:_SHOWN]}", "change the row, or name another template"
            ) from error
        if len(texts[0]) > _MOST_CHARACTERS:
            raise TemplateFailed(
                f"the chat template writes {len(texts[0]):,} characters of this row; {_MOST_CHARACTERS:,} are the most",
                "name another template, or shorten the row",
            )
        return texts[0], found[0] if marks else []


def _forms(messages: list[Message], in_parts: bool) -> Iterator[list[Message]]:
    """The ways to write the same messages, the usual one first; each once."""
    flat = [in_one_text(message) for message in messages]
    given = [_with_content(message, _in_parts) for message in flat] if in_parts else flat
    yield given
    for change in (_written, _read):
        changed = [_with_arguments(message, change) for message in given]
        if changed != given:
            yield changed


def in_one_text(message: Message) -> Message:
    """Return the message with its parts joined. Raises TemplateFailed where one is no text."""
    return _with_content(message, _flat)


def _with_content(message: Message, change: Callable[[Any], Any]) -> Message:
    content = message.get("content")
    changed = change(content)
    return message if changed is content else {**message, "content": changed}


def _flat(content: Any) -> Any:
    """A list of text parts as one text; everything else as it is."""
    if not isinstance(content, list):
        return content
    for part in content:
        if not (isinstance(part, dict) and part.get("type", "text") == "text" and isinstance(part.get("text"), str)):
            kind = part.get("type") if isinstance(part, dict) else type(part).__name__
            raise TemplateFailed(f"a message holds a part that is no text ({kind})", "train on text only")
    return "".join(part["text"] for part in content)


def _in_parts(content: Any) -> Any:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _with_arguments(message: Message, change: Callable[[Any], Any]) -> Message:
    calls = message.get("tool_calls")
    if not isinstance(calls, list):
        return message
    return {**message, "tool_calls": [_call(call, change) for call in calls]}


def _call(call: Any, change: Callable[[Any], Any]) -> Any:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict) or "arguments" not in function:
        return call
    return {**call, "function": {**function, "arguments": change(function["arguments"])}}


def _written(arguments: Any) -> Any:
    return json.dumps(arguments, ensure_ascii=False) if isinstance(arguments, dict) else arguments


def _read(arguments: Any) -> Any:
    try:
        found = json.loads(arguments) if isinstance(arguments, str) else arguments
    except (ValueError, RecursionError):
        return arguments
    return found if isinstance(found, dict) else arguments
