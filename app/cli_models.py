"""`convscope models`: the catalogue from the command line, with the networks that people bring."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

commands = typer.Typer(invoke_without_command=True, help="Lists the networks, adds one, removes one.")

Result = TypeVar("Result")


@commands.callback()
def list_models(context: typer.Context) -> None:
    """Lists the networks, with where their weights come from."""
    if context.invoked_subcommand is not None:
        return
    from rich.console import Console
    from rich.table import Column, Table

    from app.settings import Settings
    from app.web.services import open_models

    store = usable(lambda: open_models(Settings()))
    # What is typed in other commands, and numbers, are never cut or broken; a narrow terminal breaks the words instead.
    whole = [Column(name, no_wrap=True) for name in ("id", "year", "input", "parameters", "weights")]
    table = Table(*whole, "network", "top-1", box=None, pad_edge=False)
    for card in store.cards():
        shape = " × ".join(map(str, card.preprocessing.input_shape))
        weights = store.weights(card)
        measured = card.training.measured if card.training and weights == "shipped" else None
        accuracy = f"{measured.top1:g} % of {measured.on}" if measured else ""
        table.add_row(card.id, str(card.year), shape, f"{card.parameters:,}", weights, escape(card.title), accuracy)
    Console().print(table)


def escape(text: str) -> str:
    """Text whose brackets are brackets."""
    from rich.markup import escape as escaped

    return escaped(text)


@commands.command()
def add(
    file: Annotated[Path, typer.Argument(help="An ONNX file, or weights for a listed network.")],
    title: Annotated[str | None, typer.Option(help="What it is called (default: the file's name).")] = None,
    architecture: Annotated[
        str | None, typer.Option(help="Of weights: the listed network whose they are (default: found by their shapes).")
    ] = None,
    size: Annotated[str | None, typer.Option(help="Side of the square that it sees, in pixels.")] = None,
    resize: Annotated[str | None, typer.Option(help="The picture's shorter side before that is cut.")] = None,
    interpolation: Annotated[str | None, typer.Option(help="bilinear, bicubic or nearest.")] = None,
    mean: Annotated[str | None, typer.Option(help="Of each channel, such as 0.485,0.456,0.406.")] = None,
    std: Annotated[str | None, typer.Option(help="Likewise.")] = None,
    classes: Annotated[Path | None, typer.Option(help="A text file with the classes' names, one a line.")] = None,
) -> None:
    """Adds a network to the catalogue: the same as its upload in the page. Nothing in the file is run."""
    from app.onnx.inline import inlined
    from app.settings import Settings
    from app.store.wishes import read_wishes
    from app.web.services import build_services

    given = {
        "title": title, "architecture": architecture, "size": size, "resize": resize, "interpolation": interpolation,
        "mean": mean, "std": std, "classes": None if classes is None else usable(classes.read_text),
    }  # fmt: skip

    def bring() -> None:
        services = build_services(Settings())
        with tempfile.TemporaryDirectory(prefix="convscope-") as folder:
            copy = Path(folder) / "upload"
            if file.suffix.lower() == ".onnx":
                # Its weights may be in files beside it, which are not taken along otherwise.
                copy.write_bytes(inlined(file, services.settings.model_limits))
            else:
                shutil.copyfile(file, copy)
            card, new = services.bring(copy, file.name, read_wishes({k: v for k, v in given.items() if v is not None}))
        typer.echo(card.id)
        for note in (*card.notes, *([] if new else ["It was there already."])):
            typer.echo(note, err=True)

    usable(bring)


@commands.command()
def fetch(model: Annotated[str, typer.Argument(help="The id of a listed network.")]) -> None:
    """Fetches a network's published weights from their publisher; goes on where it was cut before."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    from app.settings import Settings
    from app.store.fetching import Fetching
    from models import declaration

    columns = (TextColumn(model), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(model, total=None)

        def get() -> Path:
            card = declaration(model)[0]
            return Fetching(Settings().fetched).fetch(
                card, lambda progress: bar.update(task, completed=progress.received, total=progress.total)
            )

        typer.echo(usable(get))


@commands.command()
def remove(
    model: Annotated[str, typer.Argument(help="The id of a network that was brought.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Does not ask.")] = False,
) -> None:
    """Removes a network that was brought, and its file."""
    from app.settings import Settings
    from app.web.services import build_services

    def forget() -> None:
        services = build_services(Settings())
        title = services.models.brought(model).card.title
        if yes or typer.confirm(f"Remove {title} and its file?"):
            services.delete_model(model)

    usable(forget)


def usable(work: Callable[[], Result]) -> Result:
    """What some work comes to; where a person asked for what cannot be, one sentence and exit status 2."""
    from app.explain.errors import AskError
    from app.web.services import DataFolderError
    from models import UnknownModel

    try:
        return work()
    except (AskError, DataFolderError, UnknownModel) as error:
        typer.echo(str(error), err=True)
    except OSError as error:
        typer.echo(f"{error.filename or 'The file'} cannot be used: {error.strerror or error}.", err=True)
    raise typer.Exit(2)
