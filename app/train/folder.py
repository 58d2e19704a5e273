"""The folder of a run: its plan, its state, what it is told, its curve and its checkpoints, as files.

Whoever watches reads here, so that a slow or absent watcher costs the training nothing; whoever commands writes a line
into `commands.jsonl`, which the worker reads between two steps.
"""

import contextlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save
from torch import Tensor

from app.train.epochs import save_atomically
from app.train.plan import Plan
from app.train.weights import write_atomically

CHECKPOINT_BYTES = 36 << 20
"""What the checkpoints of a run may take on the disk; four are kept whatever they take."""

FEWEST = 4


@dataclass(frozen=True)
class Folder:
    """Paths of a run, and what is read and written there."""

    path: Path

    def file(self, name: str) -> Path:
        """A file of the run."""
        return self.path / name

    def plan(self) -> Plan:
        """What is trained."""
        return Plan.model_validate_json(self.file("plan.json").read_text(encoding="utf-8"))

    def read(self, name: str) -> dict[str, Any]:
        """A table that `write` wrote; empty where there is none."""
        try:
            table: dict[str, Any] = json.loads(self.file(name).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return table

    def write(self, name: str, table: dict[str, Any]) -> None:
        """Writes a table, whole or not at all."""
        self.file(name).parent.mkdir(parents=True, exist_ok=True)
        write_atomically(json.dumps(table, ensure_ascii=False).encode(), self.file(name))

    def lines(self, name: str) -> list[dict[str, Any]]:
        """The tables of a file of lines; a last line that was cut off is left out."""
        with contextlib.suppress(FileNotFoundError):
            whole = self.file(name).read_bytes().rpartition(b"\n")[0]
            return [json.loads(line) for line in whole.splitlines()]
        return []

    def append(self, name: str, table: dict[str, Any]) -> None:
        """Adds a line to a file, safely on the disk."""
        with self.file(name).open("ab") as file:
            file.write(json.dumps(table, ensure_ascii=False).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def keep_lines(self, name: str, upto: int) -> None:
        """Drops the lines of a file whose `step` is beyond a checkpoint's."""
        kept = [line for line in self.lines(name) if line["step"] <= upto]
        content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in kept)
        write_atomically(content.encode(), self.file(name))

    # Checkpoints: `<step>.state` is all that is needed to go on, `<step>.safetensors`, written after it, the weights.

    def checkpoints(self) -> list[int]:
        """The steps of which there is a checkpoint."""
        folder = self.file("checkpoints")
        return sorted(int(path.stem) for path in folder.glob("*.safetensors")) if folder.is_dir() else []

    def save(self, step: int, state: dict[str, Any], weights: dict[str, Tensor]) -> None:
        """Keeps a checkpoint, atomically."""
        folder = self.file("checkpoints")
        save_atomically(state, folder / f"{step}.state")
        write_atomically(save(weights), folder / f"{step}.safetensors")

    def state(self, step: int) -> dict[str, Any]:
        """What goes on from a checkpoint."""
        found: dict[str, Any] = torch.load(self.file("checkpoints") / f"{step}.state", weights_only=True)
        return found

    def weights(self, step: int) -> dict[str, Tensor]:
        """The weights after so many steps; raises FileNotFoundError."""
        return load_file(self.file("checkpoints") / f"{step}.safetensors")

    def remove(self, step: int) -> None:
        """Forgets a checkpoint."""
        for ending in ("safetensors", "state"):
            (self.file("checkpoints") / f"{step}.{ending}").unlink(missing_ok=True)
        self.file("evaluations").joinpath(f"{step}.json").unlink(missing_ok=True)

    def copy_until(self, step: int, other: "Folder") -> None:
        """Copies everything up to a checkpoint into another run's folder; `state.json` is not there."""
        for folder, endings in (("checkpoints", ("state", "safetensors")), ("evaluations", ("json",))):
            other.file(folder).mkdir(parents=True, exist_ok=True)
            for path in self.file(folder).iterdir():
                if path.suffix[1:] in endings and int(path.stem) <= step:
                    shutil.copyfile(path, other.file(folder) / path.name)
        for name in ("steps.f32", "layers.f32", "network.json"):
            shutil.copyfile(self.file(name), other.file(name))
        for name in ("evaluations.jsonl", "changes.jsonl"):
            kept = [line for line in self.lines(name) if line["step"] <= step - (name == "changes.jsonl")]
            content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in kept)
            other.file(name).write_text(content, encoding="utf-8")

    def thin(self) -> None:
        """Drops checkpoints until they fit: of the inner ones always that whose neighbours are nearest by the ratio of
        their steps, so that the beginning stays dense."""
        steps = self.checkpoints()
        if len(steps) <= FEWEST:
            return
        folder = self.file("checkpoints")
        size = sum((folder / f"{steps[-1]}.{ending}").stat().st_size for ending in ("safetensors", "state"))
        most = max(FEWEST, CHECKPOINT_BYTES // size)
        while len(steps) > most:
            inner = range(1, len(steps) - 1)
            place = min(inner, key=lambda place: (steps[place + 1] + 1) / (steps[place - 1] + 1))
            self.remove(steps.pop(place))
