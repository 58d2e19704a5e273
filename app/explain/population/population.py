"""population: how a layer's units answer to a whole data set."""

from collections.abc import Iterator
from typing import Any

import torch
from pydantic import Field
from torch import Tensor

from app.explain.ascent.plan import batch_size, work
from app.explain.attribution.target import picture_shape
from app.explain.method import Frame, method
from app.explain.network import Network
from app.explain.numbers import number, numbers
from app.explain.population.pictures import DataParams, pictures


class PopulationParams(DataParams):
    """Of which layer, over which pictures."""

    node: str = Field(title="Layer")
    bins: int = Field(default=32, ge=2, le=256, title="Bins", description="Of each unit's histogram.")


def memory(network: Network, params: PopulationParams) -> int:
    """Bytes of one batch's values, and of the data set."""
    node, shape = network.node(params.node), picture_shape(network)
    size = min(params.samples, batch_size(network, node, shape))
    return 8 * size * work(network, node, shape)[1] + params.samples * 3 * 64 * 64


class Counts:
    """What is known of each unit's values so far: sums, extremes, zeros, a histogram, and the means by class."""

    def __init__(self, first: Tensor, bins: int) -> None:
        units = len(first)
        low, high = float(first.min()), float(first.max())
        reach = 0.25 * max(high - low, 1e-6)
        # Where nothing is negative, nothing will be: the first bin begins at zero.
        self.edges = torch.linspace(0.0 if low >= 0 else low - reach, high + reach, bins + 1, dtype=torch.float64)
        self.histogram = torch.zeros((units, bins), dtype=torch.int64)
        self.count = 0
        self.sum, self.square, self.zeros = (torch.zeros(units, dtype=torch.float64) for _ in range(3))
        self.least, self.most = torch.full((units,), torch.inf), torch.full((units,), -torch.inf)
        self.class_sums: dict[int, Tensor] = {}
        self.class_counts: dict[int, int] = {}

    def add(self, values: Tensor, labels: Tensor) -> None:
        """Counts a batch in, N×units×values."""
        precise = values.double()
        means = precise.mean(2)
        self.sum += precise.sum((0, 2))
        self.square += precise.square().sum((0, 2))
        self.zeros += (values == 0).sum((0, 2))
        self.count += values.shape[0] * values.shape[2]
        self.least = torch.minimum(self.least, values.amin((0, 2)))
        self.most = torch.maximum(self.most, values.amax((0, 2)))
        bins = self.histogram.shape[1]
        width = float(self.edges[1] - self.edges[0])
        place = ((precise - float(self.edges[0])) / width).floor().clamp(0, bins - 1).nan_to_num(0).long()
        place += torch.arange(values.shape[1])[:, None] * bins
        self.histogram += place.flatten().bincount(minlength=self.histogram.numel()).view_as(self.histogram)
        for label in labels.unique().tolist():
            chosen = means[labels == label]
            self.class_sums[label] = self.class_sums.get(label, torch.zeros_like(self.sum)) + chosen.sum(0)
            self.class_counts[label] = self.class_counts.get(label, 0) + len(chosen)

    def table(self) -> dict[str, Any]:
        """The units as a table."""
        mean = self.sum / self.count
        variance = (self.square / self.count - mean.square()).clamp(min=0)
        labels = sorted(self.class_sums)
        by_class = torch.stack([self.class_sums[label] / self.class_counts[label] for label in labels])
        best = by_class.argmax(0)
        highest = by_class.amax(0)
        others = (by_class.sum(0) - highest) / max(len(labels) - 1, 1)
        size = highest.abs() + others.abs()
        selectivity = torch.where(size > 0, (highest - others) / size.clamp(min=1e-30), 0)
        return {
            "edges": numbers(self.edges),
            "mean": numbers(mean),
            "variance": numbers(variance),
            "zeros": numbers(self.zeros / self.count),
            "least": numbers(self.least),
            "greatest": numbers(self.most),
            "dead": [unit for unit, most in enumerate(self.most.tolist()) if most <= 0 <= self.least[unit]],
            "selectivity": numbers(selectivity),
            "class": [labels[place] for place in best.tolist()],
        }


@method(
    "population",
    title="Population",
    source="Morcos et al. 2018, On the Importance of Single Directions for Generalization",
    image="optional",
    memory=memory,
)
def population(network: Network, image: Tensor | None, params: PopulationParams) -> Iterator[Frame]:
    """How the units of a layer answer to a whole data set: of each unit the histogram of its values, mean and variance,
    the share of zeros, whether it is dead, and for which class it is there: s = (μ_max − μ_rest) / (|μ_max| +
    |μ_rest|), with the means of its map over the pictures of the class that drives it most, and over those of all
    others.

    What it can tell: which units do something at all, which are always on, and which answer to one class. What it
    cannot: that a selective unit is needed (ask surgery), or what the unit does on other pictures than these.

    Yields after each batch `histogram`, units × bins (values beyond the first and the last edge are counted in there);
    values `pictures` so far, `edges`, and per unit `mean`, `variance`, `zeros`, `least`, `greatest`, `selectivity` and
    `class`; `dead` units; and with a picture `here`, the means of its maps.

    Raises:
        UnknownNode: there is no such layer.
        AskError: the data set is not there.
    """
    node = network.node(params.node)
    found = pictures(params)
    here = None if image is None else unit_values(network, image, node.name)[0].double().mean(1)
    counts: Counts | None = None
    done, total = 0, len(found.images)
    for x, labels in found.batches(network, min(64, batch_size(network, node, picture_shape(network)))):
        values = unit_values(network, x, node.name)
        counts = counts or Counts(values.transpose(0, 1).flatten(1), params.bins)
        counts.add(values, labels)
        done += len(x)
        told = {"pictures": done, **counts.table(), "here": None if here is None else [number(v) for v in here]}
        array = counts.histogram.float()
        yield Frame("histogram", array, ("unit", "bin"), "positive", "", node.name, told, done, total)


def unit_values(network: Network, x: Tensor, name: str) -> Tensor:
    """A node's values, N×units×values."""
    with torch.no_grad():
        value = network.values(x, [name])[name]
    return value.reshape(*value.shape[:2], -1).cpu()
