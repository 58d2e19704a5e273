"""Reading a file of weights without running anything in it: safetensors, or what torch.save wrote."""

import json
import zipfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

WRAPPINGS = ("state_dict", "model_state_dict", "model", "net")
"""Names under which checkpoints keep the weights beside other things."""

PREFIXES = ("module.", "_orig_mod.", "model.")
"""What all names begin with where a network was wrapped: by DataParallel, by torch.compile, by a trainer."""


LARGEST_HEADER = 100_000_000
"""Bytes of a safetensors file's header, as its own reader allows."""


class WeightsMismatch(ValueError):
    """A file holds weights of another network, or none."""


class ProgramFound(WeightsMismatch):
    """A file holds a program that would have to be run."""


def read_state_dict(path: Path, file: str | None = None) -> dict[str, Tensor]:
    """Reads a safetensors file, or a state dict without pickle's powers, out of its usual wrappings.

    Args:
        path: the file.
        file: what messages call it; its name unless given.

    Raises:
        WeightsMismatch: the file is neither, or unpacks to more than its size.
    """
    file = file or path.name
    if path.suffix == ".safetensors":
        check_names(path, file)
        state = load_file(path)
    else:
        check_archive(path, file)
        state = unwrapped(torch.load(path, map_location="cpu", weights_only=True))
    if not state or not all(isinstance(name, str) and isinstance(value, Tensor) for name, value in state.items()):
        raise WeightsMismatch(f"{file} is not a state dict: a table of names and tensors was expected.")
    check_tensors(path, file, state)
    return without_prefix(state)


def check_names(path: Path, file: str) -> None:
    """Refuses a safetensors file in whose header a name stands twice: its reader would take the last in silence.

    Raises:
        WeightsMismatch: it is such a one.
    """
    with path.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        if not 0 < length <= min(LARGEST_HEADER, path.stat().st_size - 8):
            return
        header = opened.read(length)

    def checked(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        counts = Counter(name for name, _ in pairs)
        twice = next((name for name, count in counts.items() if count > 1), None)
        if twice is not None:
            raise WeightsMismatch(f"{file}: {shown(twice)} stands in it twice.")
        return dict(pairs)

    try:
        json.loads(header, object_pairs_hook=checked)
    except WeightsMismatch:
        raise
    except (ValueError, RecursionError):
        # Its own reader refuses it.
        return


def check_tensors(path: Path, file: str, state: Mapping[str, Tensor]) -> None:
    """Refuses tensors that are no plain ones, or that claim more values than the file has bytes for.

    Raises:
        WeightsMismatch: there is such a one.
    """
    for name, value in state.items():
        if value.layout != torch.strided or value.is_quantized or value.device.type != "cpu":
            raise WeightsMismatch(f"{file}: {shown(name)} is no plain tensor (sparse, quantised or without values).")
        if value.numel() * value.element_size() > path.stat().st_size:
            raise WeightsMismatch(f"{file}: {shown(name)} claims {value.numel():,} values, more than the file holds.")


def check_archive(path: Path, file: str) -> None:
    """Refuses an archive that unpacks to more than its size: torch.save keeps tensors as they are.

    Raises:
        WeightsMismatch: it is such a one, or a program.
    """
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    if any(entry.filename.endswith(".py") or "/code/" in entry.filename for entry in entries):
        raise ProgramFound(
            f"{file} is a TorchScript program, which would have to be run. Save the weights alone, "
            "torch.save(model.state_dict(), …), or export the network as ONNX."
        )
    stored = all(entry.compress_type == zipfile.ZIP_STORED for entry in entries)
    if not stored or sum(entry.file_size for entry in entries) > path.stat().st_size:
        raise WeightsMismatch(f"{file} is compressed, which torch.save never does: it is not read.")


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


def renamed(module: nn.Module, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The state as the network itself reads it: some translate the names that their publisher uses."""
    state = dict(state)
    for translate in module._load_state_dict_pre_hooks.values():
        translate(state, "", {}, True, [], [], [])
    return state


def differences(own: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> list[str]:
    """How a file's names, shapes and types differ from a network's own, one difference a phrase."""
    found = [f"{name} is missing" for name in own if name not in state and not name.endswith("num_batches_tracked")]
    found += [f"{shown(name)} is not expected" for name in state if name not in own]
    shared = [(name, value, state[name]) for name, value in own.items() if name in state]
    found += [
        f"{name} is {list(given.shape)}, not {list(value.shape)}"
        for name, value, given in shared
        if given.shape != value.shape
    ]
    found += [
        f"{name} holds {str(given.dtype).removeprefix('torch.')}, not decimal numbers"
        for name, value, given in shared
        if value.is_floating_point() and not given.is_floating_point()
    ]
    return found


def shown(name: str) -> str:
    """A name out of a file as a message may show it: short, unprintable characters replaced."""
    short = name if len(name) <= 60 else f"{name[:57]}…"
    return "".join(character if character.isprintable() else "�" for character in short)


def check_finite(state: Mapping[str, Tensor], file: str) -> None:
    """Refuses values that are no numbers. Only after the shapes: one that nobody wants may claim more than the memory.

    Raises:
        WeightsMismatch: there are some.
    """
    broken = [name for name, value in state.items() if not value.isfinite().all()]
    if broken:
        raise WeightsMismatch(f"{file} holds values that are no numbers (NaN or infinite), first in {broken[0]}.")
