"""Shared passes give each view what a pass of its own would, and keep no value longer than it is needed."""

import gc
import weakref
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from app.engine.views import Abandoned, SharedPass, SharingNetwork, WatchedNetwork
from app.explain.node import Node
from tests.engine.toys import CountingNetwork, picture, toy_network


def never() -> bool:
    return False


def views(network: CountingNetwork, images: list[Tensor]) -> list[SharingNetwork]:
    shared = SharedPass(network, images)
    return [SharingNetwork(network, never, shared, index) for index in range(len(images))]


def in_lockstep(passes: list[Iterator[tuple[Node, Tensor]]]) -> list[list[tuple[str, Tensor]]]:
    """Reads each pass one node at a time, in turn."""
    read: list[list[tuple[str, Tensor]]] = [[] for _ in passes]
    for steps in zip(*passes, strict=True):
        for values, (node, value) in zip(read, steps, strict=True):
            values.append((node.name, value))
    return read


def test_each_view_gets_its_own_images_values_from_one_pass() -> None:
    network, images = toy_network(), [picture(seed) for seed in range(5)]
    read = in_lockstep([view.run(image) for view, image in zip(views(network, images), images, strict=True)])
    assert network.passes == [5]
    for image, values in zip(images, read, strict=True):
        alone = list(network.run(image))
        assert [name for name, _ in values] == [node.name for node, _ in alone]
        for (_, shared), (_, own) in zip(values, alone, strict=True):
            torch.testing.assert_close(shared, own)


def test_what_sums_a_value_up_sees_all_images_of_a_pass_at_once() -> None:
    network, images = toy_network(), [picture(seed) for seed in range(4)]
    seen: list[int] = []

    def largest(node: Node, values: Tensor) -> list[float]:
        seen.append(len(values))
        return [float(value.max()) for value in values]

    passes = [view.summed_up(image, largest) for view, image in zip(views(network, images), images, strict=True)]
    read = list(zip(*passes, strict=True))
    assert seen == [4] * len(network.nodes)
    for steps in read:
        for _, value, summary in steps:
            assert summary == float(value.max())
    alone = [summary for _, _, summary in network.summed_up(images[2], largest)]
    assert alone == pytest.approx([steps[2][2] for steps in read], rel=1e-5, abs=1e-6)


def test_views_may_read_at_any_pace() -> None:
    network, images = toy_network(), [picture(seed) for seed in range(3)]
    first, second, third = views(network, images)
    torch.testing.assert_close(first.logits(images[0]), network.logits(images[0]))
    halfway = second.run(images[1])
    next(halfway)
    torch.testing.assert_close(third.values(images[2], ["5"])["5"], network.logits(images[2]))
    torch.testing.assert_close([value for _, value in halfway][-1], network.logits(images[1]))


def test_a_value_is_dropped_when_the_last_view_has_read_it_or_left() -> None:
    network, images = toy_network(), [picture(seed) for seed in range(3)]
    shared = SharedPass(network, images)
    slow, fast, gone = (SharingNetwork(network, never, shared, index).run(image) for index, image in enumerate(images))
    kept: list[weakref.ref[Tensor]] = []
    for steps in (fast, slow, gone):
        next(steps)
    for _ in range(3):
        _, value = next(fast)
        assert value._base is not None
        kept.append(weakref.ref(value._base))
        del value
    assert all(reference() is not None for reference in kept), "the slow views still need them"
    shared.leave(2)
    for _ in range(3):
        next(slow)
    gc.collect()
    assert kept[0]() is None
    assert kept[2]() is not None, "the pass itself goes on from here"


def test_only_a_views_first_plain_pass_over_its_own_image_is_shared() -> None:
    network, images = toy_network(), [picture(seed) for seed in range(2)]
    first, second = views(network, images)
    other = picture(9)
    torch.testing.assert_close(first.logits(other), network.logits(other))
    doubled = {"0": lambda value: 2 * value}
    torch.testing.assert_close(first.logits(images[0], replace=doubled), network.logits(images[0], replace=doubled))
    for _ in range(2):
        torch.testing.assert_close(first.logits(images[0]), network.logits(images[0]))
    early = [node.name for node, _ in second.run(images[1], until="1")]
    assert early == ["input", "0", "1"], "another end than the shared pass has"


def test_an_error_in_the_shared_pass_reaches_every_view() -> None:
    network = toy_network()
    images = [picture(1).double(), picture(2).double()]
    first, second = (view.run(image) for view, image in zip(views(network, images), images, strict=True))
    for steps in (first, second):
        with pytest.raises(RuntimeError, match="type"):
            list(steps)


def test_a_watched_pass_stops_at_the_next_node() -> None:
    network = toy_network()
    nobody_listens = False
    steps = WatchedNetwork(network, lambda: nobody_listens).run(picture(1))
    for _ in range(2):
        next(steps)
    nobody_listens = True
    with pytest.raises(Abandoned):
        next(steps)
    assert network.computed == ["input", "0", "1"]


def test_a_converted_view_is_watched_too() -> None:
    network = toy_network()
    twin = WatchedNetwork(network, lambda: True).converted(dtype=torch.float64)
    assert twin.dtype == torch.float64
    with pytest.raises(Abandoned):
        twin.logits(picture(1).double())
