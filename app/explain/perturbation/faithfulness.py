"""faithfulness: does the answer really hang on the pixels that an attribution blames?"""

from collections.abc import Callable, Generator, Iterator
from typing import Any

import torch
from pydantic import Field
from torch import Tensor

from app.explain.attribution.maps import told
from app.explain.attribution.target import (
    ClassParams,
    batch_of,
    chosen_class,
    described,
    gradient_memory,
    logits_of,
    picture_shape,
)
from app.explain.errors import AskError
from app.explain.method import Frame, Method, method, methods
from app.explain.network import Network
from app.explain.numbers import number
from app.explain.perturbation.cells import Cells
from app.explain.perturbation.fill import Fill, filled

RANDOM = "random"

REASONS = {
    "flat": "Every pixel has the same value, so that no order follows from it.",
    "not_finite": "Some of its values are not numbers, so that no order follows from it.",
    "saturated": "More than half of the pixels are at its very top, so that no order among them follows from it.",
}


class FaithfulnessParams(ClassParams):
    """Which attributions are put to the test, and how."""

    attributions: tuple[str, ...] = Field(
        default=("gradient_x_input", "grad_cam", "lrp"),
        min_length=1,
        max_length=12,
        title="Attributions",
        description="Names of methods that lay a map over the picture.",
    )
    steps: int = Field(default=16, ge=1, le=100, title="Steps", description="Points of a curve behind the first.")
    cells: int = Field(
        default=14, ge=2, le=64, title="Cells", description="Along each side: so many pieces the picture is cut into."
    )
    fill: Fill = Field(default="mean", title="Filled with", description="What takes the place of a piece.")
    random: int = Field(default=3, ge=1, le=20, title="Random orders", description="Of which the baseline is the mean.")
    seed: int = Field(default=0, ge=0, le=2**31 - 1, title="Seed", description="Of the random orders.")


def attributions() -> dict[str, Method]:
    """The methods that lay a map over the picture for a class, by name."""
    found = {name: known for name, known in methods().items() if known.shows == "map"}
    return {name: known for name, known in found.items() if issubclass(known.params, ClassParams)}


def chosen(params: FaithfulnessParams) -> dict[str, Method]:
    """The attributions that are asked for.

    Raises:
        AskError: there is none of this name.
    """
    known = attributions()
    for name in params.attributions:
        if name not in known:
            raise AskError(
                f"There is no attribution “{name[:80]}”. The attributions are: {', '.join(known)}.",
                "params.attributions",
            )
    return {name: known[name] for name in params.attributions}


@method(
    "faithfulness",
    title="Faithfulness",
    source="Petsiuk, Das & Saenko 2018, RISE, §4; Samek et al. 2017, Evaluating What a Network Has Learned",
    memory=gradient_memory,
)
def faithfulness(network: Network, image: Tensor, params: FaithfulnessParams) -> Iterator[Frame]:
    """Whether the answer hangs on the pixels that an attribution blames: p_c(x with the first k pieces of the order
    hidden), and p_c(x with only these shown), the order by the attribution's mean over each piece.

    The better the attribution knows what counts, the faster the first curve falls and the faster the second rises; the
    area below each is one number for it. A random order is the baseline: no attribution that does not beat it has said
    anything. A map that is flat, saturated or not finite is called so, with the reason, and gets no curve.

    What it can tell: which of several attributions is right about this network and picture. What it cannot: whether
    pictures with holes are pictures at all; the network may change its mind at the holes. Other pieces and fillings
    give other areas.

    Yields `deletion` and `insertion`, attributions × points, the random order last; values `class`, `shares` (of the
    picture, at each point), and `curves`: by attribution `deletion`, `insertion`, their areas, `map` (good, flat,
    saturated, not_finite or impossible) and, where it is not good, the `reason`.

    Raises:
        AskError: there is no such attribution or class.
    """
    asked = chosen(params)
    logits = logits_of(network, image)[0]
    target = chosen_class(network, logits, params.target)
    cells = Cells(*picture_shape(network)[1:], params.cells)
    test = Test(network, image, target, cells, params)
    rows = [*asked, RANDOM]
    curves: dict[str, dict[str, Any]] = {}

    def shown() -> Iterator[Frame]:
        table = {"class": described(network, logits, target), "shares": test.shares, "curves": dict(curves)}
        for name in ("deletion", "insertion"):
            lines = [curves.get(row, {}).get(name) or [float("nan")] * len(test.shares) for row in rows]
            found = torch.tensor([[float("nan") if p is None else p for p in line] for line in lines])
            axes = ("attribution", "point")
            yield Frame(name, found, axes, "positive", values=table, step=len(curves), steps=len(rows))

    generator = torch.Generator().manual_seed(params.seed)
    orders = [torch.randperm(cells.count, generator=generator) for _ in range(params.random)]
    curves[RANDOM] = yield from waiting(test.curves(orders), shown)
    for name, attribution in asked.items():
        curves[name] = yield from waiting(judged(attribution, test), shown)
    yield from shown()


class Test:
    """Hides and shows the pieces of one picture in given orders."""

    def __init__(self, network: Network, image: Tensor, target: int, cells: Cells, params: FaithfulnessParams) -> None:
        self.network, self.image, self.target, self.cells = network, image, target, cells
        self.background = filled(network, image, params.fill)
        self.counts = sorted({round(i * cells.count / params.steps) for i in range(params.steps + 1)})
        self.shares = [count / cells.count for count in self.counts]

    def curves(self, orders: list[Tensor]) -> Iterator[dict[str, Any] | None]:
        """None after each batch of pictures, at last the curves: the mean over some orders."""
        found: dict[str, Any] = {}
        for name, (shown, hidden) in {
            "deletion": (self.background, self.image),
            "insertion": (self.image, self.background),
        }.items():
            masks = torch.cat([self.cells.masks(order, self.counts) for order in orders]).to(self.image)
            scores: list[Tensor] = []
            for part in masks.split(batch_of(self.network)):
                logits = logits_of(self.network, part * shown + (1 - part) * hidden)
                scores.append(logits.double().softmax(1)[:, self.target])
                yield None
            line = torch.cat(scores).view(len(orders), -1).mean(0)
            found[name] = [number(score) for score in line]
            found[f"{name}_area"] = number(torch.trapezoid(line, torch.tensor(self.shares).to(line)))
        yield found


def judged(attribution: Method, test: Test) -> Iterator[dict[str, Any] | None]:
    """None while an attribution and its curves are computed, at last the curves, or why there are none."""
    map_ = None
    try:
        for frame in attribution.run(
            test.network, test.image, attribution.params.model_validate({"target": test.target})
        ):
            map_ = frame.array if frame.name == "map" else map_
            yield None
    except AskError as error:
        yield {"map": "impossible", "reason": error.detail}
        return
    assert map_ is not None
    kind = told(map_)
    if kind != "good":
        yield {"map": kind, "reason": REASONS[kind]}
        return
    order = test.cells.means(map_).argsort(descending=True, stable=True)
    for found in test.curves([order]):
        yield found and {**found, "map": kind}


def waiting(
    work: Iterator[dict[str, Any] | None], shown: Callable[[], Iterator[Frame]]
) -> Generator[Frame, None, dict[str, Any]]:
    """Runs some work, showing what there is so far after each step of it; gives back what the work ends with."""
    found = None
    for found in work:
        if found is None:
            yield from shown()
    assert found is not None
    return found
