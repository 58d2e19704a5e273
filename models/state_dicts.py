"""Reading a file of weights without running anything in it: safetensors, or what torch.save wrote."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

WRAPPINGS = ("state_dict", "model_state_dict", "model", "net")
"""Names under which checkpoints keep the weights beside other things."""

PREFIXES = ("module.", "_orig_mod.", "model.")
"""What all names begin with where a network was wrapped: by DataParallel, by torch.compile, by a trainer."""


class WeightsMismatch(ValueError):
    """A file holds weights of another network, or none."""


def read_state_dict(path: Path) -> dict[str, Tensor]:
    """Reads a safetensors file, or a state dict without pickle's powers, out of its usual wrappings.

    Raises:
        WeightsMismatch: the file is neither, or unpacks to more than its size.
    """
    if path.suffix == ".safetensors":
        state = load_file(path)
    else:
        check_archive(path)
        state = unwrapped(torch.load(path, map_location="cpu", weights_only=True))
    if not state or not all(isinstance(name, str) and isinstance(value, Tensor) for name, value in state.items()):
        raise WeightsMismatch(f"{path.name} is not a state dict: a table of names and tensors was expected.")
    return without_prefix(state)


def check_archive(path: Path) -> None:
    """Refuses an archive that unpacks to more than its size: torch.save keeps tensors as they are.

    Raises:
        WeightsMismatch: it is such a one.
    """
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    stored = all(entry.compress_type == zipfile.ZIP_STORED for entry in entries)
    if not stored or sum(entry.file_size for entry in entries) > path.stat().st_size:
        raise WeightsMismatch(f"{path.name} is compressed, which torch.save never does: it is not read.")


def unwrapped(loaded: Any) -> dict[str, Tensor]:
    """The table of tensors inside a checkpoint; whatever else was loaded as it is, or nothing where it is no table."""
    for _ in WRAPPINGS:
        inner = (loaded[name] for name in WRAPPINGS if isinstance(loaded, Mapping) and name in loaded)
        loaded = next((value for value in inner if isinstance(value, Mapping)), loaded)
    return dict(loaded) if isinstance(loaded, Mapping) else {}


def without_prefix(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same table without what a wrapper put before all names."""
    for prefix in PREFIXES:
        if all(name.startswith(prefix) for name in state):
            state = {name.removeprefix(prefix): value for name, value in state.items()}
    return state
