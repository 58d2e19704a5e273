"""An ask as server-sent events: the stream's text messages, one after the other."""

import json
import logging
from collections.abc import AsyncIterator
from typing import Any

from app.engine.ask import Listener
from app.explain.method import Frame
from app.web.describe import describe_array
from app.web.problems import finite, problem_of

log = logging.getLogger("convscope")


async def events(listener: Listener) -> AsyncIterator[str]:
    """`accepted`, then `progress` for each frame, then `done` or `error`. Closing it stops the work."""
    async with listener:
        checked = listener.checked
        yield event("accepted", {"answer": checked.answer, "ask": checked.ask.model_dump(mode="json")})
        try:
            async for frame in listener:
                yield event("progress", progress(frame))
        # The headers are long gone: whatever happens now is told as an event.
        except Exception as error:
            document = problem_of(error)
            if document["status"] == 500:
                log.error("An ask failed", exc_info=error)
            yield event("error", {"problem": document})
            return
        answer = listener.answer
        arrays = {name: describe_array(answer.id, frame) for name, frame in answer.arrays.items()}
        done = {"answer": answer.id, "values": answer.values, "arrays": arrays, "milliseconds": answer.milliseconds}
        yield event("done", done)


def progress(frame: Frame) -> dict[str, Any]:
    """What one frame says besides its array."""
    message = {"step": frame.step, "steps": frame.steps, "name": frame.name}
    if frame.node is not None:
        message["node"] = frame.node
    return message | ({"values": frame.values} if frame.values else {})


def event(name: str, data: dict[str, Any]) -> str:
    """One event; its data carry its type, as on the stream."""
    return f"event: {name}\ndata: {json.dumps(finite({'type': name, **data}), allow_nan=False)}\n\n"
