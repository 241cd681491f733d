"""What the rows of a schema must hold besides columns of the right names: a test for each kind of data.

A person's own choice of columns is taken at its word.
"""

from collections.abc import Callable
from typing import Any

from workbench.data.cells import written_in
from workbench.data.chat import answers_in
from workbench.data.found import Found, end_of, is_text_or_chat, stem_of, value_at
from workbench.data.table import Row
from workbench.data.transcript import transcript_of

RANKS = ("rank", "ranking")
SCORES = ("score", "overall_score", "rating", "reward", "pm_score")
_VERDICTS = {"label", "labels", "kto_tag"}
_NEVER_ALONE = {"body", "context", "history", "ctx", "message_1", "patient", "text", "user", "human"}
"""What may be asked where another column answers; alone it is an article, or half of something."""
_OF_PAIRS = {"score", "similarity"}
_OPTIONS = ("option", "choice", "ending", "sol", "op")


def place_of(response: Row) -> str:
    """Return the key under which an answer carries its own rank or score; "" when it carries none."""
    return next((key for key in (*RANKS, *SCORES) if isinstance(response.get(key), (int, float))), "")


def chat(style: str) -> Callable[[Found], bool]:
    """Return the test whether the chats are written in a style, and hold the answers themselves."""
    return lambda found: found.style(found.source("messages")) == style and not _is_answered_apart(found)


def has_texts_in_turn(found: Found) -> bool:
    """Whether texts are a chat: those in a column "turns" are all the user's."""
    return found.source("messages") != "turns" and chat("texts")(found)


def _is_answered_apart(found: Found) -> bool:
    """Whether all chats only ask, and another column holds the answers."""
    if found.own or any(map(_is_answered_inside, found.values(found.source("messages")))):
        return False
    return bool(found.values(found.source("completion")))


def _is_answered_inside(chat: Any) -> bool:
    return answers_in(chat) or (isinstance(chat, str) and bool(transcript_of(chat)))


def has_yes_or_no(found: Found) -> bool:
    """Whether most labels are yes or no, in a column that judges: "toxic" tells something else."""
    source = found.source("label")
    labels = found.values(source)
    if not found.own and str(source).casefold() not in _VERDICTS:
        return False
    return sum(str(label).casefold() in ("true", "false") for label in labels) * 2 > len(labels)


def are_two(found: Found) -> bool:
    """Whether the two answers are named alike: output_1 and output_2, not response_a and answer_2."""
    first, second = found.source("first") or "", found.source("second") or ""
    return bool(found.own) or (first, second) == ("first", "second") or stem_of(first) == stem_of(second)


def is_one_named(found: Found) -> bool:
    """Whether the two answers are named alike, and the better one by name: of a and b, 2 may be either."""
    ends = {end_of(found.source(each) or "") for each in ("first", "second")}
    said = {str(value).removesuffix(".0") for value in found.values(found.source("preferred"))}
    return are_two(found) and (bool(found.own) or ends != {"a", "b"} or "2" not in said)


def are_two_scored(found: Found) -> bool:
    """Whether the two answers and their scores are named alike: answer_0 and score_0, answer_1 and score_1."""
    pairs = [(found.source(each) or "", found.source(f"{each}_score") or "") for each in ("first", "second")]
    return bool(found.own) or (are_two(found) and all(end_of(answer) == end_of(score) for answer, score in pairs))


def are_ranked(found: Found) -> bool:
    """Whether each prompt has several answers, with ranks or scores beside or inside them."""
    values = found.values(found.source("responses"))
    if not values or not all(isinstance(each, list) and len(each) > 1 for each in values):
        return False
    if found.source("ranks") or found.source("scores"):
        return True
    return all(isinstance(each, dict) and place_of(each) != "" for each in values[0])


def is_extractive(found: Found) -> bool:
    """Whether the answers are marked in the context as SQuAD does it, or most of them stand in it."""
    answers = found.values(found.source("answers"))
    if found.own or "answer_start" in found.types or any(map(_is_marked, answers)):
        return True
    rows = [(value_at(row, found.source("context") or ""), _first(value_at(row, found.source("answers") or "")))
            for row in found.sample]  # fmt: skip
    told = [answer.casefold() in str(context).casefold() for context, answer in rows if answer]
    return sum(told) * 2 > len(told)


def _is_marked(answers: Any) -> bool:
    answers = written_in(answers)
    first = answers[0] if isinstance(answers, list) and answers else answers
    return isinstance(first, dict) and "text" in first


def _first(answers: Any) -> str:
    answers = written_in(answers)
    first = answers[0] if isinstance(answers, list) and answers else answers
    return first.strip() if isinstance(first, str) else ""


def _prompt_is_text_or_chat(found: Found) -> bool:
    values = found.values(found.source("prompt"))
    return bool(values) and is_text_or_chat(values[0]) and has_no_options_apart(found)


def is_answered(found: Found) -> bool:
    """Whether there are prompts with answers; of a column "text" only by texts, for numbers are its labels."""
    source = found.source("completion")
    if found.source("prompt") == "text" and not found.own:
        return source != "query" and all(isinstance(value, (str, list)) for value in found.values(source))
    return _prompt_is_text_or_chat(found)


def asks(found: Found) -> bool:
    """Whether the prompts are prompts even without answers."""
    return str(found.source("prompt")).casefold() not in _NEVER_ALONE and _prompt_is_text_or_chat(found)


def has_no_options_apart(found: Found) -> bool:
    """Whether no columns hold the options of a question: without them it cannot be answered."""
    names = {name.casefold().replace("_", "") for name in found.types}
    numbered = any({f"{name}{end}" for end in ends} <= names for name in _OPTIONS for ends in ("12", "01", "ab"))
    return bool(found.own) or not (numbered or {"a", "b", "c"} <= names)


def is_labelled(found: Found) -> bool:
    """Whether one text has a label: a score of one text tells of its quality, of two how alike they are."""
    return str(found.source("label")).casefold() not in _OF_PAIRS and has_no_options_apart(found)


def is_prose(found: Found) -> bool:
    """Whether there is any text."""
    return bool(found.values(found.source("text"))) and has_no_options_apart(found)


def has_no_other_prompt(found: Found) -> bool:
    """Whether there is no column "prompt", or it only repeats the instruction in some template."""
    if "prompt" not in found.types or found.own.keys() >= {"instruction"}:
        return True
    rows = [(row.get("prompt"), value_at(row, found.source("instruction") or "")) for row in found.sample]
    return all(isinstance(prompt, str) and str(asked) in prompt for prompt, asked in rows)
