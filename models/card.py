"""What is known about a network before it is built: its card."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Interpolation = Literal["bilinear", "bicubic", "nearest"]


class Preprocessing(BaseModel):
    """How a picture becomes the network's input tensor.

    The shorter side is resized to `resize` (pixels), the centre `crop` × `crop` is taken, values are scaled
    to 0…1, turned into `channels` channels, and normalised: x ← (x − mean) / std. One channel is the picture in grey;
    of more, each is red, green or blue in turn.
    """

    model_config = ConfigDict(frozen=True)

    resize: int = Field(title="Shorter side after resizing", json_schema_extra={"unit": "px"})
    crop: int = Field(title="Side of the square that the network sees", json_schema_extra={"unit": "px"})
    channels: int = Field(default=3, ge=1)
    interpolation: Interpolation = "bilinear"
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Shape of the input, C×H×W."""
        return (self.channels, self.crop, self.crop)


class Accuracy(BaseModel):
    """A classification accuracy in percent, with what it was measured on and by whom."""

    model_config = ConfigDict(frozen=True)

    top1: float
    top5: float | None = None
    on: str
    source: str


class Training(BaseModel):
    """How weights that ship with the project were made."""

    model_config = ConfigDict(frozen=True)

    data: str
    recipe: str
    seed: int
    command: str
    measured: Accuracy
    licence: str = "MIT"


class Published(BaseModel):
    """Where somebody else's weights come from."""

    model_config = ConfigDict(frozen=True)

    url: str
    sha256_prefix: str
    megabytes: float
    accuracy: Accuracy
    licence: str


class Card(BaseModel):
    """One network of the list: where it comes from, what it eats, what it says."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    family: str = Field(description="Name of the group that a list puts it into.")
    year: int
    paper: str
    summary: str = Field(description="What was new, in one or two sentences.")
    preprocessing: Preprocessing
    classes: tuple[str, ...]
    parameters: int
    training: Training | None = None
    published: Published | None = None
    reported: Accuracy | None = Field(default=None, description="What the paper reports, by its own weights.")
    licence: str = "MIT"
    notes: tuple[str, ...] = Field(default=(), description="What a person should know of it, one sentence each.")
