"""The curve of a run on the disk: one record for every step, and the layers' norms of some.

Loss, accuracy and learning rate of every step are kept. The norms are kept of all of the first 1,024 steps, then of
every second, from 2,048 on of every fourth, and so on: about 500 for each doubling.
"""

import math
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.train.folder import Folder
from app.train.loop import StepReport

STEP = np.dtype([("loss", "<f4"), ("accuracy", "<f4"), ("rate", "<f4")])
DENSE = 1024
FLUSH_SECONDS = 0.05
KINDS = ("gradient", "update", "weight")
NAMES = {"loss": "loss", "accuracy": "accuracy", "learning_rate": "rate"}


def every(step: int) -> int:
    """One in how many steps, about here, has its norms kept."""
    return 1 << max(0, (step // DENSE).bit_length())


def is_measured(step: int) -> bool:
    """Whether a step's norms are kept."""
    return step % (1 if step < DENSE else every(step)) == 0


def layer_type(layers: int) -> np.dtype[Any]:
    """One record of the norms."""
    return np.dtype([("step", "<i8"), *((kind, "<f4", (layers,)) for kind in KINDS)])


class Curve:
    """Writes a run's curve, from a step on; what is there beyond it is cut off.

    Raises:
        OSError: the disk is full.
    """

    def __init__(self, folder: Folder, layers: int, step: int) -> None:
        self._type = layer_type(layers)
        cut(folder, self._type, step)
        self._steps = folder.file("steps.f32").open("ab")
        self._norms = folder.file("layers.f32").open("ab")
        self._flushed = 0.0

    def add(self, report: StepReport) -> None:
        """One step."""
        self._steps.write(np.array((report.loss, report.accuracy, report.learning_rate), STEP).tobytes())
        if report.norms is not None:
            values = tuple(getattr(report.norms, kind) for kind in KINDS)
            self._norms.write(np.array((report.step, *values), self._type).tobytes())
        now = time.monotonic()
        if now - self._flushed > FLUSH_SECONDS:
            self._flushed = now
            self.flush()

    def flush(self) -> None:
        """Lets whoever reads see all steps."""
        self._norms.flush()
        self._steps.flush()

    def close(self) -> None:
        """Writes what is left."""
        self._norms.close()
        self._steps.close()


def cut(folder: Folder, norms: np.dtype[Any], step: int) -> None:
    """Cuts off what lies beyond a step; raises ValueError where records before it are missing."""
    path = folder.file("steps.f32")
    size = path.stat().st_size if path.exists() else 0
    if size < step * STEP.itemsize:
        raise ValueError(f"The curve holds {size // STEP.itemsize} steps; the checkpoint is of step {step}.")
    with path.open("ab") as file:
        file.truncate(step * STEP.itemsize)
    kept = read_norms(folder, norms)
    kept = kept[kept["step"] < step]
    with folder.file("layers.f32").open("wb") as file:
        file.write(kept.tobytes())


def count(folder: Folder) -> int:
    """Steps that are on the curve."""
    path = folder.file("steps.f32")
    return path.stat().st_size // STEP.itemsize if path.exists() else 0


def read_steps(folder: Folder, since: int = 0) -> NDArray[Any]:
    """The records of the steps from one on."""
    path = folder.file("steps.f32")
    if not path.exists():
        return np.empty(0, STEP)
    with path.open("rb") as file:
        file.seek(since * STEP.itemsize)
        data = file.read()
    return np.frombuffer(data[: len(data) // STEP.itemsize * STEP.itemsize], STEP)


def read_norms(folder: Folder, norms: np.dtype[Any]) -> NDArray[Any]:
    """All records of the norms."""
    path = folder.file("layers.f32")
    data = path.read_bytes() if path.exists() else b""
    return np.frombuffer(data[: len(data) // norms.itemsize * norms.itemsize], norms)


def described(folder: Folder, layers: Sequence[str], since: int = 0, points: int = 1000) -> dict[str, Any]:
    """The curve from a step on in at most so many points, each the mean of as many steps."""
    steps = read_steps(folder, since)
    group = max(1, -(-len(steps) // points))
    means = {name: grouped(steps[key], group) for name, key in NAMES.items()}
    norms = read_norms(folder, layer_type(len(layers)))
    norms = norms[norms["step"] >= since]
    norms = norms[:: max(1, -(-len(norms) // points))]
    return {
        "every": group,
        "next": since + len(steps),
        "steps": list(range(since, since + len(steps), group)),
        **means,
        "layers": {
            "names": list(layers),
            "steps": norms["step"].tolist(),
            **{kind: rounded(norms[kind].T) for kind in KINDS},
        },
    }


def grouped(values: NDArray[Any], group: int) -> list[float | None]:
    """The means of groups of neighbours; the last group may be smaller."""
    if group == 1:
        means = values
    else:
        starts = np.arange(0, len(values), group)
        sums = np.add.reduceat(values.astype(np.float64), starts) if len(values) else values
        means = sums / np.minimum(group, len(values) - starts)
    found: list[float | None] = rounded(means)
    return found


def rounded(values: NDArray[Any]) -> Any:
    """Numbers with five significant digits, None for what is none; lists of lists for tables."""
    if values.ndim > 1:
        return [rounded(row) for row in values]
    return [float(f"{value:.5g}") if math.isfinite(value) else None for value in values.tolist()]
