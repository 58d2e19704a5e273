"""Converted weights: each file read once and kept as safetensors, from which memory is mapped and shared."""

import contextlib
import hashlib
import logging
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from models.fitting import skeleton
from models.weights_files import fitting_state

log = logging.getLogger("convscope")

DIGEST = "sha256"
"""Under which a kept file says what file it was made of."""


class Converted:
    """A folder of weights in float32 under their networks' own names. For many threads, and for many servers.

    A file of weights is known by its path, size and time of change: a changed one is converted anew.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def module(self, model_id: str, path: Path) -> tuple[nn.Module, str]:
        """A network whose weights are mapped into memory, and the SHA-256 of the file that they came from.

        Raises:
            WeightsMismatch: the file holds another network's weights, or values that are no numbers.
        """
        target = self.folder / f"{model_id}-{identity(path)}.safetensors"
        module = skeleton(model_id)
        kept = read(target)
        if kept is None:
            digest = file_digest(path)
            state = stored(module, fitting_state(module, path))
            kept = (read(target) if self._keep(target, state, digest) else None) or (state, digest)
        module.load_state_dict(kept[0], assign=True)
        return module, kept[1]

    def _keep(self, target: Path, state: dict[str, Tensor], digest: str) -> bool:
        """Writes a file whole or not at all, and removes those of the same network that are stale."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.folder, prefix=f"{target.stem}-", suffix=".part")
            try:
                save_file(state, name, metadata={DIGEST: digest})
                os.fsync(handle)
                os.replace(name, target)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
            finally:
                os.close(handle)
        # Without room the network works all the same, from memory of its own.
        except (OSError, SafetensorError) as error:
            log.warning("The weights of %s are not kept as safetensors: %s", target.stem, error)
            return False
        for other in self.folder.glob(f"{target.stem.rpartition('-')[0]}-*.safetensors"):
            if other != target:
                with contextlib.suppress(OSError):
                    other.unlink()
        return True


def identity(path: Path) -> str:
    """Sixteen digits by which a file is known without being read."""
    found = path.stat()
    content = f"{path.resolve()}\n{found.st_size}\n{found.st_mtime_ns}"
    return hashlib.sha256(content.encode(errors="surrogateescape")).hexdigest()[:16]


def read(path: Path) -> tuple[dict[str, Tensor], str] | None:
    """Weights mapped into memory, and the SHA-256 of what they came from; None where there is no such file."""
    try:
        with safe_open(path, "pt") as file:
            digest = (file.metadata() or {}).get(DIGEST)
        return (load_file(path), digest) if digest else None
    except (OSError, SafetensorError):
        return None


def stored(module: nn.Module, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """All that a network holds, in its own precisions; zeros for a count that a file leaves out and nothing reads."""
    return {name: alike(state.get(name), own) for name, own in module.state_dict().items()}


def alike(value: Tensor | None, own: Tensor) -> Tensor:
    """A tensor in the precision of another; zeros where there is none."""
    if value is None:
        return own.new_zeros(own.shape, device="cpu")
    # Of its own, because safetensors keeps no two tensors in one memory.
    return value.to(own.dtype).contiguous().clone()


def file_digest(path: Path) -> str:
    """A file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
