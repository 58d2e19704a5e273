"""The sample pictures of the first view: drawn for this project, shipped with it, never downloaded."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from PIL import Image
from pydantic import BaseModel, ConfigDict, TypeAdapter

from app.resources import resource
from app.store.decode import Picture
from models import cards

INDEX = "samples.json"


class Declared(BaseModel):
    """A sample as its index file declares it.

    Attributes:
        labels: what the classes are called in which networks may sort it.
    """

    model_config = ConfigDict(frozen=True)

    image: str
    name: str
    title: str
    width: int
    height: int
    labels: tuple[str, ...]


class Sample(Declared):
    """A sample, and the networks that have a class for it."""

    models: tuple[str, ...]


@dataclass
class Samples:
    """The samples of a folder, listed in its `samples.json` in the order in which they are shown."""

    folder: Path

    @cached_property
    def all(self) -> tuple[Sample, ...]:
        """Every sample."""
        text = (self.folder / INDEX).read_text(encoding="utf-8")
        declared = TypeAdapter(tuple[Declared, ...]).validate_json(text)
        return tuple(Sample(**sample.model_dump(), models=knowing(sample.labels)) for sample in declared)

    @cached_property
    def by_image(self) -> dict[str, Sample]:
        """Every sample by its image's id."""
        return {sample.image: sample for sample in self.all}

    def picture(self, image_id: str) -> Image.Image | None:
        """A sample's pixels, or None where the id is no sample's."""
        sample = self.by_image.get(image_id)
        return None if sample is None else read_sample(self.folder / f"{sample.name}.png")


def knowing(labels: Iterable[str]) -> tuple[str, ...]:
    """The networks that have a class of one of these names."""
    wanted = frozenset(labels)
    return tuple(card.id for card in cards() if not wanted.isdisjoint(card.classes))


def shipped_samples() -> Samples:
    """The samples that come with the project."""
    return Samples(resource("static/samples"))


def read_sample(path: Path) -> Image.Image:
    """A sample's file as an RGB picture."""
    with Image.open(path, formats=("PNG",)) as image:
        return image.convert("RGB")


def sample_id(path: Path) -> str:
    """The id that a sample's pixels have."""
    return Picture(read_sample(path)).id
