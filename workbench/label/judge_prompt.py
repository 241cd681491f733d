"""What a model judge is asked about a pair; what its answer says is told in workbench.runs.verdicts.

The question is a text file that a person can replace, with $rubric, $prompt, $answer_a, $answer_b and $mark in it.
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from string import Template

from workbench.data.shapes import Text
from workbench.errors import Missing, WrongUse
from workbench.label.reading import said
from workbench.label.records import Answer, Pair
from workbench.label.rubric import Criterion, Rubric

USUAL = Path(__file__).with_name("judge.txt")
_ONE_CRITERION = Path(__file__).with_name("judge_criterion.txt")
NO_RUBRIC = "The better answer does what was asked, is true, and leaves out what nobody needs."
_NEEDED = ("prompt", "answer_a", "answer_b")
_KNOWN = {*_NEEDED, "rubric", "mark"}
_MARK_LETTERS = 12


@dataclass(frozen=True)
class JudgePrompt:
    """The file's text and the rubric that goes into it."""

    text: str
    rubric: str = NO_RUBRIC

    @property
    def digest(self) -> str:
        """Tells one way of asking from another."""
        return sha256(f"{self.text}\0{self.rubric}".encode()).hexdigest()

    def asks(self, pair: Pair, left: Answer) -> str:
        """Return the question about a pair, with `left` as answer A.

        The marks around the data are made of the pair's own digest, which no text in it can contain.
        """
        right: Answer = "second" if left == "first" else "first"
        return Template(self.text).substitute(
            rubric=self.rubric.strip(), mark=pair.digest[:_MARK_LETTERS], prompt=_plain(pair.prompt, "user"),
            answer_a=_plain(pair.answer(left), "assistant"), answer_b=_plain(pair.answer(right), "assistant"),
        )  # fmt: skip


def narrowed(rubric: Rubric | None, criterion: str) -> str:
    """Return the rubric as it is put to a judge that votes by one criterion alone.

    Raises WrongUse where it has none of that name. Without a rubric there is only the name.
    """
    known = {each.name: each for each in rubric.criteria} if rubric else {criterion: Criterion(criterion)}
    if criterion not in known:
        names = ", ".join(known) or f'none: write "- {criterion}: what it asks" below a heading Criteria'
        raise WrongUse(f"the rubric has no criterion {criterion}", f"its criteria: {names}")
    asks = known[criterion].asks
    return Template(_ONE_CRITERION.read_text(encoding="utf-8")).substitute(
        rubric=(rubric.text if rubric else NO_RUBRIC).strip(), criterion=f"{criterion}: {asks}" if asks else criterion
    )


def read_judge_prompt(path: Path = USUAL, rubric: str = NO_RUBRIC, *, needs_rubric: bool = False) -> JudgePrompt:
    """Read the question. Raises Missing, and WrongUse where a place for the data lacks or has an unknown name.

    Where a judge votes by one criterion the rubric says which: then it `needs_rubric` too.
    """
    try:
        template = Template(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise WrongUse(f"{path} is not text", "save it as UTF-8") from error
    except OSError as error:
        raise Missing(f"{path}: {(error.strerror or str(error)).lower()}", "check the path") from error
    if not template.is_valid():
        raise WrongUse(f"{path}: a $ stands before no name", "write $$ for a dollar")
    names = set(template.get_identifiers())
    if unknown := sorted(names - _KNOWN):
        raise WrongUse(
            f"{path}: there is no ${unknown[0]}", f"known: {', '.join(f'${name}' for name in sorted(_KNOWN))}"
        )
    needed = ("rubric", *_NEEDED) if needs_rubric else _NEEDED
    if lacking := [name for name in needed if name not in names]:
        raise WrongUse(f"{path}: ${lacking[0]} is not in it", f"start from {USUAL}")
    return JudgePrompt(template.template, rubric)


def _plain(text: Text, usual: str) -> str:
    return "\n\n".join(f"{each.speaker}: {each.text}" if each.speaker else each.text for each in said(text, usual))
