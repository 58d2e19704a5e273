"""inversion: the picture that can be told from a layer's values alone."""

from collections.abc import Iterator

import torch
from pydantic import Field
from torch import Tensor

from app.explain.ascent.adam import Adam
from app.explain.ascent.climb import denormalised, normalised
from app.explain.ascent.parametrisation import Parametrisation
from app.explain.ascent.plan import work
from app.explain.attribution.target import no_path, picture_shape
from app.explain.method import Frame, Params, method
from app.explain.network import Network
from app.explain.numbers import number


class InversionParams(Params):
    """From which layer, and how the picture is looked for."""

    node: str = Field(title="Layer", json_schema_extra={"names": "layer"})
    steps: int = Field(default=150, ge=1, le=2000, title="Steps")
    smoothness: float = Field(
        default=0.01,
        ge=0,
        le=100,
        title="Smoothness",
        description="How much differences of neighbouring pixels count beside the error.",
    )
    learning_rate: float = Field(default=0.4, gt=0, le=1, title="Learning rate", description="Adam's.")
    seed: int = Field(default=0, ge=0, le=2**31 - 1, title="Seed", description="Of the noise.")


def memory(network: Network, params: InversionParams) -> int:
    """Bytes of one pass to the layer and its way back, and of the pictures."""
    node, shape = network.node(params.node), picture_shape(network)
    return 12 * work(network, node, shape)[1] + 4 * 12 * shape[0] * shape[1] * shape[2]


def roughness(picture: Tensor) -> Tensor:
    """Total variation: the mean difference between neighbouring pixels."""
    down, right = picture.diff(dim=2).abs(), picture.diff(dim=3).abs()
    return sum((part.mean() for part in (down, right) if part.numel()), start=picture.new_zeros(()))


@method(
    "inversion",
    title="Inversion",
    source="Mahendran & Vedaldi 2015, Understanding Deep Image Representations by Inverting Them",
    memory=memory,
    shows="picture",
)
def inversion(network: Network, image: Tensor, params: InversionParams) -> Iterator[Frame]:
    """What a layer still knows of the picture: a picture p, looked for from noise, whose values at the layer are the
    same, p = argmin ‖a(p) − a(x)‖² / ‖a(x)‖² + λ · TV(p), where TV is the mean difference of neighbouring pixels.

    Of the many pictures with these values it finds a smooth one. What it can tell: what the layer keeps and what it
    has thrown away: early ones keep nearly everything, late ones the things but neither place nor colour. What it
    cannot: that what is blurred is lost; a longer search, or another one, may still find it.

    Yields after each step `picture`, rows × columns × colours; values `error` (‖a(p) − a(x)‖ / ‖a(x)‖), `distance`
    (from the picture itself, root mean square over pixels in 0…1) and `curve` (the error after each step).

    Raises:
        UnknownNode: there is no such layer.
        AskError: no gradient comes back from it.
    """
    node = network.node(params.node)
    with torch.no_grad():
        sought = network.values(image, [node.name])[node.name]
    size = sought.square().sum().clamp(min=1e-30)
    original = denormalised(network, image)
    generator = torch.Generator().manual_seed(params.seed)
    noise = 0.5 + 0.02 * torch.randn(image.shape, generator=generator)
    made = Parametrisation(noise.clamp(0, 1).to(original), fourier=True, decorrelate=True)
    adam, curve = Adam(made.values), []
    for step in range(1, params.steps + 1):
        with torch.enable_grad():
            values = made.values.detach().requires_grad_()
            picture = made.pictures(values)
            found = network.values(normalised(network, picture), [node.name])[node.name]
            error = (found - sought).square().sum() / size
            loss = error + params.smoothness * roughness(picture)
            if not error.requires_grad:
                raise no_path(network, node)
            (slope,) = torch.autograd.grad(loss, values)
        made.move(-params.learning_rate * adam(slope))
        curve.append(number(error.detach().sqrt()))
        shown = picture.detach()
        told = {
            "error": curve[-1],
            "distance": number((shown - original).square().mean().sqrt()),
            "curve": list(curve),
        }
        axes = ("row", "column", "colour")
        array = shown[0].permute(1, 2, 0).clone()
        yield Frame("picture", array, axes, "picture", node=node.name, values=told, step=step, steps=params.steps)
