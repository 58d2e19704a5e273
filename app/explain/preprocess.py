"""From a picture to a network's input: what exactly the network sees."""

from PIL import Image
from torch import Tensor

from app.explain.framing import BadFraming, Framing
from models.card import Preprocessing

RESAMPLING = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "nearest": Image.Resampling.NEAREST,
}

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in the pixels of a picture."""


def seen_box(width: int, height: int, preprocessing: Preprocessing, framing: Framing | None = None) -> Box:
    """The part of a width × height picture that a network's input shows; of a letterbox it reaches beyond the picture.

    Without a framing the shorter side is resized to `resize`, the longer to int(resize · longer / shorter), and the
    centre `crop` × `crop` is taken, its offset rounded to whole pixels of the resized picture.

    Raises:
        BadFraming: the square of the framing reaches beyond the picture.
    """
    if framing is None or framing.usual:
        return centre_box(width, height, preprocessing)
    if framing.fit == "stretch":
        return 0, 0, width, height
    if framing.fit == "letterbox":
        left, top, across, down = letterbox(width, height, preprocessing.crop)
        one_column, one_row = width / across, height / down
        side = preprocessing.crop
        return -left * one_column, -top * one_row, (side - left) * one_column, (side - top) * one_row
    return square_box(width, height, framing)


def centre_box(width: int, height: int, preprocessing: Preprocessing) -> Box:
    """The middle of the picture, as the network's card says."""
    shorter = min(width, height)

    def interval(side: int) -> tuple[float, float]:
        resized = preprocessing.resize * side // shorter
        offset = round((resized - preprocessing.crop) / 2)
        return offset * side / resized, (offset + preprocessing.crop) * side / resized

    (left, right), (top, bottom) = interval(width), interval(height)
    return left, top, right, bottom


def square_box(width: int, height: int, framing: Framing) -> Box:
    """The square of a framing. What reaches beyond the picture by half a pixel or less is rounding, and is moved in."""
    assert framing.square is not None
    left, top, size = framing.square
    side = size * min(width, height)

    def start(share: float, length: int, name: str) -> float:
        beyond = share * length + side - length
        if beyond > 0.5:
            largest = (length - side) / length
            raise BadFraming(
                f"The square reaches {beyond:.1f} pixels beyond the picture of {width} × {height}. With size {size:g}, "
                f"{name} may be at most {largest:.4g}.",
                f"framing.{name}",
            )
        return max(0.0, min(share * length, length - side))

    x, y = start(left, width, "left"), start(top, height, "top")
    return x, y, min(x + side, width), min(y + side, height)


def letterbox(width: int, height: int, side: int) -> tuple[int, int, int, int]:
    """Where the whole picture stands in a square: its left, top, width and height in the square's pixels.

    The longer side fills the square; the shorter is rounded, at least one pixel, and stands in the middle, half a
    pixel nearer to the left or top where it cannot.
    """
    longer = max(width, height)
    across, down = (max(1, round(side * length / longer)) for length in (width, height))
    return (side - across) // 2, (side - down) // 2, across, down


def seen(image: Image.Image, preprocessing: Preprocessing, framing: Framing | None = None) -> Image.Image:
    """The picture that a network sees, at its own pixels: crop × crop, mode L or RGB.

    Resizing and cropping are one step: only the part that is kept is computed, with antialiasing, so that a
    picture of one row and a million columns costs no more than any other. The bars of a letterbox are
    round(255 · mean) of the network's preprocessing, which normalises to about 0.

    Args:
        image: upright, RGB.

    Raises:
        BadFraming: the square of the framing reaches beyond the picture.
    """
    side = preprocessing.crop
    mode = "L" if preprocessing.channels == 1 else "RGB"
    how = RESAMPLING[preprocessing.interpolation]
    if framing is not None and framing.fit == "letterbox":
        left, top, across, down = letterbox(image.width, image.height, side)
        fill = tuple(round(255 * mean) for mean in preprocessing.mean)
        square = Image.new(mode, (side, side), fill[0] if mode == "L" else (*fill, 0, 0)[:3])
        square.paste(image.resize((across, down), how).convert(mode), (left, top))
        return square
    box = seen_box(image.width, image.height, preprocessing, framing)
    return image.resize((side, side), how, box=box).convert(mode)


def tensor(image: Image.Image, preprocessing: Preprocessing, framing: Framing | None = None) -> Tensor:
    """The input that a network gets, 1×C×H×W: x = (seen / 255 − mean) / std.

    Args:
        image: upright, RGB.

    Raises:
        BadFraming: the square of the framing reaches beyond the picture.
    """
    import numpy as np
    import torch

    pixels = np.asarray(seen(image, preprocessing, framing), dtype=np.uint8)
    x = torch.from_numpy(pixels.reshape(*pixels.shape[:2], -1).copy()).permute(2, 0, 1).float().div_(255)
    if preprocessing.channels != len(x):
        x = x[[channel % len(x) for channel in range(preprocessing.channels)]]
    mean, std = (torch.tensor(values)[:, None, None] for values in (preprocessing.mean, preprocessing.std))
    return ((x - mean) / std).unsqueeze(0).contiguous()
