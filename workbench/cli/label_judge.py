"""`workbench label judge`: a model votes on the pairs of a set, and stands trial against the votes of people."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.options import Json, here

if TYPE_CHECKING:
    from workbench.label.judge import Answering, Judged
    from workbench.label.judge_prompt import JudgePrompt
    from workbench.workspace import Workspace


def judge(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The set of pairs.")],
    model: Annotated[
        str, typer.Option("--model", metavar="RUN_OR_MODEL", help="A run or a model here judges, ...")
    ] = "",
    endpoint: Annotated[str, typer.Option(metavar="URL", help="... or one behind an OpenAI-compatible address.")] = "",
    endpoint_model: Annotated[str, typer.Option(metavar="NAME", help="What the model is called there.")] = "",
    rubric: Annotated[
        Path | None, typer.Option(help="A Markdown file that says what is better; else the workspace's rubric.")
    ] = None,
    prompt: Annotated[Path | None, typer.Option(help="A text file that asks in other words.")] = None,
    pairs: Annotated[int | None, typer.Option(min=1, help="At most so many pairs now.")] = None,
    annotator: Annotated[str, typer.Option(metavar="NAME", help="It votes as judge:NAME; else as its model.")] = "",
    alone: Annotated[
        bool, typer.Option("--alone", help="Also pairs that no person voted on; only once the trial is passed.")
    ] = False,
    kappa: Annotated[
        float, typer.Option(min=0, max=1, help="Passed is a kappa with people that is so high for sure.")
    ] = 0.6,
    max_new_tokens: Annotated[int, typer.Option(min=1, help="Longest answer.")] = 1024,
    at_once: Annotated[int, typer.Option(min=1, help="Questions to an address at the same time.")] = 4,
    timeout: Annotated[float, typer.Option(min=0.1, metavar="SECONDS", help="For one answer of an address.")] = 120.0,
    as_json: Json = False,
) -> None:
    """Have a model vote on pairs, each in both orders, and say how far it agrees with people.

    A verdict counts where both orders name the same answer, else it is a tie. The key of an address comes from
    OPENAI_API_KEY, or the variable of its provider.
    """
    from workbench.cli.counted import counted
    from workbench.cli.output import document, line, say
    from workbench.errors import Interrupted, WrongUse
    from workbench.label.judge import Judge, Judged, judge_pairs, trial_of, waiting
    from workbench.label.stats_words import trial_lines
    from workbench.label.store import existing_store
    from workbench.models.endpoint import Endpoint

    if bool(model) == bool(endpoint) or bool(endpoint) != bool(endpoint_model):
        raise WrongUse("name who is to judge", "--model RUN_OR_MODEL, or --endpoint URL with --endpoint-model NAME")
    workspace = here(context)
    known_as = f"{endpoint} {endpoint_model}" if endpoint else model
    who = Judge(annotator or endpoint_model or model, known_as, _asking(workspace, prompt, rubric))
    done = Judged()
    with existing_store(workspace.folder / "labels.db", name, to_read=False) as store:
        asked = waiting(store, name, who, alone=alone, needed=kappa)[:pairs]
        if asked:
            remote = Endpoint(endpoint, endpoint_model, max_new_tokens, seconds=timeout, at_once=at_once)
            with (
                _as_is(remote) if endpoint else _local(workspace, model, max_new_tokens) as answering,
                counted(f"{who.annotator} judges {name}", len(asked)) as tell,
            ):
                try:
                    done = judge_pairs(store, asked, who, answering, lambda so_far: tell(so_far.pairs, _words(so_far)))
                except KeyboardInterrupt:
                    fix = "what was answered is kept: run the command again to go on"
                    raise Interrupted(f"{who.annotator} was stopped", fix) from None
        else:
            say(f"{who.annotator} has judged all that it may: nothing is asked")
        found = trial_of(store, name, who.annotator, kappa)
    if as_json:
        from dataclasses import asdict

        from workbench.label.stats import trial_document

        document({"set": name, "annotator": who.annotator, **asdict(done), "trial": trial_document(found)})
    else:
        line(f"{name} · {who.annotator} · {_words(done)}")
        for each in trial_lines(found):
            line(each)


def _asking(workspace: "Workspace", prompt: Path | None, rubric: Path | None) -> "JudgePrompt":
    from workbench.label.judge_prompt import NO_RUBRIC, USUAL, read_judge_prompt
    from workbench.label.rubric import read_rubric, rubric_of

    found = read_rubric(rubric) if rubric else rubric_of(workspace)
    return read_judge_prompt(prompt or USUAL, found.text if found else NO_RUBRIC)


@contextmanager
def _as_is(answering: "Answering") -> "Iterator[Answering]":
    yield answering


@contextmanager
def _local(workspace: "Workspace", model: str, max_new_tokens: int) -> "Iterator[Answering]":
    from workbench.cli.output import say
    from workbench.compare.columns import columns
    from workbench.compare.local import LocalModel
    from workbench.engine.client import EngineClient
    from workbench.models.generate import Sampling
    from workbench.models.place import place

    column = columns([model], workspace, say)[-1]
    with EngineClient(place(workspace.settings.device)) as engine:
        yield LocalModel(engine, column, Sampling(max_new_tokens=max_new_tokens), workspace.settings)


def _words(done: "Judged") -> str:
    from workbench.data.shown import count_words

    parts: list[Any] = [f"{count_words(done.pairs, 'pair')} judged"]
    if done.inconsistent:
        parts.append(f"{done.inconsistent:,} differ with the order: ties")
    if done.unreadable:
        parts.append(f"{done.unreadable:,} unreadable: skipped")
    return " · ".join(parts)
