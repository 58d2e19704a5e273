"""Max-response pictures: many units in one batch through a truncated net, against one at a time through all of it."""

import statistics

import torch
from torch import Tensor, nn

import models
from app.explain.ascent.params import MaxResponseParams
from app.explain.max_response import max_response
from app.explain.network import Network
from benchmarks import Row, seconds

UNITS = 64
SIZE = 128
STEPS = 8
TIMES = 3


def one_at_a_time(module: nn.Module, node: str, unit: int, mean: Tensor, std: Tensor) -> None:
    """What a notebook does: a hook on the layer, the whole network forwards, and `backward` for a single picture."""
    caught: list[Tensor] = []
    hook = module.get_submodule(node).register_forward_hook(lambda *call: caught.append(call[2]))
    picture = torch.rand(1, 3, SIZE, SIZE)
    for _ in range(STEPS):
        picture.requires_grad_()
        module((picture - mean) / std)
        caught.pop()[0, unit].norm().backward()
        assert picture.grad is not None
        step = picture.grad / picture.grad.square().mean().sqrt()
        picture = (picture.detach() + 0.02 * step).clamp(0, 1)
        module.zero_grad()
    hook.remove()


def run() -> list[Row]:
    """All rows of this module."""
    card, _ = models.declaration("resnet18")
    module = models.create("resnet18").eval()
    network = Network(module, card.preprocessing.input_shape, preprocessing=card.preprocessing)
    mean, std = (torch.tensor(v).reshape(3, 1, 1) for v in (card.preprocessing.mean, card.preprocessing.std))
    node = [name for name in network.nodes if name.startswith("layer2.")][-1]
    params = MaxResponseParams(node=node, units=tuple(range(UNITS)), preset="lecture", steps=STEPS, size=SIZE)

    def together() -> None:
        for _ in max_response(network, None, params):
            pass

    ratios = [
        seconds(together, 1, int(turn == 0))
        / UNITS
        / seconds(lambda: one_at_a_time(module, "layer2", 0, mean, std), 1, int(turn == 0))
        for turn in range(TIMES)
    ]
    return [
        Row(
            f"max-response pictures of {UNITS} units, resnet18 layer2 at {SIZE} px, per unit",
            "one unit at a time through the whole net in float32",
            statistics.median(ratios),
            1 / 10,
        )
    ]
