"""deep_dream: a picture in which a layer sees ever more of what it already saw."""

from collections.abc import Callable, Iterator

import torch
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from app.explain.ascent.climb import denormalised, normalised
from app.explain.ascent.plan import least_side, work
from app.explain.attribution.target import gradient, picture_shape
from app.explain.errors import AskError
from app.explain.method import Frame, Params, method
from app.explain.network import Network
from app.explain.node import Node
from app.explain.numbers import number

NEARER = 1.04
"""How much larger things are in a film's next picture."""

FLIGHT = 4
"""A film's picture is dreamed on for so many times fewer steps than an octave."""


class DeepDreamParams(Params):
    """Whose dream, and how deep."""

    node: str = Field(title="Layer", json_schema_extra={"names": "layer"})
    unit: int | None = Field(default=None, ge=0, title="Unit", description="Only this one; all unless given.")
    octaves: int = Field(
        default=3,
        ge=1,
        le=8,
        title="Octaves",
        description="Sizes that are dreamed at, small ones first.",
    )
    zoom: float = Field(default=1.4, gt=1, le=3, title="Zoom", description="From one octave to the next.")
    steps: int = Field(default=10, ge=1, le=200, title="Steps", description="At each octave.")
    learning_rate: float = Field(
        default=0.01, gt=0, le=1, title="Learning rate", description="How far an average pixel, 0…1, goes in a step."
    )
    jitter: int = Field(
        default=8, ge=0, le=64, title="Jitter", description="Random shift before each step, at most.",
        json_schema_extra={"unit": "px"},
    )  # fmt: skip
    seed: int = Field(default=0, ge=0, le=2**31 - 1, title="Seed", description="Of the shifts.")
    film: int = Field(
        default=0,
        ge=0,
        le=240,
        title="Film",
        description="So many pictures fly on into the dream, each dreamed anew; 48 are four seconds. Saved as WebP.",
    )


def memory(network: Network, params: DeepDreamParams) -> int:
    """Bytes of one pass to the layer and its way back, and of the pictures, those of the film twice."""
    node, shape = network.node(params.node), picture_shape(network)
    return 12 * work(network, node, shape)[1] + 4 * (8 + 2 * params.film) * shape[0] * shape[1] * shape[2]


def sizes(network: Network, node: Node, params: DeepDreamParams) -> list[tuple[int, int]]:
    """Height and width at each octave, the network's own last; those too small for the layer are left out.

    Raises:
        AskError: octaves are wanted of a layer that takes no other size.
    """
    height, width = picture_shape(network)[1:]
    octaves = params.octaves
    if node.receptive_field.whole:
        if octaves > 1 and "octaves" in params.model_fields_set:
            raise AskError(
                f"octaves is {octaves}, but {node.name} sees the whole input, so that the picture keeps its size: 1 is "
                "right.",
                "params.octaves",
            )
        octaves = 1
    scales = [params.zoom**-octave for octave in reversed(range(octaves))]
    found = [(round(height * scale), round(width * scale)) for scale in scales]
    least = least_side(network, node)
    return [size for size in found[:-1] if min(size) >= least] + [(height, width)]


@method(
    "deep_dream",
    title="Deep dream",
    source="Mordvintsev, Olah & Tyka 2015, Inceptionism: Going Deeper into Neural Networks",
    memory=memory,
    shows="picture",
)
def deep_dream(network: Network, image: Tensor, params: DeepDreamParams) -> Iterator[Frame]:
    """The picture, changed so that a layer answers to it more and more: p ← p + η · g / mean|g|, g = ∂‖a(p)‖₂ / ∂p.

    Small first: what is dreamed at a small size is enlarged and dreamed on, so that there are large and small things in
    the end. At every step the picture is shifted a little, so that nothing hangs on single pixels. What it can tell:
    what a layer, or one unit, sees into this picture: edges and textures early, parts of animals late. What it cannot:
    that they are there.

    With a film the picture is enlarged a little again and again, and dreamed on: a flight into the dream without end.

    Yields after each step `picture`, rows × columns × colours; values `norm` (‖a‖₂ now), `start` (before),
    `curve` (after each step) and `octave` (which of how many, and its size); in the end, where one is wanted, `film`,
    pictures × rows × columns × colours.

    Raises:
        UnknownNode, UnknownUnit: there is no such layer or unit.
        AskError: octaves are wanted of a layer that takes no other size.
    """
    node = network.node(params.node)
    if params.unit is not None:
        network.unit(node, params.unit, "params.unit")
    octaves = sizes(network, node, params)
    original = denormalised(network, image)
    generator = torch.Generator().manual_seed(params.seed)
    wanted = slice(None) if params.unit is None else slice(params.unit, params.unit + 1)

    def response(value: Tensor) -> Tensor:
        strengths: Tensor = value[:, wanted].flatten(1).norm(dim=1)
        return strengths

    def norm(picture: Tensor) -> float | None:
        with torch.no_grad():
            return number(response(network.values(normalised(network, picture), [node.name])[node.name])[0])

    start = norm(original)
    curve = [start]
    picture = resized(original, octaves[0])
    total = len(octaves) * params.steps + params.film

    def frame(step: int, place: int) -> Frame:
        shown = resized(picture, octaves[-1]).clamp(0, 1)
        curve.append(norm(shown))
        height, width = octaves[place]
        octave = {"number": place + 1, "of": len(octaves), "height": height, "width": width}
        told = {"norm": curve[-1], "start": start, "curve": list(curve), "octave": octave}
        axes = ("row", "column", "colour")
        return Frame("picture", colours_last(shown)[0], axes, "picture", "", node.name, told, step, total)

    for place, size in enumerate(octaves):
        # What was dreamed so far, upon the picture with the fine structure that this size has.
        before = resized(resized(original, octaves[max(place - 1, 0)]), size)
        picture = (resized(original, size) + resized(picture, size) - before).clamp(0, 1)
        for step in range(1, params.steps + 1):
            picture = dreamed(network, node, response, picture, params, generator)
            yield frame(place * params.steps + step, place)
    film: list[Tensor] = []
    for place in range(1, params.film + 1):
        picture = nearer(picture)
        for _ in range(max(1, params.steps // FLIGHT)):
            picture = dreamed(network, node, response, picture, params, generator)
        film.append(picture)
        yield frame(total - params.film + place, len(octaves) - 1)
    if params.film:
        axes = ("picture", "row", "column", "colour")
        pictures = colours_last(torch.cat(film))
        yield Frame("film", pictures, axes, "picture", "", node.name, {}, total, total)


def dreamed(
    network: Network,
    node: Node,
    response: Callable[[Tensor], Tensor],
    picture: Tensor,
    params: DeepDreamParams,
    generator: torch.Generator,
) -> Tensor:
    """A picture after one step."""
    down, right = shift(params.jitter, generator)
    moved = normalised(network, picture.roll((down, right), (2, 3)))
    slope = gradient(network, moved, node, response)[1].roll((-down, -right), (2, 3))
    return (picture + params.learning_rate * slope / slope.abs().mean().clamp(min=1e-30)).clamp(0, 1)


def nearer(picture: Tensor) -> Tensor:
    """A picture's middle, enlarged to the picture's size."""
    scale = torch.eye(2, 3, device=picture.device, dtype=picture.dtype) / NEARER
    grid = F.affine_grid(scale[None], list(picture.shape), align_corners=False)
    return F.grid_sample(picture, grid, align_corners=False)


def colours_last(pictures: Tensor) -> Tensor:
    """N×C×H×W as N×H×W×C."""
    return pictures.permute(0, 2, 3, 1).contiguous()


def resized(picture: Tensor, size: tuple[int, int]) -> Tensor:
    """A picture at another size, bilinear."""
    return F.interpolate(picture, size, mode="bilinear", antialias=True, align_corners=False)


def shift(most: int, generator: torch.Generator) -> tuple[int, int]:
    """Rows and columns of a random shift."""
    down, right = torch.randint(-most, most + 1, (2,), generator=generator).tolist()
    return down, right
