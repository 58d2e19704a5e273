"""The source of a network of the list: its file, and the lines that make each of its parts."""

import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from torch import nn

from models.registry import declaration

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Source:
    """A file of `models/`.

    Attributes:
        file: its path in the project.
        text: what is written in it.
        lines: for each module's path the lines, counted from 1, that make it: the call on the outside first, the
            module's own constructor last.
        forwards: for each module's path the line where its `forward` begins, where this file defines it.
    """

    file: str
    text: str
    lines: dict[str, tuple[int, ...]]
    forwards: dict[str, int]


def source(model_id: str) -> Source:
    """Where a network of the list is written. It is built once for it, without memory for its weights.

    Raises:
        UnknownModel: there is no network of this name.
    """
    _, builder = declaration(model_id)
    with recorded() as stacks, torch.device("meta"):
        module = builder()
    path = Path(inspect.getsourcefile(type(module)) or "")
    own = str(path)
    made = {
        name: tuple(dict.fromkeys(line for file, line in stacks.get(id(part), ()) if file == own))
        for name, part in module.named_modules()
    }
    forwards = {
        name: inspect.getsourcelines(type(part).forward)[1]
        for name, part in module.named_modules()
        if inspect.getsourcefile(type(part)) == own
    }
    return Source(path.relative_to(FOLDER.parent).as_posix(), path.read_text(encoding="utf-8"), made, forwards)


Stack = tuple[tuple[str, int], ...]


@contextmanager
def recorded() -> Iterator[dict[int, Stack]]:
    """Notes for every module that this thread makes, by its id, the files and lines of the calls that make it."""
    stacks: dict[int, Stack] = {}
    constructor = nn.Module.__init__.__code__

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code is constructor:
            module = frame.f_locals["self"]
            stacks[id(module)] = tuple(callers(frame, module))[::-1]

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield stacks
    finally:
        sys.setprofile(before)


def callers(frame: FrameType, module: nn.Module) -> Iterator[tuple[str, int]]:
    """The calls that lead to a frame, innermost first, without the module's own constructors."""
    caller = frame.f_back
    while caller is not None:
        if not (caller.f_code.co_name == "__init__" and caller.f_locals.get("self") is module):
            yield caller.f_code.co_filename, caller.f_lineno
        caller = caller.f_back
