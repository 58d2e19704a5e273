"""The command line: `convscope serve | models | explain | train | bench`.

What a command needs is imported when it runs, so that none waits for what another needs.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli_explain import MethodCommands
from app.cli_models import commands as models

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
app.add_typer(models, name="models")


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
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="A network of your own: package.module:function that makes it, torchvision:NAME or timm:NAME. Its "
            "code is run; may be given several times."
        ),
    ] = None,
) -> None:
    """Serves the page, the REST API and the stream, on this machine alone unless --host says otherwise."""
    from app.main import create_app
    from app.settings import Settings
    from app.store.factories import BadFactory, factory
    from app.web.server import serve as run_server
    from app.web.services import DataFolderError

    chosen = {"host": host, "port": port}
    settings = Settings(**{name: value for name, value in chosen.items() if value is not None})  # type: ignore[arg-type]
    try:
        application = create_app(settings, [factory(spec) for spec in model or ()])
    except (DataFolderError, BadFactory) as error:
        sys.exit(str(error))
    run_server(application, settings.host, settings.port, application.state.services.token, access_log)


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
