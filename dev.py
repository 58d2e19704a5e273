#!/usr/bin/env python3
"""The one entry for people who work on Convscope: `python3 dev.py run | test | lint | bench`.

Needs nothing but Python 3.11 or newer. Each command makes the environment (.venv) and the page where they are missing
or older than what they are made from, and says what it does. Further arguments go to the server, pytest or the
benchmarks.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
SCRIPTS = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = SCRIPTS / ("python.exe" if os.name == "nt" else "python")
DECLARATIONS = ("pyproject.toml", "constraints.txt", "hatch_build.py")


class Stop(Exception):
    """Ends the command with a sentence that says why."""


def say(sentence: str) -> None:
    print(f"\033[1m→ {sentence}\033[0m" if sys.stdout.isatty() else f"→ {sentence}", flush=True)


def run(*command: str | Path, **variables: str) -> None:
    """Runs a program in the checkout; stops with its exit status where it fails."""
    done = subprocess.run([str(part) for part in command], cwd=ROOT, env={**os.environ, **variables})
    if done.returncode:
        sys.exit(done.returncode)


def python(*arguments: str | Path, **variables: str) -> None:
    """Runs the environment's Python."""
    run(PYTHON, *arguments, **variables)


def pip_install(*arguments: str) -> None:
    """Installs into the environment with the pip of the Python that runs this, so that the environment needs none."""
    quiet = [] if sys.stdout.isatty() else ["--quiet"]
    options = ["--python", str(PYTHON), "install", "--disable-pip-version-check", "--no-input", *quiet]
    run(sys.executable, "-m", "pip", *options, "-c", "constraints.txt", *arguments)


def check_pip() -> None:
    """Stops where this Python has no pip that can install into another environment."""
    found = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, text=True)
    version = found.stdout.split()[1].split(".")[:2] if found.returncode == 0 else ["0", "0"]
    if tuple(int(part) for part in version) < (22, 3):
        raise Stop(
            f"{sys.executable} has no pip 22.3 or newer. Install it (on Debian and Ubuntu: apt install python3-pip; "
            "elsewhere: python3 -m ensurepip --upgrade) and start this command again."
        )


def prepare(extra: str = "") -> None:
    """Makes the environment and the page; each step is left out where its stamp says that nothing has changed."""
    if not PYTHON.exists():
        check_pip()
        say(f"Making the environment {ENVIRONMENT.name} with Python {sys.version.split()[0]}")
        venv.create(ENVIRONMENT, with_pip=False, clear=True, symlinks=os.name != "nt")
    once("node", lambda: pip_install(node_package()), "Installing Node for the page's build")
    build_page()
    target = f".[{extra}]" if extra else "."
    sentence = f"Installing Convscope{f' and what `dev.py {extra}` needs' if extra else ''} (the first time: torch too)"
    once(extra or "run", lambda: pip_install("-e", target), sentence)


def once(name: str, step: Callable[[], None], sentence: str) -> None:
    """Takes a step, unless it was taken already for the same declarations."""
    stamp = ENVIRONMENT / f"convscope-{name}.stamp"
    digest = hashlib.sha256(b"\0".join((ROOT / file).read_bytes() for file in DECLARATIONS)).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    check_pip()
    say(sentence)
    step()
    stamp.write_text(digest)


def node_package() -> str:
    from static.build_page import NODE_PACKAGE

    return NODE_PACKAGE


def build_page() -> None:
    from static.build_page import is_stale

    if is_stale():
        say("Building the page (static/src → static/build)")
        python("static/build_page.py")


def chromium() -> str:
    """The browser for the browser tests: the one there is, Debian's, or Playwright's own (then empty)."""
    from tests.chromium import installed

    found = installed()
    if found:
        say(f"Browser tests will use {found}")
        return found
    if sys.platform == "linux" and shutil.which("apt-get") and os.geteuid() == 0:
        say("Installing Chromium for the browser tests (apt-get)")
        run("apt-get", "update", "-qq")
        run("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", DEBIAN_FRONTEND="noninteractive")
        return shutil.which("chromium") or ""
    say("Getting Playwright's Chromium for the browser tests")
    python("-m", "playwright", "install", "chromium")
    return ""


def command_run(arguments: list[str]) -> None:
    """Serves the page on http://127.0.0.1:8000 (PORT and HOST say otherwise)."""
    prepare()
    command = [str(PYTHON), "-m", "app.cli", "serve", *arguments]
    if os.name == "nt":
        run(*command)
    else:
        # The server takes this process's place, so that whatever ends this ends the server, in its own good order.
        os.chdir(ROOT)
        os.execv(command[0], command)


def command_test(arguments: list[str]) -> None:
    """Runs every test: the page's own, then Python's, the browser's among them, on all cores (-n 0: on one)."""
    prepare("test")
    say("Testing the page's own parts (vitest)")
    python("static/build_page.py", "vitest", "run")
    browser = chromium()
    say("Testing everything else (pytest)")
    python("-m", "pytest", "-n", "auto", "--dist", "loadfile", *arguments, **({"CHROMIUM": browser} if browser else {}))


def command_lint(arguments: list[str]) -> None:
    """Checks style and types of Python and of the page."""
    prepare("lint")
    checks: list[tuple[str, list[str]]] = [
        ("ruff check", ["-m", "ruff", "check", "."]),
        ("ruff format", ["-m", "ruff", "format", "--check", "."]),
        ("mypy", ["-m", "mypy", "--strict", "app", "models"]),
        ("prettier", ["static/build_page.py", "prettier", "--check", "."]),
        ("eslint", ["static/build_page.py", "eslint", "."]),
        ("svelte-check", ["static/build_page.py", "svelte-check", "--fail-on-warnings"]),
    ]
    failed = []
    for name, command in checks:
        say(name)
        if subprocess.run([str(PYTHON), *command], cwd=ROOT).returncode:
            failed.append(name)
    if failed:
        raise Stop(f"Not clean: {', '.join(failed)}.")


def command_bench(arguments: list[str]) -> None:
    """Measures the budgets of benchmarks/README.md, as ratios in one run."""
    prepare("test")
    python("-m", "benchmarks", *arguments)


COMMANDS = {"run": command_run, "test": command_test, "lint": command_lint, "bench": command_bench}


def main(arguments: list[str]) -> None:
    if sys.version_info < (3, 11):
        raise Stop(f"Convscope needs Python 3.11 or newer; this is {sys.version.split()[0]} ({sys.executable}).")
    if not arguments or arguments[0] not in COMMANDS:
        lines = [f"  {name:6} {command.__doc__}" for name, command in COMMANDS.items()]
        raise Stop("\n".join([str(__doc__), *lines]))
    COMMANDS[arguments[0]](arguments[1:])


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Stop as reason:
        sys.exit(str(reason))
    except KeyboardInterrupt:
        sys.exit(130)
