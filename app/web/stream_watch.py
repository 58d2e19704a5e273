"""What is new of a run, again and again: for the stream and for server-sent events alike."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from app.store.runs import Runs

RATE = 10.0
"""Updates a second, unless fewer are wanted."""

IDLE_SECONDS = 0.25
"""Between two looks at a run that stands still."""


async def updates(runs: Runs, run_id: str, since: int = 0, rate: float = RATE) -> AsyncIterator[dict[str, Any]]:
    """What is new since the last one, as soon as whoever watches has taken that; raises UnknownRun.

    Nothing is made ahead: a slow watcher gets fewer and larger ones, from the run's files, and loses nothing.
    """
    evaluated, last = -1, None
    while True:
        update = await asyncio.to_thread(runs.update, run_id, since, evaluated)
        moving = update["run"]["state"] in ("running", "starting", "waiting")
        if update["run"] != last:
            last = update["run"]
            since = max(since, update["curve"]["next"])
            if "evaluation" in update:
                evaluated = update["evaluation"]["step"]
            yield update
        await asyncio.sleep(1 / rate if moving else max(IDLE_SECONDS, 1 / rate))
