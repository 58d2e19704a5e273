"""A server for what bad input and faults get on the stream; none of it may be logged as an error."""

from collections.abc import Iterator

import pytest

from app.explain.method import _METHODS, Frame, method, methods
from tests.web.faults.gates import GATES, GatedParams
from tests.web.streaming import picture, running


@pytest.fixture(scope="module", autouse=True)
def gated():
    """A method that computes one node for each permit, and yields nothing in between."""
    methods()

    @method("gated", title="Gated", source="these tests", image="required")
    def gated(network, image, params: GatedParams) -> Iterator[Frame]:
        """Waits at every node."""
        for node, _ in network.run(image):
            GATES[params.gate].nodes.append(node.name)
            assert GATES[params.gate].permits.acquire(timeout=60)
        yield Frame("end", image[0, 0, 0], ("unit",))

    yield
    del _METHODS["gated"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running(tmp_path_factory.mktemp("stream")) as place:
        place.image = place.client.upload(picture())["id"]
        yield place


@pytest.fixture(autouse=True)
def nothing_was_logged_as_an_error(server):
    server.records.clear()
    yield
    assert not [text for text in server.complaints() if "ASGI" in text or "never retrieved" in text]
