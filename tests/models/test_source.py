"""The source that is shown of a network is the one that makes it: each layer leads to the line of its constructor."""

import re

import pytest
import torch

from models import cards, declaration
from models.source import source

CONSTRUCTORS = {
    ("lenet5", "conv1"): "self.conv1 = nn.Conv2d(1, 6, kernel_size=5)",
    ("vgg16", "features.0"): "layers.append(nn.Conv2d(inputs, width, 3, padding=1))",
    ("vgg16", "classifier.3"): "nn.Linear(4096, 4096),",
    ("resnet18", "layer2.0.conv1"): "self.conv1 = nn.Conv2d(inputs, width, 3, stride=stride, padding=1, bias=False)",
    ("densenet121", "features.conv0"): "conv0=nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False),",
    ("squeezenet1_1", "features.3.expand3x3"): "self.expand3x3 = nn.Conv2d(squeeze, expand, 3, padding=1)",
}


@pytest.mark.parametrize(("model_id", "module"), CONSTRUCTORS)
def test_a_module_leads_to_its_line(model_id: str, module: str) -> None:
    found = source(model_id)
    text = found.text.splitlines()
    assert text[found.lines[module][-1] - 1].strip() == CONSTRUCTORS[model_id, module]


@pytest.mark.parametrize("model_id", [card.id for card in cards()])
def test_every_layer_with_weights_has_a_line_that_names_its_kind(model_id: str) -> None:
    found = source(model_id)
    text = found.text.splitlines()
    with torch.device("meta"):
        module = declaration(model_id)[1]()
    for name, part in module.named_modules():
        if not isinstance(part, torch.nn.Conv2d | torch.nn.Linear):
            continue
        around = " ".join(text[found.lines[name][-1] - 1 : found.lines[name][-1] + 2])
        # ZFNet's head is AlexNet's, made by a function of that file.
        assert re.search(rf"nn\.{type(part).__name__}\(|= classifier\(classes\)", around), (name, around)


def test_the_outer_lines_come_first() -> None:
    found = source("resnet18")
    text = [line.strip() for line in found.text.splitlines()]
    outer, *_, inner = (text[line - 1] for line in found.lines["layer1.0.conv2"])
    assert outer.startswith("return ResNet(BasicBlock")
    assert inner.startswith("self.conv2 = ")
    assert text[found.forwards["layer1.0"] - 1].startswith("def forward(")
