"""Exact receptive fields by interval arithmetic along the graph (Araujo, Norris & Sim, Distill 2019)."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

Number = int | Fraction


@dataclass(frozen=True, slots=True)
class Axis:
    """What one axis of a node sees: index i sees the input indices i·step + left … i·step + right, both included."""

    step: Number = 1
    left: Number = 0
    right: Number = 0

    def window(self, kernel: int, stride: int, padding: int, dilation: int = 1) -> "Axis":
        """Behind a convolution or pooling: l − a·p, r + a·(d(k−1) − p), a·s."""
        return Axis(
            self.step * stride,
            self.left - self.step * padding,
            self.right + self.step * (dilation * (kernel - 1) - padding),
        )

    def transposed_window(self, kernel: int, stride: int, padding: int, dilation: int = 1) -> "Axis":
        """Behind a transposed convolution, whose output o reads the inputs (o + p − d(k−1))/s … (o + p)/s."""
        step = Fraction(self.step) / stride
        return Axis(step, self.left + step * (padding - dilation * (kernel - 1)), self.right + step * padding)

    def shifted(self, offset: int) -> "Axis":
        """Behind a crop (positive) or padding (negative) at the low end."""
        return Axis(self.step, self.left + self.step * offset, self.right + self.step * offset)

    def every(self, stride: int) -> "Axis":
        """Behind a slice that keeps each `stride`-th index."""
        return Axis(self.step * stride, self.left, self.right)

    def interval(self, index: int) -> tuple[int, int]:
        """First and last input index that one output index sees, before clipping."""
        return floor(index * self.step + self.left), ceil(index * self.step + self.right)

    @property
    def size(self) -> int:
        """How many input indices are seen."""
        return ceil(self.right) - floor(self.left) + 1


@dataclass(frozen=True, slots=True)
class ReceptiveField:
    """What a node's values see of the input, per axis; `whole` where that is everything.

    `gated`: the convolutional path is as given, but a global operation beside it (squeeze-and-excite, a
    normalisation over the map) lets every pixel have a say.
    """

    rows: Axis = Axis()
    columns: Axis = Axis()
    whole: bool = False
    gated: bool = False

    def box(self, row: int, column: int) -> tuple[int, int, int, int]:
        """Top, left, bottom and right input index that a value sees, both ends included, before clipping."""
        (top, bottom), (left, right) = self.rows.interval(row), self.columns.interval(column)
        return top, left, bottom, right

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in input pixels."""
        return self.rows.size, self.columns.size

    @property
    def step(self) -> tuple[Number, Number]:
        """Input pixels between neighbouring values."""
        return self.rows.step, self.columns.step

    @property
    def start(self) -> tuple[Number, Number]:
        """First input row and column that the value at (0, 0) sees; negative is padding."""
        return self.rows.left, self.columns.left


ITSELF = ReceptiveField()
WHOLE = ReceptiveField(whole=True)


def joined(fields: Iterable[ReceptiveField]) -> ReceptiveField:
    """Where branches meet: from the least left to the greatest right.

    Branches that see everything make the result `gated` where others do not: the convolutional path is told.
    Branches of different steps have no common box, so that the whole input is told.
    """
    fields = list(fields)
    if len(fields) == 1:
        return fields[0]
    local = [field for field in fields if not field.whole]
    if not local or len({field.step for field in local}) > 1:
        return WHOLE
    rows, columns = (
        Axis(axes[0].step, min(a.left for a in axes), max(a.right for a in axes))
        for axes in ([f.rows for f in local], [f.columns for f in local])
    )
    return ReceptiveField(rows, columns, gated=len(local) < len(fields) or any(f.gated for f in local))
