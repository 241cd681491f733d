"""`workbench label sample`: pairs to vote on from answers that a model, or two, sample to the prompts of a file."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.options import Json, Mapping, Wait, here

if TYPE_CHECKING:
    from workbench.runs.spec import RunSpec


def sample(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The set of pairs; made if it is new.")],
    model: Annotated[
        str, typer.Option("--model", metavar="RUN_OR_MODEL", help="Whose answers are sampled: one here, ...")
    ] = "",
    prompts: Annotated[
        str,
        typer.Option("--prompts", "-p", metavar="FILE", help="A data file; else what the run of --model held out."),
    ] = "",
    endpoint: Annotated[str, typer.Option(metavar="URL", help="... or behind an OpenAI-compatible address.")] = "",
    endpoint_model: Annotated[str, typer.Option(metavar="NAME", help="What the model is called there.")] = "",
    against: Annotated[str, typer.Option(metavar="RUN_OR_MODEL", help="Pairs are its answers with another's.")] = "",
    samples: Annotated[
        int | None, typer.Option("-n", min=1, help="Answers to each prompt: 4, or 1 of each of two models.")
    ] = None,
    temperature: Annotated[float, typer.Option(min=0, help="Higher is more varied.")] = 0.8,
    top_p: Annotated[float, typer.Option(min=1e-6, max=1, help="Leave the unlikely tokens out.")] = 1.0,
    max_new_tokens: Annotated[int, typer.Option(min=1, help="Longest answer.")] = 256,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Of the draws: 7, or that of the run of --model. Another one draws more.")
    ] = None,
    rows: Annotated[int | None, typer.Option(min=1, help="Only the first ROWS prompts.")] = None,
    mapping: Mapping = [],  # noqa: B006 - Typer reads it, nobody changes it
    run: Annotated[str, typer.Option(metavar="NAME", help="What the run is called.")] = "",
    wait: Wait = False,
    as_json: Json = False,
) -> int:
    """Start a run that adds pairs of sampled answers to a set: every two of a model's, or one of each of two models.

    It waits for its turn on the device, can be stopped and resumed, and goes on without this terminal. Prompts that
    have their pairs are not asked twice. The key of an address comes from the environment.
    """
    from workbench.cli.label_runs import begin, tell
    from workbench.data.map import parse_map
    from workbench.errors import WrongUse
    from workbench.label.drawing import held_by
    from workbench.runs.columns import is_run
    from workbench.runs.spec import RunSpec
    from workbench.validation import validated

    workspace = here(context)
    has_prompts = bool(prompts) or is_run(model, workspace)
    if bool(model) == bool(endpoint) or bool(endpoint) != bool(endpoint_model) or not has_prompts:
        raise WrongUse(
            "name who answers, and the prompts",
            "--model RUN_OR_MODEL, or --endpoint URL with --endpoint-model NAME; and --prompts FILE",
        )
    task = {
        "kind": "sample", "set": name, "endpoint": endpoint or None, "against": against or None, "samples": samples,
        "rows": rows, "temperature": temperature, "top_p": top_p, "max_new_tokens": max_new_tokens,
        "seed": seed,
    }  # fmt: skip
    rows_of = {"data": {"train": prompts, "map": parse_map(mapping)}} if prompts else held_by(workspace, model)
    asked: dict[str, Any] = {"task": task, "name": run or None, "model": model or endpoint_model, **rows_of}
    spec = validated(RunSpec, asked, f"label sample {name}")
    begun = begin(workspace, spec)
    return tell(workspace, begun, _document(spec), _words, wait=wait, as_json=as_json)


def _document(spec: "RunSpec") -> dict[str, Any]:
    from workbench.runs.columns import asked_models
    from workbench.runs.task import SampleTask

    assert isinstance(spec.task, SampleTask)
    return {"set": spec.task.set, "models": asked_models(spec)}


def _words(result: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The result of the run as a document, and in words."""
    from workbench.runs.drawn import Drawn

    drawn = result.get("drawn", {"prompts": 0, "pairs": 0, "equal": 0, "empty": 0})
    return drawn, Drawn(**drawn).words()
