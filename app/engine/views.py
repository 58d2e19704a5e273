"""Views of a Network that methods are given: one that can be stopped between nodes, one that shares its pass."""

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import torch
from torch import Tensor

from app.engine.ahead import Ahead
from app.explain.network import Network, Replacement, Result, Rule, Summary
from app.explain.node import Node
from app.explain.view import NetworkView

Step = TypeVar("Step")


class Abandoned(BaseException):
    """Nobody listens any more: raised inside a method, past its handlers of ordinary exceptions."""


class WatchedNetwork(NetworkView):
    """A network whose every pass ends between two nodes as soon as nobody listens any more.

    Args:
        network: shared, not copied.
        abandoned: says whether to stop; asked before every node.
    """

    def __init__(self, network: Network, abandoned: Callable[[], bool]) -> None:
        super().__init__(network)
        self._abandoned = abandoned

    def run(
        self,
        x: Tensor | None = None,
        *,
        start: Mapping[str, Tensor] | None = None,
        until: str | Collection[str] | None = None,
        replace: Mapping[str, Replacement] | None = None,
        rules: Mapping[str, Rule] | None = None,
    ) -> Iterator[tuple[Node, Tensor]]:
        return self._watched(self._network.run(x, start=start, until=until, replace=replace, rules=rules))

    def _watched(self, steps: Iterator[Step]) -> Iterator[Step]:
        for step in steps:
            if self._abandoned():
                raise Abandoned
            yield step

    def converted(self, **keywords: Any) -> Network:
        return WatchedNetwork(self._network.converted(**keywords), self._abandoned)


class SharedStep:
    """One node of a shared pass: each image's part of its value, 1×shape, and what was made of it, once for all."""

    def __init__(self, node: Node, value: Tensor) -> None:
        self.node = node
        self.parts = value.split(1)
        self._value = value
        self._summary: Sequence[Any] | None = None

    def summary(self, summary: Summary[Any], index: int) -> Any:
        """One image's part of what the first view's `summary` says; the others would say the same."""
        if self._summary is None:
            self._summary = summary(self.node, self._value)
        return self._summary[index]


class SharedPass:
    """One forward pass over several images, one node ahead of the view that reads fastest.

    A node's value, N×shape, is kept until the last of the N views has read it or left.

    Args:
        network: that computes.
        images: 1×C×H×W each, all of one size.
    """

    def __init__(self, network: Network, images: Sequence[Tensor]) -> None:
        self._network = network
        self._images = tuple(images)
        self._until: tuple[str, ...] | None = None
        self._steps: Ahead[tuple[Node, Tensor]] | None = None
        self._kept: deque[SharedStep] = deque()
        self._dropped = 0
        self._unclaimed = set(range(len(images)))
        self._positions = dict.fromkeys(range(len(images)), 0)

    def claim(self, index: int, image: Tensor | None, until: tuple[str, ...] | None) -> bool:
        """Whether a view's pass is this one: its first, over its own image, to the same nodes as the others'."""
        if index not in self._unclaimed or image is not self._images[index]:
            return False
        if self._steps is None:
            self._until = until
            self._steps = Ahead(self._network.run(torch.cat(self._images), until=until))
        if until != self._until:
            return False
        self._unclaimed.discard(index)
        return True

    def steps(self, index: int) -> Iterator[SharedStep]:
        """The nodes as one view reads them."""
        try:
            while (step := self._next(index)) is not None:
                yield step
        finally:
            self.leave(index)

    def leave(self, index: int) -> None:
        """A view reads no further."""
        self._unclaimed.discard(index)
        self._positions.pop(index, None)
        self._drop()

    def _next(self, index: int) -> SharedStep | None:
        if index not in self._positions:
            return None
        if self._positions[index] - self._dropped == len(self._kept) and not self._advance():
            return None
        position = self._positions[index]
        step = self._kept[position - self._dropped]
        self._positions[index] = position + 1
        if position == self._dropped:
            # Others may have read it all before this one.
            self._drop()
        return step

    def _advance(self) -> bool:
        step = next(self._steps, None) if self._steps is not None else None
        if step is not None:
            self._kept.append(SharedStep(*step))
        return step is not None

    def _drop(self) -> None:
        read = min(self._positions.values(), default=self._dropped + len(self._kept))
        while self._dropped < read:
            self._kept.popleft()
            self._dropped += 1
        if not self._positions:
            if self._steps is not None:
                self._steps.close()
            self._steps, self._images = None, ()


class SharingNetwork(WatchedNetwork):
    """A network whose first plain pass is its part of a shared one; any other pass is computed for itself alone."""

    def __init__(self, network: Network, abandoned: Callable[[], bool], shared: SharedPass, index: int) -> None:
        super().__init__(network, abandoned)
        self._shared = shared
        self._index = index

    def run(
        self,
        x: Tensor | None = None,
        *,
        start: Mapping[str, Tensor] | None = None,
        until: str | Collection[str] | None = None,
        replace: Mapping[str, Replacement] | None = None,
        rules: Mapping[str, Rule] | None = None,
    ) -> Iterator[tuple[Node, Tensor]]:
        if not (start or replace or rules) and self._shared.claim(self._index, x, named(until)):
            return ((step.node, step.parts[self._index]) for step in self._watched(self._shared.steps(self._index)))
        return super().run(x, start=start, until=until, replace=replace, rules=rules)

    def summed_up(
        self, x: Tensor, summary: Summary[Result], until: str | Collection[str] | None = None
    ) -> Iterator[tuple[Node, Tensor, Result]]:
        if not self._shared.claim(self._index, x, named(until)):
            return super().summed_up(x, summary, until)
        steps = self._watched(self._shared.steps(self._index))
        return ((step.node, step.parts[self._index], step.summary(summary, self._index)) for step in steps)


def named(until: str | Collection[str] | None) -> tuple[str, ...] | None:
    """The names of the nodes that a pass ends with."""
    return (until,) if isinstance(until, str) else None if until is None else tuple(until)
