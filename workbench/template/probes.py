"""What a chat template does to chats in general, asked with small ones: what it leaves out, trims, or writes otherwise.

Runs in the encoder worker: a template is a stranger's program.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

from workbench.template.encoder import Encoder
from workbench.template.twins import has_marks, twin_of
from workbench.template.writer import Message, TemplateFailed, Writer

_SYSTEM, _ASKED, _SAID, _MORE = "\ue0f2", "\ue0f3", "\ue0f4", "\ue0f5"
_SHOWN = 60  # characters of a text that is quoted


@dataclass(frozen=True)
class Probed:
    """One finding about a template."""

    code: str
    severity: Literal["error", "warning", "note"]
    message: str
    fix: str


def probe(encoder: Encoder) -> list[Probed]:
    """Return what is worth knowing of the encoder's template, the worst first; nothing for plain text."""
    if encoder.template is None:
        return []
    writer = encoder.renderer.writer(None)
    found = [
        *_tokens(encoder),
        *_turns(writer),
        *_system(writer),
        *_beginning(writer),
        *_twin(writer),
        *_trimmed(writer),
    ]
    if "strftime_now" in encoder.template:
        what = "it writes today's date: the same row is another text tomorrow"
        found.append(Probed("date", "note", what, "put the date into the system prompt of the rows"))
    return sorted(found, key=lambda each: ("error", "warning", "note").index(each.severity))


def way_of(template: str | None) -> str:
    """Return how answers are found: marks, twin (see `twins`), text (from where it begins to where it ends), none."""
    if template is None:
        return "none"
    return "marks" if has_marks(template) else "twin" if twin_of(template) else "text"


def _tokens(encoder: Encoder) -> list[Probed]:
    """Control tokens that are none here, and an end of answers that is no stop token."""
    found, prepared = [], encoder.prepared
    if prepared.unknown:
        what = f"it writes {', '.join(prepared.unknown)}, which are no tokens of this model but spelled in pieces"
        found.append(Probed("unknown-tokens", "warning", what, "new_tokens: template adds them to the model"))
    if prepared.ends and encoder.tokenizer.convert_tokens_to_ids(prepared.ends) not in encoder.stop_ids:
        what = f"answers end with {prepared.ends}, which is no stop token of this model"
        found.append(Probed("no-stop-token", "error", what, f"stop_token: {prepared.ends}"))
    return found


def _turns(writer: Writer) -> list[Probed]:
    chat = [_user(_ASKED), _assistant(_SAID), _user(_MORE), _assistant(_SAID)]
    text = _text(writer, chat)
    if text is None:
        what = "it refuses a chat of two turns: rows of several turns cannot be trained"
        return [Probed("turns-refused", "warning", what, "name another template, or keep one turn a row")]
    if text.count(_SAID) < 2 or _ASKED not in text or _MORE not in text:
        fix = "name another template: what is left out is not trained on"
        return [Probed("turn-dropped", "error", "it leaves out turns of a chat", fix)]
    return []


def _system(writer: Writer) -> list[Probed]:
    text = _text(writer, [{"role": "system", "content": _SYSTEM}, _user(_ASKED), _assistant(_SAID)])
    if text is None:
        what, fix = "it refuses a system message", "put what it says into the first question"
        return [Probed("system-refused", "warning", what, fix)]
    if _SYSTEM not in text:
        what = "it leaves out the system message: the model never sees it"
        return [Probed("system-dropped", "error", what, "put it into the first question, or name another template")]
    return []


def _beginning(writer: Writer) -> list[Probed]:
    """Whether an answer is trained behind what announces one when the model is asked."""
    asked = _text(writer, [_user(_ASKED)], generation_prompt=True)
    bare, whole = _text(writer, [_user(_ASKED)]), _text(writer, [_user(_ASKED), _assistant(_SAID)])
    if asked is None or bare is None or whole is None or _SAID not in whole:
        return []
    if asked == bare and not whole.removeprefix(asked).startswith(_SAID):
        what = "it has no generation prompt: asked for an answer, the model sees the end of a question"
        return [Probed("no-generation-prompt", "warning", what, "let it write one where add_generation_prompt is set")]
    if not whole.startswith(asked):
        written = whole[: whole.index(_SAID)]
        what = f"asked, the model sees {_end(asked)} before its answer; it is trained behind {_end(written)}"
        return [Probed("generation-prompt-differs", "warning", what, "name a template that writes the same in both")]
    return []


def _twin(writer: Writer) -> list[Probed]:
    template = twin_of(writer.template)
    chat = [_user(_ASKED), _assistant(_SAID), _user(_MORE), _assistant(_SAID)]
    if template is None or _text(writer, chat) == _text(replace(writer, template=template), chat):
        return []
    what = (
        "chats of several turns are trained through TRL's twin of it, which writes earlier answers as they were given"
    )
    return [Probed("training-template", "note", what, "look at such a row: workbench template show")]


def _trimmed(writer: Writer) -> list[Probed]:
    text = _text(writer, [_user(f"\n {_ASKED} \n"), _assistant(f"\n {_SAID} \n")])
    if text is None or f"\n {_SAID} \n" in text:
        return []
    what = "it takes white space off an answer's ends: indented code loses its first indent"
    return [Probed("content-trimmed", "note", what, "begin such answers with a word")]


def _text(writer: Writer, messages: list[Message], *, generation_prompt: bool = False) -> str | None:
    try:
        taken = writer.taken(messages)
        return writer.text(taken.messages, generation_prompt=True) if generation_prompt else taken.text
    except TemplateFailed:
        return None


def _end(text: str) -> str:
    return repr(text[-_SHOWN:].rpartition(_ASKED)[2])


def _user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def _assistant(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}
