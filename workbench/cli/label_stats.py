"""`workbench label stats`: how far the annotators of a set agree, with each other and with themselves."""

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.options import Json, here

if TYPE_CHECKING:
    from workbench.label.stats import Stats

_NAMED = 10
"""Pairs that people disagree on are counted; so many are named."""


def stats(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The set of pairs.")],
    as_json: Json = False,
) -> None:
    """Say how far the votes agree, which annotators are consistent, and which pairs people disagree on."""
    from workbench.cli.output import document
    from workbench.label.stats import document_of
    from workbench.label.stats import stats as stats_of
    from workbench.label.store import existing_store

    with existing_store(here(context).folder / "labels.db", name) as store:
        found = stats_of(name, store.facts(name))
    if as_json:
        document(document_of(found))
    else:
        _draw(found)


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
    if found.disagreements:
        line()
        line(words.disagreement_head(found))
        for each in words.disagreement_lines(found)[:_NAMED]:
            line(each)
