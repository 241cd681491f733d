"""`workbench label judge`: a model votes on the pairs of a set, and stands trial against the votes of people."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.options import Json, Wait, here

if TYPE_CHECKING:
    from workbench.runs.task import JudgeTask
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
    criterion: Annotated[
        str, typer.Option(metavar="NAME", help="It votes by this one of the rubric's; else all in all.")
    ] = "",
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
    run: Annotated[str, typer.Option(metavar="NAME", help="What the run is called.")] = "",
    wait: Wait = False,
    as_json: Json = False,
) -> int:
    """Start a run in which a model votes on pairs, each in both orders; its trial says how far it agrees with people.

    A verdict counts where both orders name the same answer, else it is a tie. The key of an address comes from
    OPENAI_API_KEY, or the variable of its provider, and is kept nowhere.
    """
    from workbench.cli.label_runs import begin, tell
    from workbench.errors import WrongUse
    from workbench.runs.spec import RunSpec
    from workbench.runs.task import JudgeTask
    from workbench.validation import validated

    if bool(model) == bool(endpoint) or bool(endpoint) != bool(endpoint_model):
        raise WrongUse("name who is to judge", "--model RUN_OR_MODEL, or --endpoint URL with --endpoint-model NAME")
    task = {
        "kind": "judge", "set": name, "endpoint": endpoint or None, "annotator": annotator, "pairs": pairs,
        "rubric": rubric and str(rubric.absolute()), "prompt": prompt and str(prompt.absolute()), "alone": alone,
        "criterion": criterion, "kappa": kappa, "max_new_tokens": max_new_tokens, "at_once": at_once,
        "seconds": timeout,
    }  # fmt: skip
    asked = {"task": task, "name": run or None, "model": model or endpoint_model}
    spec = validated(RunSpec, asked, f"label judge {name}")
    assert isinstance(spec.task, JudgeTask)
    workspace, checked = here(context), spec.task
    begun = begin(workspace, spec)
    who = _annotator(workspace, spec.model, checked)
    said_by = f"{who} by {criterion}" if criterion else who
    return tell(
        workspace, begun, {"set": name, "annotator": who, "criterion": criterion},
        lambda result: _words(result, said_by),
        wait=wait, as_json=as_json, more=lambda: _trial(workspace, checked, who),
    )  # fmt: skip


def _annotator(workspace: "Workspace", model: str, task: "JudgeTask") -> str:
    from workbench.label.judge import judge_of

    return judge_of(workspace, model, task).annotator


def _trial(workspace: "Workspace", task: "JudgeTask", annotator: str) -> tuple[dict[str, Any], list[str]]:
    """How the judge does now, as a document and in lines."""
    from workbench.label.judge import trial_of
    from workbench.label.stats import trial_document
    from workbench.label.stats_words import trial_lines
    from workbench.label.store import existing_store

    with existing_store(workspace.folder / "labels.db", task.set) as store:
        found = trial_of(store, task.set, annotator, task.kappa, task.criterion)
    return {"trial": trial_document(found)}, trial_lines(found)


def _words(result: dict[str, Any], said_by: str) -> tuple[dict[str, Any], str]:
    """The result of the run as a document, and in words."""
    from dataclasses import asdict

    from workbench.runs.verdicts import Judged

    judged = Judged(**result["judged"]) if result else Judged()
    return asdict(judged), f"{said_by} · {judged.words()}"
