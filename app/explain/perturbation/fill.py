"""What takes the place of pixels that are hidden."""

from typing import Literal

from torch import Tensor
from torch.nn import functional as F

from app.explain.attribution.integrated_gradients import plain_picture
from app.explain.network import Network

Fill = Literal["mean", "black", "white", "blur"]


def filled(network: Network, image: Tensor, fill: Fill) -> Tensor:
    """A picture of one colour, or the picture itself without anything finer than an eighth of its side, 1×C×H×W."""
    if fill != "blur":
        return plain_picture(network, image, fill)
    low = F.interpolate(image, (8, 8), mode="bilinear", antialias=True, align_corners=False)
    return F.interpolate(low, image.shape[2:], mode="bicubic", align_corners=False)
