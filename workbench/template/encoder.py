"""The one encoder: a row becomes `input_ids` and `labels`. Preview, checks and training all use this and no other."""

from bisect import bisect_left
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from workbench.errors import Missing
from workbench.template.control import Pieces, control_pattern, encode_hidden, hide, reveal
from workbench.template.known import source_of
from workbench.template.labels import IGNORED, Stretch, labels_of, stretches_of
from workbench.template.prompt_file import as_chat_template
from workbench.template.rendering import Rendered, Renderer
from workbench.template.spec import EncoderSpec
from workbench.template.tokens import Prepared, prepare

__all__ = ["IGNORED", "Encoder", "Tokens", "Written", "open_encoder"]


@dataclass(frozen=True)
class Tokens:
    """One encoded row. `labels[i]` is `input_ids[i]` where the token is trained, else -100; both have one length."""

    input_ids: list[int]
    labels: list[int]
    problems: list[str] = field(default_factory=list)
    """Codes of what is wrong: nothing-trained, stop-not-trained, bos-doubled, answer-cut."""
    cut: int = 0
    """How many tokens did not fit into `max_length`."""
    warnings: list[str] = field(default_factory=list)
    """Codes of what is only worth knowing: truncated, control-token, control-token-acts and those of a rendering."""


@dataclass(frozen=True)
class Written:
    """A row's text before it becomes tokens."""

    rendered: Rendered
    found: list[str]
    """Control tokens that the row's own text holds; marks stand for them in the rendering, see control.hide."""
    warnings: list[str]


@dataclass(frozen=True)
class Encoder:
    """A tokenizer with a template and a policy."""

    tokenizer: Any
    spec: EncoderSpec
    template: str | None
    stop_ids: frozenset[int]
    prepared: Prepared
    """What was done to the tokenizer for the template."""
    tools_template: str | None = None
    """The model's own template for rows with tools, where it is another one."""

    @cached_property
    def renderer(self) -> Renderer:
        """What turns rows into text."""
        variables = self.tokenizer.special_tokens_map
        stops = tuple(self.tokenizer.convert_ids_to_tokens(sorted(self.stop_ids)))
        return Renderer(
            self.template, variables, self.spec.train_on, self.tokenizer.eos_token or "", stops, self.tools_template
        )

    @cached_property
    def of_completions(self) -> "Encoder":
        """The same, but of a row what follows its prompt is trained, whatever the policy."""
        return replace(self, spec=self.spec.model_copy(update={"train_on": "completion"}))

    @cached_property
    def _control(self) -> Any:
        return None if self.spec.allow_control_tokens else control_pattern(self.tokenizer)

    def encode(self, row: dict[str, Any]) -> Tokens:
        """Return the row's tokens, cut at `max_length`, with what is wrong about them."""
        return self.encoded(self.write(row))

    def pieces(self, row: dict[str, Any], *, turns: bool = False) -> tuple[Rendered, Pieces, list[bool], list[str]]:
        """Return the rendering, its tokens with offsets, which are trained, and codes of what is worth knowing."""
        written = self.write(row, turns=turns)
        pieces = self.tokenised(written)
        rendered = _revealed(written)
        return rendered, pieces, self._trained(rendered, pieces), written.warnings

    def write(self, row: dict[str, Any], *, turns: bool = False) -> Written:
        """Return the row's text, the first half of encoding it. Raises TemplateFailed."""
        found: list[str] = []
        safe = hide(row, self._control, found) if self._control is not None else row
        rendered = self.renderer.render(safe, turns=turns)
        if rendered.is_chat:
            return Written(rendered, found, [*rendered.warnings, *["control-token"] * bool(found)])
        if found:  # text without a template: its control tokens are meant, and only told of
            rendered = self.renderer.render(row, turns=turns)
        return Written(rendered, [], ["control-token-acts"] * bool(found))

    def tokenised(self, written: Written) -> Pieces:
        """Return the tokens of a text. Plain text gets the tokenizer's own beginning (BOS), a chat its template's."""
        if written.rendered.is_chat:
            return self._encode_safely(written.rendered.text, written.found)
        return self._encode(written.rendered.text, add_special_tokens=True)

    def encoded(self, written: Written) -> Tokens:
        """Return what `encode` returns, of a text."""
        return self.tokens(written, self.tokenised(written))

    def tokens(self, written: Written, pieces: Pieces) -> Tokens:
        """Return what `encode` returns, of a text and the tokens of it."""
        input_ids, length = pieces.input_ids, self.spec.max_length
        rendered = _revealed(written)
        stretches = stretches_of(self._trained(rendered, pieces))
        labels = labels_of(input_ids, stretches)
        warnings = list(written.warnings)
        if any(_spans(pieces.offsets, span.start) for span in rendered.trained):
            warnings.append("begins-inside")
        if any(self._goes_on(input_ids[start:end]) for start, end in stretches):
            warnings.append("stop-inside")
        if len(labels) > length:
            warnings.append("truncated")
        problems = self._judge(input_ids, stretches)
        return Tokens(input_ids[:length], labels[:length], problems, max(0, len(labels) - length), warnings)

    def prompt(
        self, prompt: str | list[dict[str, Any]], tools: list[Any] | None = None, *, raw: bool = False
    ) -> tuple[str, list[int]]:
        """Return the text and token ids that an answer would follow: through the template, or `raw` as it stands.

        A raw prompt gets the tokenizer's own beginning (BOS); in a chat, control tokens are plain text as in training.
        """
        rendered, pieces = self.prompt_pieces(prompt, tools, raw=raw)
        return rendered.text, pieces.input_ids

    def prompt_pieces(
        self, prompt: str | list[dict[str, Any]], tools: list[Any] | None = None, *, raw: bool = False
    ) -> tuple[Rendered, Pieces]:
        """Return the same with the offsets of the tokens and, for a chat, where each turn stands."""
        if raw or self.template is None:
            text = self.renderer.prompt(prompt, raw=True)
            return Rendered(text, [], is_chat=False), self._encode(text, add_special_tokens=True)
        found: list[str] = []
        safe = hide([prompt, tools], self._control, found) if self._control is not None else [prompt, tools]
        rendered = self.renderer.prompt_turns(*safe)
        return _revealed(Written(rendered, found, [])), self._encode_safely(rendered.text, found)

    def _encode_safely(self, text: str, found: list[str]) -> Pieces:
        if found:
            return encode_hidden(self.tokenizer, text, self._control, found)
        return self._encode(text, add_special_tokens=False)

    def _encode(self, text: str, *, add_special_tokens: bool) -> Pieces:
        encoded = self.tokenizer.backend_tokenizer.encode(text, add_special_tokens=add_special_tokens)
        return Pieces(encoded.ids, encoded.offsets)

    def _trained(self, rendered: Rendered, pieces: Pieces) -> list[bool]:
        """Which tokens are trained: those with a character in a trained span.

        White space that a template writes after the stop token belongs to no answer, unless the template's own
        marks say so: it is cut from spans that were found by prefix.
        """
        offsets = pieces.offsets
        trained = [False] * len(offsets)
        index = 0
        for span in rendered.trained:
            first = next((i for i in range(index, len(offsets)) if offsets[i][1] > span.start), len(offsets))
            index = next((i for i in range(first, len(offsets)) if offsets[i][0] >= span.end), len(offsets))
            trained[first:index] = [end > start for start, end in offsets[first:index]]
            if span.by_prefix:
                self._untrain_tail(rendered.text, pieces, trained, first, index)
        return trained

    def _untrain_tail(self, text: str, pieces: Pieces, trained: list[bool], first: int, last: int) -> None:
        stops = [i for i in range(first, last) if pieces.input_ids[i] in self.stop_ids]
        if stops and not text[pieces.offsets[stops[-1]][1] : pieces.offsets[last - 1][1]].strip():
            trained[stops[-1] + 1 : last] = [False] * (last - stops[-1] - 1)

    def _judge(self, input_ids: list[int], stretches: list[Stretch]) -> list[str]:
        problems = []
        if not stretches:
            problems.append("nothing-trained")
        elif stretches[0][0] >= self.spec.max_length:
            problems.append("answer-cut")
        if any(self.stop_ids.isdisjoint(input_ids[start:end]) for start, end in stretches):
            problems.append("stop-not-trained")
        bos = self.tokenizer.bos_token_id
        if bos is not None and input_ids[:2] == [bos, bos]:
            problems.append("bos-doubled")
        return problems

    def _goes_on(self, stretch: list[int]) -> bool:
        """Whether trained tokens go on behind a stop token with something else than white space."""
        return any(
            token in self.stop_ids and following not in self.stop_ids and self.tokenizer.decode([following]).strip()
            for token, following in pairwise(stretch)
        )


def open_encoder(folder: Path, spec: EncoderSpec) -> Encoder:
    """Return the encoder for the tokenizer in `folder`. Needs no torch; raises Missing when it cannot be loaded."""
    return make_encoder(*open_tokenizer(folder), spec)


def open_tokenizer(folder: Path) -> tuple[Any, set[int]]:
    """Return the tokenizer in `folder` and the tokens that end an answer there: its EOS and generation_config.json's.

    Raises Missing when it cannot be loaded, or gives no offsets.
    """
    from transformers import AutoTokenizer, GenerationConfig

    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # tokenizers raises no other kind for a file that it cannot read
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise Missing(
            f"{folder}: no usable tokenizer: {reason}", "it needs tokenizer.json, or name another model"
        ) from error
    if not tokenizer.is_fast:
        raise Missing(f"{folder}: a tokenizer without character offsets", "convert it to a tokenizer.json")
    tokenizer.backend_tokenizer.no_truncation()  # some are saved with a length that would cut rows in silence
    tokenizer.backend_tokenizer.no_padding()
    try:
        stops = GenerationConfig.from_pretrained(folder, local_files_only=True).eos_token_id
    except OSError:
        stops = None
    found = {tokenizer.eos_token_id, *(stops if isinstance(stops, list) else [stops])}
    return tokenizer, {stop for stop in found if isinstance(stop, int) and 0 <= stop < len(tokenizer)}


def make_encoder(tokenizer: Any, stop_ids: set[int], spec: EncoderSpec) -> Encoder:
    """Return the encoder for a tokenizer, which is made ready for its template; that is asked a few chats.

    Raises Missing without the template, WrongUse for a stop token that is none.
    """
    named = spec.template and as_chat_template(source_of(spec.template))
    template = named or _own_template(tokenizer, "default")
    for_tools = None if named else _own_template(tokenizer, "tool_use")
    prepared = prepare(tokenizer, template, spec)
    stop_ids = stop_ids | ({tokenizer.eos_token_id} - {None})
    return Encoder(
        tokenizer, spec, template, frozenset(stop_ids), prepared, None if for_tools == template else for_tools
    )


def _spans(offsets: list[tuple[int, int]], place: int) -> bool:
    """Whether a token begins before a place in the text and ends behind it."""
    index = bisect_left(offsets, (place, 0)) - 1
    return index >= 0 and offsets[index][0] < place < offsets[index][1]


def _revealed(written: Written) -> Rendered:
    return reveal(written.rendered, written.found) if written.found else written.rendered


def _own_template(tokenizer: Any, name: str) -> str | None:
    """One of a model's own templates; where it has one only, that serves all."""
    template = tokenizer.chat_template
    return template.get(name) if isinstance(template, dict) else template
