"""What it takes to list and describe networks: memory of a server at rest, and time to take a deep network apart."""

import subprocess
import sys
import time

import torch

from app.explain.network import Network
from app.web.describe import describe_graph
from benchmarks import Row, ratio
from benchmarks._memory import private
from benchmarks.stream import served
from models import create, declaration

MEGABYTE = 1e6
REST_SECONDS = 15.0
"""After which a server has made ready what the first view needs."""

BARE = "import sys, torch; print(flush=True); sys.stdin.readline()"


def run() -> list[Row]:
    """All rows of this module."""
    rows = [taking_apart("resnet152")]
    return [at_rest(), *rows] if sys.platform == "linux" else rows


def at_rest() -> Row:
    """Memory that a server holds when every card was listed and nobody asked anything, beyond importing torch."""
    with served() as server:
        server.client.request("GET", "/api/v1/models")
        time.sleep(REST_SECONDS)
        held = private(server.process.pid)
    with subprocess.Popen([sys.executable, "-c", BARE], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as bare:
        assert bare.stdout
        bare.stdout.readline()
        least = private(bare.pid)
        bare.communicate()
    return Row(
        "memory of the server, all cards listed and nothing asked, beyond", "import torch",
        (held - least) / MEGABYTE, 60, "MB",
    )  # fmt: skip


def taking_apart(model_id: str) -> Row:
    """Tracing and describing a network, against its forward pass."""
    module = create(model_id).eval()
    shape = declaration(model_id)[0].preprocessing.input_shape
    x = torch.rand(1, *shape)

    def forward() -> None:
        with torch.inference_mode():
            module(x)

    spent = ratio(lambda: describe_graph(Network(module, shape)), forward)
    return Row(f"tracing and describing {model_id}", "its forward pass", spent, 3)
