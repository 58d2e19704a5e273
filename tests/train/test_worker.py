"""A worker's process: killed at random moments, left alone, told to change; it goes on as if nothing had happened."""

import random
from pathlib import Path

import numpy as np
import pytest
import torch

from app.store.runs import Runs
from app.train import curve
from app.train.folder import Folder
from tests.train.runs import new_run, until, worker

STEPS = 40


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A run that went from its beginning to its end."""
    folder = new_run(tmp_path_factory.mktemp("runs"))
    assert worker(folder).wait(240) == 0
    assert folder.read("state.json")["state"] == "finished"
    return folder


def same(first: Folder, second: Folder) -> None:
    """Whether two runs ended the same, with the same curve."""
    assert first.checkpoints()[-1] == second.checkpoints()[-1] == STEPS
    for name, value in first.weights(STEPS).items():
        assert torch.equal(value, second.weights(STEPS)[name]), name
    assert np.array_equal(curve.read_steps(first), curve.read_steps(second))
    layers = curve.layer_type(3)
    assert np.array_equal(curve.read_norms(first, layers), curve.read_norms(second, layers))
    assert first.lines("evaluations.jsonl") == second.lines("evaluations.jsonl")


def test_a_killed_worker_goes_on_bit_for_bit(undisturbed: Folder, tmp_path: Path) -> None:
    folder = new_run(tmp_path)
    moments = random.Random(1)
    for least in (1, 9, 25):
        process = worker(folder)
        wanted = least + moments.randrange(6)
        until(lambda wanted=wanted: curve.count(folder) > wanted)
        process.kill()
        process.wait()
        if folder.read("state.json")["state"] == "finished":
            break
        told = Runs(tmp_path, None).describe(folder.path.name)
        assert told["state"] == "interrupted"
        assert told["sentence"].startswith("The worker ended without a word at step ")
    assert worker(folder).wait(240) == 0
    same(undisturbed, folder)


def test_a_worker_whose_server_is_gone_leaves_a_checkpoint(undisturbed: Folder, tmp_path: Path) -> None:
    folder = new_run(tmp_path)
    process = worker(folder)
    until(lambda: curve.count(folder) > 5)
    assert process.stdin
    process.stdin.close()
    assert process.wait(240) == 0
    state = folder.read("state.json")
    if state["state"] != "finished":
        assert state["state"] == "interrupted"
        assert folder.checkpoints()[-1] == curve.count(folder)
        assert worker(folder).wait(240) == 0
    same(undisturbed, folder)


def test_a_change_is_marked_and_made_again_at_its_step(tmp_path: Path) -> None:
    ends = []
    for killed in (False, True):
        folder = new_run(tmp_path / str(killed))
        process = worker(folder, "step", steps=11)
        until(lambda folder=folder: folder.read("state.json").get("state") == "paused")
        folder.append("commands.jsonl", {"do": "change", "changes": {"learning_rate": 0.3, "batch_size": 50}})
        folder.append("commands.jsonl", {"do": "step", "steps": 3})
        until(lambda folder=folder: curve.count(folder) >= 14 and folder.read("state.json")["state"] == "paused")
        if killed:
            process.kill()
            process.wait()
            for step in folder.checkpoints():
                if step > 8:
                    folder.remove(step)
            process = worker(folder)
        else:
            folder.append("commands.jsonl", {"do": "play"})
        assert process.wait(240) == 0
        changes = folder.lines("changes.jsonl")
        assert [(line["step"], line["field"], line["from"], line["to"]) for line in changes] == [
            (11, "learning_rate", 0.1, 0.3),
            (11, "batch_size", 100, 50),
        ]
        ends.append(folder)
    last = ends[0].checkpoints()[-1]
    assert last == ends[1].checkpoints()[-1] > STEPS
    for name, value in ends[0].weights(last).items():
        assert torch.equal(value, ends[1].weights(last)[name]), name


def test_a_loss_that_is_no_number_says_where_and_why(tmp_path: Path) -> None:
    folder = new_run(tmp_path, learning_rate=1000.0, schedule="constant", epochs=10)
    assert worker(folder).wait(240) == 0
    state = folder.read("state.json")
    assert state["state"] == "failed"
    problem = state["problem"]
    assert problem["learning_rate"] == 1000.0
    assert problem["layer"] in ("conv1", "conv2", "output")
    assert problem["good"] in folder.checkpoints()
    assert problem["step"] == curve.count(folder)
    assert state["sentence"].startswith(f"The loss is not a number at step {problem['step']}: ")
    assert all(bool(value.isfinite().all()) for value in folder.weights(problem["good"]).values())


def test_checkpoints_are_thinned_and_stay_dense_at_the_beginning(undisturbed: Folder, tmp_path: Path) -> None:
    assert undisturbed.checkpoints() == [0, 1, 2, 4, 8, 16, 20, 40]
    folder = Folder(tmp_path)
    heavy = {"weight": torch.zeros(1 << 20)}
    for step in (*(2**power for power in range(10)), *range(1024, 1024 * 30, 1024)):
        folder.save(step, {"step": step}, heavy)
        folder.thin()
    kept = folder.checkpoints()
    assert len(kept) == 8
    assert kept[0] == 1
    assert kept[-1] == 1024 * 29
    assert sum(step <= 256 for step in kept) >= 3
