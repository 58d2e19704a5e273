"""Random changes keep what they must keep, and come from their generator alone."""

import pytest
import torch
from torch import Generator, Tensor

from app.train.augment import augmented, random_affine, random_flip, random_shift
from app.train.shipped import RECIPES


def pictures(count: int = 8, channels: int = 3, side: int = 12) -> Tensor:
    return torch.rand(count, channels, side, side, generator=Generator().manual_seed(3))


def test_a_flip_mirrors_whole_pictures() -> None:
    x = pictures(64)
    y = random_flip(x, Generator().manual_seed(0))
    same = (y == x).flatten(1).all(1)
    mirrored = (y == x.flip(3)).flatten(1).all(1)
    assert bool((same ^ mirrored).all())
    assert 16 < int(mirrored.sum()) < 48


def test_a_shift_moves_whole_pictures_by_at_most_its_bound() -> None:
    x = pictures(64)
    y = random_shift(x, 2, Generator().manual_seed(0))
    moves = set()
    for before, after in zip(x, y, strict=True):
        inner = after[:, 2:-2, 2:-2]
        found = [
            (row, column)
            for row in range(-2, 3)
            for column in range(-2, 3)
            if torch.equal(inner, before[:, 2 + row : 10 + row, 2 + column : 10 + column])
        ]
        assert len(found) == 1
        moves.add(found[0])
    assert len(moves) > 15


def test_an_affine_change_of_nothing_changes_nothing() -> None:
    x = pictures()
    y = random_affine(x, degrees=0, shift=0, scale=0, shear=0, generator=Generator().manual_seed(0))
    torch.testing.assert_close(y, x, atol=1e-5, rtol=0)


def test_an_affine_turn_is_a_turn() -> None:
    # A round spot in the middle is the same however it is turned; a long one is not.
    rows, columns = torch.meshgrid(torch.arange(33.0) - 16, torch.arange(33.0) - 16, indexing="ij")
    spot = (-(rows**2 + columns**2) / 50).exp().expand(6, 1, 33, 33)
    bar = (-(rows**2) / 8 - columns**2 / 80).exp().expand(6, 1, 33, 33)

    def turned(x: Tensor) -> Tensor:
        return random_affine(x, degrees=90, shift=0, scale=0, shear=0, generator=Generator().manual_seed(5))

    assert float((turned(spot) - spot).abs().max()) < 0.01
    assert float((turned(bar) - bar).abs().max()) > 0.3


@pytest.mark.parametrize("model", RECIPES)
def test_recipes_augment_reproducibly(model: str) -> None:
    x = pictures(side=32)
    first, second, other = (
        augmented(x, RECIPES[model].recipe.augmentation, Generator().manual_seed(seed)) for seed in (1, 1, 2)
    )
    assert first.shape == x.shape
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
    assert float(first.min()) >= 0
    assert float(first.max()) <= 1.001
