"""gradient_x_input: each pixel's share of a class's logit, were the network linear."""

from collections.abc import Iterator

from torch import Tensor

from app.explain.attribution.maps import frames
from app.explain.attribution.target import ClassParams, class_gradient, described, gradient_memory
from app.explain.method import Frame, method
from app.explain.network import Network


@method(
    "gradient_x_input",
    title="Gradient × input",
    source="Shrikumar et al. 2017, Learning Important Features Through Propagating Activation Differences",
    memory=gradient_memory,
    shows="map",
)
def gradient_x_input(network: Network, image: Tensor, params: ClassParams) -> Iterator[Frame]:
    """Each pixel's share of the class's logit, were the network linear: m = Σ over colours of x · ∂z_c / ∂x.

    What it can tell: for networks of rectifiers without biases, the shares add up to the logit exactly. What it cannot:
    with biases they don't; and a pixel that the preprocessing turned into 0 gets nothing, however much it counts.

    Yields `map`, rows × columns, and `channels`, the product per colour; values `class` and `map`.
    """
    target, logits, slope = class_gradient(network, image, params.target)
    product = slope[0] * image[0]
    yield from frames(product, product.sum(0), {"class": described(network, logits, target)})
