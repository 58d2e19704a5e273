"""Toy methods, networks and images around an engine."""

from collections.abc import Iterator

import pytest
import torch

from app.engine.local import LocalEngine
from app.explain import method as declarations
from tests.engine.toys import Gate, Images, Models, declare


@pytest.fixture(autouse=True, scope="package")
def one_thread() -> Iterator[None]:
    """Networks as small as these gain nothing from more, and wait long for each other on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """The gate of the toy methods, which are declared as long as the test runs."""
    declarations.load_methods()
    monkeypatch.setattr(declarations, "_METHODS", dict(declarations._METHODS))
    gate = Gate()
    declare(gate)
    yield gate
    gate.open()


@pytest.fixture
def models() -> Models:
    return Models()


@pytest.fixture
def engine(gate: Gate, models: Models) -> Iterator[LocalEngine]:
    """A running engine with one worker."""
    engine = LocalEngine(models, Images(), workers=1)
    engine.start()
    yield engine
    gate.open()
    engine.close()
