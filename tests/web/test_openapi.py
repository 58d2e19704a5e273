"""The API keeps its description: every example runs, and whatever schemathesis makes up gets a described answer."""

from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, assume, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.explain.method import methods
from app.store.samples import Sample
from tests.web.streaming import Running

OPERATIONS = [
    "GET /healthz", "GET /readyz", "GET /metrics",
    "GET /api/v1/healthz", "GET /api/v1/readyz", "GET /api/v1/metrics",
    "GET /api/v1/models", "GET /api/v1/models/{model}",
    "POST /api/v1/models", "PATCH /api/v1/models/{model}", "DELETE /api/v1/models/{model}",
    "POST /api/v1/models/{model}/weights", "GET /api/v1/models/{model}/weights",
    "GET /api/v1/models/{model}/outline", "GET /api/v1/models/{model}/layers", "GET /api/v1/models/{model}/source",
    "POST /api/v1/images", "GET /api/v1/images/{image}", "GET /api/v1/images/{image}/about", "GET /api/v1/samples",
    "GET /api/v1/methods", "GET /api/v1/methods/{name}",
    "GET /api/v1/runs", "GET /api/v1/runs/options", "POST /api/v1/runs", "POST /api/v1/runs/architecture",
    "GET /api/v1/runs/{run}", "PATCH /api/v1/runs/{run}", "DELETE /api/v1/runs/{run}",
    "POST /api/v1/runs/{run}/play", "POST /api/v1/runs/{run}/pause", "POST /api/v1/runs/{run}/step",
    "POST /api/v1/runs/{run}/stop", "POST /api/v1/runs/{run}/back", "POST /api/v1/runs/{run}/publish",
    "GET /api/v1/runs/{run}/curve", "GET /api/v1/runs/{run}/evaluations/{step}", "GET /api/v1/runs/{run}/events",
    "GET /api/v1/runs/{run}/pictures", "POST /api/v1/runs/{run}/pictures", "GET /api/v1/runs/{run}/export",
    "POST /api/v1/ask", "GET /api/v1/answers/{answer}", "GET /api/v1/answers/{answer}/{array}",
]  # fmt: skip

PATIENCE = 120
"""Seconds that an answer may take: what is made up may ask for much, of a server that answers other tests as well."""

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


@pytest.fixture(scope="session")
def described(shared_server: Running) -> Any:
    return schemathesis.openapi.from_url(f"{shared_server.url}/api/v1/openapi.json")


@pytest.mark.parametrize("name", OPERATIONS)
def test_whatever_is_asked_gets_a_described_answer(described: Any, name: str) -> None:
    verb, path = name.split(" ")
    operation = described[path][verb]

    @settings(max_examples=25, suppress_health_check=list(HealthCheck), database=None)
    @given(case=operation.as_strategy())
    def hold(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=CHECKS, timeout=PATIENCE)

    hold()


def test_parameters_of_every_shape_get_a_described_answer(described: Any, espresso: Sample) -> None:
    """Asks as their schemas allow them, about a network and a picture that are there."""

    @settings(max_examples=150, suppress_health_check=list(HealthCheck), database=None)
    @given(case=described["/api/v1/ask"]["POST"].as_strategy())
    def hold(case: schemathesis.Case) -> None:
        assume(isinstance(case.body, dict))
        case.body.update(model="lenet5", image=espresso.image)
        params = case.body.setdefault("params", {})
        if isinstance(params, dict):
            if "node" in params:
                params["node"] = "conv2"
            params.update({name: 1 for name in ("steps", "samples") if name in params})
            if case.body.get("method") == "max_response":
                params["steps"] = 1
        case.call_and_validate(checks=CHECKS, timeout=PATIENCE)

    hold()


def test_every_operation_is_tried(described: Any) -> None:
    tried = {f"{result.ok().method.upper()} {result.ok().path}" for result in described.get_all_operations()}
    assert tried == set(OPERATIONS)


def test_every_example_runs(http: httpx.Client) -> None:
    document = http.get("/api/v1/openapi.json").json()
    examples = document["paths"]["/api/v1/ask"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    assert set(examples) == set(methods())
    for name, example in examples.items():
        answer = http.post("/api/v1/ask", json=example["value"])
        assert answer.status_code == 200, (name, answer.text)


def test_every_reference_leads_somewhere(http: httpx.Client) -> None:
    document = http.get("/api/v1/openapi.json").json()

    def references(value: Any) -> list[str]:
        if isinstance(value, dict):
            own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
            return own + [found for item in value.values() for found in references(item)]
        return [found for item in value for found in references(item)] if isinstance(value, list) else []

    schemas = document["components"]["schemas"]
    assert {reference.removeprefix("#/components/schemas/") for reference in references(document)} <= set(schemas)


def test_it_is_openapi(http: httpx.Client) -> None:
    document = http.get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert {"/api/v1/ask", "/api/v1/images", "/api/v1/answers/{answer}/{array}"} <= set(document["paths"])
    for path in document["paths"].values():
        for operation in path.values():
            assert operation["summary"]
            assert operation["tags"]
            assert "application/problem+json" in operation["responses"]["default"]["content"]
