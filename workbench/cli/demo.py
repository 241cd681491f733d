"""`workbench demo`: the loop on the starter model.

A base model that answers a question with more questions learns to answer, and then answers held-out questions
from what it had read.
"""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.options import Json

if TYPE_CHECKING:
    from workbench.runs.folder import RunFolder
    from workbench.runs.spec import RunSpec
    from workbench.workspace import Workspace

_SHOTS = 4
_EXAMPLES = 3


def demo(
    context: typer.Context,
    headless: Annotated[bool, typer.Option("--headless", help="Print everything here.")] = False,
    model: Annotated[str, typer.Option("--model", help="Another base model to tune.")] = "starter",
    seed: Annotated[int, typer.Option("--seed", help="Of the adapters and the order of rows.")] = 7,
    as_json: Json = False,
) -> None:
    """Tune the starter model and show it before and after, on questions it was never tuned on.

    In a terminal it opens the app, on the run as it learns.
    """
    from workbench.cli.output import document, say

    started = time.monotonic()
    workspace = _workspace(context)
    if not (headless or as_json) and sys.stdin.isatty() and sys.stdout.isatty():
        return _show(workspace, model, seed)
    say(f"1  The base model {model} has read a made-up world. Asked a question, it asks more.")
    say("2  LoRA teaches it to answer, with questions about most of that world's places:")
    run = _tune(workspace, model, seed)
    say("3  Base and tuned answer questions about the other places:")
    found = _measure(workspace, run) | {"seconds": round(time.monotonic() - started, 1)}
    if as_json:
        document(found)
    else:
        _print(found)
    return None


def _show(workspace: "Workspace", model: str, seed: int) -> None:
    """Start the run and open the app on it."""
    from workbench.cli.app import check_terminal, show
    from workbench.cli.output import say
    from workbench.runs.start import start

    check_terminal()
    spec = _spec(model, seed)
    run = start(workspace, spec, say)
    draft = spec.model_dump() | {"name": None}
    show(workspace, {"pane": "train", "coach": True, "run": run.name, "row": 1, "draft": draft})


def _spec(model: str, seed: int) -> "RunSpec":
    from workbench.runs.spec import read_spec
    from workbench.workspace import sample_data

    return read_spec(sample_data() / "demo.yaml", (f"model={model}", f"seed={seed}"))


def _workspace(context: typer.Context) -> "Workspace":
    from workbench.workspace import open_workspace

    asked: Path | None = context.find_root().params.get("workspace")
    folder = asked or Path("workbench-demo")
    folder.mkdir(exist_ok=True)
    return open_workspace(folder)


def _tune(workspace: "Workspace", model: str, seed: int) -> "RunFolder":
    from workbench.cli.output import say
    from workbench.cli.progress import watch
    from workbench.errors import WorkbenchError
    from workbench.runs.start import start

    run = start(workspace, _spec(model, seed), say)
    status = watch(run)
    if status != "finished":
        error = run.state.error if run.state else None
        raise WorkbenchError(
            f"the demo's run is {status}: {error}", f"workbench -C {workspace.folder} train logs {run.name}"
        )
    return run


def _measure(workspace: "Workspace", run: "RunFolder") -> dict[str, Any]:
    from workbench.cli.output import say
    from workbench.compare.columns import columns
    from workbench.data.examples import prompts
    from workbench.data.rows import open_rows
    from workbench.engine.client import EngineClient
    from workbench.metrics.exact import exact_match, wilson_interval
    from workbench.models.generate import Sampling
    from workbench.models.place import place
    from workbench.runs.columns import prompt_ids
    from workbench.runs.view import by_step
    from workbench.workspace import sample_data

    asked = prompts(open_rows(sample_data() / "held_out.jsonl"))
    shown = prompts(open_rows(sample_data() / "prompt_completion.jsonl"))[:_SHOTS]
    base, tuned = columns([run.name], workspace, say)
    settings, sampling = workspace.settings, Sampling(max_new_tokens=24)
    shots = "".join(f"Question: {shot.prompt}\nAnswer: {shot.answer}\n" for shot in shown)
    few = [type(prompt)(prompt.row, f"{shots}Question: {prompt.prompt}\nAnswer:", prompt.answer) for prompt in asked]
    answers: dict[str, list[str]] = {}
    with EngineClient(place(settings.device)) as engine:
        engine.load([base, tuned])
        both = prompt_ids([base], asked, settings, raw=True) | prompt_ids([tuned], asked, settings)
        for name, ids in (("both", both), ("few", prompt_ids([base], few, settings, raw=True))):
            for answer in engine.answer(ids, sampling):
                key = "few_shot" if name == "few" else "tuned" if answer["column"] == tuned.name else "base"
                answers.setdefault(key, [""] * len(asked))[answer["row"]] = answer["text"]
    expected = [prompt.answer or "" for prompt in asked]
    history = by_step(run.history())
    losses = [entry["eval_loss"] for entry in history if entry.get("eval_loss") is not None]
    found: dict[str, Any] = {"run": run.name, "folder": str(run.path), "questions": len(asked)}
    found |= {"base_loss": losses[0], "tuned_loss": losses[-1], "reward_accuracy": None}
    for name, texts in answers.items():
        share = exact_match([_first_line(text) for text in texts], expected)
        found[f"{name}_accuracy"] = share
        found[f"{name}_interval"] = wilson_interval(round(share * len(asked)), len(asked))
        found[f"{name}_examples"] = [
            {"prompt": prompt.prompt, "answer": text, "expected": prompt.answer}
            for prompt, text in list(zip(asked, texts, strict=True))[:_EXAMPLES]
        ]
    return found


def _first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0]


def _print(found: dict[str, Any]) -> None:
    from workbench.cli.output import cut, line, table

    line()
    for base, tuned in zip(found["base_examples"], found["tuned_examples"], strict=True):
        line(f"» {base['prompt']}")
        line(f"  base   {cut(base['answer'], 9)}")
        line(f"  tuned  {cut(tuned['answer'], 9)}")
    line()
    names = {"base": "base", "few_shot": f"base, after {_SHOTS} examples", "tuned": "tuned"}
    table(
        ("model", "right", "95 % interval"),
        [
            (text, f"{found[f'{name}_accuracy']:.0%}", "{:.0%} – {:.0%}".format(*found[f"{name}_interval"]))
            for name, text in names.items()
        ],
        numbers=("right", "95 % interval"),
    )
    line()
    losses = f"{found['base_loss']:.2f} → {found['tuned_loss']:.2f}"
    line(f"{found['questions']} held-out questions · validation loss {losses} · {found['seconds']:.0f} s")
    line(f"The run is in {found['folder']}")
    line("Yours: workbench data show my.csv")
