"""The lectures' pattern as data: INPUT → [[CONV → ACT]×N → POOL?]×M → [FC → ACT]×K → FC."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from torch import nn

from app.train.errors import BadRun

ACTIVATIONS = {
    "relu": "ReLU", "leaky_relu": "LeakyReLU", "elu": "ELU", "gelu": "GELU", "silu": "SiLU", "tanh": "Tanh",
    "sigmoid": "Sigmoid",
}  # fmt: skip

LARGEST = 50_000_000
"""Parameters of a network that is trained here."""


class Block(BaseModel):
    """[CONV → ACT]×N → POOL?"""

    model_config = ConfigDict(frozen=True, extra="forbid")

    repeat: int = Field(1, ge=1, le=8, title="Convolutions")
    width: int = Field(16, ge=1, le=1024, title="Filters")
    kernel: int = Field(3, ge=1, le=15, title="Kernel", json_schema_extra={"unit": "px"})
    stride: int = Field(1, ge=1, le=8, title="Stride", json_schema_extra={"unit": "px"})
    padding: int = Field(1, ge=0, le=15, title="Padding", json_schema_extra={"unit": "px"})
    dilation: int = Field(1, ge=1, le=8, title="Dilation", json_schema_extra={"unit": "px"})
    pool: Literal["max", "average"] | None = Field("max", title="Pooling")
    pool_size: int = Field(2, ge=2, le=8, title="Pooled over", json_schema_extra={"unit": "px"})


class Architecture(BaseModel):
    """A network by the lectures' pattern."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    blocks: tuple[Block, ...] = Field((Block(),), min_length=1, max_length=12, title="Blocks")
    dense: tuple[int, ...] = Field((), max_length=6, title="Dense layers", description="Units of each.")
    activation: Literal["relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid"] = Field(
        "relu", title="Activation"
    )
    normalisation: Literal["none", "batch", "group"] = Field("none", title="Normalisation")
    dropout: float = Field(0.0, ge=0, lt=1, title="Dropout", description="Before each dense layer.")
    pooled: bool = Field(False, title="Global average", description="Of each map, before the dense layers.")


@dataclass(frozen=True)
class Layer:
    """One layer: its name, its class in `torch.nn`, and what that is called with."""

    name: str
    kind: str
    arguments: tuple[int, ...] = ()
    keywords: dict[str, Any] = field(default_factory=dict)

    def module(self) -> nn.Module:
        """Makes it."""
        module: nn.Module = getattr(nn, self.kind)(*self.arguments, **self.keywords)
        return module

    def text(self) -> str:
        """The Python that makes it."""
        given = [*map(repr, self.arguments), *(f"{name}={value!r}" for name, value in self.keywords.items())]
        return f"nn.{self.kind}({', '.join(given)})"


def layers(architecture: Architecture, shape: tuple[int, int, int], classes: int) -> list[Layer]:
    """The layers of a network in their order, for pictures C×H×W.

    Raises:
        BadRun: it is impossible; the sentence says which layer, and why.
    """
    channels, height, width = shape
    assert height == width, "Pictures are squares here."
    side, made = height, list[Layer]()
    for number, block in enumerate(architecture.blocks, 1):
        for index in range(1, block.repeat + 1):
            name = f"conv{number}_{index}" if block.repeat > 1 else f"conv{number}"
            side = after_convolution(block, side, name, number)
            made += convolution(architecture, block, channels, name)
            channels = block.width
        if block.pool:
            side = after_pooling(block, side, number)
            kind = "MaxPool2d" if block.pool == "max" else "AvgPool2d"
            made.append(Layer(f"pool{number}", kind, (block.pool_size,)))
    if architecture.pooled:
        made.append(Layer("average", "AdaptiveAvgPool2d", (1,)))
        side = 1
    made.append(Layer("flatten", "Flatten"))
    units = channels * side * side
    for number, wanted in enumerate(architecture.dense, 1):
        if not 1 <= wanted <= 4096:
            raise BadRun(
                f"Dense layer {number} has {wanted} units; 1 to 4096 are possible.", f"architecture.dense.{number - 1}"
            )
        made += dropout(architecture, f"dropout{number}")
        made += [Layer(f"fc{number}", "Linear", (units, wanted)), activation(architecture, f"fc{number}")]
        units = wanted
    made += dropout(architecture, f"dropout{len(architecture.dense) + 1}")
    made.append(Layer("output", "Linear", (units, classes)))
    check_size(made)
    return made


def convolution(architecture: Architecture, block: Block, channels: int, name: str) -> list[Layer]:
    """A convolution, its normalisation and its activation."""
    usual = {"stride": 1, "padding": 0, "dilation": 1}
    given = {key: value for key in usual if (value := getattr(block, key)) != usual[key]}
    made = [Layer(name, "Conv2d", (channels, block.width, block.kernel), given)]
    if architecture.normalisation == "batch":
        made.append(Layer(f"{name}_norm", "BatchNorm2d", (block.width,)))
    elif architecture.normalisation == "group":
        groups = next(count for count in (8, 4, 2, 1) if block.width % count == 0)
        made.append(Layer(f"{name}_norm", "GroupNorm", (groups, block.width)))
    return [*made, activation(architecture, name)]


def activation(architecture: Architecture, name: str) -> Layer:
    """The activation after a layer."""
    return Layer(f"{name}_{architecture.activation}", ACTIVATIONS[architecture.activation])


def dropout(architecture: Architecture, name: str) -> list[Layer]:
    """The dropout before a dense layer, where there is one."""
    return [Layer(name, "Dropout", (), {"p": architecture.dropout})] if architecture.dropout else []


def after_convolution(block: Block, side: int, name: str, number: int) -> int:
    """The side of a convolution's maps; raises BadRun where none is left."""
    reach = block.dilation * (block.kernel - 1) + 1
    if reach > side + 2 * block.padding:
        dilated = f", {reach} × {reach} with its dilation of {block.dilation}" if block.dilation > 1 else ""
        raise BadRun(
            f"{name} sees maps of {side} × {side}, with padding {block.padding} a side "
            f"{side + 2 * block.padding} × {side + 2 * block.padding}; its kernel of {block.kernel} × {block.kernel}"
            f"{dilated} does not fit into them. Pool less before it, or choose a smaller kernel or more padding.",
            f"architecture.blocks.{number - 1}",
        )
    return (side + 2 * block.padding - reach) // block.stride + 1


def after_pooling(block: Block, side: int, number: int) -> int:
    """The side of a pooling's maps; raises BadRun where none is left."""
    if block.pool_size > side:
        raise BadRun(
            f"pool{number} sees maps of {side} × {side}: nothing is left of them when {block.pool_size} × "
            f"{block.pool_size} are pooled. Leave it out, or make fewer maps smaller before it.",
            f"architecture.blocks.{number - 1}",
        )
    return side // block.pool_size


def check_size(made: list[Layer]) -> None:
    """Refuses what has more parameters than are trained here; raises BadRun naming the largest layer."""
    sizes = {layer.name: parameters(layer) for layer in made}
    total, largest = sum(sizes.values()), max(sizes, key=lambda name: sizes[name])
    if total > LARGEST:
        raise BadRun(
            f"The network has {total:,} parameters, {sizes[largest]:,} of them in {largest}; at most {LARGEST:,} are "
            "trained here. Pool more before it, or make it narrower.",
            "architecture.blocks" if largest.startswith("conv") else "architecture.dense",
        )


def parameters(layer: Layer) -> int:
    """How many numbers a layer learns."""
    if layer.kind == "Linear":
        inputs, units = layer.arguments
        return (inputs + 1) * units
    if layer.kind == "Conv2d":
        channels, width, kernel = layer.arguments
        return (channels * kernel * kernel + 1) * width
    return 0


def module_of(made: list[Layer]) -> nn.Sequential:
    """The layers as a network."""
    return nn.Sequential(OrderedDict((layer.name, layer.module()) for layer in made))


def source_of(made: list[Layer]) -> str:
    """The PyTorch that makes the network."""
    lines = [f'    ("{layer.name}", {layer.text()}),' for layer in made]
    head = ["from collections import OrderedDict", "", "from torch import nn", "", "net = nn.Sequential(OrderedDict(["]
    return "\n".join([*head, *lines, "]))", ""])
