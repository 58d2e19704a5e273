"""The command line: `convscope serve | models | explain | train | bench`.

What a command needs is imported when it runs, so that none waits for what another needs.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli_explain import MethodCommands

app = typer.Typer(
    name="convscope",
    help="A microscope for convolutional networks: what every layer makes of your picture.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(
    typer.Typer(cls=MethodCommands, no_args_is_help=True),
    name="explain",
    help="Asks a network something about a picture: one command per method.",
)


@app.command()
def serve(
    host: Annotated[
        str | None, typer.Option(envvar=["HOST", "CONVSCOPE_HOST"], help="Address to listen on (default: 127.0.0.1).")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(envvar=["PORT", "CONVSCOPE_PORT"], min=0, max=65535, help="Port to listen on (default: 8000)."),
    ] = None,
    access_log: Annotated[bool, typer.Option(help="Writes a line per request.")] = False,
) -> None:
    """Serves the page, the REST API and the stream, on this machine alone unless --host says otherwise."""
    from app.main import create_app
    from app.settings import Settings
    from app.web.server import serve as run_server
    from app.web.services import DataFolderError

    chosen = {"host": host, "port": port}
    settings = Settings(**{name: value for name, value in chosen.items() if value is not None})  # type: ignore[arg-type]
    try:
        application = create_app(settings)
    except DataFolderError as error:
        sys.exit(str(error))
    run_server(application, settings.host, settings.port, application.state.services.token, access_log)


@app.command("models")
def list_models() -> None:
    """Lists the networks, with where their weights come from."""
    from rich.console import Console
    from rich.table import Column, Table

    from app.cli_models import open_store

    store = open_store()
    # What is typed in other commands, and numbers, are never cut or broken; a narrow terminal breaks the words instead.
    whole = [Column(name, no_wrap=True) for name in ("id", "year", "input", "parameters", "weights")]
    table = Table(*whole, "network", "top-1", box=None, pad_edge=False)
    for card in store.cards():
        shape = " × ".join(map(str, card.preprocessing.input_shape))
        weights = store.weights(card)
        measured = card.training.measured if card.training and weights == "shipped" else None
        accuracy = f"{measured.top1:g} % of {measured.on}" if measured else ""
        table.add_row(card.id, str(card.year), shape, f"{card.parameters:,}", weights, card.title, accuracy)
    Console().print(table)


@app.command()
def train(
    model: Annotated[str, typer.Argument(help="The network's id.")],
    data: Annotated[Path, typer.Option(help="The folder that holds the data sets, each in a folder of its own.")],
    out: Annotated[
        Path | None, typer.Option(help="Where the weights and their report go (default: models/weights).")
    ] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="Written after every epoch; a training goes on from it (default: beside out).")
    ] = None,
) -> None:
    """Trains a network by its recipe, measures it on the test pictures and writes its weights."""
    from app.cli_train import train_with_progress

    train_with_progress(model, data, out, checkpoint)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def bench(context: typer.Context) -> None:
    """Measures the speed budgets, as ratios in one run."""
    import subprocess

    sys.exit(subprocess.run([sys.executable, "-m", "benchmarks", *context.args]).returncode)  # noqa: S603


if __name__ == "__main__":
    app()
