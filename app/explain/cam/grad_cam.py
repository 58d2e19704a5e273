"""grad_cam: a layer's maps, weighed by how a class's logit depends on each as a whole."""

from collections.abc import Iterator

from torch import Tensor

from app.explain.cam.weighing import CamParams, maps_and_gradient, memory, weighed
from app.explain.method import Frame, method
from app.explain.network import Network


@method(
    "grad_cam",
    title="Grad-CAM",
    source="Selvaraju et al. 2017, Grad-CAM: Visual Explanations from Deep Networks",
    memory=memory,
    shows="map",
    leads=True,
)
def grad_cam(network: Network, image: Tensor, params: CamParams) -> Iterator[Frame]:
    """Where a layer saw what speaks for a class: m = max(0, Σ_k α_k A_k), α_k = mean over places of ∂z_c / ∂A_k.

    One pass, and back no further than to the layer. What it can tell: roughly where, and for each class elsewhere. What
    it cannot: what in there, at the layer's few places; and in layers before the last the mean over places throws away
    where each map counted.

    Yields `low`, rows × columns of the layer, and `map`, rows × columns of the picture; values `class` and `map`.
    """
    node, target, logits, maps, slope = maps_and_gradient(network, image, params)
    weights = slope.mean((1, 2))
    low = (weights[:, None, None] * maps).sum(0)
    yield from weighed(network, node, logits, target, low)
