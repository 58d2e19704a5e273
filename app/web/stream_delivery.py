"""How the frames of one ask reach its client: statistics at once, then strips, what is looked at, and the rest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.explain.errors import UnknownNode
from app.explain.method import Frame
from app.explain.network import Network
from app.render.carry import has_maps, has_ranges, has_units
from app.render.frames import DataType
from app.render.strips import STRIP_SIDE, STRIP_UNITS
from app.render.units import parse_units
from app.web.events import progress
from app.web.json_texts import Texts
from app.web.outbox import Outbox, Parcel
from app.web.stream_messages import Deliver, Look
from app.web.stream_portion import portions

STRIP, LOOKED_AT, REST = range(3)
"""Priorities of arrays."""


@dataclass(frozen=True)
class Sight:
    """A node on screen: which of its units (None: the strongest), and at most how many pixels per side."""

    node: str
    units: Sequence[int] | None
    size: int | None


class Delivery:
    """One ask's frames on one connection.

    Args:
        identity: the ask's id, which every message carries.
        network: whose nodes a look may name.
        outbox: where everything goes.
        deliver: what is sent without being looked at.
        dtype: how arrays travel.
        silent: no text messages.
    """

    def __init__(
        self,
        identity: str,
        network: Network,
        outbox: Outbox,
        deliver: Deliver = "all",
        dtype: DataType = "u8",
        silent: bool = False,
    ) -> None:
        self._identity = identity
        self._network = network
        self._outbox = outbox
        self._deliver = deliver
        self._dtype = dtype
        self._silent = silent
        self._frames: dict[str, Frame] = {}
        self._known: dict[str, set[int]] = {}
        self._sights: list[Sight] = []
        self._settled: Callable[[], None] | None = None
        self._texts = Texts()
        self._said: set[str] = set()

    def frame(self, frame: Frame) -> None:
        """Takes a frame from the method, in place of an older one of the same name."""
        if frame.name in self._said:
            # A picture that improves says other lists at every step: none of them will be said again.
            self._texts = Texts()
        self._said.add(frame.name)
        if not self._silent:
            self.say({"type": "progress", "id": self._identity, **progress(frame)})
        if frame.array is None:
            return
        self._outbox.discard(lambda parcel: parcel.owner is self and parcel.name == frame.name)
        self._frames[frame.name] = frame
        self._known[frame.name] = set()
        if self._deliver != "none":
            strip = strongest(frame)[:STRIP_UNITS] if has_maps(frame) else None
            self._put(frame, (STRIP, self._rank(frame)), strip, STRIP_SIDE)
        self._put_sights(frame)
        if self._deliver == "all" and has_maps(frame) and not fits_a_strip(frame):
            self._put(frame, (REST,), strongest(frame), None)

    def say(self, message: dict[str, Any]) -> None:
        """Sends a text message."""
        self._outbox.say(self._texts.write(message))

    def look(self, looks: Sequence[Look]) -> None:
        """Takes the newest look in place of the older one, of which nothing more is sent.

        Raises:
            UnknownNode: it names a node that the network has not.
            AskError: it names units that the node has not, or that are no units.
        """
        self._sights = [self._sight(look, f"nodes.{index}") for index, look in enumerate(looks)]
        self._outbox.discard(lambda parcel: parcel.owner is self and parcel.priority[0] == LOOKED_AT)
        self._outbox.reorder(self, self._priority)
        for frame in self._frames.values():
            self._put_sights(frame)
        self._settle()

    def finish(self, settled: Callable[[], None]) -> None:
        """Calls `settled` once all that was promised has been sent."""
        self._settled = settled
        self._settle()

    def drop(self) -> None:
        """Sends nothing more."""
        self._settled = None
        self._frames.clear()
        self._outbox.discard(lambda parcel: parcel.owner is self)

    def _settle(self) -> None:
        if self._settled is not None and not self._outbox.holds(self):
            settled = self._settled
            self.drop()
            settled()

    def _rank(self, frame: Frame) -> int:
        """A frame's place among those that are looked at; behind them all where it is not."""
        places = (place for place, sight in enumerate(self._sights) if sight.node in (frame.name, frame.node))
        return next(places, len(self._sights))

    def _priority(self, parcel: Parcel) -> tuple[int, ...]:
        """What a waiting array's priority is by the newest look: strips of what is looked at go first."""
        strip = parcel.priority[0] == STRIP
        return (STRIP, self._rank(self._frames[parcel.name])) if strip else parcel.priority

    def _put(self, frame: Frame, priority: tuple[int, ...], units: Sequence[int] | None, size: int | None) -> None:
        for portion in portions(frame, self._identity, self._dtype, self._known[frame.name], units, size):
            # What one window cannot hold is to be had over HTTP, where `done` says.
            if portion.largest <= self._outbox.window:
                self._outbox.put(Parcel(priority, self, frame.name, portion, self._settle))

    def _put_sights(self, frame: Frame) -> None:
        assert frame.array is not None
        for position, sight in enumerate(self._sights):
            if sight.node not in (frame.name, frame.node):
                continue
            if has_ranges(frame):
                wanted = strongest(frame)[:STRIP_UNITS] if sight.units is None else sight.units
                units = [unit for unit in wanted if unit < len(frame.array)]
                self._put(frame, (LOOKED_AT, position), units, sight.size)
            elif self._deliver == "none":
                self._put(frame, (LOOKED_AT, position), None, None)

    def _sight(self, look: Look, field: str) -> Sight:
        for frame in self._frames.values():
            if look.node in (frame.name, frame.node) and frame.array is not None:
                count = len(frame.array) if has_units(frame) else 1
                break
        else:
            if look.node not in self._network.nodes:
                raise UnknownNode(self._network.name, look.node, self._network.nodes, f"{field}.node")
            count = self._network.nodes[look.node].units
        units = None if look.units is None else parse_units(look.units, count, look.node, f"{field}.units")
        return Sight(look.node, units, look.size)


def fits_a_strip(frame: Frame) -> bool:
    """Whether its strip shows all units at their true pixels."""
    assert frame.array is not None
    units, *sides = frame.array.shape
    return units <= STRIP_UNITS and max(sides) <= STRIP_SIDE


def strongest(frame: Frame) -> Sequence[int]:
    """The units of an array, strongest first where its statistics say which these are."""
    assert frame.array is not None
    order: Sequence[int] = frame.values.get("statistics", {}).get(frame.node, {}).get("order", ())
    return order if len(order) == len(frame.array) else range(len(frame.array))
