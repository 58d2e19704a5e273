"""class_image: the picture that a network would like best as one of a class."""

from collections.abc import Iterator

import torch
from pydantic import Field
from torch import Tensor

from app.explain.ascent.climb import normalised
from app.explain.ascent.params import MaxResponseParams, Recipe, Seed
from app.explain.ascent.plan import memory as climbing_memory
from app.explain.attribution.target import chosen_class, described, logits_of, picture_shape
from app.explain.classify import logits_node
from app.explain.max_response import max_response
from app.explain.method import Frame, Params, method
from app.explain.network import Network


class ClassImageParams(Params):
    """Which class, and how it is climbed to."""

    target: int = Field(default=0, ge=0, title="Class", description="Its number.", json_schema_extra={"names": "class"})
    preset: Recipe = "readable"
    steps: int = Field(default=160, ge=1, le=2000, title="Steps")
    seed: Seed = 0


def climbing(network: Network, params: ClassImageParams) -> MaxResponseParams:
    """The climb to the class's logit: to the value before a softmax, which only says which class is ahead.

    Raises:
        AskError: there is no such class.
    """
    picture_shape(network)
    node = logits_node(network)
    chosen_class(network, torch.zeros(node.units), params.target)
    shared = params.model_dump(include={"preset", "steps", "seed"})
    return MaxResponseParams(node=node.name, units=(params.target,), **shared)


def memory(network: Network, params: ClassImageParams) -> int:
    """As for the max-response image of the class."""
    return climbing_memory(network, climbing(network, params))


@method(
    "class_image",
    title="Class image",
    source="Simonyan, Vedaldi & Zisserman 2014, Deep Inside Convolutional Networks; Olah et al. 2017",
    image="none",
    memory=memory,
    shows="picture",
)
def class_image(network: Network, image: Tensor | None, params: ClassImageParams) -> Iterator[Frame]:
    """The picture whose logit of a class is highest, p = argmax_p z_c(p), found by gradient ascent from noise.

    The logit is climbed and not the probability, which also rises where the other classes fall. “readable” keeps the
    picture smooth and shakes it on the way, as for the max-response image. What it can tell: what the network takes for
    typical of the class, such as its texture or what usually stands beside it. What it cannot: that a picture without
    it is none; and how sure the network is of it says nothing about photographs.

    Yields `picture`, rows × columns × colours, better with each frame; values `class` (of the picture, its logit and
    probability), `curve` (the logit on the way) and `curve_steps`.

    Raises:
        AskError: there is no such class.
    """
    for frame in max_response(network, None, climbing(network, params)):
        assert frame.array is not None
        picture = frame.array[0]
        x = normalised(network, picture.permute(2, 0, 1)[None].to(network.device, network.dtype))
        logits = logits_of(network, x)[0]
        told = {
            "class": described(network, logits, params.target),
            "curve": frame.values["curve"][0],
            "curve_steps": frame.values["curve_steps"],
        }
        axes = ("row", "column", "colour")
        yield Frame("picture", picture, axes, "picture", values=told, step=frame.step, steps=frame.steps)
