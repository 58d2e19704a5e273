"""Writes torchvision.json: what torchvision's own modules are called, how they are shaped, and what they compute.

Run by hand where torchvision is installed; the tests need the file alone.
"""

import hashlib
import json
import math
from pathlib import Path

import torch
from torch import Tensor, nn

NAMES = (
    *("alexnet", "vgg11", "vgg13", "vgg16", "vgg19", "vgg11_bn", "vgg13_bn", "vgg16_bn", "vgg19_bn", "googlenet"),
    *("resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "squeezenet1_0", "squeezenet1_1", "densenet121"),
    *("mobilenet_v2", *(f"efficientnet_b{i}" for i in range(8))),
)
NO_HEADS = {"googlenet": {"aux_logits": False}}
COMPUTED = ("googlenet", "resnet50", "squeezenet1_1", "densenet121", "mobilenet_v2", "efficientnet_b0")
"""One of each kind that branches, at 96 × 96 pixels."""


def digest(module: nn.Module) -> str:
    """SHA-256 of the names and shapes of a state dict, in order."""
    lines = (f"{name} {list(value.shape)}" for name, value in module.state_dict().items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def epsilons(module: nn.Module) -> list[float]:
    """What batch normalisations add to the variance, which state dicts do not tell."""
    return sorted({part.eps for part in module.modules() if isinstance(part, nn.BatchNorm2d)})


def patterned(module: nn.Module) -> nn.Module:
    """The module in eval mode, with weights and statistics that are the same on every machine and none of them 0."""
    with torch.no_grad():
        for i, (name, value) in enumerate(module.state_dict().items()):
            if not value.is_floating_point():
                continue
            wave = torch.sin(torch.arange(value.numel(), dtype=torch.float64) * (1.3 + i % 7)).reshape(value.shape)
            if value.dim() > 1:
                value.copy_(wave * math.sqrt(4 / value[0].numel()))
            else:
                value.copy_(wave * 0.1 + (1.0 if name.endswith(("running_var", "weight")) else 0.0))
    return module.eval()


def picture() -> Tensor:
    """1×3×96×96, the same on every machine."""
    return torch.cos(torch.arange(3 * 96 * 96, dtype=torch.float64) * 0.37).reshape(1, 3, 96, 96).float()


def logits(module: nn.Module) -> list[float]:
    """The first eight, in float64."""
    with torch.inference_mode():
        values: list[float] = patterned(module.double())(picture().double())[0, :8].tolist()
    return values


def main() -> None:
    import torchvision

    def build(name: str, **options: bool) -> nn.Module:
        options |= {"init_weights": False} if name == "googlenet" else {}
        module: nn.Module = torchvision.models.get_model(name, weights=None, **options)
        return module

    facts: dict[str, dict[str, object]] = {}
    with torch.device("meta"):
        structures = {name: build(name, **NO_HEADS.get(name, {})) for name in NAMES}
        structures["googlenet_auxiliary"] = build("googlenet")
    for name, module in structures.items():
        facts[name] = {"tensors": len(module.state_dict()), "sha256": digest(module), "eps": epsilons(module)}
    for name in COMPUTED:
        facts[name]["logits"] = logits(build(name, **NO_HEADS.get(name, {})))
    about = (
        "Names and shapes of the state dicts of torchvision's definitions, and their first logits of patterned weights."
    )
    text = {
        "about": f"{about} torchvision {torchvision.__version__.partition('+')[0]}, by torchvision_facts.py.",
        "networks": facts,
    }
    path = Path(__file__).with_name("torchvision.json")
    path.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
