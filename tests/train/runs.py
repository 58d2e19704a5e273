"""Runs for tests: tiny, on generated pictures, in a folder of their own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.store.runs import Runs
from app.train.folder import Folder
from app.train.plan import read_plan

DEADLINE = 240.0
"""Seconds after which a test gives up; how long a thing takes is never asserted."""

TINY = {
    "blocks": [{"width": 4, "kernel": 3, "pool": "max"}, {"width": 8, "pool": "max"}],
    "pooled": True,
    "dropout": 0.1,
}


def planned(**recipe: Any) -> dict[str, Any]:
    """A plan whose training takes a second."""
    told = {
        "batch_size": 100, "epochs": 2, "learning_rate": 0.1, "momentum": 0.8, "schedule": "cosine",
        "augmentation": {"flip": True, "colour": 0.2}, **recipe,
    }  # fmt: skip
    return {"architecture": TINY, "data": "shapes", "size": 16, "recipe": told, "seed": 3}


def new_run(path: Path, **recipe: Any) -> Folder:
    """The folder of a run that has not begun."""
    runs = Runs(path, None)
    return runs.folder(runs.create(read_plan(planned(**recipe))))


def worker(folder: Folder, do: str = "play", **more: Any) -> subprocess.Popen[str]:
    """A worker's process on a run."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "CONVSCOPE_TRAINING_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "app.train.worker"], stdin=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdin
    told = len(folder.lines("commands.jsonl"))
    process.stdin.write(json.dumps({"folder": str(folder.path), "told": told, "do": {"do": do, **more}}) + "\n")
    process.stdin.flush()
    return process


def until(condition: Callable[[], object]) -> None:
    """Waits for something to come true."""
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.002)
