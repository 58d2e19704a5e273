"""One ask from the command line, by the same engine as the server's: picture in, progress shown, answer out."""

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from torch import Tensor

from app.engine.ask import Answer, Ask
from app.engine.local import LocalEngine
from app.explain.errors import AskError
from app.explain.framing import Framing, read_framing
from app.explain.method import Frame
from app.explain.preprocess import tensor
from app.settings import Settings
from app.store.decode import Picture, decode
from app.store.models import ModelStore
from app.store.samples import shipped_samples
from app.web.describe import describe_answer
from app.web.services import open_models
from app.web.write import as_csv, as_npz, as_png, as_webp
from models import is_listed
from models.card import Preprocessing

WRITERS: dict[str, Callable[[Answer, str | None], bytes]] = {
    ".png": as_png,
    ".webp": as_webp,
    ".npz": lambda answer, _: as_npz(answer),
    ".csv": as_csv,
    ".json": lambda answer, _: as_json(answer),
}


@dataclass(frozen=True)
class Question:
    """What was asked for on the command line; `image` is a file or the name of a sample, `crop` left,top,size."""

    method: str
    model: str
    image: str | None
    params: dict[str, Any]
    fit: str | None = None
    crop: str | None = None


class OnePicture:
    """The engine's source of images: the one picture of this ask."""

    def __init__(self, picture: Picture | None) -> None:
        self.picture = picture
        self.id = picture.id if picture else None

    def tensor(self, image_id: str, preprocessing: Preprocessing, framing: Framing | None) -> Tensor:
        if self.picture is None or image_id != self.id:
            raise LookupError(image_id)
        return tensor(self.picture.image, preprocessing, framing)


def explain(question: Question, out: Path | None, array: str | None) -> None:
    """Asks, and writes the answer to a file or, as JSON, to the standard output."""
    try:
        write = writer(out)
        answer = ask(question)
        data = write(answer, array)
    except AskError as error:
        typer.echo(error.detail, err=True)
        raise typer.Exit(2) from None
    if out is None:
        print_answer(data)
    else:
        out.write_bytes(data)
        typer.echo(f"Wrote {out}", err=True)


def writer(out: Path | None) -> Callable[[Answer, str | None], bytes]:
    """How an answer becomes the bytes of a file of this name.

    Raises:
        AskError: it has another ending, or its folder does not exist.
    """
    if out is None:
        return WRITERS[".json"]
    if out.suffix.lower() not in WRITERS:
        raise AskError(f"--out is “{out}”, but it must end in {', '.join(WRITERS)}.", "out")
    if not out.parent.is_dir():
        raise AskError(f"--out is “{out}”, but there is no folder {out.parent}. Make it first.", "out")
    return WRITERS[out.suffix.lower()]


def ask(question: Question) -> Answer:
    """The whole answer; a progress bar shows the way where somebody looks."""
    settings = Settings()
    images = OnePicture(picture(question.image, settings.max_pixels))
    asked = Ask(
        method=question.method,
        model=question.model,
        image=images.id,
        params=question.params,
        framing=read_framing(question.fit, question.crop),
    )
    models = ModelStore() if is_listed(question.model) else open_models(settings)
    engine = LocalEngine(models, images, cache_bytes=0, ask_bytes=settings.ask_bytes)
    with engine, progress(question.method) as show:
        return asyncio.run(engine.answer(asked, client="command line", progress=show))


def picture(image: str | None, max_pixels: int) -> Picture | None:
    """A file's picture, decoded as an upload would be, or a sample's.

    Raises:
        AskError: there is neither, or the file is no picture.
    """
    if image is None:
        return None
    samples = shipped_samples()
    if image in {sample.name for sample in samples.all} and not Path(image).exists():
        return picture(str(samples.folder / f"{image}.png"), max_pixels)
    try:
        return decode(Path(image).read_bytes(), max_pixels)
    except OSError as error:
        names = ", ".join(sample.name for sample in samples.all)
        raise AskError(f"{image} cannot be read: {error.strerror}. The samples are: {names}.", "image") from None


@contextmanager
def progress(title: str) -> Iterator[Callable[[Frame], None]]:
    """A bar on the terminal, on the error output so that the answer stays alone on the other."""
    if not sys.stderr.isatty():
        yield lambda frame: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda frame: bar.update(task, completed=frame.step, total=frame.steps)


def as_json(answer: Answer) -> bytes:
    """The answer as REST gives it; numbers that are not finite are null."""
    described = describe_answer(answer)
    # Nothing here keeps the answer, so an address for its arrays would lead nowhere.
    arrays = {
        name: {key: value for key, value in array.items() if key != "href"}
        for name, array in described["arrays"].items()
    }
    return json.dumps({**described, "arrays": arrays}, indent=2, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def print_answer(data: bytes) -> None:
    """JSON whole into a pipe or file; on a terminal in colour, with long lists cut."""
    if not sys.stdout.isatty():
        sys.stdout.buffer.write(data)
        return
    from rich.pretty import pprint

    pprint(json.loads(data), max_length=12)
