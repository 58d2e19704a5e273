"""Networks, methods, samples, health, metrics, and addresses that are none."""

import httpx
import pytest

from app.explain.method import methods
from app.store.samples import shipped_samples
from models import cards
from tests.web.problems import problem
from tests.web.streaming import Running, until


def test_networks_come_smallest_first(http: httpx.Client) -> None:
    listed = http.get("/api/v1/models").json()["models"]
    assert [card["id"] for card in listed] == [card.id for card in cards()]
    sizes = [card["parameters"] for card in listed]
    assert sizes == sorted(sizes)
    assert {card["id"]: card["weights"] for card in listed}["lenet5"] == "shipped"


@pytest.mark.parametrize("model", ["lenet5", "tiny_vgg", "cifar_resnet20", "squeezenet1_1"])
def test_a_network_has_a_card_and_a_graph(http: httpx.Client, model: str) -> None:
    document = http.get(f"/api/v1/models/{model}").json()
    nodes = document["graph"]["nodes"]
    assert nodes[0]["name"] == nodes[0]["operation"] == "input"
    assert sum(node["parameters"] for node in nodes) == document["card"]["parameters"]
    known: set[str] = set()
    for node in nodes:
        assert set(node["inputs"]) <= known
        known.add(node["name"])
    assert nodes[-1]["shape"] == [len(document["card"]["classes"])]


def test_the_protocols_example_is_true(http: httpx.Client) -> None:
    nodes = {node["name"]: node for node in http.get("/api/v1/models/resnet18").json()["graph"]["nodes"]}
    node = nodes["layer1.0.conv1"]
    assert (node["path"], node["inputs"], node["shape"]) == (["layer1", "0"], ["maxpool"], [64, 56, 56])
    assert (node["parameters"], node["macs"]) == (36864, 115605504)
    field = node["receptive_field"]
    assert (field["size"], field["step"], field["start"], field["whole"]) == ([19, 19], [4, 4], [-9, -9], False)
    assert node["details"]["kernel_size"] == [3, 3]


def test_methods_are_as_declared(http: httpx.Client) -> None:
    listed = http.get("/api/v1/methods").json()["methods"]
    assert [method["name"] for method in listed] == list(methods())
    for method in listed:
        assert http.get(f"/api/v1/methods/{method['name']}").json() == method
        assert method["summary"]
        assert method["source"]


def test_samples_are_images(http: httpx.Client) -> None:
    listed = http.get("/api/v1/samples").json()["samples"]
    assert [sample["name"] for sample in listed] == [sample.name for sample in shipped_samples().all]
    assert http.get(f"/api/v1/images/{listed[0]['image']}").headers["content-type"] == "image/png"


@pytest.mark.parametrize("path", ["/models/nothing", "/models/<b>", "/methods/nothing"])
def test_unknown_things(http: httpx.Client, path: str) -> None:
    problem(http.get(f"/api/v1{path}"), f"unknown_{path.split('/')[1][:-1]}")


@pytest.mark.parametrize("path", ["/nothing", "/api/v1", "/api/v2/models", "/api/v1/models/", "/trains", "/%00", "/é"])
def test_unknown_addresses(http: httpx.Client, path: str) -> None:
    document = problem(http.get(path, follow_redirects=False), "not_found")
    assert document["detail"].endswith("/docs/api lists every address.")


@pytest.mark.parametrize(
    ("verb", "path", "allowed"),
    [("DELETE", "/api/v1/ask", "POST"), ("GET", "/api/v1/ask", "POST"), ("PUT", "/api/v1/images", "POST"),
     ("PUT", "/api/v1/ask", "POST"), ("PATCH", "/", "GET"), ("POST", "/docs", "GET"), ("POST", "/healthz", "GET"),
     ("NONSENSE", "/api/v1/models", "GET")],
)  # fmt: skip
def test_methods_that_are_not_allowed(http: httpx.Client, verb: str, path: str, allowed: str) -> None:
    answer = http.request(verb, path)
    assert problem(answer, "method_not_allowed")["detail"] == f"{path} does not take {verb}; it takes {allowed}."
    assert answer.headers["allow"] == allowed


def test_health(http: httpx.Client) -> None:
    for prefix in ("", "/api/v1"):
        assert http.get(f"{prefix}/healthz").json() == {"status": "ok"}
        assert http.get(f"{prefix}/readyz").json() == {"status": "ready"}


def test_a_server_that_closes_is_not_ready(http: httpx.Client, shared_server: Running) -> None:
    services = shared_server.app.state.services
    services.ready = False
    try:
        answer = http.get("/readyz")
        problem(answer, "unavailable")
        assert "retry-after" in answer.headers
        assert http.get("/healthz").status_code == 200
    finally:
        services.ready = True


def test_metrics_count(http: httpx.Client) -> None:
    def figures() -> dict[str, float]:
        lines = http.get("/metrics").text.splitlines()
        return {line.split()[0]: float(line.split()[1]) for line in lines if not line.startswith("#")}

    before = figures()
    image = shipped_samples().all[1].image
    body = {"method": "classify", "model": "tiny_vgg", "image": image, "params": {"k": 7}}
    for _ in range(3):
        assert http.post("/api/v1/ask", json=body).status_code == 200
    after = figures()
    assert after["convscope_asks_asked_total"] - before["convscope_asks_asked_total"] == 3
    assert after["convscope_asks_from_cache_total"] - before["convscope_asks_from_cache_total"] >= 2
    assert after["convscope_asks_cached_bytes"] > 0


def test_an_unforeseen_fault_says_nothing_of_the_inside(
    http: httpx.Client, shared_server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(shared_server.app.state.services.images, "add", broken)
    answer = http.post("/api/v1/images", files={"file": ("a", b"x")})
    problem(answer, "internal")
    assert "secret" not in answer.text
    monkeypatch.undo()
    # The server under the application tells of it too, and only after it has answered.
    until(lambda: len(shared_server.complaints()) == 2)
    assert "failed" in shared_server.complaints()[0]
    shared_server.records.clear()
