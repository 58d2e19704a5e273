"""Pictures of the data sets that runs are trained on, as PNG."""

import io
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from app.train.datasets import load
from app.train.errors import BadRun
from app.train.folder import Folder


class RunPictures:
    """Reads a set once and keeps the last two. For many threads."""

    def __init__(self, data: Path | None) -> None:
        self._load = lru_cache(maxsize=2)(lambda name: load(name, data or Path()))

    def images(self, folder: Folder, part: str) -> Tensor:
        """The pictures of a part, N×C×H×W; raises BadRun where they are not here."""
        try:
            dataset = self._load(folder.plan().data)
        except FileNotFoundError as error:
            raise BadRun(str(error), "data") from error
        return dataset.train_images if part == "train" else dataset.test_images

    def chosen(self, folder: Folder, part: str, places: list[int]) -> Tensor:
        """Some of them; raises BadRun where there are fewer."""
        images = self.images(folder, part)
        beyond = next((place for place in places if not 0 <= place < len(images)), None)
        if beyond is not None:
            raise BadRun(f"There is no picture {beyond:,}: there are {len(images):,}, from 0.", "indices")
        return images[torch.tensor(places)]

    def sheet(self, folder: Folder, part: str, places: list[int], columns: int) -> bytes:
        """Pictures side by side, row by row, as PNG."""
        images = self.chosen(folder, part, places)
        count, channels, height, width = images.shape
        columns = min(columns, count)
        rows = -(-count // columns)
        sheet = torch.zeros((rows * columns, channels, height, width), dtype=torch.uint8)
        sheet[:count] = images
        tiled = sheet.view(rows, columns, channels, height, width).permute(0, 3, 1, 4, 2)
        return png(tiled.reshape(rows * height, columns * width, channels))

    def png(self, folder: Folder, part: str, place: int) -> bytes:
        """One picture as PNG."""
        return png(self.chosen(folder, part, [place])[0].permute(1, 2, 0))


def png(pixels: Tensor) -> bytes:
    """Pixels H×W×C as PNG."""
    values = np.ascontiguousarray(pixels.numpy())
    file = io.BytesIO()
    Image.fromarray(values[:, :, 0] if values.shape[2] == 1 else values).save(file, "PNG")
    return file.getvalue()
