"""A data set in memory."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Dataset:
    """Pictures N×C×H×W (uint8) with their labels, for training and for the test."""

    name: str
    train_images: Tensor
    train_labels: Tensor
    test_images: Tensor
    test_labels: Tensor
    classes: tuple[str, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """The names of its classes; their numbers where it has no names."""
        count = int(max(self.train_labels.max(), self.test_labels.max())) + 1
        return self.classes or tuple(str(number) for number in range(count))
