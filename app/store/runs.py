"""Runs: trainings that are kept, each in a folder of its own, and the networks that they came by."""

import json
import re
import secrets
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from filelock import FileLock, Timeout
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

from app.explain.network import Network
from app.store.blobs import full_disk_told
from app.train import curve
from app.train.datasets import Spec, spec
from app.train.errors import BadRun
from app.train.folder import Folder
from app.train.networks import Fitted, fit
from app.train.plan import Plan, changed, check_batches
from models import Card, Preprocessing, UnknownModel

MODEL = re.compile(r"run:([0-9a-f]{8})@(\d{1,12})")
"""The id of the network that a run has after so many steps."""

LONGEST_TITLE = 120
SNAPSHOT_BYTES = 128 << 20
RECENT_STEPS = 50
FRESH_SECONDS = 0.05


class Processes(Protocol):
    """Processes that train, by their runs' ids."""

    exits: dict[str, int]

    def alive(self, run_id: str) -> bool:
        """Whether one trains this run."""
        ...


class UnknownRun(BadRun):
    """There is no run of this id."""

    code = "unknown_run"


class UnknownCheckpoint(UnknownModel):
    """A run has no checkpoint of this step."""

    def __init__(self, sentence: str) -> None:
        LookupError.__init__(self, sentence)


class Runs:
    """The runs below a folder. For many threads.

    Args:
        path: where they are.
        data: the folder of the data sets.
        workers: the processes of this server that train.
    """

    def __init__(self, path: Path, data: Path | None, workers: Processes | None = None) -> None:
        self.path = path
        self.data = data
        self._workers = workers
        self._snapshots: OrderedDict[str, bytes] = OrderedDict()
        self._described: dict[str, tuple[float, dict[str, Any]]] = {}
        self._lock = threading.Lock()

    def spec(self, name: str) -> Spec:
        """What is known of a data set; raises BadRun where it is not here."""
        try:
            return spec(name, self.data)
        except FileNotFoundError as error:
            raise BadRun(str(error), "data") from error

    def check(self, plan: Plan) -> Fitted:
        """Holds a plan against its data; raises BadRun."""
        found = self.spec(plan.data)
        check_batches(plan.recipe, found.train, found.test)
        return fit(plan, found.shape, found.classes, plan.data)

    def create(self, plan: Plan, title: str | None = None, origin: dict[str, Any] | None = None) -> str:
        """Keeps a new run; gives its id.

        Raises:
            BadRun: it cannot be trained as it stands.
            DiskFull: there is no room for it.
        """
        fitted = self.check(plan)
        run_id = secrets.token_hex(4)
        folder = Folder(self.path / run_id)
        named = plan.model or "A network"
        about = {
            "title": (title or f"{named} on {plan.data}").strip()[:LONGEST_TITLE],
            "created": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "origin": origin,
            "classes": fitted.classes,
        }
        with full_disk_told():
            folder.write("plan.json", plan.model_dump(mode="json"))
            folder.write("about.json", about)
        return run_id

    def folder(self, run_id: str) -> Folder:
        """Where a run is; raises UnknownRun."""
        folder = Folder(self.path / run_id)
        if not re.fullmatch(r"[0-9a-f]{8}", run_id) or not folder.file("about.json").exists():
            raise UnknownRun(f"There is no run “{run_id[:40]}”. GET /api/v1/runs lists the runs that there are.", "run")
        return folder

    def all(self) -> list[dict[str, Any]]:
        """All runs, the newest first."""
        found = [self.describe(path.parent.name) for path in self.path.glob("*/about.json")]
        return sorted(found, key=lambda run: run["created"], reverse=True)

    def rename(self, run_id: str, title: str) -> None:
        """Calls a run otherwise."""
        folder = self.folder(run_id)
        if not title.strip():
            raise BadRun("The title is empty: a run needs a name.", "title")
        folder.write("about.json", {**folder.read("about.json"), "title": title.strip()[:LONGEST_TITLE]})
        self._described.pop(run_id, None)

    def change(self, run_id: str, changes: Mapping[str, Any]) -> None:
        """Has the recipe changed from the next step on; raises BadRun where that is impossible."""
        folder, plan = self.folder(run_id), self.folder(run_id).plan()
        recipe = changed(self.recipe(folder, plan), changes)
        found = self.spec(plan.data)
        check_batches(recipe, found.train, found.test)
        folder.append("commands.jsonl", {"do": "change", "changes": dict(changes)})

    def remove(self, run_id: str) -> None:
        """Forgets a run."""
        shutil.rmtree(self.folder(run_id).path)
        self._described.pop(run_id, None)

    def recipe(self, folder: Folder, plan: Plan) -> Any:
        """The recipe as it is by now."""
        changes = {line["field"]: line["to"] for line in folder.lines("changes.jsonl")}
        return changed(plan.recipe, changes) if changes else plan.recipe

    def describe(self, run_id: str) -> dict[str, Any]:
        """A run as plain data; raises UnknownRun."""
        kept = self._described.get(run_id)
        if kept is not None and time.monotonic() - kept[0] < FRESH_SECONDS:
            return kept[1]
        folder = self.folder(run_id)
        plan, about = folder.plan(), folder.read("about.json")
        network, state = folder.read("network.json"), folder.read("state.json")
        checkpoints = folder.checkpoints()
        step = curve.count(folder)
        recent = curve.read_steps(folder, max(0, step - RECENT_STEPS))
        recipe = self.recipe(folder, plan)
        steps = network.get("steps") or self.spec_steps(plan, recipe)
        evaluations = folder.lines("evaluations.jsonl")
        run = {
            "id": run_id,
            **{key: about.get(key) for key in ("title", "created", "origin", "classes")},
            "plan": {**plan.model_dump(mode="json"), "recipe": recipe.model_dump(mode="json")},
            "layers": network.get("layers", []),
            **self._state(run_id, folder, state, step, checkpoints),
            "step": step,
            "steps": steps,
            "epoch": min(recipe.epochs, step * recipe.epochs // steps) if steps else 0,
            "epochs": recipe.epochs,
            "seconds": seconds(folder, state),
            "loss": curve.rounded(recent["loss"].mean(keepdims=True))[0] if len(recent) else None,
            "accuracy": curve.rounded(recent["accuracy"].mean(keepdims=True))[0] if len(recent) else None,
            "evaluation": evaluations[-1] if evaluations else None,
            "checkpoints": checkpoints,
            "snapshot": self._snapshot(run_id, folder),
        }
        self._described[run_id] = (time.monotonic(), run)
        return run

    def spec_steps(self, plan: Plan, recipe: Any) -> int | None:
        """How many steps a run will have that has not begun; None where its data are not here."""
        try:
            found = self.spec(plan.data)
        except BadRun:
            return None
        return int(recipe.epochs * ((found.train - recipe.validation) // recipe.batch_size))

    def _state(
        self, run_id: str, folder: Folder, state: dict[str, Any], step: int, checkpoints: list[int]
    ) -> dict[str, Any]:
        """What a run is doing; a worker that went without a word is noticed."""
        told = {key: state.get(key) for key in ("state", "sentence", "problem")}
        if not state:
            return {**told, "state": "new"}
        alive = self._workers is not None and self._workers.alive(run_id)
        if told["state"] in ("starting", "running") and not alive and not trained_elsewhere(folder):
            code = self._workers.exits.get(run_id) if self._workers else None
            last = checkpoints[-1] if checkpoints else 0
            sentence = f"The worker ended without a word at step {step:,}. Play goes on from step {last:,}."
            if code is not None and code < 0:
                sentence = f"The worker was killed (signal {-code}) at step {step:,}. Play goes on from step {last:,}."
            return {"state": "interrupted", "sentence": sentence, "problem": None}
        return told

    def update(self, run_id: str, since: int, evaluated: int) -> dict[str, Any]:
        """What is new of a run: itself, its curve from a step on, and an evaluation beyond `evaluated`."""
        folder, run = self.folder(run_id), self.describe(run_id)
        if run["state"] in ("running", "starting"):
            folder.file("watched").touch()
        message: dict[str, Any] = {"run": run, "curve": self.curve(run_id, since, 500)}
        newest = run["evaluation"]
        if newest is not None and newest["step"] > evaluated:
            message["evaluation"] = folder.read(f"evaluations/{newest['step']}.json") or newest
        return message

    def curve(self, run_id: str, since: int = 0, points: int = 1000) -> dict[str, Any]:
        """The curve from a step on; raises UnknownRun."""
        folder = self.folder(run_id)
        layers = folder.read("network.json").get("layers", [])
        told = curve.described(folder, layers, since, points) if layers else EMPTY_CURVE
        beyond = {name: folder.lines(f"{name}.jsonl") for name in ("evaluations", "changes")}
        return {**told, **{name: [line for line in lines if line["step"] >= since] for name, lines in beyond.items()}}

    def evaluation(self, run_id: str, step: int) -> dict[str, Any]:
        """An evaluation with its confusion matrix; raises BadRun where there is none."""
        folder = self.folder(run_id)
        found = folder.read(f"evaluations/{step}.json")
        if not found:
            steps = ", ".join(str(line["step"]) for line in folder.lines("evaluations.jsonl"))
            raise UnknownRun(
                f"Step {step:,} was not evaluated, or not kept. Those that were: {steps or 'none'}.", "step"
            )
        return found

    def branch(self, run_id: str, step: int, title: str | None = None) -> str:
        """A new run that goes on from a checkpoint of another one, with the recipe as it was there; gives its id.

        Raises:
            UnknownRun: there is no such checkpoint.
        """
        folder, about = self.folder(run_id), self.folder(run_id).read("about.json")
        if step not in folder.checkpoints():
            kept = ", ".join(map(str, folder.checkpoints())) or "none yet"
            raise UnknownRun(f"There is no checkpoint of step {step:,}. There are: {kept}.", "step")
        named = title or f"{about['title']}, from step {step:,}"
        new = self.create(folder.plan(), named, {"run": run_id, "step": step})
        with full_disk_told():
            folder.copy_until(step, Folder(self.path / new))
            layers = folder.read("network.json")["layers"]
            curve.cut(Folder(self.path / new), curve.layer_type(len(layers)), step)
        return new

    def forget(self, run_id: str) -> None:
        """Drops what was made of a run's state."""
        self._described.pop(run_id, None)

    # The networks.

    def _snapshot(self, run_id: str, folder: Folder) -> int | None:
        """The step of the newest weights; they are held for a while, so that whoever is told can ask about them."""
        try:
            data = folder.file("snapshot.safetensors").read_bytes()
            header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
            step = int(header["__metadata__"]["step"])
        except (OSError, ValueError, KeyError):
            return None
        with self._lock:
            self._snapshots[f"run:{run_id}@{step}"] = data
            while sum(map(len, self._snapshots.values())) > SNAPSHOT_BYTES and len(self._snapshots) > 1:
                self._snapshots.popitem(last=False)
        return step

    def weights(self, model_id: str) -> dict[str, Tensor]:
        """The weights after so many steps; raises UnknownModel."""
        run_id, step = self._named(model_id)
        folder = self.folder_of_model(model_id)
        try:
            return folder.weights(step)
        except (FileNotFoundError, SafetensorError):
            with self._lock:
                data = self._snapshots.get(model_id)
        if data is not None:
            return load(data)
        kept = ", ".join(map(str, folder.checkpoints())) or "none yet"
        raise UnknownCheckpoint(f"Run {run_id} has no checkpoint of step {step:,}. It has: {kept}.")

    def folder_of_model(self, model_id: str) -> Folder:
        """The run's folder; raises UnknownModel."""
        run_id, _ = self._named(model_id)
        try:
            return self.folder(run_id)
        except UnknownRun as error:
            raise UnknownCheckpoint(error.detail) from None

    def _named(self, model_id: str) -> tuple[str, int]:
        found = MODEL.fullmatch(model_id)
        if found is None:
            raise UnknownCheckpoint(f"“{model_id[:60]}” names no run's network: it would be run:<id>@<step>.")
        return found[1], int(found[2])

    def fitted(self, folder: Folder) -> Fitted:
        """The network's design, fitted to its pictures."""
        told = folder.read("network.json")
        preprocessing = Preprocessing.model_validate(told["preprocessing"])
        return Fitted(
            folder.plan(), preprocessing.channels, preprocessing.crop, tuple(told["classes"]), preprocessing.mean,
            preprocessing.std,
        )  # fmt: skip

    def card(self, model_id: str) -> Card:
        """What is known of the network after so many steps; raises UnknownModel."""
        folder = self.folder_of_model(model_id)
        _, step = self._named(model_id)
        about, plan = folder.read("about.json"), folder.plan()
        if not folder.file("network.json").exists():
            raise UnknownCheckpoint("The run has not begun: there is no network yet.")
        fitted = self.fitted(folder)
        parameters = sum(parameter.numel() for parameter in fitted.blank().parameters())
        summary = f"As it was after {step:,} steps of training on {plan.data}."
        return Card(
            id=model_id, title=f"{about['title']}, step {step:,}", family="Trained here",
            year=int(about["created"][:4]), paper="", summary=summary, preprocessing=fitted.preprocessing,
            classes=fitted.classes, parameters=parameters, licence="",
        )  # fmt: skip

    def network(self, model_id: str) -> Network:
        """The network after so many steps, taken apart; raises UnknownModel."""
        weights = self.weights(model_id)
        fitted = self.fitted(self.folder_of_model(model_id))
        module = fitted.blank().to_empty(device="cpu")
        module.load_state_dict(weights)
        return fitted.traced(module, model_id)


EMPTY_CURVE: dict[str, Any] = {
    "every": 1, "next": 0, "steps": [], "loss": [], "accuracy": [], "learning_rate": [],
    "layers": {"names": [], "steps": [], "gradient": [], "update": [], "weight": []},
}  # fmt: skip


def seconds(folder: Folder, state: Mapping[str, Any]) -> float:
    """How long a run has trained."""
    passed: float = state.get("seconds", 0.0)
    if state.get("state") == "running":
        passed += max(0.0, time.time() - folder.file("state.json").stat().st_mtime)
    return round(passed, 2)


def trained_elsewhere(folder: Folder) -> bool:
    """Whether another program's worker holds a run."""
    try:
        with FileLock(folder.file("worker.lock"), timeout=0):
            return False
    except Timeout:
        return True
