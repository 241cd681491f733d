"""`workbench label stats`, `next` and `order`: how far annotators agree, and what is best voted on now."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.options import Json, here, labels

if TYPE_CHECKING:
    from workbench.label.queue import Due
    from workbench.label.records import Item
    from workbench.label.stats import Stats

_NAMED = 10
"""Pairs, or other items, that people disagree on are counted; so many are named."""


class Order(StrEnum):
    """What comes first."""

    added = "added"
    random = "random"
    stratified = "stratified"
    least_sure = "least-sure"
    disputed = "disputed"


def stats(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The set.")],
    criterion: Annotated[str, typer.Option(help="One of the rubric's; else the overall votes.")] = "",
    as_json: Json = False,
) -> None:
    """Say how far the votes agree, which annotators are consistent, and what people disagree on.

    Of classes also who confuses which, and how often a model's guess is accepted; of rankings how alike the orders are.
    """
    from workbench.cli.output import document, line
    from workbench.label.enough import outlook_or_why
    from workbench.label.learning import enough_lines, points_of
    from workbench.label.stats import document_of
    from workbench.label.stats import stats as stats_of
    from workbench.label.store import existing_store
    from workbench.label.trial import each_order_by

    workspace = here(context)
    with existing_store(labels(context), name) as store:
        facts = store.facts(name, criterion, of_any_kind=True)
        orders = store.facts(name, each_order_by(criterion)).votes if facts.kind == "pairs" else None
        found = stats_of(name, facts, orders)
    if as_json:
        outlook, why = outlook_or_why(points_of(workspace, name))
        document({**document_of(found), "enough": outlook.document() if outlook else {"verdict": None, "why": why}})
        return
    _draw(found)
    trains = found.annotators and found.kind in ("pairs", "ranking")
    for each in ("", *enough_lines(workspace, name)) if trains else ():
        line(each)


def next_(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The set.")],
    annotator: Annotated[str, typer.Option("--annotator", metavar="A", help="Who is to vote.")],
    order: Annotated[Order | None, typer.Option(help="What comes first; else as the set's order says.")] = None,
    scores: Annotated[str | None, typer.Option(metavar="RUN", help="The reward run whose scores tell.")] = None,
    repeats: Annotated[
        float | None, typer.Option(metavar="SHARE", help="How much of what is shown comes again, sides swapped: 0.05.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the pair, or other item, that an annotator should vote on next."""
    from workbench.cli.output import document, line
    from workbench.label.plan import plan_of
    from workbench.label.queue import Queue
    from workbench.label.schema import NOUNS
    from workbench.label.store import existing_store

    workspace = here(context)
    with existing_store(labels(context), name) as store:
        held = store.set_named(name)
        plan = plan_of(workspace, held, None if order is None else order.value, repeats, scores)
        queue = Queue(store, name, annotator, plan)
        due = queue.due()
        item = None if due is None else store.item(due.item_id)
        number = None if item is None else store.number_of(item)
        left = {"left": queue.turn_of(due).left} if due and held.kind == "pairs" else {}
    noun = NOUNS[held.kind]
    if as_json:
        found = {"set": name, "annotator": annotator, "order": plan.order, "kind": held.kind, "pair": number}
        document({**found, **(_shown(item, due) if item and due else {}), **left})
    elif item is None:
        line(f"{name} · {annotator} has answered every {noun}")
    else:
        _draw_item(item, f"{name} · {noun} {number} · {annotator}")


def order(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The set.")],
    order: Annotated[Order | None, typer.Argument(help="What comes first from now on.")] = None,
    repeats: Annotated[
        float | None, typer.Option(metavar="SHARE", help="How much of what is shown comes again, unsaid: 0.05.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Keep in which order a set is gone through, in the app too; without an order, say which it is."""
    from workbench.cli.output import document, line
    from workbench.label.plan import plan_of
    from workbench.label.store import existing_store

    workspace = here(context)
    says = order is not None or repeats is not None
    with existing_store(labels(context), name, to_read=not says) as store:
        held = store.set_named(name)
        plan = plan_of(workspace, held, None if order is None else order.value, repeats)
        if says:
            store.go_through(name, order.value if order else held.order, held.repeats if repeats is None else repeats)
    share = plan.repeats.share
    if as_json:
        document(
            {
                "set": name,
                "order": plan.order,
                "repeats": share,
                "kept": says or (held.order, held.repeats) != (None, None),
            }
        )
    else:
        again = f" · {100 * share:g} % come again, unsaid" if share else ""
        line(f"{name} · {plan.order}{again}")


def _shown(item: "Item", due: "Due") -> dict[str, object]:
    found: dict[str, object] = {"prompt": item.prompt}
    if item.kind == "pairs":
        found |= {"first": item.answers[0], "second": item.answers[1]}
    else:
        found["answers"] = list(item.answers)
    if item.guess is not None:
        found |= {"guess": item.guess.label, "probability": item.guess.probability}
    return {**found, "is_repeat": due.again is not None}


def _draw_item(item: "Item", head: str) -> None:
    from workbench.cli.output import line
    from workbench.label.reading import said

    line(head)
    if item.guess is not None:
        line(f"a model takes it for {item.guess.label}, {item.guess.probability:.2f}")
    titles = {"pairs": ["first", "second"], "single": ["answer"]}.get(
        item.kind, [str(place) for place in range(1, len(item.answers) + 1)]
    )
    texts = [
        ("row" if item.kind == "classes" else "prompt", item.prompt, "user"),
        *((title, text, "assistant") for title, text in zip(titles, item.answers, strict=False)),
    ]
    for title, text, usual in texts:
        line()
        line(title)
        for each in said(text, usual):
            line(f"{each.speaker}: {each.text}" if each.speaker else each.text)


def _draw(found: "Stats") -> None:
    from workbench.cli.output import line, table
    from workbench.label import stats_words as words
    from workbench.label.class_words import class_tables

    line(words.head(found))
    if not found.annotators:
        return
    line()
    for each in words.agreement_lines(found):
        line(each)
    line()
    table(words.columns(found), words.annotator_rows(found), numbers=("votes",))
    for drawn in class_tables(found.by_class) if found.by_class else []:
        line()
        table(drawn.heads, drawn.rows, numbers=drawn.heads[2 if drawn.is_text else 1 :])
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
