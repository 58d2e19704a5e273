"""What max_response can be asked: what is climbed, from where and how, and the two recipes."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic.config import JsonDict

from app.explain.ascent.objectives import Objective
from app.explain.method import Params

Preset = Literal["readable", "lecture"]

Recipe = Annotated[
    Preset,
    Field(
        title="Recipe",
        description="lecture: plain gradient ascent from random pixels. readable: with everything that makes the "
        "pictures look like something.",
    ),
]
Seed = Annotated[int, Field(title="Seed", ge=0, le=2**32 - 1, description="The same seed gives the same pictures.")]

PRESETS: Mapping[str, Mapping[str, Any]] = {
    "readable": {
        "start": "noise",
        "steps": 160,
        "learning_rate": 0.05,
        "jitter": 6.0,
        "scale": 0.1,
        "rotate": 6.0,
        "blur": 0.1,
        "decay": 0.002,
        "fourier": True,
        "decorrelate": True,
    },
    "lecture": {
        "start": "uniform",
        "steps": 64,
        "learning_rate": 0.02,
        "jitter": 0.0,
        "scale": 0.0,
        "rotate": 0.0,
        "blur": 0.0,
        "decay": 0.0,
        "fourier": False,
        "decorrelate": False,
    },
}


def preset_field(name: str, title: str, unit: str = "", **keywords: Any) -> Any:
    """A field whose default is the preset's; what every preset has for it stands in its schema."""
    extra: JsonDict = {"presets": {preset: values[name] for preset, values in PRESETS.items()}}
    if unit:
        extra["unit"] = unit
    return Field(PRESETS["readable"][name], title=title, json_schema_extra=extra, **keywords)


class MaxResponseParams(Params):
    """What is climbed, from where and how. A field that is left out is as the preset has it."""

    node: str = Field(title="Layer")
    units: tuple[int, ...] = Field(
        (0,), title="Units", description="Each gets its own picture.", min_length=1, max_length=64
    )
    objective: Objective = Field(
        "norm",
        title="Climb",
        description="The L2 norm of the unit's map, its mean or centre value; in the last layer, the class's logit.",
    )
    preset: Preset = Field(
        "readable",
        title="Recipe",
        description="lecture: plain gradient ascent from random pixels. readable: with everything that makes the "
        "pictures look like something. Every field below overrides it.",
    )
    start: Literal["uniform", "noise", "image"] = preset_field(
        "start", "Start", description="Random pixels from 0…1, a little noise on grey, or the picture at hand."
    )
    steps: int = preset_field("steps", "Steps", ge=1, le=2000)
    learning_rate: float = preset_field(
        "learning_rate",
        "Learning rate",
        gt=0,
        le=1,
        description="Plain pixels: how far an average pixel, 0…1, goes in a step. Otherwise Adam's.",
    )
    size: int | None = Field(
        None,
        title="Size",
        ge=1,
        le=512,
        description="Side of the pictures. Left out, twice the receptive field, at least 64 and at most the network's.",
        json_schema_extra={"unit": "px"},
    )
    seed: Seed = 0
    jitter: float = preset_field(
        "jitter",
        "Jitter",
        "px",
        ge=0,
        le=64,
        description="Random shift before each step, at most; for a centre value at most half of its layer's step.",
    )
    scale: float = preset_field(
        "scale", "Scale", ge=0, le=0.5, description="Random change of size before each step, at most, as a share."
    )
    rotate: float = preset_field(
        "rotate", "Rotate", "°", ge=0, le=180, description="Random turn before each step, at most."
    )
    blur: float = preset_field(
        "blur", "Blur", "px", ge=0, le=8, description="Standard deviation of the Gaussian after each step."
    )
    decay: float = preset_field("decay", "Decay", ge=0, lt=1, description="Share of the way to grey after each step.")
    fourier: bool = preset_field(
        "fourier", "Frequencies", description="Climb over frequencies, weighted as in photographs, instead of pixels."
    )
    decorrelate: bool = preset_field(
        "decorrelate", "Free colours", description="Climb over independent colours instead of red, green and blue."
    )

    @model_validator(mode="before")
    @classmethod
    def filled_in(cls, given: Any) -> Any:
        """Fills in from the preset what is not given."""
        if not isinstance(given, Mapping):
            return given
        preset = given.get("preset", "readable")
        return {**(PRESETS.get(preset, {}) if isinstance(preset, str) else {}), **given}
