"""Framing: how a picture of any shape is fitted to a network's square input."""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.explain.errors import AskError

PLACES = ("left", "top", "size")


class BadFraming(AskError):
    """A picture cannot be framed like this; the message says why, and what would be right."""


class Framing(BaseModel):
    """Crop a square, stretch the whole picture, or put bars beside it.

    Without a square of one's own, `crop` is what the network's card says: the middle of the picture.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    fit: Literal["crop", "stretch", "letterbox"] = Field(
        default="crop",
        title="Fit",
        description="crop: a square of the picture; stretch: all of it, whatever becomes of its proportions; "
        "letterbox: all of it in its proportions, with bars in the mean colour of the network's training data.",
    )
    left: float | None = Field(
        default=None, ge=0, le=1, title="Left edge of the square", description="As a fraction of the picture's width."
    )
    top: float | None = Field(
        default=None, ge=0, le=1, title="Top edge of the square", description="As a fraction of the picture's height."
    )
    size: float | None = Field(
        default=None,
        ge=0.001,
        le=1,
        title="Side of the square",
        description="As a fraction of the picture's shorter side.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        given = [name for name in PLACES if getattr(self, name) is not None]
        if given and self.fit != "crop":
            raise ValueError(f"{self.fit} shows the whole picture: leave {', '.join(given)} away, or say “crop”")
        if given and len(given) < len(PLACES):
            missing = ", ".join(name for name in PLACES if name not in given)
            raise ValueError(f"a square is told by left, top and size: {missing} is missing")
        return self

    @property
    def square(self) -> tuple[float, float, float] | None:
        """The square of one's own, left, top and size; None where there is none."""
        if self.left is None or self.top is None or self.size is None:
            return None
        return self.left, self.top, self.size

    @property
    def usual(self) -> bool:
        """Whether it is what happens without any framing."""
        return self.fit == "crop" and self.square is None


def read_framing(fit: str | None, crop: str | None) -> Framing | None:
    """The framing that is written in an address or on the command line; None where it is the usual one.

    Args:
        fit: “crop”, “stretch” or “letterbox”.
        crop: left, top and size of a square, as “0.1,0.2,0.5”.

    Raises:
        BadFraming: it is none of these.
    """
    told: dict[str, Any] = {} if fit is None else {"fit": fit}
    if crop is not None:
        parts = crop.split(",")
        if len(parts) != len(PLACES):
            raise BadFraming(
                f"crop is “{crop[:80]}”, but it must be left,top,size between 0 and 1, such as 0.1,0.2,0.5.", "crop"
            )
        told |= dict(zip(PLACES, parts, strict=True))
    return usual_is_none(checked_framing(told))


def checked_framing(told: dict[str, Any]) -> Framing:
    """A framing from plain data; raises BadFraming with one sentence."""
    from pydantic import ValidationError

    try:
        return Framing.model_validate(told)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(["framing", *map(str, first["loc"])])
        message = first["msg"].removeprefix("Value error, ")
        shown = f"is {first['input']!r}: " if first["loc"] else ""
        raise BadFraming(f"{field} {shown}{message[:1].lower()}{message[1:]}.", field) from None


def usual_is_none(framing: Framing | None) -> Framing | None:
    """One way of saying what is usual, so that the same ask has the same id."""
    return None if framing is None or framing.usual else framing
