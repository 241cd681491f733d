"""`workbench label rank|good|bad|class|edit`: what is said of items other than a choice between two."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.options import Json, labels

if TYPE_CHECKING:
    from workbench.label.schema import SetKind
    from workbench.label.store import Store

Name = Annotated[str, typer.Argument(help="The set.")]
Number = Annotated[int, typer.Argument(help="The number of the item in the set; the first is 1.")]
Annotator = Annotated[str, typer.Option("--annotator", metavar="A", help="Who says so.")]
Criterion = Annotated[str, typer.Option(help="What is judged, such as honest; by default all in all.")]
Note = Annotated[str, typer.Option(help="What to remember about it.")]


class Answer(StrEnum):
    """One of the two answers of a pair."""

    first = "first"
    second = "second"


def rank(
    context: typer.Context,
    name: Name,
    item: Number,
    order: Annotated[str, typer.Argument(help="Best first: 2>1=3 says 2 is best, 1 and 3 are equally good.")],
    annotator: Annotator,
    note: Note = "",
    as_json: Json = False,
) -> None:
    """Say in which order several answers to a prompt are, ties included."""
    _judge(context, name, item, "ranking", order, annotator, note, as_json)


def good(
    context: typer.Context,
    name: Name,
    item: Number,
    annotator: Annotator,
    note: Note = "",
    criterion: Criterion = "",
    as_json: Json = False,
) -> None:
    """Say that a single answer is good."""
    _judge(context, name, item, "single", "good", annotator, note, as_json, criterion=criterion)


def bad(
    context: typer.Context,
    name: Name,
    item: Number,
    annotator: Annotator,
    note: Note = "",
    criterion: Criterion = "",
    as_json: Json = False,
) -> None:
    """Say that a single answer is bad."""
    _judge(context, name, item, "single", "bad", annotator, note, as_json, criterion=criterion)


def class_(
    context: typer.Context,
    name: Name,
    item: Number,
    annotator: Annotator,
    label: Annotated[str, typer.Argument(help="The class; without it the model's guess is accepted.")] = "",
    new: Annotated[bool, typer.Option("--new", help="The class is a new one of this set.")] = False,
    note: Note = "",
    as_json: Json = False,
) -> None:
    """Say which class a row is of."""
    _judge(context, name, item, "classes", label, annotator, note, as_json, is_new=new)


def edit(
    context: typer.Context,
    name: Name,
    item: Number,
    annotator: Annotator,
    text: Annotated[str, typer.Option(help="The answer as it should have been.")] = "",
    file: Annotated[Path | None, typer.Option(help="A text file that holds it.")] = None,
    of: Annotated[Answer | None, typer.Option(help="The answer that it was edited from, if it was.")] = None,
    as_json: Json = False,
) -> None:
    """Write an answer to a pair's prompt: a row to imitate, and a pair in which it is better than what it came from."""
    from workbench.cli.output import document, line
    from workbench.errors import WrongUse
    from workbench.label.store import existing_store

    if bool(text) == (file is not None):
        raise WrongUse("an answer is given in one way", "--text TEXT or --file FILE")
    with existing_store(labels(context), name, to_read=False) as store:
        pair = store.pair_at(name, item)
        wrote = store.edit(pair.id, annotator, _written(file) if file else text, None if of is None else of.value)
        made = None if wrote.pair_id is None else store.number_of(store.pair(wrote.pair_id))
    if as_json:
        document(
            {"demonstration": wrote.id, "set": name, "pair": item, "of": wrote.of, "made": made, "annotator": annotator}
        )
    else:
        line(f"{name} · pair {item} · {annotator} wrote an answer" + (f" · pair {made}: edited > {of}" if made else ""))


def _judge(
    context: typer.Context, name: str, number: int, kind: "SetKind", choice: str, annotator: str, note: str,
    as_json: bool, *, is_new: bool = False, criterion: str = "",
) -> None:  # fmt: skip
    from workbench.cli.output import document, line
    from workbench.errors import WrongUse
    from workbench.label.records import GivenVote
    from workbench.label.store import existing_store

    with existing_store(labels(context), name, to_read=False) as store:
        _check_kind(store, name, kind)
        item = store.item_at(name, number)
        guess = item.guess.label if item.guess else None
        if not choice and guess is None:
            raise WrongUse(f"{name} has no guess for row {number} to accept", "name the class")
        if is_new or (not choice and guess):
            store.make_set(name, kind, [choice or str(guess)])
        vote = store.judge(item.id, GivenVote(annotator, choice or str(guess), note=note, criterion=criterion))
        stored = next(each.judgement.choice for each in store.history(item.id) if each.judgement.id == vote)
    if as_json:
        said: dict[str, Any] = {"vote": vote, "set": name, "item": number, "choice": stored, "annotator": annotator}
        if kind == "classes":
            said |= {"guess": guess, "accepted": None if guess is None else guess == stored}
        document(said)
    else:
        line(f"{name} · {number} · {annotator}: {stored}")


def _check_kind(store: "Store", name: str, kind: "SetKind") -> None:
    from workbench.errors import WrongUse

    held = store.set_named(name).kind
    if held != kind:
        command = {"pairs": "vote", "ranking": "rank", "single": "good", "classes": "class"}[held]
        raise WrongUse(f"{name} holds {held}, not {kind}", f"workbench label {command} {name} …")


def _written(file: Path) -> str:
    from workbench.errors import Missing, WrongUse

    try:
        return file.read_text(encoding="utf-8").rstrip("\n")
    except UnicodeDecodeError as error:
        raise WrongUse(f"{file} is not text", "save it as UTF-8") from error
    except OSError as error:
        raise Missing(f"{file}: {(error.strerror or str(error)).lower()}", "check the path") from error
