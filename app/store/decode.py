"""Untrusted bytes to an upright RGB picture, in bounded time and memory."""

import hashlib
import io
import re
import threading
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from app.explain.errors import AskError
from app.store.errors import NotAnImage, TooManyPixels, TruncatedImage, UnsupportedImage

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "AVIF")
"""What is read; everything else (EPS would start Ghostscript) is never handed to a decoder."""

BACKGROUND = (255, 255, 255)
"""What shows through the transparent parts of a picture."""

SMALL_SIDE = 8

# The size is checked here before anything is decoded, with a sentence of its own.
Image.MAX_IMAGE_PIXELS = None

UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How to turn a picture upright, by its EXIF orientation; any other number leaves it as it is stored."""

BEGINNINGS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM", b"\0\0\0\x1cftypavif", b"\0\0\0 ftypavif")
"""How files of the formats that are read begin."""

KNOWN_FORMATS: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"(?s)(\xef\xbb\xbf)?\s*(<svg|(<\?xml|<!--|<!DOCTYPE svg).{0,4000}?<svg)"), "an SVG drawing"),
    (re.compile(rb"II\*\x00|MM\x00\*"), "a TIFF"),
    (re.compile(rb"%!PS|\xc5\xd0\xd3\xc6"), "an EPS drawing"),
    (re.compile(rb"(?s).{4}ftyp(heic|heix|mif1|msf1|hevc)"), "a HEIC photograph"),
    (re.compile(rb"\xff\x0a|\x00\x00\x00\x0cJXL "), "a JPEG XL"),
    (re.compile(rb"\x00\x00\x01\x00"), "an icon"),
    (re.compile(rb"8BPS"), "a Photoshop document"),
    (re.compile(rb"\x00\x00\x00\x0cjP  "), "a JPEG 2000"),
)
"""Pictures that are told by name though they are not read."""

RIGHT = "Send a picture as PNG, JPEG, GIF, WebP, BMP or AVIF."

# Decoding takes a dozen bytes a pixel: two of the largest pictures at once are enough.
_decoders = threading.BoundedSemaphore(2)


@dataclass(frozen=True)
class Picture:
    """An upright RGB picture, and what a person should know about how it came to be."""

    image: Image.Image
    notes: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """SHA-256 of the size, “{width}x{height}” and a line feed, then the RGB bytes, row by row."""
        digest = hashlib.sha256(f"{self.image.width}x{self.image.height}\n".encode())
        digest.update(self.image.tobytes())
        return digest.hexdigest()


def decode(data: bytes, max_pixels: int) -> Picture:
    """Decodes the first frame of a picture, upright, on a white background, with 8 bits for each of R, G and B.

    Raises:
        NotAnImage: the bytes are no picture.
        UnsupportedImage: they are a picture of another format.
        TruncatedImage: they end early or are broken.
        TooManyPixels: told from the header, before anything is decoded.
    """
    if not data:
        raise NotAnImage(f"The file is empty. {RIGHT}", "file")
    with _decoders:
        try:
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                check_size(image.size, max_pixels)
                return upright_rgb(image)
        except UnidentifiedImageError:
            raise refusal(data) from None
        except AskError:
            raise
        except MemoryError:
            raise TooManyPixels(f"The picture does not fit into the server's memory. {RIGHT}", "file") from None
        # Decoders raise whatever their formats led them to: OSError, SyntaxError, ValueError, struct.error, …
        except Exception as error:
            reason = "its end is missing" if "truncated" in str(error).lower() else "its data are broken"
            raise TruncatedImage(
                f"The picture cannot be read: {reason}. Send the whole, original file.", "file"
            ) from None


def check_size(size: tuple[int, int], max_pixels: int) -> None:
    """Refuses a picture by what its header says."""
    width, height = size
    if width * height > max_pixels:
        raise TooManyPixels(
            f"The picture has {width} × {height} pixels; at most {max_pixels / 1e6:g} million are read. "
            "Send it smaller.",
            "file",
        )


def refusal(data: bytes) -> AskError:
    """Why bytes that no decoder wanted are refused."""
    for pattern, name in KNOWN_FORMATS:
        if pattern.match(data[:4096]):
            return UnsupportedImage(f"This is {name}, which is not read here. {RIGHT}", "file")
    if data.startswith(BEGINNINGS):
        return TruncatedImage(
            "The picture cannot be read: its header is broken or cut. Send the whole, original file.", "file"
        )
    return NotAnImage(f"This file is not a picture, whatever its name says. {RIGHT}", "file")


def upright_rgb(image: Image.Image) -> Picture:
    """The first frame of an opened picture, in RGB, upright."""
    notes = []
    if getattr(image, "is_animated", False):
        notes.append("The picture moves: its first frame is shown.")
    image.load()
    turn = UPRIGHT.get(orientation(image))
    rgb, converted = to_rgb(image)
    notes += converted
    if turn is not None:
        rgb = rgb.transpose(turn)
    # Whatever else the file said (place, camera, comments) ends here.
    rgb.info.clear()
    if max(rgb.size) < SMALL_SIDE:
        notes.append(f"The picture is tiny, {rgb.width} × {rgb.height}: it is shown enlarged.")
    return Picture(rgb, tuple(notes))


def orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 where there is none or it is broken."""
    try:
        value = image.getexif().get(0x0112, 1)
        return int(value)
    # A broken EXIF block is no reason to refuse the picture.
    except Exception:
        return 1


def to_rgb(image: Image.Image) -> tuple[Image.Image, list[str]]:
    """8 bits for each of R, G and B, and what was done to get there."""
    if image.mode.startswith("I") or image.mode == "F":
        # 16-bit grey: white is 65535, and 65535 / 257 = 255; a plain conversion would clip everything above 255.
        return linear_grey(image), ["The picture has 16 bits per pixel: 8 are kept."]
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        layered = image.convert("RGBA")
        alpha = layered.getchannel("A")
        flat = Image.new("RGB", image.size, BACKGROUND)
        flat.paste(layered, mask=alpha)
        opaque = alpha.getextrema() == (255, 255)
        return flat, [] if opaque else ["Transparent parts are shown on white."]
    if image.mode == "CMYK":
        return image.convert("RGB"), ["The picture was made for printing (CMYK): its colours are approximate."]
    return image.convert("RGB"), []


def linear_grey(image: Image.Image) -> Image.Image:
    """16-bit grey as RGB: each value divided by 257, rounded."""
    import numpy as np

    values = np.asarray(image).astype(np.uint32)
    grey = ((np.minimum(values, 65535) + 128) // 257).astype(np.uint8)
    return Image.fromarray(grey).convert("RGB")
