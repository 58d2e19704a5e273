"""max_response: the picture that a unit would like best, by gradient ascent."""

import time
from collections.abc import Iterable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from app.explain.ascent.climb import Ascent, Gait, Summit, denormalised
from app.explain.ascent.objectives import responses
from app.explain.ascent.parametrisation import Parametrisation
from app.explain.ascent.params import MaxResponseParams
from app.explain.ascent.plan import batch_size, checked, memory
from app.explain.ascent.transforms import Shake
from app.explain.errors import ImageRequired
from app.explain.method import Frame, method
from app.explain.network import Network
from app.explain.node import Node
from app.explain.numbers import numbers

SECONDS_BETWEEN_FRAMES = 0.15

# Each point costs a pass in float32.
MOST_POINTS = 32
FEWEST_STEPS_BETWEEN_POINTS = 8


def first_picture(network: Network, image: Tensor | None, params: MaxResponseParams, shape: tuple[int, ...]) -> Tensor:
    """The picture that all units start from, 1×C×H×W in 0…1.

    Raises:
        ImageRequired: the start is to be an image and there is none.
    """
    if params.start == "image":
        if image is None:
            raise ImageRequired("start is “image”, so that a picture is needed: name one as “image”.", "image")
        picture = denormalised(network, image.to(network.device, torch.float32))
        return F.interpolate(picture, shape[1:], mode="bilinear", antialias=True).clamp(0, 1)
    generator = torch.Generator().manual_seed(params.seed)
    picture = torch.rand((1, *shape), generator=generator)
    if params.start == "noise":
        picture = (0.5 + 0.02 * torch.randn((1, *shape), generator=generator)).clamp(0, 1)
    return picture.to(network.device)


def allowed_jitter(node: Node, params: MaxResponseParams) -> float:
    """The furthest shift: as asked, but a centre value, unlike a map, must not lose its place to its neighbours."""
    if params.objective != "centre" or node.receptive_field.whole:
        return params.jitter
    return min(params.jitter, float(max(node.receptive_field.step)) / 2)


def ascents(network: Network, image: Tensor | None, params: MaxResponseParams) -> list[Ascent]:
    """The climbs, a batch of units each."""
    node, shape = checked(network, params)
    first = first_picture(network, image, params, shape)
    start = Parametrisation(first, fourier=params.fourier, decorrelate=params.decorrelate)
    shake = Shake(allowed_jitter(node, params), params.scale, params.rotate)
    gait = Gait(params.learning_rate, shake, params.blur, params.decay, params.seed)
    most = batch_size(network, node, shape)
    batches = [params.units[i : i + most] for i in range(0, len(params.units), most)]
    return [Ascent(network, Summit(node, units, params.objective), start, gait) for units in batches]


class Curve:
    """The responses on the way up: at the start, up to thirty times between, and at the end."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.every = max(FEWEST_STEPS_BETWEEN_POINTS, -(-steps // MOST_POINTS))
        self.at: list[int] = []
        self.points: list[list[float | None]] = []

    def due(self, step: int) -> bool:
        """Whether a point belongs behind a step."""
        return step % self.every == 0 or step == self.steps

    def add(self, step: int, measured: Iterable[Tensor]) -> None:
        """Adds the responses of all batches behind a step."""
        self.at.append(step)
        self.points.append(numbers(torch.cat(list(measured))))

    def values(self) -> dict[str, Any]:
        """What a frame says: the newest responses, and for each unit all of them."""
        return {
            "response": self.points[-1],
            "curve": [list(unit) for unit in zip(*self.points, strict=True)],
            "curve_steps": list(self.at),
        }


def start_responses(climbs: list[Ascent]) -> Tensor:
    """The responses of all units to the picture that all start from, in a single pass."""
    first = climbs[0]
    with torch.no_grad():
        value = first.value(first.network, first.pictures()[:1], {})
    units = torch.cat([climb.units for climb in climbs])
    return responses(value.expand(len(units), *value.shape[1:]), units, first.summit.objective)


@method(
    "max_response",
    title="Max-response image",
    source="Erhan et al. 2009; Simonyan et al. 2014; Olah et al. 2017, Feature Visualization",
    image="optional",
    memory=memory,
)
def max_response(network: Network, image: Tensor | None, params: MaxResponseParams) -> Iterator[Frame]:
    """The picture that a unit answers to most, found by gradient ascent.

    Starting from noise, the picture p goes uphill, p ← p + η · g / rms(g) with g = ∂r/∂p, where the response r is the
    L2 norm of the unit's map, r = ‖a(p)‖₂ (or its mean, its centre value, a class's logit). Each unit climbs on its
    own; weights never change. Pixels stay within 0…1. The curve shows r at the plain picture, in float32.

    The recipe “lecture” is just this, from random pixels, and usually ends in noise that the network likes: such
    pictures show that a high response needs nothing recognisable. “readable” climbs over frequencies and independent
    colours, shakes the picture at every step, blurs and fades it a little: what remains is what the unit
    answers to wherever, and at whatever size and angle it stands.

    What it can tell: which pattern drives the unit, without a data set. What it cannot: that the unit answers to
    nothing else (it often does), or that such patterns occur in photographs. Another seed gives another picture of the
    same hill; only what they share is the unit's. A unit that stays at zero may be dead.
    """
    climbs = ascents(network, image, params)
    curve = Curve(params.steps)

    def frame(step: int) -> Frame:
        pictures = torch.cat([climb.pictures() for climb in climbs]).permute(0, 2, 3, 1).cpu().contiguous()
        axes = ("unit", "row", "column", "colour")
        return Frame("pictures", pictures, axes, "picture", "", params.node, curve.values(), step, params.steps)

    curve.add(0, [start_responses(climbs)])
    yield frame(0)
    shown = time.monotonic()
    for step in range(1, params.steps + 1):
        measured = []
        for climb in climbs:
            climb.step()
            if curve.due(step):
                measured.append(climb.responses())
            if time.monotonic() - shown >= SECONDS_BETWEEN_FRAMES:
                yield frame(step - 1 if climb is not climbs[-1] else step)
                shown = time.monotonic()
        if measured:
            curve.add(step, measured)
    yield frame(params.steps)
