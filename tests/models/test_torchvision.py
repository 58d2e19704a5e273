"""The networks are torchvision's: their state dicts have its names and shapes, and they compute the same."""

import json

import pytest
import torch

from models import declaration
from tests.explain.test_truth import TRUTH
from tests.truth.torchvision_facts import COMPUTED, digest, epsilons, logits

FACTS = json.loads((TRUTH / "torchvision.json").read_text(encoding="utf-8"))["networks"]


@pytest.mark.parametrize("model_id", FACTS)
def test_state_dicts_have_its_names_and_shapes(model_id: str) -> None:
    with torch.device("meta"):
        module = declaration(model_id)[1]()
    assert len(module.state_dict()) == FACTS[model_id]["tensors"]
    assert digest(module) == FACTS[model_id]["sha256"]
    assert epsilons(module) == FACTS[model_id]["eps"]


@pytest.mark.parametrize("model_id", COMPUTED)
def test_logits_are_its_logits(model_id: str) -> None:
    assert logits(declaration(model_id)[1]()) == pytest.approx(FACTS[model_id]["logits"], rel=1e-6)
