"""`workbench label undo|history`: what was said is taken back, and all that ever was said is shown; nothing is lost."""

from typing import TYPE_CHECKING, Any

import typer

from workbench.cli.label_said import Annotator, Name, Number
from workbench.cli.options import Json, labels

if TYPE_CHECKING:
    from workbench.label.records import Past, Written


def undo(context: typer.Context, name: Name, annotator: Annotator, as_json: Json = False) -> None:
    """Take an annotator's last vote in a set back; it stays in the history."""
    from workbench.cli.output import document, line
    from workbench.errors import WorkbenchError
    from workbench.label.annotator import login_name
    from workbench.label.store import existing_store

    with existing_store(labels(context), name, to_read=False) as store:
        store.set_named(name)
        undone = store.undo_judgement(annotator, name, by=login_name())
        if undone is None:
            raise WorkbenchError(f"{annotator} has no vote in {name} to take back", f"workbench label history {name} 1")
        number = store.number_of(store.item(undone.item_id))
    if as_json:
        document({"undone": undone.id, "set": name, "pair": number, "choice": undone.choice, "annotator": annotator})
    else:
        line(f"{name} · pair {number} · {annotator}: {undone.choice} taken back")


def history(context: typer.Context, name: Name, item: Number, as_json: Json = False) -> None:
    """Show everything that was ever said of an item or written to it, and what was taken back, when and by whom."""
    from workbench.cli.output import document, line, table
    from workbench.label.store import existing_store

    with existing_store(labels(context), name) as store:
        item_id = store.id_at(name, item)
        said = [(each.judgement.at, _past(each), _shown(each)) for each in store.history(item_id)]
        wrote = [(each.demonstration.at, _wrote(each), _shown_answer(each)) for each in store.written(item_id)]
    past = sorted([*said, *wrote], key=lambda each: each[0])
    if as_json:
        document({"set": name, "pair": item, "history": [found for _, found, _ in past]})
    elif past:
        table(("when", "annotator", "says", "", "note"), [row for *_, row in past])
    else:
        line(f"{name} · pair {item}: nobody has said anything yet")


def _past(each: "Past") -> dict[str, Any]:
    said = each.judgement
    return {
        "vote": said.id,
        "annotator": said.annotator,
        "choice": said.choice,
        "criterion": said.criterion,
        "shown_left": said.shown_left,
        "seconds": said.seconds,
        "repeat": said.repeat,
        "note": said.note,
        "at": said.at,
        "undone": each.undone,
        "undone_by": each.undone_by,
    }


def _wrote(each: "Written") -> dict[str, Any]:
    wrote = each.demonstration
    return {
        "demonstration": wrote.id,
        "annotator": wrote.annotator,
        "text": wrote.text,
        "of": wrote.of,
        "at": wrote.at,
        "undone": each.undone,
        "undone_by": each.undone_by,
    }


def _shown(each: "Past") -> tuple[str, ...]:
    said = each.judgement
    what = f"{said.criterion}: {said.choice}" if said.criterion else said.choice
    again = ["again, sides swapped" if said.shown_left else "again"] if said.repeat else []
    return _moment(said.at), said.annotator, what, ", ".join([*again, *_taken_back(each)]), said.note


def _shown_answer(each: "Written") -> tuple[str, ...]:
    from workbench.cli.output import cut
    from workbench.label.reading import said

    wrote = each.demonstration
    text = " ".join(part.text for part in said(wrote.text, "assistant"))
    edited = [f"edited from the {wrote.of}"] if wrote.of else []
    return _moment(wrote.at), wrote.annotator, f"wrote {cut(text, 50)}", ", ".join([*edited, *_taken_back(each)]), ""


def _taken_back(each: "Past | Written") -> list[str]:
    return [] if each.undone is None else [f"taken back {_moment(each.undone)} by {each.undone_by}"]


def _moment(at: float) -> str:
    from datetime import datetime

    return datetime.fromtimestamp(at).strftime("%d %b %H:%M")
