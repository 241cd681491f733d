"""`workbench label stats` and `next`: how far the annotators of a set agree, and which pair is best voted on now."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.options import Json, here, labels

if TYPE_CHECKING:
    from workbench.label.queue import Turn
    from workbench.label.stats import Stats

_NAMED = 10
"""Pairs that people disagree on are counted; so many are named."""


class Order(StrEnum):
    """Which pairs come first."""

    added = "added"
    random = "random"
    stratified = "stratified"
    least_sure = "least-sure"
    disputed = "disputed"


def stats(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The set of pairs.")],
    criterion: Annotated[str, typer.Option(help="One of the rubric's; else the overall votes.")] = "",
    as_json: Json = False,
) -> None:
    """Say how far the votes agree, which annotators are consistent, and which pairs people disagree on."""
    from workbench.cli.output import document, line
    from workbench.label.enough import outlook_or_why
    from workbench.label.learning import points_of
    from workbench.label.stats import document_of
    from workbench.label.stats import stats as stats_of
    from workbench.label.store import existing_store
    from workbench.label.trial import EACH_ORDER

    workspace = here(context)
    with existing_store(labels(context), name) as store:
        found = stats_of(name, store.facts(name, criterion), store.facts(name, EACH_ORDER).votes)
    points = points_of(workspace, name)
    outlook, why = outlook_or_why(points)
    if as_json:
        document({**document_of(found), "enough": outlook.document() if outlook else {"verdict": None, "why": why}})
        return
    _draw(found)
    if points:
        line()
        line(outlook.words() if outlook else why)


def next_(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The set of pairs.")],
    annotator: Annotated[str, typer.Option("--annotator", metavar="A", help="Who is to vote.")],
    order: Annotated[Order | None, typer.Option(help="Which pairs come first; else as workbench.toml says.")] = None,
    scores: Annotated[str | None, typer.Option(metavar="RUN", help="The reward run whose scores tell.")] = None,
    repeats: Annotated[
        float | None, typer.Option(metavar="SHARE", help="How much of what is shown comes again, sides swapped: 0.05.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the pair that an annotator should vote on next."""
    from workbench.cli.output import document, line
    from workbench.label.plan import plan_of
    from workbench.label.queue import Queue
    from workbench.label.store import existing_store

    workspace = here(context)
    with existing_store(labels(context), name) as store:
        store.facts(name)  # Missing, where there is no such set
        plan = plan_of(workspace, None if order is None else order.value, repeats, scores)
        turn = Queue(store, name, annotator, plan).next()
        number = None if turn is None else store.number_of(turn.pair)
    if as_json:
        document({"set": name, "annotator": annotator, "order": plan.order, "pair": number, **_shown(turn)})
    elif turn is None:
        line(f"{name} · {annotator} has answered every pair")
    else:
        _draw_turn(turn, f"{name} · pair {number} · {annotator}")


def _shown(turn: "Turn | None") -> dict[str, object]:
    if turn is None:
        return {}
    pair = turn.pair
    return {
        "prompt": pair.prompt, "first": pair.first, "second": pair.second, "left": turn.left,
        "is_repeat": turn.is_repeat,
    }  # fmt: skip


def _draw_turn(turn: "Turn", head: str) -> None:
    from workbench.cli.output import line
    from workbench.label.reading import said

    line(head)
    pair = turn.pair
    for title, text, usual in (
        ("prompt", pair.prompt, "user"), ("first", pair.first, "assistant"), ("second", pair.second, "assistant")
    ):  # fmt: skip
        line()
        line(title)
        for each in said(text, usual):
            line(f"{each.speaker}: {each.text}" if each.speaker else each.text)


def _draw(found: "Stats") -> None:
    from workbench.cli.output import line, table
    from workbench.label import stats_words as words

    line(words.head(found))
    if not found.annotators:
        return
    line()
    for each in words.agreement_lines(found.agreement):
        line(each)
    line()
    table(words.COLUMNS, words.annotator_rows(found), numbers=("votes",))
    warnings = words.warnings(found)
    for each in warnings:
        line(each)
    for trial in found.trials:
        line()
        for each in words.trial_lines(trial):
            line(each)
    if found.disagreements:
        line()
        line(words.disagreement_head(found))
        for each in words.disagreement_lines(found)[:_NAMED]:
            line(each)
