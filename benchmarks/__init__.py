"""Budgets of speed and memory: ratios taken in one run on one machine; of the page, what a person waits for.

Each module here that has a `run() -> list[Row]` is a benchmark; `python -m benchmarks [NAME …]` runs them.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measured ratio, or one measured quantity.

    Attributes:
        what: was measured.
        against: what it is divided by; of a quantity, where it was measured.
        ratio: measured, in `unit`.
        budget: the most it may be.
        unit: × of a ratio.
    """

    what: str
    against: str
    ratio: float
    budget: float
    unit: str = "×"

    @property
    def measured(self) -> str:
        """What was measured, with its unit."""
        return f"{short(self.ratio)} {self.unit}"

    @property
    def at_most(self) -> str:
        """The budget, with its unit."""
        return f"{short(self.budget)} {self.unit}"

    @property
    def kept(self) -> bool:
        """Whether the budget is kept."""
        return self.ratio <= self.budget


def short(number: float) -> str:
    """Three digits, or all that stand before the point."""
    return f"{number:,.0f}" if number >= 1000 else f"{number:.3g}"


def seconds(work: Callable[[], object], times: int = 5, warm_up: int = 1) -> float:
    """Median duration of some work."""
    for _ in range(warm_up):
        work()
    durations = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        durations.append(time.perf_counter() - began)
    return statistics.median(durations)


def ratio(work: Callable[[], object], against: Callable[[], object], times: int = 7) -> float:
    """Median of one duration divided by another, both measured in turn, so that a busy machine slows both alike."""
    return statistics.median(
        seconds(work, 1, int(turn == 0)) / seconds(against, 1, int(turn == 0)) for turn in range(times)
    )
