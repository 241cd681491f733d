"""A chat template as a function from messages to text; a template that is a stranger's program may refuse any of them.

What messages look like differs between files, and what templates take differs too. A message's text is given as
text; where a template refuses that, as a list of parts, and arguments of tool calls as JSON text or as objects.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from workbench.errors import WorkbenchError

Message = dict[str, Any]


class TemplateFailed(WorkbenchError):
    """The chat template could not render this row, or its turns cannot be told apart."""


@dataclass(frozen=True)
class Taken:
    """Messages in the form that a template took, what it wrote of them, and the marks in that."""

    messages: list[Message]
    text: str
    marks: list[tuple[int, int]]

    @property
    def lost(self) -> list[int]:
        """The messages whose content, without white space around it, does not stand in the text."""
        return [index for index, message in enumerate(self.messages) if _said(message) not in self.text]


@dataclass(frozen=True)
class Writer:
    """A template with the special tokens that it may name, and the tools of one row."""

    template: str
    variables: dict[str, Any]
    tools: list[Any] | None = None

    def text(self, messages: list[Message], *, generation_prompt: bool = False) -> str:
        """Return the chat's text. Raises TemplateFailed."""
        return self._run(messages, generation_prompt, marks=False)[0]

    def taken(self, messages: list[Message], *, marks: bool = False) -> "Taken":
        """Return the chat's text, of the messages in the first form that the template takes without losing any text.

        With `marks` also what stands between `{% generation %}` marks. Raises TemplateFailed.
        """
        refused: TemplateFailed | None = None
        lossy: Taken | None = None
        for form in _forms(messages):
            try:
                taken = Taken(form, *self._run(form, False, marks=marks))
            except TemplateFailed as error:
                refused = refused or error
                continue
            if not taken.lost:
                return taken
            lossy = lossy or taken
        if lossy is None:
            assert refused is not None
            raise refused
        return lossy

    def _run(
        self, messages: list[Message], generation_prompt: bool, *, marks: bool
    ) -> tuple[str, list[tuple[int, int]]]:
        from jinja2 import TemplateError
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
        except (TemplateError, TypeError, ValueError, KeyError, AttributeError, ArithmeticError) as error:
            raise TemplateFailed(
                f"the chat template refuses this row: {error}", "change the row, or name another template"
            ) from error
        return texts[0], found[0] if marks else []


def _forms(messages: list[Message]) -> Iterator[list[Message]]:
    """The ways to write the same messages, the usual one first; each once."""
    flat = [_with_content(message, _flat) for message in messages]
    yield flat
    for change in (_written, _read):
        changed = [_with_arguments(message, change) for message in flat]
        if changed != flat:
            yield changed
    parts = [_with_content(message, _in_parts) for message in messages]
    if parts != messages:
        yield parts


def _said(message: Message) -> str:
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(part.get("text", "") for part in content)
    return content.strip() if isinstance(content, str) else ""


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
