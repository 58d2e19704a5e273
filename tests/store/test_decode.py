"""Untrusted bytes: what is read, how, and what is refused with which sentence."""

import io
import struct
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps

from app.explain.errors import AskError
from app.store.decode import decode
from app.store.errors import NotAnImage, TooManyPixels, TruncatedImage, UnsupportedImage
from tests.store.pictures import bomb, chunk, encoded, noise, png_of, smooth

MOST = 50_000_000


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(decode(data, MOST).image)


def refused(data: bytes, kind: type[AskError]) -> str:
    with pytest.raises(kind) as caught:
        decode(data, MOST)
    assert caught.value.field == "file"
    assert caught.value.detail.endswith(".")
    return caught.value.detail


@pytest.mark.parametrize("kind", ["PNG", "BMP", "GIF", "WEBP", "JPEG", "AVIF"])
def test_every_format_is_read(kind: str) -> None:
    options = {"WEBP": {"lossless": True}, "JPEG": {"quality": 95}, "AVIF": {"quality": 95}}.get(kind, {})
    original = smooth()
    given = original.quantize(256) if kind == "GIF" else original
    expected = np.asarray(given.convert("RGB")).astype(int)
    difference = np.abs(pixels(encoded(given, kind, **options)) - expected)
    assert difference.max() <= (0 if kind in ("PNG", "BMP", "GIF", "WEBP") else 12)


def test_the_id_is_of_the_pixels_and_their_size() -> None:
    flat = Image.new("RGB", (6, 2), (9, 9, 9))
    ids = {decode(encoded(flat, kind), MOST).id for kind in ("PNG", "BMP")}
    assert len(ids) == 1
    assert decode(encoded(flat.resize((4, 3))), MOST).id not in ids


@pytest.mark.parametrize(
    "data",
    [
        b"just some text",
        b"<!doctype html><title>page</title>",
        b"%PDF-1.7\n%\xe2\xe3",
        b"\x7fELF" + bytes(64),
        bytes(1000),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    assert refused(data, NotAnImage) == (
        "This file is not a picture, whatever its name says. Send a picture as PNG, JPEG, GIF, WebP, BMP or AVIF."
    )


def test_an_empty_file_is_refused() -> None:
    assert refused(b"", NotAnImage).startswith("The file is empty.")


def test_a_zip_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("picture.png", encoded(noise()))
    refused(buffer.getvalue(), NotAnImage)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "an SVG drawing"),
        (b'<?xml version="1.0"?>\n<!-- a --> <svg/>', "an SVG drawing"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "an EPS drawing"),
        (b"\0\0\0\x18ftypheic" + bytes(32), "a HEIC photograph"),
    ],
)
def test_pictures_of_other_formats_are_told_by_name(data: bytes, name: str) -> None:
    assert refused(data, UnsupportedImage).startswith(f"This is {name}, which is not read here.")


def test_a_tiff_of_floats_is_refused() -> None:
    values = Image.fromarray(np.array([[np.nan, np.inf]], np.float32))
    assert "a TIFF" in refused(encoded(values, "TIFF"), UnsupportedImage)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "AVIF"])
@pytest.mark.parametrize("share", [0.03, 0.5, 0.9])
def test_truncated_files_are_refused(kind: str, share: float) -> None:
    data = encoded(noise(80, 80), kind)
    refused(data[: max(5, int(len(data) * share))], TruncatedImage)


def test_a_broken_checksum_is_refused() -> None:
    raw = zlib.compress(b"".join(b"\0" + bytes(30) for _ in range(10)))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 10, 10, 8, 2, 0, 0, 0), crc=1)
    refused(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", raw) + chunk(b"IEND", b""), TruncatedImage)


def test_a_broken_stream_is_refused() -> None:
    refused(png_of(10, 10, 8, 2, b"\x78\x9c" + b"\xff" * 40), TruncatedImage)


def test_a_header_without_data_is_refused() -> None:
    refused(png_of(10, 10, 8, 2, b""), TruncatedImage)


@pytest.mark.parametrize(
    "data",
    [
        bomb(),
        png_of(2**31 - 1, 1, 8, 2, b""),
        png_of(10_001, 10_000, 8, 2, b""),
        png_of(2**31 - 1, 2**31 - 1, 8, 2, b""),
    ],
)
def test_too_many_pixels_are_refused_by_the_header(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def unexpected(self: object) -> None:
        raise AssertionError("it was decoded")

    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", unexpected)
    assert "at most 50 million are read" in refused(data, TooManyPixels)


def test_as_many_pixels_as_are_allowed_are_read() -> None:
    data = encoded(noise(20, 10))
    assert decode(data, 200).image.size == (20, 10)
    with pytest.raises(TooManyPixels):
        decode(data, 199)


@pytest.mark.parametrize("kind", [b"zTXt", b"iCCP"])
def test_bombs_in_the_metadata_are_refused(kind: bytes) -> None:
    inflated = zlib.compress(bytes(8 << 20))
    data = zlib.compress(b"".join(b"\0" + bytes(30) for _ in range(10)))
    picture = png_of(10, 10, 8, 2, data, chunk(kind, b"name\0\0" + inflated))
    refused(picture, TruncatedImage)


def test_one_pixel_is_accepted_with_a_note() -> None:
    picture = decode(encoded(Image.new("RGB", (1, 1), (1, 2, 3))), MOST)
    assert picture.image.getpixel((0, 0)) == (1, 2, 3)
    assert picture.notes == ("The picture is tiny, 1 × 1: it is shown enlarged.",)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_pictures_are_turned_upright(orientation: int, kind: str) -> None:
    image = noise(7, 5)
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.getexif()[0x0112] = orientation
    options = {"lossless": True} if kind == "WEBP" else {}
    data = encoded(image, kind, exif=exif, **options)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    assert np.array_equal(pixels(data), expected)
    assert (expected.shape == (5, 7, 3)) == (orientation < 5)


@pytest.mark.parametrize("orientation", [0, 9, 77])
def test_unknown_orientations_are_left_alone(orientation: int) -> None:
    image, exif = noise(7, 5), Image.Exif()
    exif[0x0112] = orientation
    assert np.array_equal(pixels(encoded(image, exif=exif)), np.asarray(image))


def test_broken_exif_is_left_alone() -> None:
    image = noise(7, 5)
    assert np.array_equal(pixels(encoded(image, exif=b"Exif\0\0" + b"\xff" * 20)), np.asarray(image))


@pytest.mark.parametrize(("kind", "options"), [("GIF", {}), ("PNG", {}), ("WEBP", {"lossless": True})])
def test_of_moving_pictures_the_first_frame_is_shown(kind: str, options: dict[str, bool]) -> None:
    first, second = Image.new("RGB", (8, 8), (200, 0, 0)), Image.new("RGB", (8, 8), (0, 0, 200))
    data = encoded(first, kind, save_all=True, append_images=[second], duration=50, **options)
    picture = decode(data, MOST)
    assert picture.image.getpixel((3, 3)) == (200, 0, 0)
    assert picture.notes == ("The picture moves: its first frame is shown.",)


def test_ten_thousand_frames_are_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    import PIL.GifImagePlugin

    frames = [Image.new("P", (2, 2), index % 2) for index in range(10_000)]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    seen: list[int] = []
    original = PIL.GifImagePlugin.GifImageFile._seek

    def counting(self: PIL.GifImagePlugin.GifImageFile, frame: int, update_image: bool = True) -> None:
        seen.append(frame)
        original(self, frame, update_image)

    monkeypatch.setattr(PIL.GifImagePlugin.GifImageFile, "_seek", counting)
    assert decode(data, MOST).image.size == (2, 2)
    assert max(seen) <= 1
    assert len(seen) < 10


def test_sixteen_bit_grey_is_scaled_and_not_clipped() -> None:
    values = np.array([[0, 128, 257, 300, 32768, 65535]], np.uint16)
    expected = np.floor(values / 257 + 0.5).astype(np.uint8)
    data = encoded(Image.fromarray(values))
    assert np.array_equal(pixels(data), np.repeat(expected[..., None], 3, 2))
    assert decode(data, MOST).notes[0].startswith("The picture has 16 bits")


@pytest.mark.parametrize("mode", ["LA", "RGBA", "P"])
def test_transparency_is_laid_on_white(mode: str) -> None:
    image = Image.new("RGBA", (2, 1), (0, 0, 0, 255))
    image.putpixel((1, 0), (0, 0, 0, 0))
    if mode == "P":
        plain = Image.new("P", (2, 1), 0)
        plain.putpalette([0, 0, 0, 90, 90, 90])
        plain.putpixel((1, 0), 1)
        data = encoded(plain, transparency=1)
    else:
        data = encoded(image.convert(mode))
    picture = decode(data, MOST)
    assert [picture.image.getpixel((x, 0)) for x in (0, 1)] == [(0, 0, 0), (255, 255, 255)]
    assert "Transparent parts are shown on white." in picture.notes


def test_half_transparency_is_mixed_with_white() -> None:
    picture = decode(encoded(Image.new("RGBA", (1, 1), (0, 0, 0, 51))), MOST)
    assert picture.image.getpixel((0, 0)) == (204, 204, 204)


def test_an_opaque_alpha_channel_needs_no_note() -> None:
    assert decode(encoded(noise(9, 9).convert("RGBA")), MOST).notes == ()


@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_grey_and_palette_become_colours(mode: str) -> None:
    image = noise(9, 9).convert(mode)
    assert np.array_equal(pixels(encoded(image)), np.asarray(image.convert("RGB")))


def test_a_cmyk_photograph_is_read_with_a_note() -> None:
    picture = decode(encoded(smooth().convert("CMYK"), "JPEG", quality=95), MOST)
    assert np.abs(np.asarray(picture.image).astype(int) - np.asarray(smooth())).max() < 16
    assert "CMYK" in picture.notes[0]


def test_content_wins_over_what_is_appended() -> None:
    image = noise(9, 9)
    polyglot = encoded(image) + b"<html><script>alert(1)</script></html>"
    assert np.array_equal(pixels(polyglot), np.asarray(image))
