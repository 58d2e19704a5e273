"""Value: what an operation of the file gives, as it stands in the torch network."""

from dataclasses import dataclass, replace

Layout = tuple[int, ...]


@dataclass(frozen=True)
class Value:
    """The value of an operation, for one picture.

    Transposes are not computed where they stand but remembered, so that a network in TensorFlow's order of axes runs
    in torch's. The file's value is the network's, its axes in the order of `layout`.

    Attributes:
        key: path of the layer whose value it is; empty for the picture itself.
        node: name of the call site that people see, which is the layer's last.
        held: its shape in the network, with the batch of one.
        layout: which axis of the network's value each axis of the file's is.
        via: path for the layer that puts the axes in order, where one is needed.
        scale: the step of numbers that were rounded to whole multiples of it, with their zero; None for others.
    """

    key: str
    node: str
    held: tuple[int, ...]
    layout: Layout
    via: str = ""
    scale: tuple[object, ...] | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape as the file has it."""
        return tuple(self.held[axis] for axis in self.layout)

    @property
    def in_order(self) -> bool:
        """Whether the axes stand as the file has them."""
        return self.layout == tuple(range(len(self.layout)))

    @property
    def keeps_order(self) -> bool:
        """Whether its numbers stand one after the other as the file has them: only axes of size one have moved."""
        wide = [axis for axis in self.layout if self.held[axis] > 1]
        return wide == sorted(wide) and (self.layout[0] == 0 or not wide)

    def transposed(self, permutation: tuple[int, ...], via: str) -> "Value":
        """The same with its axes in another order."""
        return replace(self, layout=tuple(self.layout[axis] for axis in permutation), via=via)


def inverse(layout: Layout) -> Layout:
    """The permutation that undoes another."""
    return tuple(layout.index(axis) for axis in range(len(layout)))
