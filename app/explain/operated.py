"""operated: every layer's maps, or the classes, of a network after surgery."""

from collections.abc import Collection, Iterator, Mapping
from typing import Literal

from pydantic import Field
from torch import Tensor

from app.explain.activations import ActivationsParams, activations
from app.explain.activations import memory as activations_memory
from app.explain.classify import ClassifyParams, classify
from app.explain.method import Frame, Params, method
from app.explain.network import Network, Replacement, Rule
from app.explain.node import Node
from app.explain.surgery import Edit, SurgeryParams, check, kernel_rules, replacements
from app.explain.view import NetworkView


class OperatedParams(Params):
    """What is cut, and what is wanted of the network then."""

    edits: tuple[Edit, ...] = Field(
        default=(), max_length=256, title="Cuts", description="One after the other; without the last one it is undone."
    )
    wanted: Literal["maps", "classes"] = Field(default="maps", title="Wanted")
    k: int = Field(default=5, ge=1, le=1000, title="Classes listed", description="The k most probable ones.")


class OperatedNetwork(NetworkView):
    """A view of a network whose every pass has the cuts in it; the network itself stays as it is."""

    def __init__(self, network: Network, params: SurgeryParams) -> None:
        super().__init__(network)
        self._replace = replacements(params)
        self._rules = kernel_rules(network, params)

    def run(
        self,
        x: Tensor | None = None,
        *,
        start: Mapping[str, Tensor] | None = None,
        until: str | Collection[str] | None = None,
        replace: Mapping[str, Replacement] | None = None,
        rules: Mapping[str, Rule] | None = None,
    ) -> Iterator[tuple[Node, Tensor]]:
        replace, rules = {**(replace or {}), **self._replace}, {**(rules or {}), **self._rules}
        return self._network.run(x, start=start, until=until, replace=replace, rules=rules)


def memory(network: Network, params: OperatedParams) -> int:
    """Bytes of one pass's values."""
    return activations_memory(network, ActivationsParams())


@method(
    "operated",
    title="After surgery",
    source="Bau et al. 2020, Understanding the Role of Individual Units in a Deep Neural Network",
    memory=memory,
)
def operated(network: Network, image: Tensor, params: OperatedParams) -> Iterator[Frame]:
    """What every layer makes of the picture, or what the network takes it for, with some units knocked out or scaled,
    numbers of kernels changed, or something painted on maps: a' = f_cut(x), as surgery cuts.

    What it can tell: how all that follows the cut changes. What it cannot: by how much (ask surgery, which sets both
    networks side by side).

    Yields what activations does, one array per layer and the values `statistics`; or, where the classes are wanted,
    what classify does.

    Raises:
        UnknownNode, UnknownUnit: there is no such layer or unit.
        AskError: the layer has no such kernel number, or no map to paint on.
    """
    for place, edit in enumerate(params.edits):
        check(network, edit, f"params.edits.{place}")
    cut = OperatedNetwork(network, SurgeryParams(edits=params.edits))
    if params.wanted == "maps":
        yield from activations(cut, image, ActivationsParams())
    else:
        yield from classify(cut, image, ClassifyParams(k=params.k))
