"""What a network sees: held against resizing and cropping in two steps, and against torch in float64."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from torch.nn import functional as F

from app.explain.preprocess import RESAMPLING, seen, seen_box, tensor
from models.card import Preprocessing


def preprocessing(**changes: object) -> Preprocessing:
    plain = {"resize": 40, "crop": 32, "channels": 3, "mean": (0.5, 0.4, 0.3), "std": (0.2, 0.3, 0.4)}
    return Preprocessing.model_validate({**plain, **changes})


def noise(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8))


def in_two_steps(image: Image.Image, how: Preprocessing) -> Image.Image:
    """Resize the shorter side, then crop the centre, as torchvision does."""
    shorter = min(image.size)
    width, height = (how.resize * side // shorter for side in image.size)
    left, top = (round((side - how.crop) / 2) for side in (width, height))
    resized = image.resize((width, height), RESAMPLING[how.interpolation])
    return resized.crop((left, top, left + how.crop, top + how.crop))


# Pillow rounds and clips to bytes between its two passes, and chooses their order by the sizes: contrast is kept low.
@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
@pytest.mark.parametrize("size", [(100, 75), (75, 100), (40, 40), (33, 200), (500, 64), (16, 20), (1, 1), (3, 50)])
def test_one_step_equals_two(size: tuple[int, int], interpolation: str) -> None:
    how = preprocessing(interpolation=interpolation)
    image = noise(*size).point(lambda value: 96 + value // 4)
    one, two = (np.asarray(path(image, how)).astype(int) for path in (seen, in_two_steps))
    assert np.abs(one - two).max() <= 2


@pytest.mark.parametrize("size", [(200, 100), (101, 77), (30, 20)])
def test_it_equals_torch_in_float64(size: tuple[int, int]) -> None:
    how = preprocessing(resize=32)
    image = noise(*size)
    x = torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1)[None].double()
    width, height = (how.resize * side // min(size) for side in size)
    resized = F.interpolate(x, (height, width), mode="bilinear", antialias=True, align_corners=False)
    left, top = round((width - how.crop) / 2), round((height - how.crop) / 2)
    expected = resized[0, :, top : top + how.crop, left : left + how.crop]
    found = torch.from_numpy(np.asarray(seen(image, how)).copy()).permute(2, 0, 1).double()
    assert (found - expected).abs().max() <= 1.01


def test_the_tensor_is_what_is_seen_normalised() -> None:
    how = preprocessing()
    pixels = np.asarray(seen(noise(60, 50), how)).transpose(2, 0, 1)
    mean, std = np.array(how.mean)[:, None, None], np.array(how.std)[:, None, None]
    x = tensor(noise(60, 50), how)
    assert x.shape == (1, 3, 32, 32)
    assert x.dtype == torch.float32
    assert x.is_contiguous()
    assert np.allclose(x[0].numpy(), (pixels / 255 - mean) / std, atol=1e-6)


def test_one_channel_is_luma() -> None:
    how = preprocessing(channels=1, mean=(0.1,), std=(0.3,), resize=32)
    image = Image.new("RGB", (50, 50), (255, 0, 0))
    assert seen(image, how).mode == "L"
    assert torch.allclose(tensor(image, how), torch.tensor((76 / 255 - 0.1) / 0.3), atol=1e-6)


def test_a_picture_at_its_own_size_is_unchanged() -> None:
    how = preprocessing(resize=32)
    assert np.array_equal(np.asarray(seen(noise(32, 32), how)), np.asarray(noise(32, 32)))


@given(st.integers(1, 60_000), st.integers(1, 60_000), st.integers(8, 300), st.floats(0.5, 1.0))
def test_the_part_that_is_seen_lies_in_the_picture(width: int, height: int, resize: int, share: float) -> None:
    how = preprocessing(resize=resize, crop=max(1, int(resize * share)))
    left, top, right, bottom = seen_box(width, height, how)
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    # It is square but for the rounding of the longer side, and stands in the middle but for half a resized pixel.
    pixel = min(width, height) / resize
    assert abs((right - left) - (bottom - top)) <= max(right - left, bottom - top) / resize + 1e-6
    assert abs((left + right) - width) <= 2 * pixel + 1e-6
    assert abs((top + bottom) - height) <= 2 * pixel + 1e-6


def test_a_row_of_a_million_pixels_is_nothing_special() -> None:
    assert seen(Image.new("RGB", (1_000_000, 1), (1, 2, 3)), preprocessing()).getpixel((5, 5)) == (1, 2, 3)
