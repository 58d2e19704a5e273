"""What a client may say on the stream, read strictly."""

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from app.explain.errors import AskError
from app.explain.framing import Framing
from app.render.frames import DataType

Identity = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Deliver = Literal["all", "look", "none"]


class BadMessage(AskError):
    """A message that is none of those that the stream knows. `identity` is the `id` it carried, if any."""

    code = "bad_request"

    def __init__(self, detail: str, field: str | None = None, identity: str | None = None) -> None:
        super().__init__(detail, field)
        self.identity = identity


class Message(BaseModel):
    """Base of all messages: what is not declared is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class AskMessage(Message):
    """Ask; a newer ask in the same slot ends the older one."""

    type: Literal["ask"]
    id: Identity
    method: str
    model: str
    image: str | None = None
    params: dict[str, Any] = Field(default_factory=dict)
    framing: Framing | None = None
    slot: Identity | None = None
    deliver: Deliver = "all"
    dtype: DataType = "u8"


class CancelMessage(Message):
    """End an ask; idempotent."""

    type: Literal["cancel"]
    id: Identity


class Look(Message):
    """Units of one node that are on screen; without `units` the strongest that fit a strip."""

    node: Annotated[str, StringConstraints(max_length=512)]
    units: Annotated[str, StringConstraints(max_length=8192)] | None = None
    size: int | None = Field(default=None, ge=1, le=4096)


class LookMessage(Message):
    """What is on screen, most important first; the newest one wins."""

    type: Literal["look"]
    id: Identity
    nodes: list[Look] = Field(max_length=512)


class AckMessage(Message):
    """Binary bytes received since the connection opened."""

    type: Literal["ack"]
    bytes: int = Field(ge=0)


class WatchMessage(Message):
    """Tell what a run does, until it is cancelled."""

    type: Literal["watch"]
    id: Identity
    run: Identity
    since: int = Field(default=0, ge=0)
    rate: float = Field(default=10.0, gt=0, le=20)


ClientMessage = AskMessage | CancelMessage | LookMessage | AckMessage | WatchMessage

_ADAPTER: TypeAdapter[ClientMessage] = TypeAdapter(Annotated[ClientMessage, Field(discriminator="type")])


def read_message(text: str) -> ClientMessage:
    """Reads a message.

    Raises:
        BadMessage: it is not JSON, or not of a form that the stream knows.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise BadMessage("The message is not JSON. Send one JSON object per text message.") from None
    if not isinstance(content, dict):
        raise BadMessage("The message is JSON, but no object. Send {“type”: “ask”, …}.")
    try:
        return _ADAPTER.validate_python(content)
    except ValidationError as error:
        identity = content.get("id")
        raise complaint(error, identity if isinstance(identity, str) and len(identity) <= 64 else None) from None


def complaint(error: ValidationError, identity: str | None) -> BadMessage:
    """The first thing that is wrong with a message, in one sentence."""
    first = error.errors(include_url=False)[0]
    if first["type"].startswith("union_tag"):
        return BadMessage("The message's “type” must be one of ask, cancel, look, ack, watch.", "type", identity)
    # The first part of the place is the type of the message.
    field = ".".join(str(part) for part in first["loc"][1:])
    if first["type"] == "missing":
        return BadMessage(f"The message lacks “{field}”.", field, identity)
    if first["type"] == "extra_forbidden":
        return BadMessage(f"The message has a field “{field[:80]}” that is not known.", field[:80], identity)
    given = repr(first["input"])
    shown = given if len(given) <= 80 else f"{given[:77]}…"
    message = first["msg"].removeprefix("Value error, ")
    return BadMessage(f"“{field}” is {shown}: {message[:1].lower()}{message[1:]}.", field, identity)
