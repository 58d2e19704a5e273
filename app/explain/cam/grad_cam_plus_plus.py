"""grad_cam_plus_plus: a layer's maps, weighed so that several things of one class all count."""

from collections.abc import Iterator

from torch import Tensor

from app.explain.cam.weighing import CamParams, maps_and_gradient, memory, weighed
from app.explain.method import Frame, method
from app.explain.network import Network


@method(
    "grad_cam_plus_plus",
    title="Grad-CAM++",
    source="Chattopadhay et al. 2018, Grad-CAM++: Improved Visual Explanations",
    memory=memory,
    shows="map",
)
def grad_cam_plus_plus(network: Network, image: Tensor, params: CamParams) -> Iterator[Frame]:
    """Grad-CAM with weights that don't favour large things over small ones: m = max(0, Σ_k w_k A_k),
    w_k = Σ over places of a · max(0, g) with g = ∂z_c / ∂A_k and a = g² / (2g² + g³ · Σ A_k).

    What it can tell: several things of one class at once, where Grad-CAM shows the largest. What it cannot: what speaks
    against the class, as negative gradients are dropped. Its second and third derivatives hold for exp(z_c) behind
    rectifiers only.

    Yields `low`, rows × columns of the layer, and `map`, rows × columns of the picture; values `class` and `map`.
    """
    node, target, logits, maps, slope = maps_and_gradient(network, image, params)
    square, cube = slope.square(), slope**3
    below = 2 * square + cube * maps.sum((1, 2), keepdim=True)
    share = square / below.where(below != 0, below.new_ones(()))
    weights = (share * slope.clamp(min=0)).sum((1, 2))
    low = (weights[:, None, None] * maps).sum(0)
    yield from weighed(network, node, logits, target, low)
