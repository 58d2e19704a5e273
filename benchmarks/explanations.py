"""Explanations that need little more than a pass, against plain passes: Ablation-CAM and Grad-CAM."""

import torch
from torch import Tensor

import models
from app.explain.method import methods
from app.explain.network import Network
from benchmarks import Row, ratio, seconds


def network_of(model: str) -> Network:
    """A network by its id, with random weights."""
    torch.manual_seed(0)
    preprocessing = models.declaration(model)[0].preprocessing
    return Network(models.create(model).eval(), preprocessing.input_shape, name=model, preprocessing=preprocessing)


def ask(network: Network, x: Tensor | None, name: str, **params: object) -> None:
    """A whole answer."""
    asked = methods()[name]
    for _ in asked.run(network, x, asked.params(**params)):
        pass


def ablation_cam() -> Row:
    """All 512 units of ResNet-18's last map."""
    network = network_of("resnet18")
    x = torch.rand(1, *network.input_shape)
    ours = seconds(lambda: ask(network, x, "ablation_cam", node=last_map(network)), 3)
    eight = x.expand(8, -1, -1, -1).contiguous()
    with torch.no_grad():
        whole = seconds(lambda: network.module(eight), 3) / 8
    return Row("ablation_cam of resnet18, 512 units", "512 passes of the whole net", ours / (512 * whole), 1 / 50)


def last_map(network: Network) -> str:
    """The node of ResNet-18's last map."""
    return next(name for name in reversed(network.nodes) if name.startswith("layer4"))


def grad_cam() -> Row:
    """ResNet-18's last map."""
    network = network_of("resnet18")
    x = torch.rand(1, *network.input_shape)
    node = last_map(network)

    def forward() -> None:
        with torch.no_grad():
            network.module(x)

    return Row(
        "grad_cam of resnet18, layer4",
        "its forward pass",
        ratio(lambda: ask(network, x, "grad_cam", node=node), forward),
        1.3,
    )


def run() -> list[Row]:
    """All rows of this module."""
    return [ablation_cam(), grad_cam()]
