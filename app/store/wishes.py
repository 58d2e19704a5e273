"""What a person says of a network that they bring: its title, and how its pictures are prepared."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from app.store.errors import BadModel
from models.card import Interpolation, Preprocessing
from models.side_file import Number, Positive, Side

LONGEST_TITLE = 80
LONGEST_NAME = 200
MOST_CLASSES = 100_000


def blank_is_none(value: Any) -> Any:
    """An empty field of a form says nothing."""
    return None if isinstance(value, str) and not value.strip() else value


def listed(value: Any) -> Any:
    """A list, or JSON's, or what stands between commas or on lines of its own; nothing where that is nothing."""
    value = blank_is_none(value)
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        try:
            return json.loads(value)
        except ValueError:
            pass
    return [
        part.strip() for part in (value.splitlines() if "\n" in value.strip() else value.split(",")) if part.strip()
    ]


Names = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)], ...], Field(max_length=MOST_CLASSES)
]


class Wishes(BaseModel):
    """What is left out is read off the file, or guessed; the card says which."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Annotated[Annotated[str, Field(max_length=LONGEST_TITLE)] | None, BeforeValidator(blank_is_none)] = Field(
        None, description="What it is called; the file's name unless given."
    )
    architecture: Annotated[str | None, BeforeValidator(blank_is_none)] = Field(
        None, description="For a file of weights: the id of the listed network whose they are; found unless given."
    )
    size: Annotated[Side | None, BeforeValidator(blank_is_none)] = Field(
        None, description="Side of the square that it sees, in pixels."
    )
    resize: Annotated[Side | None, BeforeValidator(blank_is_none)] = Field(
        None, description="The picture's shorter side before the square is cut, in pixels."
    )
    interpolation: Annotated[Interpolation | None, BeforeValidator(blank_is_none)] = Field(
        None, description="How the picture is resized."
    )
    mean: Annotated[tuple[Number, ...] | None, BeforeValidator(listed)] = Field(
        None, description="Subtracted from the channels, whose values are 0…1; one number is for all."
    )
    std: Annotated[tuple[Positive, ...] | None, BeforeValidator(listed)] = Field(
        None, description="What they are divided by after that; one number is for all."
    )
    classes: Annotated[Names | None, BeforeValidator(listed)] = Field(
        None, description="Names of its outputs in order, one a line; or a JSON list."
    )

    def preprocessing(self, usual: Preprocessing) -> Preprocessing:
        """The preprocessing as wished, as usual where nothing is.

        Raises:
            BadModel: it does not fit the network's channels, or the square is larger than the picture.
        """
        chosen = self.model_dump(include={"mean", "std", "interpolation"}, exclude_none=True)
        for name in {"mean", "std"} & chosen.keys():
            given = len(chosen[name])
            if given not in (1, usual.channels):
                raise BadModel(f"{name} has {given} numbers, but the network has {usual.channels} channels.", name)
            # One number is for all channels.
            chosen[name] *= usual.channels // given
        crop = self.size or usual.crop
        resize = self.resize or round(usual.resize * crop / usual.crop)
        if resize < crop:
            raise BadModel(f"resize is {resize}, but it must be at least the size {crop}.", "resize")
        return usual.model_copy(update={**chosen, "crop": crop, "resize": resize})

    def named(self, count: int, known: tuple[str, ...] | None) -> tuple[str, ...]:
        """The names of the classes; numbers where nobody tells.

        Raises:
            BadModel: there are more or fewer than the network has outputs.
        """
        if self.classes is not None and len(self.classes) != count:
            raise BadModel(
                f"There are {len(self.classes)} class names, but the network has {count} classes.", "classes"
            )
        return self.classes or known or tuple(f"class {index}" for index in range(count))


def read_wishes(fields: Mapping[str, Any]) -> Wishes:
    """Wishes from the fields of a form or of JSON.

    Raises:
        BadModel: one is unknown, or not as it has to be.
    """
    try:
        return Wishes.model_validate(dict(fields))
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else "body"
        if first["type"] == "extra_forbidden":
            names = ", ".join(Wishes.model_fields)
            raise BadModel(f"There is no field “{field[:80]}”. The fields are: file, {names}.", field[:80]) from None
        message = first["msg"].removeprefix("Value error, ")
        raise BadModel(f"“{field}” cannot be used: {message[:1].lower()}{message[1:]}.", field) from None
