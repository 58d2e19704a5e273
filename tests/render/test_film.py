"""A film is read by another reader as the pictures that went in."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from app.explain.method import Frame
from app.render.film import MILLISECONDS, film

AXES = ("picture", "row", "column", "colour")


@pytest.mark.parametrize(("colours", "side", "shown"), [(3, 40, 240), (1, 40, 240), (3, 300, 300)])
def test_a_film_is_what_went_in(colours: int, side: int, shown: int) -> None:
    ramp = torch.linspace(0, 1, side)[:, None].expand(side, side)
    pictures = torch.stack([ramp * level for level in (0.2, 0.6, 1.0)])[..., None].expand(-1, -1, -1, colours)
    data = film(Frame("film", pictures, AXES, "picture"))
    with Image.open(io.BytesIO(data)) as read:
        assert (read.format, read.n_frames, read.size, read.info["loop"]) == ("WEBP", 3, (shown, shown), 0)
        for place in range(3):
            read.seek(place)
            read.load()
            assert read.info["duration"] == MILLISECONDS
            seen = np.asarray(read.convert("RGB")) / 255
            expected = pictures[place].expand(-1, -1, 3).repeat_interleave(shown // side, 0)
            expected = expected.repeat_interleave(shown // side, 1).numpy()
            assert np.abs(seen - expected).mean() < 0.02
