"""Pictures one after the other as a film: an animated WebP, which every browser plays."""

import io

from PIL import Image

from app.explain.method import Frame
from app.render.picture import SMALLEST_SIDE, coloured

MILLISECONDS = 83
"""How long a picture is shown: twelve a second."""

FILM = "picture"
"""The first axis of an array that is a film."""


def is_film(frame: Frame) -> bool:
    """Whether an array is pictures one after the other."""
    return frame.axes[:1] == (FILM,) and frame.kind == "picture"


def film(frame: Frame) -> bytes:
    """A film, pictures × rows × columns × colours, as an animated WebP that begins anew when it has ended.

    Small pictures are enlarged in whole multiples of their pixels.
    """
    pictures = coloured(frame)
    scale = max(1, SMALLEST_SIDE // min(pictures.shape[1:3]))
    images = [Image.fromarray(picture.repeat(scale, axis=0).repeat(scale, axis=1)) for picture in pictures]
    buffer = io.BytesIO()
    images[0].save(
        buffer, "WEBP", save_all=True, append_images=images[1:], duration=MILLISECONDS, loop=0, quality=85, method=2
    )
    return buffer.getvalue()
