"""deconvnet: a unit's value sent back through transposed filters, rectifiers and the switches of max-pooling."""

from collections.abc import Iterator

from torch import Tensor

from app.explain.attribution.backward import BackwardParams, reconstructions, reflected
from app.explain.attribution.target import gradient_memory
from app.explain.method import Frame, method
from app.explain.network import Network


@method(
    "deconvnet",
    title="Deconvolution",
    source="Zeiler & Fergus 2014, Visualizing and Understanding Convolutional Networks",
    memory=gradient_memory,
    shows="map",
)
def deconvnet(network: Network, image: Tensor, params: BackwardParams) -> Iterator[Frame]:
    """What made a value, by a network that runs backwards: transposed filters, max-pooling undone by its switches, and
    a rectifier on the way back for each on the way there: R_in = max(0, R_out).

    From the logit of a class, or, with a layer, from a unit's strongest values, one by one. What it can tell: the
    structure in the picture that the unit answered to. What it cannot: what held the unit back, as everything negative
    is cut away; and without max-pooling, whose switches hold the place, it shows little of this picture.

    Yields `map`, rows × columns, and `channels`, per colour; with a layer also `reconstructions`, one for each value;
    values `class`, or `places` (row, column and value of each).
    """
    yield from reconstructions(network, image, params, reflected)
