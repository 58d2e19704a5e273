"""What a JSON file beside weights says of them: `<model id>.json` in a folder of `CONVSCOPE_WEIGHTS`."""

import math
from pathlib import Path
from typing import Annotated, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, model_validator

from models.card import Card, Interpolation

LARGEST_SIDE = 4096

Number = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Side = Annotated[int, Field(ge=1, le=LARGEST_SIDE)]


class BadSideFile(ValueError):
    """The file cannot be used; the message says why."""


class SideFile(BaseModel):
    """What other weights of a network want otherwise than its card says; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mean: tuple[Number, ...] | None = None
    std: tuple[Positive, ...] | None = None
    size: Side | None = Field(default=None, validation_alias=AliasChoices("size", "crop"))
    resize: Side | None = Field(default=None, description="In proportion to the size unless given.")
    interpolation: Interpolation | None = None
    classes: tuple[str, ...] | None = None
    note: str | None = None

    @model_validator(mode="after")
    def resized_at_least_to_size(self) -> Self:
        if self.size and self.resize and self.resize < self.size:
            raise ValueError(f"resize is {self.resize}, but must be at least the size {self.size}")
        return self

    def applied(self, card: Card) -> Card:
        """The card as these weights want it.

        Raises:
            ValueError: it does not fit the network.
        """
        preprocessing = card.preprocessing
        counts = {"mean": preprocessing.channels, "std": preprocessing.channels, "classes": len(card.classes)}
        for name, count in counts.items():
            values = getattr(self, name)
            if values is not None and len(values) != count:
                raise ValueError(f"{name} has {len(values)} entries, but the network wants {count}")
        crop = self.size or preprocessing.crop
        resize = self.resize or math.ceil(preprocessing.resize * crop / preprocessing.crop)
        if resize < crop:
            raise ValueError(f"resize is {resize}, but must be at least the size {crop}")
        changed = self.model_dump(include={"mean", "std", "interpolation"}, exclude_none=True)
        changed |= {"crop": crop, "resize": resize}
        return card.model_copy(
            update={
                "preprocessing": preprocessing.model_copy(update=changed),
                "classes": self.classes or card.classes,
            }
        )


def with_side_file(card: Card, folder: Path) -> Card:
    """A card with what the folder of its weights says of them.

    Raises:
        BadSideFile: the file is not JSON, says something unknown, or does not fit the network.
    """
    path = folder / f"{card.id}.json"
    try:
        return SideFile.model_validate_json(path.read_bytes()).applied(card)
    except FileNotFoundError:
        return card
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        reason = f"{where}: {first['msg']}" if where else first["msg"]
    except (OSError, ValueError) as error:
        reason = str(error)
    raise BadSideFile(
        f"{path.name} beside the weights of {card.id} cannot be used ({reason}). It may hold mean, std, size, resize, "
        "interpolation, classes and a note; what it leaves out stays as the network's card says."
    )
