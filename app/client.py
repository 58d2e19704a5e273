"""A client of the REST API and of the stream, in one file.

    from app.client import Client

    client = Client("http://127.0.0.1:8000")
    image = client.upload("zebra.jpg")["id"]
    print(client.ask("classify", "squeezenet1_1", image, k=5)["top"])
    array, header = client.array(client.ask("activations", "tiny_vgg", image)["answer"], "conv_1_1")

    async with client.stream() as stream:
        async for event in stream.ask("activations", "tiny_vgg", image):
            if event.array is not None:
                print(event["name"], event["detail"], event.array.shape)

Needs NumPy and, for the stream, websockets; where orjson is installed, long tables are read four times as fast.
"""

import asyncio
import json
import struct
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any, cast
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import numpy as np
from numpy.typing import NDArray

try:
    from orjson import loads
except ImportError:
    from json import loads  # type: ignore[assignment]

JSON = dict[str, Any]

FRAME = "application/x-convscope-frame"
ACKNOWLEDGED_BYTES = 128 << 10
"""Bytes that are acknowledged together: an eighth of the server's window."""

DATA_TYPES = {"u8": "u1", "f16": "<f2", "f32": "<f4"}


class Problem(Exception):
    """The server said no. `document` is its problem document (RFC 9457), `code` the stable end of its type."""

    def __init__(self, document: JSON) -> None:
        super().__init__(document.get("detail") or document.get("title"))
        self.document = document
        self.code = str(document.get("type", "")).rpartition("#")[2]


class Event(JSON):
    """A message of the stream, or a binary frame's header with its `array`."""

    array: NDArray[Any] | None = None


def read_frame(data: bytes) -> tuple[NDArray[Any], JSON]:
    """A binary frame's array as it travelled, and its header."""
    (length,) = struct.unpack_from("<I", data)
    header: JSON = loads(data[4 : 4 + length])
    start = -(-(4 + length) // 8) * 8
    return np.frombuffer(data, DATA_TYPES[header["dtype"]], offset=start).reshape(header["shape"]), header


def values(array: NDArray[Any], header: JSON) -> NDArray[np.float32]:
    """The values that a frame means; NaN where bytes say that they were not finite."""
    if header["dtype"] != "u8":
        return array.astype(np.float32)
    if header["kind"] == "picture":
        return (array / np.float32(255)).astype(np.float32)
    low, high = np.asarray(header["range"], np.float64).reshape(-1, 2).T.reshape(2, -1, *[1] * (array.ndim - 1))
    if low.size == 1:
        low, high = low.ravel()[0], high.ravel()[0]
    result = low + (array.astype(np.float64) - 1) / 254 * (high - low)
    return np.where(array == 0, np.nan, result).astype(np.float32)


class Client:
    """Talks to one server.

    Args:
        url: where it is.
        token: what it printed at its start, if it wants one.
        timeout: seconds to wait for an answer.
    """

    def __init__(self, url: str = "http://127.0.0.1:8000", token: str | None = None, timeout: float = 120.0) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise ValueError(f"{url} is not where a server can be: begin with http:// or https://.")
        self.url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._timeout = timeout
        # A proxy of the environment knows nothing of a server on this machine or in this room.
        self._opener = build_opener(ProxyHandler({}))

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[bytes, Mapping[str, str]]:
        """Any request: the body and the headers of its answer; raises Problem."""
        sent = {**self._headers, **(headers or {})}
        # The scheme was checked when the client was made.
        request = Request(f"{self.url}{path}", body, sent, method=method)  # noqa: S310
        try:
            with self._opener.open(request, timeout=self._timeout) as response:
                return response.read(), response.headers
        except HTTPError as error:
            with error:
                text = error.read()
            try:
                document = loads(text)
            except ValueError:
                document = {"title": error.reason, "status": error.code}
            raise Problem(document) from None

    def get(self, path: str) -> JSON:
        """A JSON document below `/api/v1`."""
        return cast(JSON, loads(self.request("GET", f"/api/v1{path}")[0]))

    def models(self) -> list[JSON]:
        """The cards of all networks."""
        return cast(list[JSON], self.get("/models")["models"])

    def methods(self) -> list[JSON]:
        """What can be asked."""
        return cast(list[JSON], self.get("/methods")["methods"])

    def upload(self, picture: str | Path | bytes, keep: bool = True) -> JSON:
        """Uploads a picture, by its path or as bytes; its `id` is what asks name. Not kept, it passes."""
        content = picture if isinstance(picture, bytes) else Path(picture).read_bytes()
        boundary = uuid.uuid4().hex
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="picture"\r\n\r\n'
        body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        path = "/api/v1/images" if keep else "/api/v1/images?keep=false"
        kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return cast(JSON, loads(self.request("POST", path, body, kind)[0]))

    def ask(
        self, method: str, model: str, image: str | None = None, *, framing: JSON | None = None, **params: Any
    ) -> JSON:
        """One ask, answered whole: the method's values, and where its arrays are.

        `framing` says how the picture is fitted: `{"fit": "letterbox"}`, or `{"left": 0.1, "top": 0, "size": 0.5}`.
        """
        return cast(JSON, loads(self._ask("application/json", method, model, image, framing, params)))

    def ask_png(
        self, method: str, model: str, image: str | None = None, *, framing: JSON | None = None, **params: Any
    ) -> bytes:
        """The picture of an answer's first array."""
        return self._ask("image/png", method, model, image, framing, params)

    def ask_npz(
        self, method: str, model: str, image: str | None = None, *, framing: JSON | None = None, **params: Any
    ) -> bytes:
        """All arrays in float32, as `numpy.load` reads them."""
        return self._ask("application/x-npz", method, model, image, framing, params)

    def array(self, answer: str, name: str, units: str | None = None, dtype: str = "f32") -> tuple[NDArray[Any], JSON]:
        """An array of an answer, or some of its units ("3,7,9-12"), and its header."""
        query = urlencode({"dtype": dtype} | ({"units": units} if units else {}))
        data, _ = self.request("GET", f"/api/v1/answers/{answer}/{quote(name)}?{query}", headers={"Accept": FRAME})
        return read_frame(data)

    def _ask(
        self, accept: str, method: str, model: str, image: str | None, framing: JSON | None, params: JSON
    ) -> bytes:
        body = {"method": method, "model": model, "params": params} | ({"image": image} if image else {})
        body |= {"framing": framing} if framing else {}
        headers = {"Content-Type": "application/json", "Accept": accept}
        return self.request("POST", "/api/v1/ask", json.dumps(body).encode(), headers)[0]

    @asynccontextmanager
    async def stream(self) -> AsyncIterator["Stream"]:
        """Opens the stream; raises Problem where the server refuses."""
        from websockets.asyncio.client import connect
        from websockets.exceptions import InvalidStatus
        from websockets.typing import Subprotocol

        parts = urlsplit(self.url)
        address = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}{parts.path}/api/v1/stream"
        try:
            socket = await connect(
                address,
                subprotocols=[Subprotocol("convscope.v1")],
                additional_headers=self._headers,
                compression=None,
                max_size=4 << 20,
                proxy=None,
            )
        except InvalidStatus as error:
            raise Problem(loads(error.response.body or b"{}")) from None
        async with socket:
            stream = Stream(socket)
            reader = asyncio.create_task(stream.read())
            try:
                yield stream
            finally:
                reader.cancel()
                await asyncio.gather(reader, return_exceptions=True)


class Stream:
    """Many asks at once on one connection; made by `Client.stream`."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.received = 0
        self.acknowledged = 0
        self._asks: dict[str, asyncio.Queue[Event | Exception]] = {}
        self._count = 0

    async def send(self, message: JSON) -> None:
        """Sends any message."""
        await self.socket.send(json.dumps(message))

    async def read(self) -> None:
        """Hands each message to its ask, and acknowledges what came, until the connection ends."""
        try:
            async for message in self.socket:
                if isinstance(message, str):
                    event = Event(loads(message))
                else:
                    self.received += len(message)
                    if self.received - self.acknowledged >= ACKNOWLEDGED_BYTES:
                        self.acknowledged = self.received
                        await self.send({"type": "ack", "bytes": self.received})
                    array, header = read_frame(message)
                    event = Event(header, type="frame")
                    event.array = array
                if event.get("id") in self._asks:
                    self._asks[event["id"]].put_nowait(event)
            raise ConnectionError("The server closed the stream.")
        except Exception as error:
            for queue in self._asks.values():
                queue.put_nowait(error)

    async def ask(
        self,
        method: str,
        model: str,
        image: str | None = None,
        params: JSON | None = None,
        *,
        framing: JSON | None = None,
        slot: str | None = None,
        deliver: str = "all",
        dtype: str = "u8",
    ) -> AsyncGenerator[Event, None]:
        """Asks; yields `accepted`, `progress`, frames (with their `array`) and `done`, each with its `type`.

        Closing the iterator before its end cancels the ask. It ends without `done` where a newer ask took its slot;
        raises Problem where the ask failed.
        """
        self._count += 1
        identity = f"c{self._count}"
        queue = self._asks[identity] = asyncio.Queue()
        message = {"type": "ask", "id": identity, "method": method, "model": model, "params": params or {}}
        message |= {"deliver": deliver, "dtype": dtype}
        optional = (("image", image), ("framing", framing), ("slot", slot))
        message |= {key: value for key, value in optional if value is not None}
        await self.send(message)
        ended = False
        try:
            while not ended:
                event = await queue.get()
                if isinstance(event, Exception):
                    ended = True
                    raise event
                ended = event["type"] in ("done", "error", "cancelled")
                if event["type"] == "error":
                    raise Problem(event["problem"])
                if event["type"] != "cancelled":
                    yield event
        finally:
            del self._asks[identity]
            if not ended:
                await self.send({"type": "cancel", "id": identity})

    async def answer(self, method: str, model: str, image: str | None = None, params: JSON | None = None) -> Event:
        """The `done` message of an ask, its arrays left where they are."""
        async with aclosing(self.ask(method, model, image, params, deliver="none")) as events:
            async for event in events:
                if event["type"] == "done":
                    return event
        raise ConnectionError("The stream ended before the answer.")

    async def look(self, identity: str, nodes: list[JSON]) -> None:
        """Says what of an ask is on screen: `[{"node", "units"?: "0-9", "size"?: 64}]`, most important first."""
        await self.send({"type": "look", "id": identity, "nodes": nodes})
