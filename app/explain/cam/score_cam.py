"""score_cam: a layer's maps, weighed by the logit of the picture seen through each."""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional as F

from app.explain.attribution.target import batch_of, chosen_class, gradient_memory, logits_of
from app.explain.cam.weighing import CamParams, layer, weighed
from app.explain.method import Frame, method
from app.explain.network import Network


def masks(maps: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Maps, N×rows×columns, at the picture's size and stretched to 0…1; a flat one hides everything."""
    large = F.interpolate(maps[:, None], shape[-2:], mode="bilinear", align_corners=False)
    least, most = large.amin((2, 3), keepdim=True), large.amax((2, 3), keepdim=True)
    return (large - least) / (most - least).where(most > least, torch.ones_like(most))


@method(
    "score_cam",
    title="Score-CAM",
    source="Wang et al. 2020, Score-CAM: Score-Weighted Visual Explanations",
    memory=gradient_memory,
    shows="map",
)
def score_cam(network: Network, image: Tensor, params: CamParams) -> Iterator[Frame]:
    """A layer's maps, weighed by what the network makes of the picture seen through each: m = max(0, Σ_k α_k A_k),
    α = softmax over k of z_c(x · H_k), with H_k the map A_k enlarged and stretched to 0…1.

    A whole pass for each unit, and no gradient. What it can tell: which maps show enough for the class by themselves.
    What it cannot: be quick; and as α is a softmax, a few maps make nearly all of the picture.

    Yields after each batch of units `low`, rows × columns of the layer, and `map`, rows × columns of the picture;
    values `class` and `map`.
    """
    node = layer(network, params.node)
    with torch.no_grad():
        maps = network.values(image, [node.name])[node.name][0]
    logits = logits_of(network, image)[0]
    target = chosen_class(network, logits, params.target)
    scores = maps.new_empty(0)
    size = batch_of(network)
    for first in range(0, node.units, size):
        seen = image * masks(maps[first : first + size], network.input_shape)
        scores = torch.cat([scores, logits_of(network, seen)[:, target]])
        done = len(scores)
        low = torch.einsum("k,krc->rc", scores.softmax(0), maps[:done])
        yield from weighed(network, node, logits, target, low, step=done, steps=node.units)
