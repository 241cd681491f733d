"""`workbench label sample`: pairs to vote on from answers that a model, or two, sample to the prompts of a file."""

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.options import Json, Mapping, here

if TYPE_CHECKING:
    from workbench.compare.sampling import Drawn, Sampled
    from workbench.models.generate import Sampling
    from workbench.workspace import Workspace

_OF_ONE = 4


def sample(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The set of pairs; made if it is new.")],
    model: Annotated[str, typer.Option("--model", metavar="RUN_OR_MODEL", help="Whose answers are sampled.")],
    prompts: Annotated[
        str, typer.Option("--prompts", "-p", metavar="FILE", help="A data file; its prompts are asked.")
    ],
    against: Annotated[str, typer.Option(metavar="RUN_OR_MODEL", help="Pairs are its answers with another's.")] = "",
    samples: Annotated[
        int | None, typer.Option("-n", min=1, help="Answers to each prompt: 4, or 1 of each of two models.")
    ] = None,
    temperature: Annotated[float, typer.Option(min=0, help="Higher is more varied.")] = 0.8,
    top_p: Annotated[float, typer.Option(min=1e-6, max=1, help="Leave the unlikely tokens out.")] = 1.0,
    max_new_tokens: Annotated[int, typer.Option(min=1, help="Longest answer.")] = 256,
    seed: Annotated[int, typer.Option(min=0, help="Of the draws; another one draws more pairs.")] = 7,
    rows: Annotated[int | None, typer.Option(min=1, help="Only the first ROWS prompts.")] = None,
    mapping: Mapping = [],  # noqa: B006 - Typer reads it, nobody changes it
    as_json: Json = False,
) -> None:
    """Add pairs of sampled answers to a set: every two of a model's answers to a prompt, or one of each of two models.

    It may be stopped and started again: prompts that have their pairs are not asked twice.
    """
    from workbench.cli.counted import counted
    from workbench.cli.output import document, line, say
    from workbench.compare.sampling import Drawn, draw_pairs, unasked
    from workbench.data.examples import prompts as prompts_of
    from workbench.data.map import parse_map
    from workbench.data.rows import locate, open_rows
    from workbench.engine.client import EngineClient
    from workbench.errors import Interrupted
    from workbench.label.choices import check_name
    from workbench.label.store import open_store
    from workbench.models.generate import Sampling
    from workbench.models.place import place

    times = samples or (1 if against else _OF_ONE)
    _refuse(model, against, times, temperature)
    check_name(name, "a set of pairs needs a name")
    workspace = here(context)
    sampling = Sampling(max_new_tokens=max_new_tokens, temperature=temperature, top_p=top_p, seed=seed)
    opened = open_rows(locate(prompts, say))
    asked = prompts_of(opened, parse_map(mapping))[:rows]
    models = [_sampled(workspace, each, sampling) for each in (model, against) if each]
    done = Drawn()
    with open_store(workspace.folder / "labels.db") as store:
        store.make_set(name)
        left = unasked(store, name, asked, models)
        if left:
            with (
                EngineClient(place(workspace.settings.device)) as engine,
                counted(f"sampling for {name}", len(left)) as tell,
            ):
                try:
                    done = draw_pairs(
                        store, name, opened.path.name, left, models, times, sampling, engine, workspace.settings,
                        lambda so_far: tell(so_far.prompts, _words(so_far)),
                    )  # fmt: skip
                except KeyboardInterrupt:
                    fix = "its pairs so far are kept: run the command again to go on"
                    raise Interrupted(f"sampling for {name} was stopped", fix) from None
    known = len(asked) - len(left)
    if as_json:
        from dataclasses import asdict

        document({"set": name, "models": [each.column.name for each in models], **asdict(done), "known": known})
    else:
        line(f"{name} · {_words(done)}" + (f" · {known:,} had theirs" if known else ""))


def _refuse(model: str, against: str, times: int, temperature: float) -> None:
    from workbench.errors import WrongUse

    if model == against:
        raise WrongUse(f"{model} against itself", "leave --against out: its own answers make pairs")
    if not against and times < 2:
        raise WrongUse("one answer makes no pair", "-n 2, or --against another model")
    if times > 1 and not temperature:
        raise WrongUse("at temperature 0 a model gives one answer only", "--temperature 0.8")


def _sampled(workspace: "Workspace", name: str, sampling: "Sampling") -> "Sampled":
    from workbench.cli.output import say
    from workbench.compare.columns import columns
    from workbench.compare.sampling import sampled
    from workbench.runs.folder import find_run

    column = columns([name], workspace, say)[-1]
    if not (workspace.runs / name / "run.yaml").is_file():
        return sampled(column, sampling, model=name)
    return sampled(column, sampling, model=find_run(workspace, name).spec.model, run=name)


def _words(done: "Drawn") -> str:
    from workbench.data.shown import count_words

    parts = [f"{count_words(done.pairs, 'pair')} of {count_words(done.prompts, 'prompt')}"]
    if done.equal:
        parts.append(f"{done.equal:,} equal answers left out")
    if done.empty:
        parts.append(f"{done.empty:,} empty")
    return " · ".join(parts)
