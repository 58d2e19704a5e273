"""Whole networks, as torch's exporters write them, against onnxruntime in every value."""

import pytest
import torch

import models
from tests.onnx.comparing import CLOSE, difference, exported


@pytest.mark.parametrize("name", ["lenet5", "tiny_vgg", "cifar_resnet20", "squeezenet1_1", "mobilenet_v2", "googlenet"])
def test_every_value_is_onnxruntimes(name: str) -> None:
    card, _ = models.declaration(name)
    worst, _, network = difference(exported(models.create(name), card.preprocessing.input_shape))
    assert worst < CLOSE
    assert network.logits(torch.zeros(2, *network.input_shape)).shape[0] == 2
