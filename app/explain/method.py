"""The Method contract: a declared function that yields Frames, and the registry of all methods."""

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict
from torch import Tensor

from app.explain.network import Network
from models.card import Preprocessing

Kind = Literal["signed", "positive", "weight", "attribution", "picture"]
"""What an array's numbers are, and so which colours show them: `signed` diverge around zero, `positive` start at
zero, `weight` are a network's parameters, `attribution` belongs to pixels, `picture` is one (0…1, colours last)."""


class Params(BaseModel):
    """Base of every method's parameters. Fields carry title, bounds, default, and `unit` in their schema's extra."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class Frame:
    """A named array, or a table of values, on the way to an answer.

    The last frame of each name is the answer; earlier ones are the picture improving. `values` of all frames are
    merged, table into table, the later ones winning. `extremes` are the least and the greatest value of each unit,
    where the method knows them and all values are finite: nobody need look for them again.
    """

    name: str
    array: Tensor | None = None
    axes: tuple[str, ...] = ()
    kind: Kind = "signed"
    unit: str = ""
    node: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    step: int = 1
    steps: int = 1
    extremes: tuple[Sequence[float], Sequence[float]] | None = None


Ask = Callable[[Network, Tensor | None, Any], Iterator[Frame]]


@dataclass(frozen=True)
class Method:
    """A way to look into a network, as declared."""

    name: str
    title: str
    summary: str
    source: str
    image: Literal["required", "optional", "none"]
    params: type[Params]
    run: Ask
    batch: bool
    memory: Callable[[Network, Any], int]
    seen: Callable[[Preprocessing, Any], Preprocessing]
    example: str
    shows: str
    leads: bool


_METHODS: dict[str, Method] = {}


def one_pass(network: Network, params: Params) -> int:
    """Bytes that one pass keeps when all its values are kept, in float32."""
    return 4 * sum(node.size for node in network.nodes.values())


def as_the_network(preprocessing: Preprocessing, params: Params) -> Preprocessing:
    """The picture is prepared as for the network itself."""
    return preprocessing


Function = TypeVar("Function", bound=Callable[..., Iterator[Frame]])


def method(
    name: str,
    *,
    title: str,
    source: str,
    image: Literal["required", "optional", "none"] = "required",
    batch: bool = False,
    memory: Callable[[Network, Any], int] = one_pass,
    seen: Callable[[Preprocessing, Any], Preprocessing] = as_the_network,
    example: str = "tiny_vgg",
    shows: str = "",
    leads: bool = False,
) -> Callable[[Function], Function]:
    """Declares a method.

    The function takes `(network, image, params)`: the image preprocessed, 1×C×H×W or None; `params` annotated with
    a subclass of Params. Its docstring is its help.

    Args:
        name: how it is asked for.
        title: what the page calls it.
        source: the paper it comes from.
        image: whether it looks at a picture.
        batch: its only work on the network is one plain `network.run`, so that asks may share a pass.
        memory: estimates the bytes it will need, before it starts.
        seen: how its picture is prepared, where that is not as the network's card says.
        example: a network that comes with its weights, on which the documentation shows it.
        shows: the array that explains an answer as a picture does: one of rows × columns is laid over the picture, one
            with colours is shown beside it. The page's panel “Why” has every method that names one.
        leads: it is one of those that “Why” begins with.
    """

    def register(function: Function) -> Function:
        params = typing.get_type_hints(function)["params"]
        summary = inspect.getdoc(function) or ""
        _METHODS[name] = Method(
            name, title, summary, source, image, params, function, batch, memory, seen, example, shows, leads
        )
        return function

    return register


@cache
def load_methods() -> None:
    """Imports every file of this package and its folders once, so that each declares its methods."""
    for module in pkgutil.walk_packages([str(Path(__file__).parent)], "app.explain."):
        importlib.import_module(module.name)


def methods() -> dict[str, Method]:
    """All methods by name."""
    load_methods()
    return dict(sorted(_METHODS.items()))
