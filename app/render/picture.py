"""Any array as a PNG: its units side by side, coloured by what the numbers are."""

import io
import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.explain.method import Frame
from app.render.carry import has_units, numbers
from app.render.colours import GAP, table
from app.render.quantise import picture_bytes, quantise

Pixels = NDArray[np.uint8]

SMALLEST_SIDE = 256
MOST_PIXELS = 4096 * 4096


def picture(frame: Frame) -> bytes:
    """An array as PNG, enlarged in whole multiples of its pixels, all units in one range.

    Units stand in rows, as many as make the picture about square; what has no rows and columns becomes one row of
    cells. NaN and infinities are drawn in a colour of their own.
    """
    tiles = coloured(frame)
    sheet = laid_out(tiles)
    scale = max(
        1, min(SMALLEST_SIDE // min(sheet.shape[:2]), math.isqrt(MOST_PIXELS // (sheet.shape[0] * sheet.shape[1])))
    )
    sheet = sheet.repeat(scale, axis=0).repeat(scale, axis=1)
    buffer = io.BytesIO()
    Image.fromarray(sheet).save(buffer, "PNG")
    return buffer.getvalue()


def coloured(frame: Frame) -> Pixels:
    """The array as units × rows × columns × RGB."""
    array = numbers(frame)
    if frame.kind == "picture":
        pixels = picture_bytes(array, array.reshape(1, -1)).data
        pixels = pixels.reshape(-1, *pixels.shape[-3:])
        return np.repeat(pixels, 3, axis=3) if pixels.shape[3] == 1 else pixels[..., :3]
    data = quantise(array, frame.kind, per_unit=False).data.reshape(array.shape)
    return table(frame.kind)[as_maps(data, has_units(frame))]


def as_maps(data: Pixels, units: bool) -> Pixels:
    """An array of any shape as maps × rows × columns."""
    if data.ndim < 2 or (data.ndim == 2 and units):
        return data.reshape(1, 1 if data.ndim < 2 else len(data), -1)
    return data.reshape(-1, *data.shape[-2:])


def laid_out(tiles: Pixels) -> Pixels:
    """Tiles in rows, with a gap of one pixel between them."""
    count, height, width, _ = tiles.shape
    columns = max(1, min(count, round(math.sqrt(count * (height + 1) / (width + 1)))))
    rows = -(-count // columns)
    sheet = np.empty((rows * (height + 1) - 1, columns * (width + 1) - 1, 3), np.uint8)
    sheet[:] = GAP
    for index, tile in enumerate(tiles):
        top, left = index // columns * (height + 1), index % columns * (width + 1)
        sheet[top : top + height, left : left + width] = tile
    return sheet
