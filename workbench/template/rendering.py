"""A row becomes text, and spans of that text: who speaks where, and what is trained.

A canonical row is {"messages": [...], "tools"?}, {"prompt", "completion"} or {"text"}. Spans are found by the
template's own `{% generation %}` marks, else by rendering the chat turn by turn and checking that each beginning
is a prefix of the whole. Where neither works the row is refused: there is no silent guess.
"""

import importlib.util
import os.path
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.template.spec import TrainOn

Message = dict[str, Any]
_GENERATION = re.compile(r"\{%-?\s*generation\s*-?%\}")


class TemplateFailed(WorkbenchError):
    """The chat template could not render this row, or its turns cannot be told apart."""


@dataclass(frozen=True)
class Span:
    """Characters `start` to `end` of the text; `turn` is the index of the message, `role` its speaker."""

    start: int
    end: int
    role: str
    turn: int
    by_prefix: bool = False
    """Found by rendering turn by turn, so it may end in white space that belongs to no answer."""


@dataclass(frozen=True)
class Rendered:
    """A row's text, the spans of it that are trained, and (for a chat) where each turn stands."""

    text: str
    trained: list[Span]
    turns: list[Span] = field(default_factory=list)
    is_chat: bool = True


@dataclass(frozen=True)
class Renderer:
    """Renders rows with one chat template. `template` None means that rows are plain text."""

    template: str | None
    variables: dict[str, Any]
    train_on: TrainOn
    eos: str

    def render(self, row: dict[str, Any], *, turns: bool = False) -> Rendered:
        """Return the row's text with its trained spans; with `turns`, the span of each turn too."""
        chat = as_chat(row) if self.template is not None else None
        if chat is not None:
            return self._chat(chat, row.get("tools"), turns, first=len(chat) - _completion_turns(row))
        if "messages" in row or not isinstance(row.get("prompt", ""), str):
            raise TemplateFailed(
                "this tokenizer has no chat template, and the row is a chat",
                "name one with template: FILE.jinja",
            )
        if "text" in row:
            text = row["text"] if self.eos and row["text"].endswith(self.eos) else row["text"] + self.eos
            return Rendered(text, [Span(0, len(text), "text", 0)], is_chat=False)
        prompt, text = row["prompt"], row["prompt"] + row["completion"]
        if not (self.eos and text.endswith(self.eos)):
            text += self.eos
        start = 0 if self.train_on == "all" else len(prompt)
        return Rendered(text, [Span(start, len(text), "completion", 1)], is_chat=False)

    def prompt(self, prompt: str | list[Message], tools: list[Any] | None = None, *, raw: bool = False) -> str:
        """Return the text that comes before an answer: through the template, or `raw` as it stands."""
        if self.template is None or raw:
            if not isinstance(prompt, str):
                raise TemplateFailed(
                    "this tokenizer has no chat template, and the prompt is a chat",
                    "name one with --template FILE",
                )
            return prompt
        messages = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        return self.text(messages, tools, generation_prompt=True)

    def prompt_turns(self, prompt: str | list[Message], tools: list[Any] | None = None) -> Rendered:
        """Return the text that comes before an answer through the template, with the turns in it."""
        messages = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        text, asked = self.prompt(messages, tools), self.text(messages, tools)
        if not text.startswith(asked):
            return Rendered(text, [])
        begun = Span(len(asked), len(text), "assistant", len(messages))
        return Rendered(text, [], [*self._turns(asked, messages, tools), begun])

    def text(self, messages: list[Message], tools: list[Any] | None, *, generation_prompt: bool = False) -> str:
        """Return the chat's text, exactly as the model's own template writes it."""
        return self._run(self.template or "", messages, tools, generation_prompt)[0]

    def _run(
        self,
        template: str,
        messages: list[Message],
        tools: list[Any] | None,
        generation_prompt: bool,
        marks: bool = False,
    ) -> tuple[str, list[tuple[int, int]]]:
        from jinja2 import TemplateError
        from transformers.utils.chat_template_utils import render_jinja_template

        try:
            texts, found = render_jinja_template(
                [messages],
                tools=tools,
                chat_template=template,
                return_assistant_tokens_mask=marks,
                add_generation_prompt=generation_prompt,
                **self.variables,
            )
        except (TemplateError, TypeError, ValueError, KeyError, AttributeError, ArithmeticError) as error:
            raise TemplateFailed(
                f"the chat template refuses this row: {error}", "change the row, or name another template"
            ) from error
        return texts[0], found[0] if marks else []

    def _chat(self, messages: list[Message], tools: list[Any] | None, turns: bool, first: int) -> Rendered:
        """The chat with the answers from message `first` on trained, as the policy says."""
        text = self.text(messages, tools)
        where = self._turns(text, messages, tools) if turns else []
        if self.train_on == "all":
            return Rendered(text, [Span(0, len(text), "all", 0)], where)
        answers = [index for index, message in enumerate(messages) if message.get("role") == "assistant"]
        spans = self._marked(text, messages, tools, answers)
        if spans is None:
            spans = [self._by_prefix(text, messages, tools, index) for index in answers if index >= first]
        spans = [span for span in spans if span.turn >= first]
        if self.train_on == "completion" and not first:
            spans = spans[-1:]
        return Rendered(text, spans, where)

    def _marked(
        self, text: str, messages: list[Message], tools: list[Any] | None, answers: list[int]
    ) -> list[Span] | None:
        """Spans by `{% generation %}`: the template's own, or those of TRL's twin where it renders the same text.

        The template's own marks are its author's word, however many there are; a twin must mark every answer.
        """
        template = with_marks(self.template or "")
        if template is None:
            return None
        marked, marks = self._run(template, messages, tools, False, marks=True)
        found = _joined(marks)
        is_own = template == self.template
        if marked != text or (len(found) != len(answers) and not is_own):
            return None
        turns = answers[-len(found) :] if len(found) <= len(answers) else [answers[-1]] * len(found)
        return [Span(start, end, "assistant", turn) for (start, end), turn in zip(found, turns, strict=True)]

    def _by_prefix(self, text: str, messages: list[Message], tools: list[Any] | None, turn: int) -> Span:
        """The span between what precedes an answer and its end, both verified to be prefixes of the whole."""
        before = self.text(messages[:turn], tools, generation_prompt=True)
        through = text if turn == len(messages) - 1 else self.text(messages[: turn + 1], tools)
        if not text.startswith(before) or not text.startswith(through):
            raise TemplateFailed(
                f"the chat template writes turn {turn + 1} differently once more turns follow, "
                "so its tokens cannot be told apart",
                "use a template with {% generation %} marks, or train_on: all",
            )
        return Span(len(before), len(through), "assistant", turn, by_prefix=True)

    def _turns(self, text: str, messages: list[Message], tools: list[Any] | None) -> list[Span]:
        """Where each message stands; a template that needs more turns, or rewrites earlier ones, gives fewer spans."""
        spans, start = [], 0
        for index, message in enumerate(messages):
            if index == len(messages) - 1:
                end = len(text)
            else:
                try:
                    beginning = self.text(messages[: index + 1], tools)
                    end = len(os.path.commonprefix([beginning, text]))  # noqa: RUF071  # texts, not paths
                except TemplateFailed:
                    continue
            spans.append(Span(start, max(start, end), str(message.get("role")), index))
            start = max(start, end)
        return spans


def as_chat(row: dict[str, Any]) -> list[Message] | None:
    """Return the row's messages; prompt and completion become a user and an assistant turn; plain text is None."""
    if "messages" in row:
        return list(row["messages"])
    if "prompt" not in row:
        return None
    prompt, completion = row["prompt"], row.get("completion", [])
    before = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else list(prompt)
    after = [{"role": "assistant", "content": completion}] if isinstance(completion, str) else list(completion)
    return before + after


def _completion_turns(row: dict[str, Any]) -> int:
    """How many of the row's messages may be trained: those of the completion, or all of a chat."""
    if "messages" in row:
        return len(row["messages"])
    completion = row.get("completion", [])
    return 1 if isinstance(completion, str) else len(completion)


@lru_cache(maxsize=8)
def with_marks(template: str) -> str | None:
    """Return a template with `{% generation %}` marks for this one: itself, TRL's training twin of it, or None."""
    if _GENERATION.search(template):
        return template
    trl = importlib.util.find_spec("trl")
    if trl is None or not trl.submodule_search_locations:
        return None
    folder = Path(trl.submodule_search_locations[0]) / "chat_templates"
    for twin in folder.glob("*_training.jinja"):
        own = twin.with_name(twin.name.replace("_training", ""))
        if own.exists() and own.read_text(encoding="utf-8") == template:
            return twin.read_text(encoding="utf-8")
    return None


def _joined(marks: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Marks that touch belong to one answer (Phi-3 marks the EOS after the last answer on its own)."""
    joined: list[tuple[int, int]] = []
    for start, end in marks:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined
