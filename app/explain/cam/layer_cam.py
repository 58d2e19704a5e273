"""layer_cam: a layer's maps, each place weighed by its own gradient."""

from collections.abc import Iterator

from torch import Tensor

from app.explain.cam.weighing import CamParams, maps_and_gradient, memory, weighed
from app.explain.method import Frame, method
from app.explain.network import Network


@method(
    "layer_cam",
    title="LayerCAM",
    source="Jiang et al. 2021, LayerCAM: Exploring Hierarchical Class Activation Maps",
    memory=memory,
    shows="map",
)
def layer_cam(network: Network, image: Tensor, params: CamParams) -> Iterator[Frame]:
    """A class activation map for early layers too: m = max(0, Σ_k max(0, ∂z_c / ∂A_k) · A_k), place by place.

    What it can tell: in early layers fine structure, in late ones the place, as every value keeps its own weight. What
    it cannot: what speaks against the class.

    Yields `low`, rows × columns of the layer, and `map`, rows × columns of the picture; values `class` and `map`.
    """
    node, target, logits, maps, slope = maps_and_gradient(network, image, params)
    low = (slope.clamp(min=0) * maps).sum(0)
    yield from weighed(network, node, logits, target, low)
