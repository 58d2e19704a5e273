"""Colours by kind: the tables of the page (static/colours/make.mjs writes both copies), in the light theme."""

import json
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.explain.method import Kind

Pixels = NDArray[np.uint8]

NOT_FINITE = (214, 0, 147)
"""NaN and infinities: no table holds this colour."""

GAP = (255, 255, 255)
"""Between two tiles."""


@cache
def table(kind: Kind) -> Pixels:
    """The colours of the bytes 0…255 of an array of this kind, 256×3; see `app.render.quantise`."""
    tables = json.loads((Path(__file__).parent / "colours.json").read_text(encoding="utf-8"))
    anchors = np.array([[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in tables["light"][kind]], float)
    places = np.linspace(0, len(anchors) - 1, 255)
    channels = [np.interp(places, np.arange(len(anchors)), anchors[:, channel]) for channel in range(3)]
    return np.vstack([NOT_FINITE, np.stack(channels, 1).round()]).astype(np.uint8)
