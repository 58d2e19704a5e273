"""From a picture to a network's input: what exactly the network sees."""

from PIL import Image
from torch import Tensor

from models.card import Preprocessing

RESAMPLING = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "nearest": Image.Resampling.NEAREST,
}


def seen_box(width: int, height: int, preprocessing: Preprocessing) -> tuple[float, float, float, float]:
    """The part of a width × height picture that a network sees: left, top, right, bottom in its pixels.

    The shorter side is resized to `resize`, the longer to int(resize · longer / shorter), and the centre `crop` ×
    `crop` is taken, its offset rounded to whole pixels of the resized picture.
    """
    shorter = min(width, height)

    def interval(side: int) -> tuple[float, float]:
        resized = preprocessing.resize * side // shorter
        offset = round((resized - preprocessing.crop) / 2)
        return offset * side / resized, (offset + preprocessing.crop) * side / resized

    (left, right), (top, bottom) = interval(width), interval(height)
    return left, top, right, bottom


def seen(image: Image.Image, preprocessing: Preprocessing) -> Image.Image:
    """The picture that a network sees, at its own pixels: crop × crop, mode L or RGB.

    Resizing and cropping are one step: only the part that is kept is computed, with antialiasing, so that a
    picture of one row and a million columns costs no more than any other.

    Args:
        image: upright, RGB.
    """
    side = preprocessing.crop
    box = seen_box(image.width, image.height, preprocessing)
    part = image.resize((side, side), RESAMPLING[preprocessing.interpolation], box=box)
    return part.convert("L" if preprocessing.channels == 1 else "RGB")


def tensor(image: Image.Image, preprocessing: Preprocessing) -> Tensor:
    """The input that a network gets, 1×C×H×W: x = (seen / 255 − mean) / std.

    Args:
        image: upright, RGB.
    """
    import numpy as np
    import torch

    pixels = np.asarray(seen(image, preprocessing), dtype=np.uint8)
    x = torch.from_numpy(pixels.reshape(*pixels.shape[:2], -1).copy()).permute(2, 0, 1).float().div_(255)
    mean, std = (torch.tensor(values)[:, None, None] for values in (preprocessing.mean, preprocessing.std))
    return ((x - mean) / std).unsqueeze(0).contiguous()
