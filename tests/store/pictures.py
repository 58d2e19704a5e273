"""Makes the bytes of pictures, good and bad."""

import io
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """A picture's file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def noise(width: int = 20, height: int = 12, seed: int = 0) -> Image.Image:
    """A picture of coloured noise."""
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8))


def smooth(width: int = 64, height: int = 48) -> Image.Image:
    """A picture of gentle ramps, which lossy formats keep well."""
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return Image.fromarray(np.stack([x, y, (x + y) / 2], 2).astype(np.uint8))


def chunk(kind: bytes, data: bytes, crc: int | None = None) -> bytes:
    """A chunk of a PNG."""
    check = zlib.crc32(kind + data) if crc is None else crc
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)


def png_of(width: int, height: int, depth: int, colour: int, data: bytes, extra: bytes = b"") -> bytes:
    """A PNG by its header and its compressed data, however wrong."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    body = chunk(b"IDAT", data) if data else b""
    return b"\x89PNG\r\n\x1a\n" + header + extra + body + chunk(b"IEND", b"")


def bomb(side: int = 12_000) -> bytes:
    """A small PNG that claims, truly, to have side² pixels of one bit."""
    row = b"\0" + bytes(-(-side // 8))
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    return png_of(side, side, 1, 0, data)
