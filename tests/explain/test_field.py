"""Receptive fields against the support of gradients, on random small networks in float64."""

from dataclasses import dataclass

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from app.explain.field import WHOLE, Axis, ReceptiveField, joined
from app.explain.network import Network
from app.explain.rewrite import Untraceable

pytestmark = pytest.mark.usefixtures("one_thread")

SIDES = (23, 19)


@dataclass(frozen=True)
class Window:
    """A convolution or pooling, its numbers per axis."""

    kind: str
    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]
    dilation: tuple[int, int]
    ceil: bool

    def module(self) -> nn.Module:
        if self.kind == "average":
            return nn.AvgPool2d(self.kernel, self.stride, self.padding, ceil_mode=self.ceil)
        if self.kind == "max":
            return nn.MaxPool2d(self.kernel, self.stride, self.padding, self.dilation, ceil_mode=self.ceil)
        groups = 2 if self.kind == "grouped" else 1
        return nn.Conv2d(4, 4, self.kernel, self.stride, self.padding, self.dilation, groups)


def pairs(low: int, high: int) -> st.SearchStrategy[tuple[int, int]]:
    return st.tuples(st.integers(low, high), st.integers(low, high))


@st.composite
def windows(draw: st.DrawFn, kinds: tuple[str, ...]) -> Window:
    kernel = draw(pairs(1, 4))
    padding = tuple(draw(st.integers(0, side // 2)) for side in kernel)
    kind = draw(st.sampled_from(kinds))
    return Window(kind, kernel, draw(pairs(1, 3)), padding, draw(pairs(1, 2)), draw(st.booleans()))


class Fork(nn.Module):
    """Two paths of the same stride that meet again, added or side by side."""

    def __init__(self, kernels: tuple[int, int], dilation: int, stride: int, adds: bool) -> None:
        super().__init__()
        self.paths = nn.ModuleList(nn.Conv2d(4, 4, 2 * half + 1, stride, dilation * half, dilation) for half in kernels)
        self.mix = nn.Conv2d(4 if adds else 8, 4, 1)
        self.adds = adds

    def forward(self, x: Tensor) -> Tensor:
        left, right = self.paths[0](x), self.paths[1](x)
        return self.mix(left + right if self.adds else torch.cat([left, right], 1))


forks = st.builds(Fork, pairs(0, 2), st.integers(1, 2), st.integers(1, 2), st.booleans())


def network_of(parts: list[Window | Fork]) -> Network:
    """The parts in a row behind a 1×1 convolution, all weights positive, so that no two paths can cancel."""
    modules = [part.module() if isinstance(part, Window) else part for part in parts]
    module = nn.Sequential(nn.Conv2d(3, 4, 1), *modules).double()
    for parameter in module.parameters():
        parameter.data = parameter.data.abs() + 0.1
    try:
        return Network(module, (3, *SIDES))
    except Untraceable:
        assume(False)
        raise


def support(network: Network, node: str, row: int, column: int, seed: int) -> tuple[list[int], list[int]]:
    """Input rows and columns where the gradient of a value is not zero."""
    x = torch.rand((1, *network.input_shape), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    x.requires_grad_()
    network.values(x, [node])[node][0, :, row, column].sum().backward()
    assert x.grad is not None
    seen = x.grad[0].abs().sum(0) > 0
    return seen.any(1).nonzero().flatten().tolist(), seen.any(0).nonzero().flatten().tolist()


def chosen(data: st.DataObject, network: Network) -> tuple[str, int, int]:
    node = data.draw(st.sampled_from([node for node in network.nodes.values() if node.spatial]))
    row, column = (data.draw(st.integers(0, side - 1)) for side in node.shape[1:])
    return node.name, row, column


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(st.lists(st.one_of(windows(("plain", "grouped", "average")), forks), min_size=1, max_size=4), st.data())
def test_boxes_are_exact(parts: list[Window | Fork], data: st.DataObject) -> None:
    """No gradient outside the box; and each edge that lies within the picture is reached."""
    network = network_of(parts)
    name, row, column = chosen(data, network)
    top, left, bottom, right = network.nodes[name].receptive_field.box(row, column)
    for (low, high), side, seen in zip(
        ((top, bottom), (left, right)), SIDES, support(network, name, row, column, 0), strict=True
    ):
        if not seen:
            # The other axis looks at nothing but padding, or this one does.
            continue
        assert low <= seen[0]
        assert seen[-1] <= high
        assert low < 0 or seen[0] == low
        assert high >= side or seen[-1] == high


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(st.lists(windows(("plain", "max")), min_size=1, max_size=4), st.data())
def test_boxes_of_max_poolings_hold_every_gradient(parts: list[Window], data: st.DataObject) -> None:
    network = network_of(parts)
    name, row, column = chosen(data, network)
    top, left, bottom, right = network.nodes[name].receptive_field.box(row, column)
    rows, columns = support(network, name, row, column, data.draw(st.integers(0, 9)))
    assert all(top <= i <= bottom for i in rows)
    assert all(left <= i <= right for i in columns)


def test_branches_of_different_steps_see_everything() -> None:
    narrow, wide = Axis(1, 0, 2), Axis(2, -1, 1)
    assert joined([ReceptiveField(narrow, narrow), ReceptiveField(wide, wide)]) == WHOLE
    assert joined([WHOLE]) == WHOLE
    gated = joined([ReceptiveField(narrow, narrow), WHOLE])
    assert gated.gated
    assert gated.size == (3, 3)


def test_by_hand() -> None:
    """3×3 convolution, 2×2 pooling, 3×3 dilated by 2: 1 + 2, + 1, + 2·2·2 = 12."""
    network = Network(
        nn.Sequential(nn.Conv2d(1, 1, 3), nn.MaxPool2d(2), nn.Conv2d(1, 1, 3, dilation=2, padding=1)), (1, 32, 32)
    )
    field = network.nodes["2"].receptive_field
    assert field.size == (12, 12)
    assert field.step == (2, 2)
    assert field.start == (-2, -2)
    assert field.box(3, 0) == (4, -2, 15, 9)


def test_slices_pads_and_transposed_convolutions() -> None:
    class Cut(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.up = nn.ConvTranspose2d(4, 4, 3, 2, 1)
            self.first = nn.Conv2d(3, 4, 3)

        def forward(self, x: Tensor) -> Tensor:
            x = nn.functional.pad(self.first(x), (1, 2, 3, 0))[:, :, 2::3, 1:]
            return self.up(x)

    module = Cut().double()
    for parameter in module.parameters():
        parameter.data = parameter.data.abs() + 0.1
    network = Network(module, (3, *SIDES))
    for node in network.nodes.values():
        for row in range(0, node.shape[1], 5):
            for column in range(0, node.shape[2], 4):
                top, left, bottom, right = node.receptive_field.box(row, column)
                rows, columns = support(network, node.name, row, column, 0)
                assert all(top <= i <= bottom for i in rows), node.name
                assert all(left <= i <= right for i in columns), node.name
