"""`workbench label`: pairs of answers and the votes on them, kept in the workspace's labels.db."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.label_enough import enough
from workbench.cli.label_export import export
from workbench.cli.label_history import history, undo
from workbench.cli.label_judge import judge
from workbench.cli.label_said import bad, class_, edit, good, rank
from workbench.cli.label_sample import sample
from workbench.cli.label_stats import next_, order, stats
from workbench.cli.options import Json, Mapping, labels

if TYPE_CHECKING:
    from workbench.label.importing import Imported

app = typer.Typer(help="Collect votes on pairs of answers, rankings, single answers and classes.", no_args_is_help=True)


class Choice(StrEnum):
    """What a vote may say."""

    first_clearly = "first-clearly"
    first = "first"
    tie = "tie"
    second = "second"
    second_clearly = "second-clearly"
    bad = "bad"
    skip = "skip"


app.command()(export)
app.command()(rank)
app.command()(good)
app.command()(bad)
app.command("class")(class_)
app.command()(edit)
app.command()(undo)
app.command()(history)
app.command()(stats)
app.command()(enough)
app.command("next")(next_)
app.command()(order)
app.command()(judge)
app.command()(sample)


@app.callback()
def _group() -> None:
    """Collect votes on pairs of answers."""


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="A preference file: prompt, chosen, rejected, in any known shape.")],
    into: Annotated[str, typer.Option("--into", metavar="NAME", help="The set of pairs; made if it is new.")],
    mapping: Mapping = [],  # noqa: B006 - Typer reads it, nobody changes it
    annotator: Annotated[str, typer.Option(metavar="A", help="Who chose what the file itself says is better.")] = "",
    first: Annotated[str, typer.Option(metavar="COLUMN", help="Recorded answers of one model, ...")] = "",
    second: Annotated[str, typer.Option(metavar="COLUMN", help="... and of another to the same prompts.")] = "",
    against: Annotated[str, typer.Option(metavar="FILE", help="Answers of another model to the same prompts.")] = "",
    as_json: Json = False,
) -> None:
    """Add the pairs of a preference file to a set, with the votes that its rows carry; chosen is the first answer.

    Rankings, answers with a yes or no, rows with a label and two models' recorded answers are taken too.
    """
    from workbench.cli.output import document, line, say
    from workbench.data.map import parse_map
    from workbench.data.rows import locate, open_rows
    from workbench.label.importing import import_pairs
    from workbench.label.sources import Recorded, source_of
    from workbench.label.store import open_store

    other = open_rows(locate(against, say)) if against else None
    source = source_of(open_rows(locate(file, say)), parse_map(mapping), annotator, Recorded(first, second, other))
    with open_store(labels(context)) as store:
        done = import_pairs(store, into, source.items, kind=source.kind)
    for error in done.problems:
        say(f"left out: {error.what}")
    if done.left_out > len(done.problems):
        say(f"… and {done.left_out - len(done.problems):,} more: --json names each row")
    _refuse_nothing(done, file)
    if as_json:
        document(
            {
                "set": into,
                "pairs": done.added,
                "already_there": done.known,
                "left_out": done.left_out,
                "ties": done.ties,
                "kind": source.kind,
                "reasons": [
                    {"message": reason, "count": len(rows), "rows": rows} for reason, rows in done.reasons.items()
                ],
                "problems": [{"row": error.row, "message": error.what, "fix": error.fix} for error in done.problems],
            }
        )
    else:
        line(done.words(into, source.kind))


def _refuse_nothing(done: "Imported", file: str) -> None:
    from workbench.errors import WorkbenchError

    if done.left_out == done.rows:
        why = f"the first: {done.problems[0].what}" if done.problems else "it has no rows"
        raise WorkbenchError(f"{file}: no row makes a pair", why)


@app.command()
def vote(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The set of pairs.")],
    pair: Annotated[int, typer.Argument(help="The number of the pair in the set; the first is 1.")],
    choice: Annotated[Choice, typer.Argument(help="Which answer is better.")],
    annotator: Annotated[str, typer.Option("--annotator", metavar="A", help="Whose vote it is.")],
    note: Annotated[str, typer.Option(help="What to remember about it.")] = "",
    criterion: Annotated[str, typer.Option(help="What is voted on, such as honest; by default all in all.")] = "",
    as_json: Json = False,
) -> None:
    """Vote on a pair. The vote is on disk when the command ends."""
    from workbench.cli.output import document, line
    from workbench.label.store import existing_store

    with existing_store(labels(context), name, to_read=False) as store:
        found = store.pair_at(name, pair)
        number = store.vote(found.id, annotator, choice.value, note=note, criterion=criterion)
    if as_json:
        document({"vote": number, "set": name, "pair": pair, "choice": choice.value, "annotator": annotator})
    else:
        line(f"{name} · pair {pair} · {annotator}: {choice.value}")


@app.command("list")
def list_(context: typer.Context, as_json: Json = False) -> None:
    """List the sets of pairs."""
    from workbench.cli.output import document, line, table
    from workbench.label.store import open_store

    path = labels(context)
    sets = []
    if path.exists():
        with open_store(path, to_read=True) as store:
            sets = store.sets()
    if as_json:
        document(
            {
                "sets": [
                    {"name": each.name, "pairs": each.pairs, "votes": each.votes, "kind": each.kind} for each in sets
                ]
            }
        )
    elif sets:
        rows = [(each.name, each.kind, f"{each.pairs:,}", f"{each.votes:,}") for each in sets]
        table(("set", "kind", "items", "votes"), rows, numbers=("items", "votes"))
    else:
        line("no pairs yet: workbench label import FILE --into NAME")
