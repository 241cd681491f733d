"""`workbench train`: start a run, list, show, stop, resume, read its log."""

from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli.options import Json, Wait, here

app = typer.Typer(help="Start a run, watch it, stop it, resume it.", no_args_is_help=True)
Run = Annotated[str, typer.Argument(help="The run's name (workbench train list).")]


@app.command()
def start(
    context: typer.Context,
    spec: Annotated[
        Path | None, typer.Argument(metavar="[SPEC]", help="The run file (YAML); by default the app's draft.")
    ] = None,
    changes: Annotated[
        list[str], typer.Option("--set", metavar="KEY=VALUE", help="Change a value of the run file.")
    ] = [],  # noqa: B006
    reward: Annotated[
        str | None, typer.Option("--reward", metavar="NAME", help="A reward run on the votes of this set of pairs.")
    ] = None,
    model: Annotated[str, typer.Option("--model", help="With --reward: the model to begin from.")] = "starter",
    wait: Wait = False,
    as_json: Json = False,
) -> int:
    """Start a run, detached: from a run file, or from the draft that the app keeps in .workbench/draft.yaml.

    Or, with --reward, from the votes on a set of pairs.
    """
    from workbench.cli.output import say
    from workbench.errors import WrongUse
    from workbench.label.asked import taken_from_labels
    from workbench.runs.draft import read_draft
    from workbench.runs.spec import read_spec, reward_spec
    from workbench.runs.start import start as start_run

    workspace = here(context)
    if spec is not None and reward is not None:
        raise WrongUse("a run file and --reward exclude each other", "in the file: data: {votes: NAME}")
    if reward is not None:
        asked = reward_spec(reward, model, tuple(changes))
    elif spec is None:
        asked = read_draft(workspace.folder / ".workbench" / "draft.yaml", tuple(changes)).spec()
    else:
        asked = read_spec(spec, tuple(changes))
    run = start_run(workspace, asked, say, taken_from_labels)
    return _started(run, wait=wait, as_json=as_json)


@app.command()
def resume(
    context: typer.Context,
    run: Run,
    take_over: Annotated[
        bool, typer.Option("--take-over", help="The other host that it ran on is gone; go on here.")
    ] = False,
    wait: Wait = False,
    as_json: Json = False,
) -> int:
    """Go on from the last checkpoint of a run that was stopped, failed or got lost."""
    from workbench.cli.output import say
    from workbench.runs.folder import find_run
    from workbench.runs.start import resume as resume_run

    found = find_run(here(context), run)
    resume_run(found, say, take_over=take_over)
    return _started(found, wait=wait, as_json=as_json)


@app.command("list")
def list_runs(context: typer.Context, as_json: Json = False) -> None:
    """List the runs of this workspace."""
    from workbench.cli.output import document, line, table
    from workbench.runs.folder import all_runs
    from workbench.runs.view import brief

    runs = [brief(run) for run in all_runs(here(context))]
    if as_json:
        return document({"runs": runs})
    if not runs:
        return line("no runs here yet: workbench train start SPEC.yaml")
    rows = [(r["run"], r["task"], _status(r), _progress(r), _number(r["loss"])) for r in runs]
    return table(("run", "task", "status", "step", "loss"), rows, numbers=("step", "loss"))


@app.command()
def show(context: typer.Context, run: Run, as_json: Json = False) -> None:
    """Show what a run was asked, where it is and how it goes."""
    from workbench.cli.output import document, line, table
    from workbench.runs.folder import find_run
    from workbench.runs.results import results
    from workbench.runs.task import unit_of
    from workbench.runs.view import whole

    folder = find_run(here(context), run)
    found, trial = whole(folder), _trial(folder)
    if as_json:
        return document(found | ({"trial": trial[0]} if trial else {}))
    line(f"{found['run']} · {found['task']} · {_status(found)} · {unit_of(found['task'])} {_progress(found)}")
    for text in filter(None, (found["error"], found["fix"])):
        line(f"  {text}")
    for warning in found["warnings"]:
        line(f"  warning: {warning['message']}")
    wanted = (
        "loss",
        "eval_loss",
        "token_accuracy",
        "accuracy",
        "eval_accuracy",
        "margin",
        "learning_rate",
        "grad_norm",
        "tokens_per_second",
        "memory_gib",
    )
    first = {name: next((h[name] for h in found["history"] if h.get(name) is not None), None) for name in wanted}
    rows = [
        (name.replace("_", " "), _number(first[name]), _number(found["metrics"][name]))
        for name in wanted
        if found["metrics"].get(name) is not None
    ]
    if rows:
        table(("metric", "first", "last"), rows, numbers=("first", "last"))
    if found["result"]:
        table(("result", ""), results(found["result"]))
    for text in trial[1] if trial else []:
        line(text)
    if found["memory"]:
        line(f"memory  {found['memory']['words']}")
    return line(f"output: {found['output'] or 'none yet'}\nfolder: {found['folder']}")


def _trial(run: Any) -> tuple[dict[str, Any], list[str]] | None:
    """How a judge does with what its run was answered by now, as a document and in lines; None where it cannot say."""
    if run.task != "judge":
        return None
    from workbench.errors import WorkbenchError
    from workbench.label.stats import trial_document
    from workbench.label.stats_words import trial_lines
    from workbench.label.trials import trial_of_run

    try:
        found = trial_of_run(run)
    except WorkbenchError:
        return None
    return trial_document(found), trial_lines(found)


@app.command()
def stop(context: typer.Context, run: Run, as_json: Json = False) -> int:
    """Make a run save a checkpoint and end; it can be resumed."""
    from workbench.cli.output import document, line, say
    from workbench.runs import local
    from workbench.runs.folder import find_run
    from workbench.runs.task import TRAINS_NOTHING, unit_of
    from workbench.runs.view import follow

    found = find_run(here(context), run)
    local.stop(found)
    say(f"asked {run} to {'save a checkpoint and ' if found.task not in TRAINS_NOTHING else ''}end")
    *_, last = follow(found)
    if as_json:
        document(last)
    else:
        hint = "" if last["status"] == "finished" else f" · workbench train resume {run}"
        line(f"{run} {last['status']} at {unit_of(found.task)} {_progress(last)}{hint}")
    return 0 if last["status"] in ("stopped", "finished") else 1


@app.command()
def logs(
    context: typer.Context,
    run: Run,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many of the last lines.")] = 50,
    as_json: Json = False,
) -> None:
    """Print the end of what a run's process wrote."""
    from collections import deque

    from workbench.cli.output import document, line
    from workbench.runs.folder import find_run

    file = find_run(here(context), run).log_file
    last: deque[str] = deque(maxlen=lines)
    if file.exists():
        with file.open(encoding="utf-8", errors="replace") as text:
            last.extend(entry.rstrip("\n") for entry in text)
    if as_json:
        return document({"run": run, "lines": list(last)})
    return line("\n".join(last) if last else f"{run} has written nothing")


def _started(run: Any, *, wait: bool, as_json: bool) -> int:
    from workbench.cli.output import document, line

    if wait:
        from workbench.cli.progress import watch

        status = watch(run)
    else:
        status = run.status
    state = run.state
    if as_json:
        told = {"error": state.error, "fix": state.fix} if state else {"error": None, "fix": None}
        document({"run": run.name, "folder": str(run.path), "status": status, **told})
    elif not wait:
        line(f"{run.name} {status} · it goes on without this terminal\nworkbench train show {run.name}")
    elif status == "finished":
        line(f"{run.name} finished · {run.output}\n{_further(run)}")
    elif not as_json:
        from workbench.cli.progress import exit_code

        return exit_code(run, status)
    return {"failed": 1, "lost": 1, "stopped": 4 if wait else 0}.get(status, 0)


def _further(run: Any) -> str:
    """The command that one gives next."""
    if run.task == "sample":
        return f"workbench label next {run.spec.task.set} --annotator ME"
    if run.task == "judge":
        return f"workbench label stats {run.spec.task.set}"
    if run.task == "reward":
        return f"workbench compare score {run.name} FILE"
    return f"workbench compare {run.name} --prompts FILE"


def _status(run: dict[str, Any]) -> str:
    from workbench.runs.view import GLYPHS

    return f"{GLYPHS[run['status']]} {run['status']}"


def _progress(run: dict[str, Any]) -> str:
    return f"{run['step']}/{run['steps']}" if run["steps"] else str(run["step"])


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
