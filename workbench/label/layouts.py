"""The rows that a judged pair becomes, in the layouts of those who train on preferences or collect them.

trl         {"prompt", "chosen", "rejected", "margin"}: TRL's preference layout, text or conversational
rewards     the same with "grade", "agreement", "votes" and "pair", its digest: all that a reward run can tell apart
openai      {"input": {"messages"}, "preferred_output", "non_preferred_output"}: OpenAI's preference fine-tuning
kto         {"prompt", "completion", "label"}: TRL's unpaired layout, a row for each answer
argilla     a record with its responses by annotator, as Argilla's Record.to_dict has it
csv         a row for each vote, with everything that is known of it: of all filters only that by annotator applies
sft         what people wrote to the prompts themselves, {"prompt", "completion"}; of a set of classes {"text", "label"}
"""

from collections.abc import Callable, Iterator
from typing import Any, Literal, get_args

from workbench.data.preference import ANSWERS_AFTER
from workbench.data.shapes import Text
from workbench.data.table import Row
from workbench.data.transcript import transcript_of
from workbench.label.judged import Judged, Ties
from workbench.label.records import Answer, Item, Judgement, Vote
from workbench.label.schema import SetKind
from workbench.label.sides import choice_of, stance_of

Layout = Literal["trl", "kto", "openai", "argilla", "csv", "rewards", "sft"]
LAYOUTS: tuple[Layout, ...] = get_args(Layout)


def rows_of(judged: Judged, layout: Layout, ties: Ties, *, in_turns: bool) -> Iterator[Row]:
    """Yield the rows of a pair in a layout that is made of pairs.

    `in_turns` writes its prompt and answers as messages, as OpenAI's always are.
    """
    yield from _ROWS[layout](judged, ties, in_turns)


def is_in_turns(judged: Judged) -> bool:
    """Whether a prompt or an answer is a chat, so that all of a file should be."""
    return any(not isinstance(text, str) for text in (judged.pair.prompt, judged.pair.first, judged.pair.second))


def turns(text: Text, role: str) -> list[dict[str, Any]]:
    """Return a text as messages; a dialogue in the manner of HH as its turns."""
    if not isinstance(text, str):
        return text
    if role == "user" and text.endswith(ANSWERS_AFTER):
        said = transcript_of(text)
        if said:
            return said[:-1]  # the last turn is the empty answer
    return [{"role": role, "content": text}] if text else []


def _sides(judged: Judged, better: Answer, in_turns: bool) -> tuple[Text, Text, Text]:
    pair = judged.pair
    chosen, rejected = (pair.first, pair.second) if better == "first" else (pair.second, pair.first)
    if not in_turns:
        return pair.prompt, chosen, rejected
    return turns(pair.prompt, "user"), turns(chosen, "assistant"), turns(rejected, "assistant")


def _trl(judged: Judged, ties: Ties, in_turns: bool) -> Iterator[Row]:
    for better in judged.better(ties):
        prompt, chosen, rejected = _sides(judged, better, in_turns)
        yield {"prompt": prompt, "chosen": chosen, "rejected": rejected, "margin": round(judged.margin, 4)}


def _rewards(judged: Judged, ties: Ties, in_turns: bool) -> Iterator[Row]:
    grade = judged.grade if judged.verdict in ("first", "second") else "tie"
    for better, row in zip(judged.better(ties), _trl(judged, ties, in_turns), strict=True):
        votes = [_given(vote, better) for vote in judged.votes]
        yield {
            **row,
            "grade": grade,
            "agreement": round(judged.agreement, 4),
            "votes": votes,
            "pair": judged.pair.digest,
        }


def _given(vote: Vote, better: Answer) -> Row:
    """A vote as an import reads it: by the row's own first answer, which is the chosen one."""
    return {"annotator": vote.annotator, "choice": choice_of(stance_of(vote.choice, "first"), better)}


def _openai(judged: Judged, ties: Ties, _: bool) -> Iterator[Row]:
    for better in judged.better(ties):
        prompt, chosen, rejected = _sides(judged, better, in_turns=True)
        yield {"input": {"messages": prompt}, "preferred_output": chosen, "non_preferred_output": rejected}


def _kto(judged: Judged, ties: Ties, in_turns: bool) -> Iterator[Row]:
    """Both answers of a tie are good where ties count both ways; of two bad answers neither is."""
    prompt, first, second = _sides(judged, "first", in_turns)
    good = judged.better(ties)
    for which, answer in (("first", first), ("second", second)):
        yield {"prompt": prompt, "completion": answer, "label": which in good}


def _argilla(judged: Judged, _: Ties, in_turns: bool) -> Iterator[Row]:
    pair = judged.pair
    prompt, first, second = _sides(judged, "first", in_turns)
    yield {
        "id": pair.digest,
        "status": "completed" if judged.votes else "pending",
        "fields": {"prompt": prompt, "response1": first, "response2": second},
        "metadata": {"source": pair.source, "set": pair.set_name},
        "suggestions": {},
        "responses": {
            "preference": [{"value": vote.choice, "user_id": vote.annotator} for vote in judged.votes],
            "note": [{"value": vote.note, "user_id": vote.annotator} for vote in judged.votes if vote.note],
        },
        "vectors": {},
    }


def csv_row(item: Item, said: Judgement) -> Row:
    """Return the row of one vote on an item of any kind."""
    return {
        "set": item.set_name,
        "digest": item.digest,
        **_ASKED[item.kind](item),
        "source": item.source,
        "annotator": said.annotator,
        "choice": said.choice,
        "shown_left": said.shown_left,
        "seconds": said.seconds,
        "note": said.note,
        "at": said.at,
        "criterion": said.criterion,
        "repeat": said.repeat,
    }


_ASKED: dict[SetKind, Callable[[Item], Row]] = {
    "pairs": lambda item: {"prompt": item.prompt, "first": item.answers[0], "second": item.answers[1]},
    "ranking": lambda item: {"prompt": item.prompt, "responses": list(item.answers)},
    "single": lambda item: {"prompt": item.prompt, "completion": item.answers[0]},
    "classes": lambda item: {"text": item.prompt},
}
_ROWS: dict[Layout, Callable[[Judged, Ties, bool], Iterator[Row]]] = {
    "trl": _trl,
    "kto": _kto,
    "openai": _openai,
    "argilla": _argilla,
    "rewards": _rewards,
}
