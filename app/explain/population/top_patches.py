"""top_patches: the parts of a data set's pictures that a layer's units answer to most."""

from collections.abc import Iterator

import torch
from pydantic import Field
from torch import Tensor

from app.explain.ascent.climb import denormalised
from app.explain.ascent.plan import batch_size
from app.explain.attribution.target import picture_shape
from app.explain.errors import UnknownUnit
from app.explain.method import Frame, method
from app.explain.network import Network
from app.explain.node import Node
from app.explain.numbers import numbers
from app.explain.population.pictures import DataParams, Pictures, pictures
from app.explain.population.population import PopulationParams, unit_values
from app.explain.population.population import memory as values_memory

GREY = 0.5


class TopPatchesParams(DataParams):
    """Of which units, over which pictures."""

    node: str = Field(title="Layer")
    first: int = Field(default=0, ge=0, title="First unit")
    count: int = Field(default=16, ge=1, le=64, title="How many", description="At most as many as the layer has.")
    k: int = Field(default=9, ge=1, le=16, title="Patches", description="Of each unit, each from another picture.")


def patch_shape(network: Network, node: Node) -> tuple[int, int]:
    """Rows and columns of a patch: the receptive field, or the whole picture where that is smaller."""
    rows, columns = picture_shape(network)[1:]
    field = node.receptive_field
    return (rows, columns) if field.whole else (min(rows, field.size[0]), min(columns, field.size[1]))


def memory(network: Network, params: TopPatchesParams) -> int:
    """Bytes of one batch's values, of the data set, and of the patches, twice."""
    rows, columns = patch_shape(network, network.node(params.node))
    values = PopulationParams(**params.model_dump(include={"node", "data", "part", "samples"}))
    return values_memory(network, values) + 8 * params.count * params.k * rows * columns * network.input_shape[0]


class Strongest:
    """Of every unit the k pictures with its strongest values so far, and where in them these are."""

    def __init__(self, units: int, k: int) -> None:
        self.k = k
        self.values = torch.empty((0, units))
        self.pictures, self.places = (torch.empty((0, units), dtype=torch.int64) for _ in range(2))

    def add(self, values: Tensor, first: int) -> None:
        """Looks a batch through, N×units×places, whose first picture has this number."""
        values, places = values.float().nan_to_num(nan=-torch.inf).max(2)
        numbered = (first + torch.arange(len(values)))[:, None].expand_as(places)
        values, pictures, places = (
            torch.cat(pair) for pair in ((self.values, values), (self.pictures, numbered), (self.places, places))
        )
        order = values.sort(dim=0, descending=True, stable=True).indices[: self.k]
        self.values, self.pictures, self.places = (part.gather(0, order) for part in (values, pictures, places))


@method(
    "top_patches",
    title="Strongest patches",
    source="Zeiler & Fergus 2014, Visualizing and Understanding Convolutional Networks, §4.1",
    image="none",
    memory=memory,
)
def top_patches(network: Network, image: Tensor | None, params: TopPatchesParams) -> Iterator[Frame]:
    """The parts of a data set's pictures that each unit of a layer answers to most: the receptive fields of its
    strongest values, argmax over pictures x and places r, q of a_u(x)[r, q], at most one from each picture.

    All units are looked for in one pass over the data; what a field has beyond the picture's edge is grey. What it can
    tell: what really occurs in pictures and drives a unit; beside its max-response image. What it cannot: what in the
    patch it is (see the deconvolution), or that the unit answers to nothing else.

    Yields `patches`, units × ranks × rows × columns × colours, better with each frame; values `pictures` so far,
    `units`, and for each of these `response`, `picture` (its number), `row` and `column` (on the map), by rank.

    Raises:
        UnknownNode, UnknownUnit: there is no such layer, or it has no such first unit.
        AskError: the data set is not there.
    """
    node = network.node(params.node)
    if params.first >= node.units:
        raise UnknownUnit(node.name, params.first, node.units, "params.first")
    units = list(range(params.first, min(params.first + params.count, node.units)))
    found = pictures(params)
    strongest, total, done = Strongest(node.units, params.k), len(found.images), 0
    shown = 0
    size = min(64, batch_size(network, node, picture_shape(network)))
    for x, _ in found.batches(network, size):
        strongest.add(unit_values(network, x, node.name), done)
        done += len(x)
        columns = node.shape[2] if node.spatial else 1
        places = strongest.places[:, units].T
        told = {
            "pictures": done,
            "units": units,
            "response": numbers(strongest.values[:, units].T),
            "picture": strongest.pictures[:, units].T.tolist(),
            "row": (places // columns).tolist(),
            "column": (places % columns).tolist(),
        }
        # To cut all patches anew takes as long as some batches: it is done ever more rarely.
        if done < total and done < 2 * shown:
            yield Frame("progress", values=told, step=done, steps=total)
            continue
        shown = done
        patches = torch.stack([cut(network, node, found, strongest, unit) for unit in units])
        axes = ("unit", "rank", "row", "column", "colour")
        yield Frame("patches", patches, axes, "picture", "", node.name, told, done, total)


def cut(network: Network, node: Node, found: Pictures, strongest: Strongest, unit: int) -> Tensor:
    """A unit's patches, ranks × rows × columns × colours."""
    rows, columns = patch_shape(network, node)
    channels, height, width = picture_shape(network)
    chosen = strongest.pictures[:, unit]
    some = Pictures(found.images[chosen], found.labels[chosen])
    whole = torch.cat([denormalised(network, x) for x, _ in some.batches(network, 64)])
    patches = torch.full((len(chosen), channels, rows, columns), GREY)
    for rank, place in enumerate(strongest.places[:, unit].tolist()):
        top, left = 0, 0
        if not node.receptive_field.whole:
            top, left = node.receptive_field.box(place // node.shape[2], place % node.shape[2])[:2]
            # A field larger than the picture is shown from its edge on.
            top, left = (0 if rows == height else top), (0 if columns == width else left)
        seen = whole[rank, :, max(top, 0) : max(top + rows, 0), max(left, 0) : max(left + columns, 0)].cpu()
        into = max(-top, 0), max(-left, 0)
        patches[rank, :, into[0] : into[0] + seen.shape[1], into[1] : into[1] + seen.shape[2]] = seen
    return patches.permute(0, 2, 3, 1).contiguous()
