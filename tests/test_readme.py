"""The README's examples run as they stand, against the server that its first command starts."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from torch import nn

from tests.onnx.comparing import exported
from tests.serving import serving

ADDRESS = "http://127.0.0.1:8000"


def example(checkout: Path, language: str, containing: str) -> str:
    """The README's one block in a language that contains a text."""
    blocks = re.findall(rf"```{language}\n(.*?)```", (checkout / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    (found,) = (block for block in blocks if containing in block)
    return str(found)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a photograph in it."""
    pixels = np.random.default_rng(0).integers(0, 256, (80, 100, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "photo.jpg")
    return tmp_path


def run(folder: Path, checkout: Path, *command: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(checkout), "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(not shutil.which("curl") or not shutil.which("bash"), reason="the example needs bash and curl")
def test_the_rest_example(checkout: Path, folder: Path) -> None:
    with serving(folder / "data") as (_, address):
        script = example(checkout, "sh", "curl").replace(ADDRESS, address.rstrip("/"))
        assert '"top":[{"index":' in run(folder, checkout, "bash", "-c", script)


def test_the_python_example(checkout: Path, folder: Path) -> None:
    with serving(folder / "data") as (_, address):
        script = example(checkout, "python", "client.ask").replace(ADDRESS, address.rstrip("/"))
        said = run(folder, checkout, sys.executable, "-c", f"{script}\nprint(maps.shape, maps.dtype)")
    assert said.count("('") == 3
    assert said.endswith("(10, 62, 62) float32\n")


@pytest.mark.skipif(not shutil.which("bash"), reason="the example needs bash")
def test_the_command_line_example(checkout: Path, folder: Path) -> None:
    command = folder / "convscope"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m app.cli "$@"\n')
    command.chmod(0o755)
    assert '"top": [' in run(folder, checkout, "bash", "-ec", example(checkout, "sh", "explain classify"))
    with Image.open(folder / "maps.png") as image:
        # Ten maps of 62 × 62 in three columns and four rows, with a gap of one.
        assert image.size == (188, 251)


NETWORK_FILE = """
from torch import nn
from models.card import Card, Preprocessing
from models.registry import network
"""

METHOD_FILE = """
from collections.abc import Iterator
import torch
from pydantic import Field
from torch import Tensor
from app.explain.method import Frame, Params, method
from app.explain.network import Network
"""


def test_one_file_adds_a_network_and_one_a_method(checkout: Path, folder: Path) -> None:
    for package in ("app", "models"):
        shutil.copytree(checkout / package, folder / package, ignore=shutil.ignore_patterns("__pycache__", "data"))
    shutil.copytree(checkout / "static" / "samples", folder / "static" / "samples")
    network, method = example(checkout, "python", "@network"), example(checkout, "python", "@method")
    (folder / "models" / "edges.py").write_text(NETWORK_FILE + network, encoding="utf-8")
    (folder / "app" / "explain" / "sensitivity.py").write_text(METHOD_FILE + method, encoding="utf-8")
    asked = ("sensitivity", "--model", "edges", "--image", "photo.jpg", "--index", "1", "--out", "answer.npz")
    run(folder, folder, sys.executable, "-m", "app.cli", "explain", *asked)
    with np.load(folder / "answer.npz") as arrays:
        assert arrays["sensitivity"].shape == (32, 32)
        assert arrays["sensitivity"].max() > 0


def test_an_onnx_file_becomes_a_network(checkout: Path, folder: Path) -> None:
    (folder / "net.onnx").write_bytes(exported(nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU()), (3, 8, 8)))
    imports = "import torch\nfrom app.explain.network import Network\nfrom app.onnx.importer import read_onnx\n"
    said = run(folder, checkout, sys.executable, "-c", imports + example(checkout, "python", "read_onnx"))
    assert said.splitlines()[1:] == ["0 convolution (1, 2, 6, 6)", "1 relu (1, 2, 6, 6)"]


def test_every_file_it_names_exists(checkout: Path) -> None:
    names = re.findall(r"\]\(([^)#:]+)\)", (checkout / "README.md").read_text(encoding="utf-8"))
    assert len(names) >= 4
    assert [name for name in names if not (checkout / name).exists()] == []
