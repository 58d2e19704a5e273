"""`convscope train`: a network by its recipe, from its checkpoint where there is one, with its progress shown."""

import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, Protocol

import typer

from app.train.datasets import DatasetMissing, load
from app.train.epochs import EpochReport, run_epochs
from app.train.loop import Training
from app.train.plan import Plan
from app.train.shipped import RECIPES
from app.train.weights import write_weights
from models.registry import SHIPPED_WEIGHTS


class Show(Protocol):
    """Shows where a training stands."""

    def __call__(self, report: EpochReport) -> None: ...


def train_with_progress(model: str, data: Path, out: Path | None, checkpoint: Path | None) -> None:
    """Trains to the end and writes the weights; ends with a sentence where the recipe or the data are missing."""
    if model not in RECIPES:
        stop(f"There is no recipe for “{model}”. There are recipes for: {', '.join(RECIPES)}.")
    plan = RECIPES[model]
    try:
        training = Training(plan, load(plan.data, data))
    except DatasetMissing as error:
        stop(str(error))
    folder = out or SHIPPED_WEIGHTS
    saved = checkpoint or folder / checkpoint_name(plan)
    with progress(plan) as show:
        for report in run_epochs(training, saved):
            show(report)
    for path in write_weights(training, folder):
        typer.echo(f"Wrote {path}")
    typer.echo((folder / f"{model}.json").read_text(encoding="utf-8"))


def checkpoint_name(plan: Plan) -> str:
    """A name of its own for each recipe, so that no training goes on from another one's checkpoint."""
    digest = hashlib.sha256(plan.model_dump_json().encode()).hexdigest()
    return f"{plan.model}-{digest[:8]}.checkpoint"


def stop(sentence: str) -> NoReturn:
    """Ends the command with a sentence."""
    typer.echo(sentence, err=True)
    raise typer.Exit(2)


@contextmanager
def progress(plan: Plan) -> Iterator[Show]:
    """A bar over the epochs on a terminal; a line per epoch elsewhere."""
    if not sys.stderr.isatty():
        yield lambda report: typer.echo(sentence(report), err=True)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(str(plan.model)), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task("first epoch", total=plan.recipe.epochs)
        yield lambda report: bar.update(task, completed=report.epoch, description=sentence(report))


def sentence(report: EpochReport) -> str:
    """Where a training stands, in words."""
    return (
        f"epoch {report.epoch} of {report.epochs}, loss {report.loss:.4f}, "
        f"validation {report.validation_accuracy:.2f} %, {report.seconds:.0f} s"
    )
