"""What all tests share."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# Read when torch is loaded: where other programs want the processor too, threads that wait by spinning keep it from
# those that compute, and the tests take many times as long.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# Tests that run side by side have a core each.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# No test asserts a time: what is slow on a busy machine is still right.
settings.register_profile("convscope", deadline=None)
settings.load_profile("convscope")

CHECKOUT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The top folder of the project."""
    return CHECKOUT


@pytest.fixture(scope="session")
def truth() -> Path:
    """The folder of outside truths."""
    return CHECKOUT / "tests" / "truth"


def shared_folder() -> Path:
    """Data sets, published weights and photographs that the project does not ship."""
    return Path(os.environ.get("CONVSCOPE_SHARED") or CHECKOUT.parent / "shared").resolve()


@pytest.fixture(scope="session")
def shared() -> Callable[[str], Path]:
    """Finds a file or folder such as `photos/zebra.jpg` among what the project does not ship; skips where it is not."""

    def find(name: str) -> Path:
        path = shared_folder() / name
        if not path.exists():
            pytest.skip(f"{name} is not there: name the folder that holds it in CONVSCOPE_SHARED")
        return path

    return find
