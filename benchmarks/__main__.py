"""`python -m benchmarks [NAME …]`: runs all benchmarks, or some, prints their table and keeps that of a whole run."""

import importlib
import pkgutil
import platform
import sys
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table

from benchmarks import Row

FOLDER = Path(__file__).parent

HEADER = """# Budgets

Ratios, each taken in one run on one machine, so that they travel where times don't; of the page, what a person waits
for, in headless Chromium on the same machine. `python3 dev.py bench` measures them again and writes this table; it
fails where a budget is not kept.

"""


def names() -> list[str]:
    """The modules of this package that are benchmarks."""
    found = [module.name for module in pkgutil.iter_modules([str(FOLDER)]) if not module.name.startswith("_")]
    return [name for name in found if hasattr(importlib.import_module(f"benchmarks.{name}"), "run")]


def measure(chosen: list[str], console: Console) -> list[Row]:
    """Runs benchmarks one after the other and says which one runs."""
    rows: list[Row] = []
    for name in chosen:
        with console.status(f"Measuring {name} …"):
            rows += importlib.import_module(f"benchmarks.{name}").run()
    return rows


def table(rows: list[Row]) -> Table:
    """The rows for a terminal."""
    shown = Table("What", "Against", "Measured", "At most")
    for row in rows:
        shown.add_row(row.what, row.against, row.measured, row.at_most, style="" if row.kept else "red")
    return shown


def markdown(rows: list[Row]) -> str:
    """The rows for `benchmarks/README.md`."""
    lines = ["| what | against | measured | at most |", "| --- | --- | ---: | ---: |"]
    lines += [f"| {row.what} | {row.against} | {row.measured} | {row.at_most} |" for row in rows]
    machine = f"{torch.get_num_threads()} threads, torch {torch.__version__}, Python {platform.python_version()}"
    return HEADER + "\n".join(lines) + f"\n\nMeasured with {machine}.\n"


def main() -> int:
    """Exit status 1 where a budget is not kept, 2 where there is no benchmark of that name."""
    console = Console()
    known = names()
    chosen = sys.argv[1:] or known
    if unknown := set(chosen) - set(known):
        console.print(f"There is no benchmark {', '.join(sorted(unknown))}. The benchmarks are: {', '.join(known)}.")
        return 2
    rows = measure(chosen, console)
    console.print(table(rows))
    if chosen == known:
        (FOLDER / "README.md").write_text(markdown(rows), encoding="utf-8")
    return 0 if all(row.kept for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
