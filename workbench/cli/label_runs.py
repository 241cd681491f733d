"""The runs that `workbench label sample` and `label judge` start: begun, waited for if asked, and what came of them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.label.asked import NothingLeft
    from workbench.runs.folder import RunFolder
    from workbench.runs.spec import RunSpec
    from workbench.workspace import Workspace

Result = dict[str, Any]


def begin(workspace: "Workspace", spec: "RunSpec") -> "RunFolder | NothingLeft":
    """Start a run, or return why there is nothing to start."""
    from workbench.cli.output import say
    from workbench.label.asked import NothingLeft, taken_from_labels
    from workbench.runs.start import start

    try:
        return start(workspace, spec, say, taken_from_labels)
    except NothingLeft as nothing:
        return nothing


def tell(
    workspace: "Workspace",
    begun: "RunFolder | NothingLeft",
    document: Result,
    words: Callable[[Result], tuple[Result, str]],
    *,
    wait: bool,
    as_json: bool,
    more: Callable[[], tuple[Result, list[str]]] = lambda: ({}, []),
) -> int:
    """Say what was started, or with `wait` what came of it; return the exit code.

    `words` are those of the run's result, `more` what there is to say of the set once that is collected.
    """
    from workbench.cli import output
    from workbench.cli.progress import exit_code, watch
    from workbench.label.asked import NothingLeft
    from workbench.label.collecting import collect

    if isinstance(begun, NothingLeft):
        told, lines = more()
        found, _ = words({})
        if as_json:
            output.document({**document, "run": None, **found, "known": begun.known, **told})
        else:
            output.line("\n".join([begun.what, *lines]))
        return 0
    named = {"run": begun.name, "folder": str(begun.path)}
    if not wait:
        if as_json:
            output.document({**document, **named, "status": begun.status})
        else:
            output.line(f"{begun.name} {begun.status} · it goes on without this terminal")
            output.line(f"workbench train show {begun.name}")
        return 0
    status = watch(begun)
    for problem in collect(workspace).problems:
        output.say(problem)
    code = exit_code(begun, status)
    history = begun.history().results
    found, said = words(history[-1] if history else {})
    told, lines = more()
    if as_json:
        output.document({**document, **named, "status": status, **found, **told})
    else:
        output.line("\n".join([f"{document['set']} · {said}", *lines]))
    return code
