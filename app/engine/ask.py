"""Ask and Answer as plain data, and what an Engine and its sources promise."""

import hashlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer
from torch import Tensor

from app.explain.framing import Framing
from app.explain.method import Frame, Method, Params
from app.explain.network import Network
from models.card import Preprocessing


class Ask(BaseModel):
    """One question: a method, a network, an image by its content hash, and parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: str = Field(title="Method", examples=["classify"])
    model: str = Field(title="Network", examples=["tiny_vgg"])
    image: str | None = Field(default=None, title="Image", description="The id that its upload gave.")
    params: dict[str, Any] = Field(default_factory=dict, title="Parameters", examples=[{"k": 5}])
    framing: Framing | None = Field(
        default=None, title="Framing", description="How the picture is fitted; as the network's card says unless given."
    )

    @model_serializer(mode="wrap")
    def _without_usual_framing(self, written: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leaves the framing out where it is the usual one."""
        content: dict[str, Any] = written(self)
        if self.framing is None:
            del content["framing"]
        return content


@dataclass(frozen=True)
class CheckedAsk:
    """An ask that can be answered: everything found, defaults filled in.

    Attributes:
        ask: as understood, with every default written out and no image where the method looks at none.
        method: as declared.
        network: that answers.
        params: validated.
        weights: identity of the network's weights.
        memory: estimate of the bytes that answering takes.
    """

    ask: Ask
    method: Method
    network: Network
    params: Params
    weights: str
    memory: int

    @cached_property
    def answer(self) -> str:
        """The answer's id: SHA-256 of the canonical JSON of the ask and the weights' identity."""
        content = {**self.ask.model_dump(mode="json"), "weights": self.weights}
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Answer:
    """What a method found.

    Attributes:
        id: of the answer.
        ask: as understood.
        frames: the last frame of each name, in the order in which they came.
        values: of all frames, merged.
        milliseconds: of computing, waiting left out.
    """

    id: str
    ask: Ask
    frames: tuple[Frame, ...]
    values: dict[str, Any] = field(default_factory=dict)
    milliseconds: float = 0.0

    @property
    def arrays(self) -> dict[str, Frame]:
        """The frames that carry an array, by name."""
        return {frame.name: frame for frame in self.frames if frame.array is not None}

    @property
    def size(self) -> int:
        """Bytes held: arrays exactly, values by estimate."""
        return sum(frame.array.nbytes for frame in self.frames if frame.array is not None) + _size(self.values)


def _size(value: object) -> int:
    """Bytes of nested tables, lists, numbers and text, estimated as CPython holds them on 64 bits."""
    size = 0
    left = [value]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            size += 64 + 64 * len(value)
            left.extend(value.values())
        elif isinstance(value, (list, tuple)):
            if value and isinstance(value[0], (int, float)):
                # Long lists hold numbers only: looking at each would cost more than the estimate is worth.
                size += 56 + 40 * len(value)
            else:
                size += 56 + 8 * len(value)
                left.extend(value)
        else:
            size += 32 + (len(value) if isinstance(value, str) else 0)
    return size


def merge(target: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """Merges tables into tables, the later value winning. Changes `target` only, never a table of `values`."""
    for key, value in values.items():
        if isinstance(value, dict):
            previous = target.get(key)
            target[key] = merge(previous if isinstance(previous, dict) else {}, value)
        else:
            target[key] = value
    return target


class ModelSource(Protocol):
    """Where networks come from. Both are called from several threads at once."""

    def network(self, model_id: str) -> Network:
        """The traced network; raises `models.UnknownModel` where there is none of this name."""
        ...

    def weights_id(self, model_id: str) -> str:
        """An identity of its weights: another one as soon as a single weight differs."""
        ...


class ImageSource(Protocol):
    """Where images come from. Called from several threads at once."""

    def tensor(self, image_id: str, preprocessing: Preprocessing, framing: Framing | None) -> Tensor:
        """The image as a network sees it, 1×C×H×W.

        Raises:
            LookupError: there is none of this id.
            BadFraming: the framing does not fit it.
        """
        ...


class Listener(Protocol):
    """Somebody who follows an answer: an async iterator of frames, to be closed.

    A frame carries all values said under its name so far. A listener that is slower than the method misses frames that
    a newer one of the same name has replaced; the last of each name always arrives.
    """

    @property
    def checked(self) -> CheckedAsk:
        """The ask as understood."""
        ...

    @property
    def answer(self) -> Answer:
        """The whole answer, as soon as the frames have ended; before, RuntimeError."""
        ...

    def __aiter__(self) -> AsyncIterator[Frame]: ...

    async def __anext__(self) -> Frame:
        """The next frame. Raises the AskError that ended the work, or Superseded."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exception: object) -> None: ...

    def close(self) -> None:
        """Stops listening; the work stops with its last listener. From any thread, as often as one likes."""
        ...


@dataclass(frozen=True)
class Metrics:
    """What an engine does now (gauges), and has done since it started (counters)."""

    queued: int
    running: int
    running_bytes: int
    cached: int
    cached_bytes: int
    asked: int
    answered: int
    joined: int
    from_cache: int
    batched: int
    cancelled: int
    failed: int


class Engine(Protocol):
    """Runs asks; the same ask runs anywhere."""

    def start(self) -> None:
        """Begins to answer."""
        ...

    def close(self) -> None:
        """Ends all work and gives back what it held; every listener gets EngineClosed. Idempotent."""
        ...

    async def check(self, ask: Ask) -> CheckedAsk:
        """Finds everything an ask names and bounds its memory, without running it; raises AskError."""
        ...

    async def ask(self, ask: Ask, *, client: str, slot: str | None = None) -> Listener:
        """Checks an ask and follows its answer, cached, joined or new.

        Args:
            ask: the question.
            client: who asks; clients take turns.
            slot: a newer ask of the same client in the same slot ends the older one.

        Raises:
            AskError: it cannot be answered as it stands, or not now (Busy).
            Superseded: a newer ask took the slot meanwhile.
        """
        ...

    async def answer(self, ask: Ask, *, client: str, progress: Callable[[Frame], None] | None = None) -> Answer:
        """The whole answer of an ask; each frame on the way is shown to `progress`."""
        ...

    async def recall(self, answer_id: str, *, client: str) -> Answer:
        """An answer by its id: kept, or computed again; UnknownAnswer if it was never asked for here."""
        ...

    def metrics(self) -> Metrics:
        """Gauges and counters, from any thread."""
        ...
