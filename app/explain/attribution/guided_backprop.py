"""guided_backprop: the gradient that only goes back through what is switched on and wanted."""

from collections.abc import Iterator

from torch import Tensor

from app.explain.attribution.backward import BackwardParams, guided, reconstructions
from app.explain.attribution.target import gradient_memory
from app.explain.method import Frame, method
from app.explain.network import Network


@method(
    "guided_backprop",
    title="Guided backpropagation",
    source="Springenberg et al. 2015, Striving for Simplicity: The All Convolutional Net",
    memory=gradient_memory,
    shows="map",
)
def guided_backprop(network: Network, image: Tensor, params: BackwardParams) -> Iterator[Frame]:
    """The gradient, of which each rectifier passes back only what is positive, and only where its input was:
    R_in = R_out · 1[x > 0] · 1[R_out > 0].

    From the logit of a class, or, with a layer, from a unit's strongest values, one by one. It is right for rectifiers
    that are functions or that are used several times, too. What it can tell: which fine structure switched the unit on;
    the pictures are sharp. What it cannot: tell classes apart. It comes close to redrawing the picture, whichever class
    is asked for (Adebayo et al. 2018).

    Yields `map`, rows × columns, and `channels`, per colour; with a layer also `reconstructions`, one for each value;
    values `class`, or `places` (row, column and value of each).
    """
    yield from reconstructions(network, image, params, guided)
