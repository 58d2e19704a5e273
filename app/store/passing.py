"""Passing pictures: frames of a camera and strokes of a pen, held in memory only, the oldest dropped first."""

import threading
from collections import OrderedDict

from app.explain.errors import AskError
from app.store.decode import Picture
from app.store.errors import TooManyPixels

REMEMBERED = 4096
"""Pictures dropped that are still told from those that never were."""

OVERHEAD = 1024
"""Bytes that a picture takes beside its pixels."""

SHARE = 4
"""No picture may take more than this part of the memory for all."""


class PassedBy(AskError):
    """The picture was only passing, and has been dropped."""

    code = "unknown_image"

    def __init__(self, image: str) -> None:
        super().__init__(
            f"The picture “{image[:12]}…” was sent with keep=false and has been dropped for newer ones. Send it again; "
            "without keep=false it is kept.",
            "image",
        )


class Passing:
    """Pictures by their id, until newer ones need their room. For many threads.

    Args:
        limit: bytes that all of them may take.
        per_client: how many one client may have.
    """

    def __init__(self, limit: int, per_client: int) -> None:
        self._limit = limit
        self._per_client = per_client
        self._pictures: OrderedDict[str, Picture] = OrderedDict()
        self._clients: dict[str, OrderedDict[str, None]] = {}
        self._dropped: OrderedDict[str, None] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def add(self, picture: Picture, client: str) -> str:
        """Holds a client's picture, and gives its id; raises TooManyPixels for one that no passing picture may be."""
        width, height = picture.image.size
        if size(picture) > self._limit // SHARE:
            raise TooManyPixels(
                f"The picture has {width} × {height} pixels; one that is not kept may have "
                f"{self._limit // SHARE / 3e6:.2g} million. Send it smaller, or without keep=false.",
                "file",
            )
        image_id = picture.id
        with self._lock:
            self._dropped.pop(image_id, None)
            if image_id not in self._pictures:
                self._pictures[image_id] = picture
                self._bytes += size(picture)
            self._pictures.move_to_end(image_id)
            own = self._clients.setdefault(client, OrderedDict())
            own[image_id] = None
            own.move_to_end(image_id)
            if len(own) > self._per_client:
                self._release(own.popitem(last=False)[0])
            while self._bytes > self._limit:
                self._drop(next(iter(self._pictures)))
        return image_id

    def get(self, image_id: str) -> Picture | None:
        """A picture that is held, or None."""
        with self._lock:
            return self._pictures.get(image_id)

    def dropped(self, image_id: str) -> bool:
        """Whether a picture was held, and is not any more."""
        with self._lock:
            return image_id in self._dropped

    def forget(self, image_id: str) -> None:
        """The picture is kept elsewhere from now on."""
        with self._lock:
            self._drop(image_id)
            self._dropped.pop(image_id, None)

    def __contains__(self, image_id: object) -> bool:
        with self._lock:
            return image_id in self._pictures or image_id in self._dropped

    def _release(self, image_id: str) -> None:
        """Drops a picture unless another client has sent the same."""
        if not any(image_id in own for own in self._clients.values()):
            self._drop(image_id)

    def _drop(self, image_id: str) -> None:
        picture = self._pictures.pop(image_id, None)
        if picture is None:
            return
        self._bytes -= size(picture)
        for client, own in list(self._clients.items()):
            own.pop(image_id, None)
            if not own:
                del self._clients[client]
        self._dropped[image_id] = None
        if len(self._dropped) > REMEMBERED:
            self._dropped.popitem(last=False)


def size(picture: Picture) -> int:
    """Bytes that a picture takes."""
    return OVERHEAD + 3 * picture.image.width * picture.image.height
