"""The process that trains one run: `python -m app.train.worker`; the first line it is told says which, as JSON.

It ends when its standard input does, with a checkpoint: whoever started it is gone.
"""

import errno
import json
import math
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock, Timeout
from safetensors.torch import save

from app.train import curve
from app.train.datasets import DatasetMissing, load
from app.train.errors import BadRun, Diverged
from app.train.folder import Folder
from app.train.loop import Training

PAUSED_SECONDS = 0.02
IDLE_SECONDS = 60.0
"""How long a paused run's process waits to go on at once; afterwards it is started anew."""

ROLLING_SECONDS = 30.0
"""After so long a checkpoint is written in any case, and dropped again when the next one is there."""

WATCH_SECONDS = 3.0
"""How long somebody who looked counts as watching."""

LOCK_SECONDS = 5.0

SNAPSHOT_SECONDS = 0.1
SNAPSHOT_SHARE = 0.02
"""Share of the time that snapshots for who watches may take."""

FIRST_LOOK = 500
"""Pictures that are looked at within the first epoch."""


class Worker:
    """Trains one run until it ends, is stopped, or whoever started it goes away."""

    def __init__(self, folder: Folder, data: Path | None, told: int = 0, device: str = "cpu") -> None:
        self.folder = folder
        self.orphaned = threading.Event()
        self.status: dict[str, Any] = {"seconds": folder.read("state.json").get("seconds", 0.0)}
        self._told = told
        self._size = 0
        self.say("starting")
        plan = folder.plan()
        self.training = Training(plan, load(plan.data, data or Path()), device)
        self.layers = list(self.training.layers)
        self._steps_allowed = 0
        self._rolling: int | None = None
        self._saved = time.monotonic()
        self._snapshot = 0.0
        self.resume()

    def say(self, state: str, sentence: str | None = None, problem: dict[str, Any] | None = None) -> None:
        """Writes down what the run is doing."""
        self.status |= {"state": state, "sentence": sentence, "problem": problem}
        self.folder.write("state.json", self.status)

    def resume(self) -> None:
        """Takes up the last checkpoint, and what was changed after it; writes the first one where there is none."""
        steps = self.folder.checkpoints()
        if steps:
            self.training.load_state(self.folder.state(steps[-1]))
        self._pending = [line for line in self.folder.lines("changes.jsonl") if line["step"] >= self.training.step]
        self.describe()
        self.folder.keep_lines("evaluations.jsonl", self.training.step)
        self.curve = curve.Curve(self.folder, len(self.layers), self.training.step)
        if not steps:
            self.checkpoint(evaluate=True)

    def describe(self) -> None:
        """Writes down what the network is, and how long its training is."""
        fitted = self.training.fitted
        told = {"classes": fitted.classes, "layers": self.layers, "steps": self.training.steps}
        self.folder.write("network.json", {**told, "preprocessing": fitted.preprocessing.model_dump(mode="json")})

    def run(self, command: dict[str, Any]) -> None:
        """Obeys and trains, beginning with a command."""
        self.do(command)
        idle = time.monotonic()
        while not self.training.over:
            self.obey()
            if self.status["state"] == "failed":
                return
            if self.status["state"] == "stopped" or self.orphaned.is_set():
                break
            if self.status["state"] == "running" or self._steps_allowed:
                self.advance()
                idle = time.monotonic()
            elif time.monotonic() - idle > IDLE_SECONDS:
                break
            else:
                time.sleep(PAUSED_SECONDS)
        self.end()

    def end(self) -> None:
        """Leaves everything on the disk."""
        if self.training.step not in self.folder.checkpoints():
            self.checkpoint(evaluate=False)
        self.curve.close()
        if self.training.over:
            self.say("finished")
        elif self.status["state"] == "running":
            self.say("interrupted", f"The server ended at step {self.training.step:,}. Play goes on from there.")

    def advance(self) -> None:
        """One step, and what is due after it."""
        training = self.training
        self.apply_pending()
        began, epoch = time.perf_counter(), training.epoch
        try:
            report = training.advance(curve.is_measured(training.step))
        except Diverged as error:
            self.failed(error)
            return
        self.curve.add(report)
        self.status["seconds"] += time.perf_counter() - began
        due = training.epoch != epoch or (training.epoch == 0 and training.step.bit_count() == 1)
        if due:
            self.checkpoint(evaluate=True)
        elif time.monotonic() - self._saved > ROLLING_SECONDS:
            self.checkpoint(evaluate=False)
        self.show()
        if self._steps_allowed:
            self._steps_allowed -= 1
            if not self._steps_allowed:
                self.pause()

    def checkpoint(self, evaluate: bool) -> None:
        """Keeps where the training is, and how well it does."""
        self.curve.flush()
        step = self.training.step
        if evaluate:
            self.evaluate()
        self.folder.save(step, self.training.state(), self.training.weights())
        if self._rolling is not None:
            self.folder.remove(self._rolling)
        self._rolling = None if evaluate else step
        self._saved = time.monotonic()
        self.folder.thin()

    def evaluate(self) -> None:
        """Looks at the pictures for the test: a few within the first epoch, all after one."""
        training = self.training
        at_end = training.epoch > 0
        found = training.evaluate(None if at_end else FIRST_LOOK)
        table = {
            "step": training.step, "epoch": training.epoch, "part": "validation" if training.validation else "test",
            "pictures": found.pictures,
            "loss": found.loss if math.isfinite(found.loss) else None, "accuracy": found.accuracy, "dead": found.dead,
        }  # fmt: skip
        more = {"confusion": found.confusion, "wrong": found.wrong, "wrong_count": found.wrong_count}
        self.folder.write(f"evaluations/{training.step}.json", {**table, **more})
        self.folder.append("evaluations.jsonl", table)

    def show(self) -> None:
        """Leaves the weights for who watches; never more than a share of the time is spent on it."""
        now = time.monotonic()
        if now < self._snapshot:
            return
        self._snapshot = now + SNAPSHOT_SECONDS
        watched = self.folder.file("watched")
        if not watched.exists() or time.time() - watched.stat().st_mtime > WATCH_SECONDS:
            return
        path = self.folder.file("snapshot.safetensors")
        temporary = path.with_name("snapshot.partial")
        temporary.write_bytes(save(self.training.weights(), {"step": str(self.training.step)}))
        temporary.replace(path)
        self.curve.flush()
        taken = time.monotonic() - now
        self._snapshot = now + max(SNAPSHOT_SECONDS, taken / SNAPSHOT_SHARE)

    def obey(self) -> None:
        """Does what it was told since it last looked."""
        path = self.folder.file("commands.jsonl")
        size = path.stat().st_size if path.exists() else 0
        if size == self._size:
            return
        self._size = size
        commands = self.folder.lines("commands.jsonl")
        for command in commands[self._told :]:
            self.do(command)
        self._told = len(commands)

    def do(self, command: dict[str, Any]) -> None:
        """One command."""
        match command["do"]:
            case "play":
                self._steps_allowed = 0
                self.say("running")
            case "pause":
                self.pause()
            case "step":
                self._steps_allowed = command["steps"]
                self.say("running")
            case "stop":
                self.say("stopped")
            case "change":
                self.change(command["changes"])

    def pause(self) -> None:
        """Stands still, with a checkpoint."""
        self._steps_allowed = 0
        if self.training.step not in self.folder.checkpoints():
            self.checkpoint(evaluate=False)
        self.curve.flush()
        self.say("paused")

    def change(self, changes: dict[str, Any]) -> None:
        """Changes the recipe from here on. It is written down first, so that whoever goes on from an older checkpoint
        changes it at the same step."""
        before = self.training.recipe.model_dump(mode="json")
        try:
            recipe = self.training.change(changes).model_dump(mode="json")
        except BadRun as error:
            self.say(self.status["state"], error.detail)
            return
        for field in changes:
            if recipe[field] != before[field]:
                told = {"step": self.training.step, "field": field, "from": before[field], "to": recipe[field]}
                self.folder.append("changes.jsonl", told)
        self.describe()

    def apply_pending(self) -> None:
        """Changes again what was changed at this step before the worker was killed."""
        while self._pending and self._pending[0]["step"] <= self.training.step:
            change = self._pending.pop(0)
            self.training.change({change["field"]: change["to"]})

    def failed(self, error: Diverged) -> None:
        """Stops for good, and says why and where to go back to."""
        self.curve.flush()
        problem = {"step": error.step, "layer": error.layer, "learning_rate": error.learning_rate, "good": self.good()}
        self.say("failed", f"{error} The last good checkpoint is of step {problem['good']:,}.", problem)

    def good(self) -> int:
        """The newest checkpoint from which the next batch's loss was no worse than half more than at the start."""
        losses = curve.read_steps(self.folder)["loss"]
        steps = self.folder.checkpoints()
        good = [step for step in steps if step < len(losses) and losses[step] <= 1.5 * losses[0]]
        return good[-1] if good else steps[0]


def main() -> None:
    """Waits to be told which run, then trains it."""
    line = sys.stdin.readline().strip()
    if not line:
        return
    order = json.loads(line)
    folder = Folder(Path(order["folder"]))
    log = folder.file("worker.log").open("ab")
    os.dup2(log.fileno(), sys.stderr.fileno())
    threads = os.environ.get("CONVSCOPE_TRAINING_THREADS")
    torch.set_num_threads(int(threads) if threads else max(1, (os.cpu_count() or 2) - 1))
    data = os.environ.get("CONVSCOPE_DATA")
    try:
        with FileLock(folder.file("worker.lock"), timeout=LOCK_SECONDS):
            train(folder, Path(data) if data else None, order["told"], order["do"])
    except Timeout:
        sys.exit("Another worker trains this run.")
    # Everything is on the disk: nobody should wait until torch has been taken down.
    os._exit(0)


def train(folder: Folder, data: Path | None, told: int, command: dict[str, Any]) -> None:
    """Trains a run; what goes wrong is written down."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        worker = Worker(folder, data, told, device)
        threading.Thread(target=wait_for_end, args=(worker.orphaned,), daemon=True).start()
        worker.run(command)
    except OSError as error:
        if isinstance(error, DatasetMissing):
            tell(folder, "failed", str(error))
        elif error.errno in (errno.ENOSPC, errno.EDQUOT):
            tell(folder, "interrupted", FULL)
        else:
            raise
    except BadRun as error:
        tell(folder, "failed", error.detail)
    except (MemoryError, torch.OutOfMemoryError):
        tell(folder, "failed", "The memory ran out: choose a smaller batch, smaller pictures or a smaller network.")


FULL = "The disk is full: the run stands still. Make room, then play goes on from the last checkpoint."


def tell(folder: Folder, state: str, sentence: str) -> None:
    """Writes down how it ended; where there is no room for that, in place of what stood there."""
    table = {**folder.read("state.json"), "state": state, "sentence": sentence}
    try:
        folder.write("state.json", table)
    except OSError:
        with folder.file("state.json").open("r+b") as file:
            file.write(json.dumps({"state": state, "sentence": sentence}, ensure_ascii=False).encode())
            file.truncate()


def wait_for_end(orphaned: threading.Event) -> None:
    """Notes that whoever started this process is gone."""
    # Not by sys.stdin, whose lock the end of the program would wait for.
    while os.read(0, 1024):
        pass
    orphaned.set()


if __name__ == "__main__":
    main()
