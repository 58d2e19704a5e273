"""occlusion: what the logit loses when a patch is hidden, patch after patch."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field
from torch import Tensor

from app.explain.attribution.integrated_gradients import plain_picture
from app.explain.attribution.maps import frames
from app.explain.attribution.target import (
    ClassParams,
    batch_of,
    chosen_class,
    described,
    gradient_memory,
    logits_of,
    picture_shape,
)
from app.explain.method import Frame, method
from app.explain.network import Network
from app.explain.numbers import number
from app.explain.perturbation.patches import Patches


class OcclusionParams(ClassParams):
    """How large the patch is, how far it slides, and what it is filled with."""

    patch: int = Field(default=32, ge=1, title="Patch", description="Its side.", json_schema_extra={"unit": "px"})
    stride: int = Field(
        default=16, ge=1, title="Stride", description="From patch to patch.", json_schema_extra={"unit": "px"}
    )
    fill: Literal["mean", "black", "white"] = Field(
        default="mean", title="Filled with", description="The patch's colour."
    )


def sliding(network: Network, params: OcclusionParams) -> Patches:
    """The places of the patch; one that is left at its size is halved until it fits a small picture.

    Raises:
        AskError: the patch is larger than the picture.
    """
    height, width = picture_shape(network)[1:]
    patch, stride = params.patch, params.stride
    if "patch" not in params.model_fields_set:
        patch = min(patch, max(1, min(height, width) // 4))
    if "stride" not in params.model_fields_set:
        stride = max(1, min(stride, patch // 2))
    return Patches(height, width, patch, stride)


@method(
    "occlusion",
    title="Occlusion",
    source="Zeiler & Fergus 2014, Visualizing and Understanding Convolutional Networks",
    memory=gradient_memory,
    shows="map",
    leads=True,
)
def occlusion(network: Network, image: Tensor, params: OcclusionParams) -> Iterator[Frame]:
    """What the class's logit loses when a patch of the picture is hidden: for each pixel, the mean over the patches j
    that hide it of z_c(x) − z_c(x with j hidden).

    Coarse to fine: the first frames show every eighth patch, the later ones what lies between. What it can tell: what
    the network does not answer without, with no gradient involved. What it cannot: what two things are worth of which
    either is enough; and a patch of one colour is itself something to see.

    Yields after each batch of patches `map`, rows × columns; values `class`, `map`, `patches` so far, and `strongest`,
    the box of the patch that costs most and what it costs.

    Raises:
        AskError: the patch is larger than the picture, or there is no such class.
    """
    patches = sliding(network, params)
    logits = logits_of(network, image)[0]
    target = chosen_class(network, logits, params.target)
    fill = plain_picture(network, image, params.fill)[0]
    losses: dict[int, float] = {}
    order, size = patches.order(), batch_of(network)
    for first in range(0, len(order), size):
        places = order[first : first + size]
        hidden = image.repeat(len(places), 1, 1, 1)
        for picture, place in zip(hidden, places, strict=True):
            top, left, bottom, right = patches.box(place)
            picture[:, top:bottom, left:right] = fill[:, top:bottom, left:right]
        found = logits[target] - logits_of(network, hidden)[:, target]
        losses.update(zip(places, found.tolist(), strict=True))
        worst = max(losses, key=lambda place: losses[place])
        told = {
            "class": described(network, logits, target),
            "patches": len(losses),
            "strongest": {
                **dict(zip(("top", "left", "bottom", "right"), patches.box(worst), strict=True)),
                "loss": number(losses[worst]),
            },
        }
        map_ = patches.map(losses, image)
        yield from frames(None, map_, told, step=len(losses), steps=len(order))
