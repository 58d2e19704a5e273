"""Small networks, images and methods whose running a test can hold and count."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from typing import Any

import torch
from pydantic import Field
from torch import Tensor, nn

from app.explain.framing import Framing
from app.explain.method import Frame, Params, method
from app.explain.network import Network
from app.explain.node import Node
from models.card import Preprocessing
from models.registry import UnknownModel

PREPROCESSING = Preprocessing(resize=8, crop=8, mean=(0.0,) * 3, std=(1.0,) * 3)


class CountingNetwork(Network):
    """A network that writes down how many images each pass had, and how many nodes were computed."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.passes: list[int] = []
        self.computed: list[str] = []

    def run(self, x: Tensor | None = None, **keywords: Any) -> Iterator[tuple[Node, Tensor]]:
        self.passes.append(0 if x is None else len(x))
        for node, value in super().run(x, **keywords):
            self.computed.append(node.name)
            yield node, value


def toy_network(name: str = "toy") -> CountingNetwork:
    """Two convolutions and a dense layer with seeded weights, 3×8×8 → 5."""
    with torch.random.fork_rng():
        torch.manual_seed(len(name))
        module = nn.Sequential(
            nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(64, 5)
        )
    return CountingNetwork(module, (3, 8, 8), name=name, preprocessing=PREPROCESSING)


class Models:
    """A ModelSource of two toy networks."""

    def __init__(self) -> None:
        self.networks = {name: toy_network(name) for name in ("toy", "other")}
        self.weights = "weights"

    def network(self, model_id: str) -> Network:
        if model_id not in self.networks:
            raise UnknownModel(model_id)
        return self.networks[model_id]

    def weights_id(self, model_id: str) -> str:
        return f"{model_id} {self.weights}"


class Images:
    """An ImageSource in which every number is an image."""

    def tensor(self, image_id: str, preprocessing: Preprocessing, framing: Framing | None = None) -> Tensor:
        if not image_id.isdecimal():
            raise KeyError(image_id)
        return picture(int(image_id))


def picture(seed: int) -> Tensor:
    """A picture, 1×3×8×8."""
    return torch.rand((1, 3, 8, 8), generator=torch.Generator().manual_seed(seed))


class Gate:
    """Holds methods until a test lets them through, and writes down what they did."""

    def __init__(self) -> None:
        self._permits = threading.Semaphore(0)
        self._free = threading.Event()
        self.log: list[str] = []

    def open(self) -> None:
        """Lets everything through from now on."""
        self._free.set()
        self._permits.release(1000)

    def let(self, count: int = 1) -> None:
        """Lets some steps through."""
        self._permits.release(count)

    def pass_through(self, what: str) -> None:
        """Waits for a permit, inside a method."""
        if not self._free.is_set() and not self._permits.acquire(timeout=30):
            raise TimeoutError("The test never let this step through.")
        self.log.append(what)


class StepsParams(Params):
    """How long it takes."""

    steps: int = Field(default=3, ge=1, le=1000)
    label: str = "a"
    rate: float = 1.0


class NoParams(Params):
    """Nothing."""


class NodesParams(Params):
    """Parts of a network."""

    nodes: list[str] | None = None
    node: str | None = None
    units: list[int] | None = None


def declare(gate: Gate) -> None:
    """Declares the toy methods."""

    @method("steps", title="Steps", source="tests", image="none")
    def steps(network: Network, image: None, params: StepsParams) -> Iterator[Frame]:
        """Yields the same name again and again, once for each permit."""
        try:
            for step in range(1, params.steps + 1):
                gate.pass_through(f"{params.label}{step}")
                array = torch.full((2,), float(step))
                yield Frame("count", array, ("unit",), values={"last": step, f"step {step}": True}, step=step)
        finally:
            gate.log.append(f"{params.label} closed")

    @method("sums", title="Sums", source="tests", batch=True)
    def sums(network: Network, image: Tensor, params: NodesParams) -> Iterator[Frame]:
        """Yields every node's value."""
        gate.pass_through("sums")
        for node, value in network.run(image, until=params.nodes):
            yield Frame(node.name, value[0], node=node.name, values={"sums": {node.name: float(value.sum())}})

    @method("watched", title="Watched", source="tests")
    def watched(network: Network, image: Tensor, params: NoParams) -> Iterator[Frame]:
        """Goes through a whole pass, waiting at every node, and yields only at the end."""
        for node, _ in network.run(image):
            gate.pass_through(node.name)
        yield Frame("done", values={"done": True})

    @method("hungry", title="Hungry", source="tests", image="none")
    def hungry(network: Network, image: None, params: NoParams) -> Iterator[Frame]:
        """Runs out of memory for real: asks for more than any machine has."""
        yield Frame("begun", values={"begun": True})
        yield Frame("never", torch.empty(2**60))

    @method("huge", title="Huge", source="tests", image="none", memory=lambda network, params: 3 * 2**30)
    def huge(network: Network, image: None, params: NoParams) -> Iterator[Frame]:
        """Says that it takes three gibibytes."""
        yield Frame("small", torch.zeros(1))

    @method("broken", title="Broken", source="tests", image="none")
    def broken(network: Network, image: None, params: NoParams) -> Iterator[Frame]:
        """Has a fault."""
        raise ZeroDivisionError("division by zero")

    @method("improper", title="Improper", source="tests", image="none")
    def improper(network: Network, image: None, params: NoParams) -> Iterator[Frame]:
        """Yields values that are no table."""
        yield Frame("begun")
        yield Frame("values", values=[1, 2])  # type: ignore[arg-type]

    @method("graded", title="Graded", source="tests")
    def graded(network: Network, image: Tensor, params: StepsParams) -> Iterator[Frame]:
        """Yields while it has switched gradients off, and says whether they are where it left them."""
        with torch.no_grad():
            for step in range(params.steps):
                yield Frame("mode", values={f"off {step}": not torch.is_grad_enabled()})
        x = image.clone().requires_grad_()
        with torch.enable_grad():
            logits = network.logits(x)
            yield Frame("mode", values={"on": torch.is_grad_enabled()})
            (gradient,) = torch.autograd.grad(logits.sum(), x)
        yield Frame("gradient", gradient[0])


def finish(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Runs a coroutine to its end; a minute without one is a failure, not a wait."""

    async def bounded() -> Any:
        return await asyncio.wait_for(coroutine, 60)

    return asyncio.run(bounded())
