"""What a picture is made of: the numbers that are climbed over, and the picture that they make."""

import math
from copy import copy

import torch
from torch import Tensor

# Principal axes of the colours of CIFAR-10's training pictures, each times the deviation along it, the largest
# scaled to length 1. Columns: light to dark, blue to orange, green to purple.
COLOUR_AXES = ((0.558, 0.201, 0.057), (0.577, 0.013, -0.106), (0.596, -0.201, 0.050))

# Keeps the logits of black and white finite.
DARKEST = 0.01


class Parametrisation:
    """Pictures, N×C×H×W in 0…1, as numbers around zero that can be climbed over.

    Plain: p = ½ + x, clamped to 0…1. With `fourier` or `decorrelate` the picture is p = σ(A · F⁻¹(x ⊙ s)), which never
    leaves 0…1: F⁻¹ is the inverse Fourier transform, s = 1/f gives every frequency the weight that it has in
    photographs, and A mixes colours as photographs do (Olah et al. 2017). The same pictures are reachable, but the way
    up leads through smoother ones.

    Args:
        start: pictures to begin with, N×C×H×W in 0…1.
        fourier: climb over frequencies instead of pixels.
        decorrelate: climb over independent colours instead of red, green and blue; only where there are three.
    """

    def __init__(self, start: Tensor, *, fourier: bool, decorrelate: bool) -> None:
        self.fourier = fourier
        self.decorrelate = decorrelate and start.shape[1] == 3
        self.plain = not (fourier or self.decorrelate)
        self.height, self.width = start.shape[2:]
        self.axes = torch.tensor(COLOUR_AXES, dtype=start.dtype, device=start.device)
        self.frequencies = frequencies(self.height, self.width).to(start)
        self.values = self.encoded(start)

    def times(self, count: int) -> "Parametrisation":
        """The same for several pictures that all begin with this one."""
        several = copy(self)
        several.values = self.values.expand(count, *self.values.shape[1:])
        return several

    @property
    def weights(self) -> Tensor:
        """1/f for every frequency, the lowest for 0, scaled so that independent numbers make pixels of their size."""
        inverse = 1 / self.frequencies.clamp(min=1 / max(self.height, self.width))
        return inverse / inverse.square().mean().sqrt()

    def encoded(self, pictures: Tensor) -> Tensor:
        """The numbers that make these pictures."""
        if self.plain:
            return pictures - 0.5
        values = pictures.clamp(DARKEST, 1 - DARKEST).logit()
        if self.decorrelate:
            values = torch.einsum("dc,nchw->ndhw", self.axes.inverse(), values)
        if self.fourier:
            values = torch.view_as_real(torch.fft.rfft2(values, norm="ortho") / self.weights)
        return values

    def pictures(self, values: Tensor | None = None) -> Tensor:
        """The pictures, N×C×H×W in 0…1, of given numbers or of the present ones."""
        values = self.values if values is None else values
        if self.plain:
            return values + 0.5
        if self.fourier:
            spectrum = torch.view_as_complex(values) * self.weights
            values = torch.fft.irfft2(spectrum, s=(self.height, self.width), norm="ortho")
        if self.decorrelate:
            values = torch.einsum("cd,ndhw->nchw", self.axes, values)
        return torch.sigmoid(values)

    def move(self, change: Tensor, *, blur: float = 0.0, decay: float = 0.0) -> None:
        """One step, after which the pictures are blurred and fade to grey a little.

        Args:
            change: of the numbers.
            blur: standard deviation of the Gaussian, in pixels.
            decay: share of the way to grey.
        """
        values = (self.values + change) * (1 - decay)
        if blur:
            values = self.blurred(values, blur)
        self.values = values.clamp(-0.5, 0.5) if self.plain else values

    def blurred(self, values: Tensor, deviation: float) -> Tensor:
        """The numbers behind a Gaussian, whose transfer function is exp(−2π²σ²f²)."""
        transfer = torch.exp(-2 * (math.pi * deviation * self.frequencies) ** 2)
        if self.fourier:
            return values * transfer[..., None]
        blurred: Tensor = torch.fft.irfft2(torch.fft.rfft2(values) * transfer, s=(self.height, self.width))
        return blurred


def frequencies(height: int, width: int) -> Tensor:
    """Cycles per pixel of every entry of a real picture's spectrum, height×(⌊width/2⌋+1)."""
    return torch.hypot(torch.fft.fftfreq(height)[:, None], torch.fft.rfftfreq(width)[None, :])
