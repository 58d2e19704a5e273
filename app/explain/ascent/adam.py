"""Adam (Kingma & Ba 2015): how far each number goes, from how its gradient was so far."""

import torch
from torch import Tensor


class Adam:
    """The gradient's running mean over the root of its running square, both without their bias to zero.

    Args:
        like: the numbers that move.
    """

    def __init__(self, like: Tensor) -> None:
        self.mean = torch.zeros(like.shape, device=like.device)
        self.square = torch.zeros_like(self.mean)
        self.steps = 0

    def __call__(self, gradient: Tensor) -> Tensor:
        """The change along a gradient, to be scaled by the learning rate."""
        self.steps += 1
        self.mean = 0.9 * self.mean + 0.1 * gradient
        self.square = 0.999 * self.square + 0.001 * gradient.square()
        mean = self.mean / (1 - 0.9**self.steps)
        square = self.square / (1 - 0.999**self.steps)
        return mean / (square.sqrt() + 1e-8)
