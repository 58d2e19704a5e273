"""saliency: how fast a class's logit changes with each pixel."""

from collections.abc import Iterator

from torch import Tensor

from app.explain.attribution.maps import frames
from app.explain.attribution.target import ClassParams, class_gradient, described, gradient_memory
from app.explain.method import Frame, method
from app.explain.network import Network


@method(
    "saliency",
    title="Saliency",
    source="Simonyan, Vedaldi & Zisserman 2014, Deep Inside Convolutional Networks",
    memory=gradient_memory,
    shows="map",
    leads=True,
)
def saliency(network: Network, image: Tensor, params: ClassParams) -> Iterator[Frame]:
    """How fast the class's logit z_c changes with each pixel: m = max over colours of |∂z_c / ∂x|.

    What it can tell: where a tiny change of a pixel would change the answer most. What it cannot: how much of the
    answer a pixel made; where a unit is saturated or a rectifier closed, the gradient is zero although the pixel
    counts. The maps are noisy, because the gradient of such networks jumps from pixel to pixel.

    Yields `map`, rows × columns, and `channels`, |∂z_c / ∂x| per colour; values `class` and `map`.
    """
    target, logits, slope = class_gradient(network, image, params.target)
    size = slope[0].abs()
    yield from frames(size, size.amax(0), {"class": described(network, logits, target)}, kind="positive")
