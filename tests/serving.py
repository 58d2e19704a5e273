"""The server as a process of its own, started as people start it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def serving(
    folder: Path, *arguments: str, program: Sequence[str] = ("-m", "app.cli"), **variables: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server on a free port, and the address that it printed. `program` is what Python runs."""
    environment = {**os.environ, "CONVSCOPE_DATA_DIR": str(folder), **variables}
    command = [sys.executable, *program, "serve", "--port", "0", *arguments]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        line = process.stdout.readline()
        said = re.fullmatch(r"Convscope is ready: (http://\S+)\n", line)
        assert said, line + process.communicate(timeout=60)[1]
        yield process, said[1]
    finally:
        process.kill()
        process.communicate()
