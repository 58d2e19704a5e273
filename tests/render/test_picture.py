"""Arrays as PNG: every value in its colour, at its place."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from app.explain.method import Frame, Kind
from app.render.colours import GAP, NOT_FINITE, table
from app.render.picture import as_maps, laid_out, picture


def drawn(frame: Frame) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(picture(frame))))


def maps(values: list[list[list[float]]], kind: Kind = "signed") -> Frame:
    return Frame("a", torch.tensor(values), ("unit", "row", "column"), kind)


def colours(sheet: np.ndarray) -> set[tuple[int, ...]]:
    return {tuple(int(part) for part in pixel) for pixel in sheet.reshape(-1, 3)}


def test_values_have_the_colours_of_their_kind() -> None:
    sheet = drawn(maps([[[-2.0, 0.0, 2.0]]]))
    height, width = sheet.shape[:2]
    found = [tuple(sheet[height // 2, width * part // 6]) for part in (1, 3, 5)]
    expected = [tuple(table("signed")[byte]) for byte in (1, 128, 255)]
    assert found == expected


def test_it_is_enlarged_by_whole_pixels_only() -> None:
    sheet = drawn(maps([[[-2.0, 0.0, 2.0]]]))
    assert sheet.shape[0] >= 256
    assert sheet.shape[1] == 3 * sheet.shape[0]
    assert len(colours(sheet)) == 3


def test_all_units_share_one_range() -> None:
    sheet = drawn(maps([[[1.0]], [[4.0]]], "positive"))
    assert colours(sheet) == {tuple(table("positive")[64]), tuple(table("positive")[255]), GAP} or colours(sheet) == {
        tuple(table("positive")[65]),
        tuple(table("positive")[255]),
        GAP,
    }


def test_what_is_not_finite_has_its_own_colour() -> None:
    assert NOT_FINITE in colours(drawn(maps([[[1.0, float("nan"), float("inf")]]])))
    for kind in ("signed", "positive", "weight", "attribution"):
        assert NOT_FINITE not in colours(table(kind)[1:])


def test_a_picture_is_drawn_as_it_is() -> None:
    values = torch.rand(2, 8, 9, 3, generator=torch.Generator().manual_seed(0))
    sheet = drawn(Frame("a", values, ("unit", "row", "column", "colour"), "picture"))
    scale = sheet.shape[1] // 19 if sheet.shape[1] % 19 == 0 else sheet.shape[1] // 9
    assert np.array_equal(sheet[::scale, ::scale][:8, :9], (values[0].numpy() * 255 + 0.5).astype(np.uint8))


def test_a_grey_picture_is_grey() -> None:
    sheet = drawn(Frame("a", torch.full((1, 4, 4, 1), 0.5), ("unit", "row", "column", "colour"), "picture"))
    assert colours(sheet) == {(128, 128, 128)}


@pytest.mark.parametrize("shape", [(10,), (3, 4, 5), (3, 2, 4, 5), (6, 7), ()])
def test_arrays_of_every_shape_can_be_drawn(shape: tuple[int, ...]) -> None:
    axes = ("unit", "input", "row", "column")[: len(shape)] if len(shape) != 2 else ("row", "column")
    assert drawn(Frame("a", torch.randn(shape), axes)).ndim == 3


def test_maps_keep_their_rows() -> None:
    assert as_maps(np.zeros((6, 7), np.uint8), units=False).shape == (1, 6, 7)
    assert as_maps(np.zeros(5, np.uint8), units=True).shape == (1, 1, 5)
    assert as_maps(np.zeros((2, 3, 4, 5), np.uint8), units=True).shape == (6, 4, 5)


def test_tiles_stand_in_rows_with_gaps() -> None:
    tiles = np.arange(7, dtype=np.uint8)[:, None, None, None].repeat(4, 1).repeat(4, 2).repeat(3, 3)
    sheet = laid_out(tiles)
    columns = (sheet.shape[1] + 1) // 5
    for index in range(7):
        row, column = divmod(index, columns)
        assert np.array_equal(sheet[row * 5 : row * 5 + 4, column * 5 : column * 5 + 4], tiles[index])
    assert np.all(sheet[:, 4] == GAP[0])


def test_the_page_has_the_same_colours(checkout: Path) -> None:
    ours, pages = (
        json.loads((checkout / name).read_text(encoding="utf-8"))
        for name in ("app/render/colours.json", "static/src/lib/colours.json")
    )
    assert ours == pages
