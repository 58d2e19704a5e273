"""Framing: held against a plain transcription in Pillow, whole resized picture first; and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.explain.framing import BadFraming, Framing, checked_framing, read_framing
from app.explain.preprocess import RESAMPLING, seen, seen_box, tensor
from models.card import Preprocessing
from tests.explain.test_preprocess import noise, preprocessing

SIZES = [(100, 75), (75, 100), (40, 40), (33, 200), (500, 64), (16, 20), (1, 1), (3, 50), (1000, 1)]

how_to = st.builds(
    lambda crop, channels, interpolation: preprocessing(
        resize=crop + 4,
        crop=crop,
        channels=channels,
        interpolation=interpolation,
        mean=(0.485, 0.456, 0.406)[:channels],
        std=(0.2,) * channels,
    ),
    st.integers(8, 48),
    st.sampled_from((1, 3)),
    st.sampled_from(("bilinear", "bicubic", "nearest")),
)


def mode(how: Preprocessing) -> str:
    return "L" if how.channels == 1 else "RGB"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("framing", [None, Framing(), Framing(fit="crop")])
def test_the_usual_framing_changes_no_bit(size: tuple[int, int], framing: Framing | None) -> None:
    how = preprocessing()
    image = noise(*size)
    shorter = min(size)
    box = []
    for side in size:
        resized = how.resize * side // shorter
        box.append((round((resized - how.crop) / 2) * side / resized, how.crop * side / resized))
    (left, width), (top, height) = box
    whole = (left, top, left + width, top + height)
    expected = image.resize((how.crop, how.crop), Image.Resampling.BILINEAR, box=whole)
    assert np.allclose(seen_box(*size, how, framing), whole)
    assert np.array_equal(np.asarray(seen(image, how, framing)), np.asarray(expected))
    assert tensor(image, how, framing).equal(tensor(image, how))


@settings(max_examples=60)
@given(st.integers(1, 300), st.integers(1, 300), how_to)
def test_stretch_is_the_whole_picture_resized(width: int, height: int, how: Preprocessing) -> None:
    image = noise(width, height)
    expected = image.resize((how.crop, how.crop), RESAMPLING[how.interpolation]).convert(mode(how))
    assert np.array_equal(np.asarray(seen(image, how, Framing(fit="stretch"))), np.asarray(expected))


@settings(max_examples=60)
@given(st.integers(1, 300), st.integers(1, 300), how_to)
def test_letterbox_is_the_whole_picture_on_the_mean_colour(width: int, height: int, how: Preprocessing) -> None:
    image, side = noise(width, height), how.crop
    shorter = max(1, round(side * min(width, height) / max(width, height)))
    across, down = (side, shorter) if width >= height else (shorter, side)
    left, top = (side - across) // 2, (side - down) // 2
    found = np.asarray(seen(image, how, Framing(fit="letterbox"))).reshape(side, side, -1).astype(int)
    inside = np.asarray(image.resize((across, down), RESAMPLING[how.interpolation]).convert(mode(how)))
    assert np.array_equal(found[top : top + down, left : left + across], inside.reshape(down, across, -1))
    outside = np.ones((side, side), bool)
    outside[top : top + down, left : left + across] = False
    assert (found[outside] == np.round(255 * np.array(how.mean))).all()
    # What is filled in is zero for the network, but for the rounding to a byte.
    x = tensor(image, how, Framing(fit="letterbox"))[0].permute(1, 2, 0).numpy()
    assert (np.abs(x[outside]) <= 0.5 / 255 / min(how.std) + 1e-6).all()


@settings(max_examples=60)
@given(
    st.integers(1, 300), st.integers(1, 300), how_to,
    st.floats(0, 1), st.floats(0, 1), st.floats(0.001, 1),
)  # fmt: skip
def test_a_square_is_that_part_resized(
    width: int, height: int, how: Preprocessing, across: float, down: float, size: float
) -> None:
    side = size * min(width, height)
    framing = Framing(left=across * (1 - side / width), top=down * (1 - side / height), size=size)
    box = seen_box(width, height, how, framing)
    expected = (across * (width - side), down * (height - side))
    assert np.allclose(box, (*expected, expected[0] + side, expected[1] + side), atol=1e-6)
    assert 0 <= box[0] < box[2] <= width
    assert 0 <= box[1] < box[3] <= height
    assert seen(noise(width, height), how, framing).size == (how.crop, how.crop)


def test_a_square_of_whole_pixels_is_cut_out() -> None:
    how = preprocessing()
    image = noise(100, 80)
    framing = Framing(left=0.25, top=0.5, size=0.4)
    assert np.array_equal(np.asarray(seen(image, how, framing)), np.asarray(image.crop((25, 40, 57, 72))))


@given(st.integers(1, 5000), st.integers(1, 5000), st.integers(8, 300))
def test_the_box_of_a_letterbox_holds_the_picture_and_is_a_square(width: int, height: int, crop: int) -> None:
    how = preprocessing(resize=crop, crop=crop)
    left, top, right, bottom = seen_box(width, height, how, Framing(fit="letterbox"))
    assert left <= 0 <= width <= right + 1e-6
    assert top <= 0 <= height <= bottom + 1e-6


def test_a_square_half_a_pixel_beyond_is_moved_in() -> None:
    assert seen_box(300, 200, preprocessing(), Framing(left=0.3348, top=0, size=1)) == (100, 0, 300, 200)


def test_a_square_beyond_the_picture_is_refused_and_says_what_fits() -> None:
    with pytest.raises(
        BadFraming, match=r"reaches 50\.0 pixels beyond the picture of 300 × 200.*at most 0\.3333"
    ) as no:
        seen_box(300, 200, preprocessing(), Framing(left=0.5, top=0, size=1))
    assert no.value.field == "framing.left"
    with pytest.raises(BadFraming) as no:
        seen_box(300, 200, preprocessing(), Framing(left=0, top=0.9, size=0.5))
    assert no.value.field == "framing.top"


@pytest.mark.parametrize(
    ("told", "field", "words"),
    [
        ({"fit": "squeeze"}, "framing.fit", "'crop', 'stretch' or 'letterbox'"),
        ({"left": 2, "top": 0, "size": 1}, "framing.left", "less than or equal to 1"),
        ({"left": float("nan"), "top": 0, "size": 1}, "framing.left", "less than or equal to 1"),
        ({"left": 0, "top": 0, "size": 0}, "framing.size", "greater than or equal to 0.001"),
        ({"left": 0, "size": 1}, "framing", "top is missing"),
        ({"fit": "stretch", "left": 0, "top": 0, "size": 1}, "framing", "shows the whole picture"),
        ({"zoom": 2}, "framing.zoom", "not permitted"),
    ],
)
def test_what_is_wrong_with_a_framing_is_said(told: dict[str, object], field: str, words: str) -> None:
    with pytest.raises(BadFraming, match=words) as no:
        checked_framing(told)
    assert no.value.field == field


def test_a_framing_is_read_from_text() -> None:
    assert read_framing(None, None) is None
    assert read_framing("crop", None) is None
    assert read_framing("letterbox", None) == Framing(fit="letterbox")
    assert read_framing(None, "0.1,0.2,0.5") == Framing(left=0.1, top=0.2, size=0.5)
    for crop in ("0.1", "a,b,c", "0,0,0,0", ""):
        with pytest.raises(BadFraming):
            read_framing(None, crop)


def test_a_picture_of_one_row_and_a_million_columns_can_be_framed() -> None:
    image = Image.new("RGB", (1_000_000, 1), (1, 2, 3))
    for framing in (Framing(fit="stretch"), Framing(fit="letterbox"), Framing(left=0.5, top=0, size=1)):
        assert seen(image, preprocessing(), framing).size == (32, 32)
