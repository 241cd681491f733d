"""A row becomes text, and spans of that text: who speaks where, and what is trained.

A canonical row is {"messages": [...], "tools"?}, {"prompt", "completion"} or {"text"}. Where the answers of a chat
stand is found in one of the verified ways of `workbench.template.spans`; where none holds the row is refused.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from workbench.template.spans import Span, answers_of, by_content, by_marks, by_prefix, shared_with_prompt, turns_of
from workbench.template.spec import TrainOn
from workbench.template.twins import has_marks, twin_of
from workbench.template.writer import Message, Taken, TemplateFailed, Writer

_SPEAKERS = ("system", "user", "assistant")  # what a tool returns is often written otherwise


@dataclass(frozen=True)
class Rendered:
    """A row's text, the spans of it that are trained, and (for a chat) where each turn stands."""

    text: str
    trained: list[Span]
    turns: list[Span] = field(default_factory=list)
    is_chat: bool = True
    warnings: tuple[str, ...] = ()
    """Codes: training-template, history-rewritten, content-lost."""


@dataclass(frozen=True)
class Renderer:
    """Renders rows with one chat template. `template` None means that rows are plain text."""

    template: str | None
    variables: dict[str, Any]
    train_on: TrainOn
    eos: str
    stops: tuple[str, ...] = ()
    """The texts of the tokens that end an answer."""
    with_tools: str | None = None
    """The template of rows with tools, where a model has one of its own for them."""

    def render(self, row: dict[str, Any], *, turns: bool = False) -> Rendered:
        """Return the row's text with its trained spans; with `turns`, the span of each turn too."""
        chat = as_chat(row) if self.template is not None else None
        if chat is not None:
            return self._chat(chat, row.get("tools"), turns, first=len(chat) - _completion_turns(row))
        if "messages" in row or not isinstance(row.get("prompt", ""), str):
            raise TemplateFailed(
                "this tokenizer has no chat template, and the row is a chat",
                "put one on it, such as template: chatml; workbench template list names more",
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
                    "put one on it, such as chatml; workbench template list names more",
                )
            return prompt
        writer = self.writer(tools)
        return writer.text(writer.taken(_asked(prompt)).messages, generation_prompt=True)

    def prompt_turns(self, prompt: str | list[Message], tools: list[Any] | None = None) -> Rendered:
        """Return the text that comes before an answer through the template, with the turns in it."""
        writer = self.writer(tools)
        asked = writer.taken(_asked(prompt))
        text = writer.text(asked.messages, generation_prompt=True)
        if not text.startswith(asked.text):
            return Rendered(text, [])
        begun = Span(len(asked.text), len(text), "assistant", len(asked.messages))
        return Rendered(text, [], [*turns_of(writer, asked.text, asked.messages), begun])

    def text(self, messages: list[Message], tools: list[Any] | None) -> str:
        """Return the chat's text, exactly as the model's own template writes it."""
        return self.writer(tools).taken(messages).text

    def writer(self, tools: list[Any] | None) -> Writer:
        """Return the template as what writes a chat with these tools."""
        if tools is None:
            return self._plain_writer
        template = self.with_tools if tools and self.with_tools is not None else self._plain_writer.template
        return replace(self._plain_writer, tools=tools, template=template)

    @cached_property
    def _plain_writer(self) -> Writer:
        writer = Writer(self.template or "", self.variables)
        return replace(writer, in_parts=writer.wants_parts())

    def _chat(self, given: list[Message], tools: list[Any] | None, turns: bool, first: int) -> Rendered:
        """The chat, and whether anything that is said in it is missing from its text."""
        found = self._found(given, tools, turns, first)
        said = [said_in(message) for message in given if message.get("role") in _SPEAKERS]
        called = [name for message in given for name in called_in(message)]
        thought = given[-1].get("reasoning_content") if given else None  # earlier thoughts are left out by design
        if all(each in found.text for each in (*said, *called, thought if isinstance(thought, str) else "")):
            return found
        return replace(found, warnings=(*found.warnings, "content-lost"))

    def _found(self, given: list[Message], tools: list[Any] | None, turns: bool, first: int) -> Rendered:
        """The chat with the answers from message `first` on trained, as the policy says."""
        writer = self.writer(tools)
        if not (first or turns) and self.train_on == "assistant" and self._same.get(shape_of(given, tools)):
            known = self._by_twin(writer, None, given)
            if known is not None:
                wanted = self._wanted(given, first)
                return replace(known, trained=[span for span in known.trained if span.turn in wanted])
        taken = writer.taken(given, marks=has_marks(writer.template))
        if self.train_on == "all":
            found = Rendered(taken.text, [Span(0, len(taken.text), "all", 0)])
        else:
            wanted = self._wanted(given, first)
            found = self._answers(writer, taken, given, wanted, is_whole=not first)
            found = replace(found, trained=[span for span in found.trained if span.turn in wanted])
        if not turns:
            return found
        if "training-template" in found.warnings:
            writer = replace(writer, template=twin_of(writer.template) or "")
            taken = writer.taken(given)
        return replace(found, turns=turns_of(writer, found.text, taken.messages))

    def _wanted(self, messages: list[Message], first: int) -> list[int]:
        """The answers that the policy trains, without those that the row gives the weight 0."""
        answers = [turn for turn in answers_of(messages) if turn >= first]
        if self.train_on == "last" or (self.train_on == "completion" and not first):
            answers = answers[-1:]
        return [turn for turn in answers if _is_trained(turn, messages[turn])]

    def _answers(
        self, writer: Writer, taken: Taken, given: list[Message], wanted: list[int], *, is_whole: bool
    ) -> Rendered:
        """The answers, and the text that they stand in.

        A whole chat is written and marked by a training twin where there is one, as TRL does it. Of other rows an
        answer is what follows the generation prompt in the text of the model's own template, and the twin's marks
        serve where the text does not go on like that prompt, or does not end its answers.
        """
        text = taken.text
        if has_marks(writer.template):
            return Rendered(text, by_marks(taken, is_own=True) or [])
        if is_whole and self.train_on == "assistant":
            twin = self._by_twin(writer, text, given)
            self._same[shape_of(given, writer.tools)] = twin is not None and twin.text == text
            if twin:
                return twin
        spans = [by_prefix(writer, text, taken.messages, turn) for turn in wanted]
        found = [span for span in spans if span is not None]
        is_found = len(found) == len(spans)
        if is_found and all(self._ends(text, span) for span in found):
            return Rendered(text, found)
        twin = self._by_twin(writer, text, given)
        if twin and twin.text == text:
            mine = [span for span in twin.trained if span.turn in wanted]
            return replace(twin, trained=[self._asked_for(span, writer, taken) for span in mine])
        if twin:
            return twin
        if is_found:
            return Rendered(text, found)
        held = by_content(writer, text, taken.messages, wanted, self.stops)
        if held is not None:
            return Rendered(text, held, warnings=("history-rewritten",))
        turn = next(turn for turn, span in zip(wanted, spans, strict=True) if span is None)
        raise TemplateFailed(
            f"the chat template writes turn {turn + 1} differently once more turns follow, "
            "so its tokens cannot be told apart",
            "use a template with {% generation %} marks, or train_on: last",
        )

    def _asked_for(self, span: Span, writer: Writer, taken: Taken) -> Span:
        """A marked answer without the beginning that the model is given when it is asked."""
        given = shared_with_prompt(writer, taken.text, taken.messages, span.turn)
        return replace(span, start=min(max(span.start, given), span.end), by_prefix=True)

    def _by_twin(self, writer: Writer, text: str | None, given: list[Message]) -> Rendered | None:
        """What a twin writes; `text` is what the template itself does, None where that is known to be the same."""
        template = twin_of(writer.template)
        if template is None:
            return None
        taken = replace(writer, template=template).taken(given, marks=True)
        spans = by_marks(taken, is_own=False)
        if spans is None:
            return None
        return Rendered(taken.text, spans, warnings=() if text in (None, taken.text) else ("training-template",))

    @cached_property
    def _same(self) -> dict[Hashable, bool]:
        """Whether the twin writes chats of a shape as the template does: that is asked once for each shape."""
        return {}

    def _ends(self, text: str, span: Span) -> bool:
        """Whether an answer holds a text that ends one."""
        return not self.stops or any(stop in text[span.start : span.end] for stop in self.stops)


def _is_trained(turn: int, message: Message) -> bool:
    """Whether an answer's weight is 1, or not given. Raises TemplateFailed for one that is neither 0 nor 1."""
    weight = message.get("weight")
    if weight not in (None, 0, 1):
        raise TemplateFailed(
            f"turn {turn + 1}: its weight is {str(weight)[:20]!r}; an answer is trained (1) or it is not (0)",
            "write 0 or 1",
        )
    return weight != 0


def said_in(message: Message) -> str:
    """Return what a message says, without white space around it."""
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content.strip() if isinstance(content, str) else ""


def called_in(message: Message) -> list[str]:
    """Return the names of the functions that a message calls."""
    calls = message.get("tool_calls")
    functions = [call.get("function") for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []
    names = [function.get("name") for function in functions if isinstance(function, dict)]
    return [name for name in names if isinstance(name, str)]


def as_chat(row: dict[str, Any]) -> list[Message] | None:
    """Return the row's messages; prompt and completion become a user and an assistant turn; plain text is None."""
    if "messages" in row:
        return list(row["messages"])
    if "prompt" not in row:
        return None
    prompt, completion = row["prompt"], row.get("completion", [])
    after = [{"role": "assistant", "content": completion}] if isinstance(completion, str) else list(completion)
    asked = _asked(prompt)
    if asked and row.get("parts"):
        asked[-1] = {**asked[-1], **row["parts"]}
    return asked + after


def _asked(prompt: str | list[Message]) -> list[Message]:
    return [{"role": "user", "content": prompt}] if isinstance(prompt, str) else list(prompt)


def shape_of(messages: list[Message], tools: list[Any] | None) -> Hashable:
    """What a template may decide by: who speaks in turn, which fields a message has, whether thoughts are marked."""
    return bool(tools), tuple(
        (message.get("role"), *message, "think>" in str(message.get("content"))) for message in messages
    )


def _completion_turns(row: dict[str, Any]) -> int:
    """How many of the row's messages may be trained: those of the completion, or all of a chat."""
    if "messages" in row:
        return len(row["messages"])
    completion = row.get("completion", [])
    return 1 if isinstance(completion, str) else len(completion)
