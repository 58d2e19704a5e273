"""embedding: the pictures of a data set as points, near where a layer finds them alike."""

from collections.abc import Iterator
from typing import Any, Literal

import torch
from pydantic import Field
from torch import Tensor

from app.explain.ascent.climb import denormalised
from app.explain.ascent.plan import batch_size
from app.explain.attribution.target import picture_shape
from app.explain.method import Frame, method
from app.explain.network import Network
from app.explain.numbers import number, numbers
from app.explain.population.pictures import DataParams, Pictures, pictures
from app.explain.population.population import PopulationParams, unit_values
from app.explain.population.population import memory as values_memory
from app.explain.population.projection import pca, umap, umap_library


class EmbeddingParams(DataParams):
    """Of which layer, over which pictures, and how it is projected."""

    node: str = Field(title="Layer")
    projection: Literal["pca", "umap"] = Field(
        default="pca",
        title="Projection",
        description="pca: the two directions of most variance, exact. umap: keeps neighbours together, distances not.",
    )
    k: int = Field(default=9, ge=1, le=32, title="Neighbours", description="Shown of the picture that is asked about.")
    seed: int = Field(default=0, ge=0, le=2**31 - 1, title="Seed", description="Of UMAP's start.")


def memory(network: Network, params: EmbeddingParams) -> int:
    """Bytes of one batch's values, of the data set, and of all features, in float64 too."""
    units = network.node(params.node).units
    values = PopulationParams(**params.model_dump(include={"node", "data", "part", "samples"}))
    return values_memory(network, values) + 20 * params.samples * units + 16 * min(params.samples, units) ** 2


@method(
    "embedding",
    title="Embedding",
    source="Pearson 1901, On Lines and Planes of Closest Fit; McInnes, Healy & Melville 2018, UMAP",
    image="optional",
    memory=memory,
)
def embedding(network: Network, image: Tensor | None, params: EmbeddingParams) -> Iterator[Frame]:
    """The pictures of a data set as points: each picture's features f, the means of a layer's maps, are projected to
    two dimensions, p = Vᵀ (f − mean f), with V the two directions in which the features vary most (PCA).

    With a picture, the ones of the data set whose features are nearest to its own, by ‖f − f′‖₂ over all features and
    not only the two that are shown. What it can tell: which classes a layer already tells apart, and what it takes for
    alike. What it cannot: with PCA, what lies beyond the share of variance that is told; with UMAP, how far apart
    groups are.

    Yields as the data flows `points`, pictures × 2; and with a picture `neighbours`, ranks × rows × columns × colours.
    Values `pictures` so far, `labels` (of each point), `classes` (their names), `projection` (of these points),
    `variance` (the share that each direction has; PCA), `here` (the picture's point), and `neighbours` with `picture`
    (its number), `distance` and `label`, by rank.

    Raises:
        UnknownNode: there is no such layer.
        AskError: the data set is not there, or UMAP is not installed.
    """
    node = network.node(params.node)
    if params.projection == "umap":
        umap_library()
    found = pictures(params)
    here = None if image is None else features(network, image, node.name)
    rows = torch.empty(0)
    shown, total = 0, len(found.images)
    for x, _ in found.batches(network, min(64, batch_size(network, node, picture_shape(network)))):
        rows = torch.cat([rows, features(network, x, node.name)]) if len(rows) else features(network, x, node.name)
        done = len(rows)
        # To project all points anew takes as long as some batches: it is done ever more rarely.
        if done < total and done < 2 * shown:
            yield Frame("progress", values={"pictures": done}, step=done, steps=total)
            continue
        shown = done
        last = done == total and params.projection == "pca"
        yield from told(network, node.name, found, rows, here, params, "pca", done if last else min(done, total - 1))
    if params.projection == "umap":
        yield from told(network, node.name, found, rows, here, params, "umap", total)


def features(network: Network, x: Tensor, name: str) -> Tensor:
    """The means of a node's maps, N×units; a dense node's values."""
    return unit_values(network, x, name).float().mean(2).nan_to_num()


def told(
    network: Network,
    node: str,
    found: Pictures,
    rows: Tensor,
    here: Tensor | None,
    params: EmbeddingParams,
    projection: str,
    step: int,
) -> Iterator[Frame]:
    """The frames of the pictures so far."""
    seen = rows if here is None else torch.cat([rows, here])
    points, variance = pca(rows, seen) if projection == "pca" else (umap(seen, params.seed), None)
    values: dict[str, Any] = {
        "pictures": len(rows),
        "labels": found.labels[: len(rows)].tolist(),
        "classes": list(found.classes),
        "projection": projection,
        "variance": None if variance is None else numbers(variance),
        "here": None if here is None else numbers(points[-1]),
    }
    if here is not None:
        distances = (rows.double() - here.double()).norm(dim=1)
        order = distances.sort(stable=True).indices[: params.k]
        values["neighbours"] = {
            "picture": order.tolist(),
            "distance": [number(distances[place]) for place in order.tolist()],
            "label": found.labels[order].tolist(),
        }
        some = Pictures(found.images[order], found.labels[order])
        near = torch.cat([denormalised(network, x).cpu() for x, _ in some.batches(network, 64)]).permute(0, 2, 3, 1)
        axes = ("rank", "row", "column", "colour")
        yield Frame("neighbours", near.contiguous(), axes, "picture", "", node, {}, step, len(found.images))
    shown = points[: len(rows)].float()
    yield Frame("points", shown, ("picture", "coordinate"), "signed", "", node, values, step, len(found.images))
