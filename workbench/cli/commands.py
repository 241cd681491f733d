"""The commands behind `workbench`, and their help."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli import compare, data, demo, doctor, label, lora, status, template, train

app = typer.Typer(
    name="workbench",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _root(
    workspace: Annotated[  # read by workbench.cli.options.here
        Path | None,
        typer.Option("--workspace", "-C", help="The folder to work in; by default the current one."),
    ] = None,
    annotator: Annotated[
        str, typer.Option("--annotator", metavar="NAME", help="Whose votes they are, in the app; else the login name.")
    ] = "",
) -> None:
    """Fine-tune language models in a terminal: data, template, LoRA, train, compare, label.

    Without a command it opens the app, where you left it; `workbench FILE` and `workbench FOLDER` open that.
    """


app.add_typer(data.app, name="data")
app.add_typer(template.app, name="template")
app.add_typer(lora.app, name="lora")
app.add_typer(train.app, name="train")
app.add_typer(compare.app, name="compare")
app.add_typer(label.app, name="label")
app.command()(status.status)
app.command()(demo.demo)
app.command()(doctor.doctor)
