"""The wheel and the source distribution hold what a person needs who has nothing else."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

from hatch_build import load_builder
from models import cards
from models.registry import SHIPPED_WEIGHTS


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked where nothing of the checkout is."""
    if load_builder(str(checkout)).is_stale():
        pytest.skip("the page is older than its sources: `python3 dev.py test` builds it first")
    built = next(
        WheelBuilder(str(checkout)).build(directory=str(tmp_path_factory.mktemp("wheel")), versions=["standard"])
    )
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder)
    return folder


def python(folder: Path, *arguments: str) -> str:
    """What Python prints that finds the project in a folder alone."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "CONVSCOPE_WEIGHTS": "", "COLUMNS": "200"}
    done = subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_carries_page_templates_samples_and_weights(wheel: Path, checkout: Path) -> None:
    files = {path.relative_to(wheel).as_posix() for path in wheel.rglob("*") if path.is_file()}
    assert "app/data/static/build/manifest.json" in files
    for folder in ("templates", "static/samples"):
        wanted = {f"app/data/{path.relative_to(checkout).as_posix()}" for path in (checkout / folder).rglob("*.*")}
        assert {name for name in wanted if "__pycache__" not in name} <= files
    for path in SHIPPED_WEIGHTS.glob("*.safetensors"):
        assert f"models/weights/{path.name}" in files
    assert "models/labels/imagenet.json" in files
    assert not any(name.startswith(("tests/", "static/", "dev.py")) for name in files)


def test_the_wheel_works_alone(wheel: Path) -> None:
    where = python(wheel, "-c", "from app.resources import resource; print(resource('templates'))")
    assert Path(where.strip()) == wheel / "app" / "data" / "templates"
    listed = python(wheel, "-m", "app.cli", "models")
    for card in cards():
        line = next(line for line in listed.splitlines() if line.startswith(f"{card.id} "))
        assert (" shipped " in line) == (SHIPPED_WEIGHTS / f"{card.id}.safetensors").exists()


def test_the_wheel_has_its_command_licence_and_floors(wheel: Path) -> None:
    information = next(wheel.glob("convscope-*.dist-info"))
    assert "convscope = app.cli:app" in (information / "entry_points.txt").read_text()
    metadata = (information / "METADATA").read_text(encoding="utf-8")
    assert "License-Expression: MIT" in metadata
    assert (information / "licenses" / "LICENSE").is_file()
    assert "Requires-Dist: torch>=2.10" in metadata
    assert "Requires-Dist: torchvision" not in metadata


def test_the_source_distribution_needs_no_node(wheel: Path, checkout: Path, tmp_path: Path) -> None:
    built = next(SdistBuilder(str(checkout)).build(directory=str(tmp_path), versions=["standard"]))
    with tarfile.open(built) as archive:
        archive.extractall(tmp_path, filter="data")
    folder = next(path for path in tmp_path.iterdir() if path.is_dir())
    assert not load_builder(str(folder)).is_stale()
    assert not list(folder.rglob("node_modules"))
