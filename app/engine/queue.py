"""A queue in which clients take turns."""

from collections.abc import Callable, Collection, Iterator
from typing import Generic, TypeVar

from app.engine.errors import Busy

Item = TypeVar("Item")


class FairQueue(Generic[Item]):
    """Round robin among clients, first come first served within each.

    An item may wait for several clients at once (those who ask the same): it is taken at the first one's turn. Not
    safe from several threads: the engine's lock guards it.

    Args:
        limit: how many items may wait.
        limit_per_client: how many may wait for one client, so that nobody fills the queue alone.
    """

    def __init__(self, limit: int, limit_per_client: int) -> None:
        self._limit = limit
        self._limit_per_client = limit_per_client
        self._lanes: dict[str, dict[Item, None]] = {}
        self._items: set[Item] = set()

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, item: object) -> bool:
        return item in self._items

    def __iter__(self) -> Iterator[Item]:
        """The items, each once, those of the next client first."""
        return iter({item: None for lane in self._lanes.values() for item in lane})

    def put(self, item: Item, clients: Collection[str]) -> None:
        """Lets an item wait for some clients, at the end of their lanes. Never refuses."""
        for client in clients:
            self._lanes.setdefault(client, {})[item] = None
            self._items.add(item)

    def admit(self, item: Item, client: str) -> None:
        """Puts a new item.

        Raises:
            Busy: the queue is full, or this client's share of it.
        """
        mine = len(self._lanes.get(client, ()))
        if mine >= self._limit_per_client:
            raise Busy(
                f"You already have {mine} asks waiting, the most that one client may have. Cancel some, or wait until "
                f"they are answered.",
                mine + 1,
            )
        if len(self) >= self._limit:
            raise Busy(
                f"{len(self)} asks are already waiting, the most there may be. Ask again in a moment.", len(self) + 1
            )
        self.put(item, [client])

    def leave(self, item: Item, client: str) -> None:
        """Ends an item's waiting for one client; for the others it waits on."""
        lane = self._lanes.get(client, {})
        lane.pop(item, None)
        if not lane:
            self._lanes.pop(client, None)
        if not any(item in lane for lane in self._lanes.values()):
            self._items.discard(item)

    def remove(self, item: Item) -> None:
        """Takes an item out for all clients."""
        for client in [client for client, lane in self._lanes.items() if item in lane]:
            self.leave(item, client)

    def clear(self) -> None:
        """Takes all out."""
        self._lanes.clear()
        self._items.clear()

    def take(self, ready: Callable[[Item], bool]) -> Item | None:
        """The first item in turn that is ready, taken out; its client's next turn comes after all others'."""
        for client, lane in self._lanes.items():
            for item in lane:
                if ready(item):
                    self.remove(item)
                    if client in self._lanes:
                        self._lanes[client] = self._lanes.pop(client)
                    return item
        return None
