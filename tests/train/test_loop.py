"""A training learns, can be interrupted anywhere between epochs, and leaves weights that load."""

import json
from pathlib import Path

import pytest
import torch

import models
from app.train.epochs import run_epochs, save_atomically
from app.train.loop import Training
from app.train.weights import write_weights
from tests.train.toys import dataset, plan


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Training:
    """A whole training."""
    trainer = Training(plan(), dataset())
    reports = list(run_epochs(trainer, tmp_path_factory.mktemp("whole") / "training.checkpoint"))
    assert [report.epoch for report in reports] == [1, 2, 3, 4]
    assert reports[-1].loss < reports[0].loss / 4
    assert reports[-1].validation_accuracy >= 95
    return trainer


def test_what_was_learnt_holds_on_test_pictures(finished: Training) -> None:
    untrained = Training(plan(), dataset())
    assert untrained.test_accuracy() < 40
    assert finished.test_accuracy() >= 95


def test_an_interrupted_training_ends_bit_equal(finished: Training, tmp_path: Path) -> None:
    checkpoint = tmp_path / "training.checkpoint"
    first = Training(plan(), dataset())
    for report in run_epochs(first, checkpoint):
        if report.epoch == 2:
            break
    # Whatever random numbers are drawn in between must not matter.
    torch.rand(7)
    second = Training(plan(), dataset())
    assert [report.epoch for report in run_epochs(second, checkpoint)] == [3, 4]
    assert finished.weights().keys() == second.weights().keys()
    for name, value in finished.weights().items():
        assert torch.equal(value, second.weights()[name]), name


def test_a_finished_training_is_not_trained_again(finished: Training, tmp_path: Path) -> None:
    save_atomically(finished.state(), tmp_path / "done.checkpoint")
    again = Training(plan(), dataset())
    assert list(run_epochs(again, tmp_path / "done.checkpoint")) == []
    assert torch.equal(again.weights()["conv1.weight"], finished.weights()["conv1.weight"])


def test_validation_and_training_pictures_are_apart() -> None:
    trainer = Training(plan(), dataset())
    kept = {image.numpy().tobytes() for image in trainer.images}
    held_out = {image.numpy().tobytes() for image in trainer.validation[0]}
    tested = {image.numpy().tobytes() for image in trainer.test[0]}
    assert (len(kept), len(held_out), len(tested)) == (384, 96, 500)
    assert not kept & held_out
    assert not (kept | held_out) & tested


def test_a_checkpoint_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "training.checkpoint"
    save_atomically({"epoch": 1}, path)
    with pytest.raises(Exception, match="pickle"):
        save_atomically({"epoch": 2, "not data": lambda: None}, path)
    assert torch.load(path, weights_only=True) == {"epoch": 1}


def test_weights_and_report(finished: Training, tmp_path: Path) -> None:
    weights, report = write_weights(finished, tmp_path / "weights")
    loaded = models.create("lenet5", pretrained=True, folders=[weights.parent])
    for name, value in loaded.state_dict().items():
        assert torch.equal(value, finished.weights()[name])
    told = models.Training.model_validate(json.loads(report.read_text(encoding="utf-8")))
    assert told.measured.top1 == round(finished.test_accuracy(), 2)
    assert told.measured.on == "squares test set (500)"
    assert "4 epochs of AdamW" in told.recipe
    assert sorted(path.name for path in weights.parent.iterdir()) == ["lenet5.json", "lenet5.safetensors"]
