"""The pages: what they carry, what they say without scripts, and documentation that is true."""

import json
import re
import subprocess
import sys
from html import unescape
from typing import Any

import httpx
import pytest

from app.explain.method import methods
from app.onnx.importer import NEWEST
from app.onnx.operations import OPERATIONS
from app.web.languages import texts
from app.web.problem_types import TYPES
from app.web.templates import as_data, as_prose
from models import cards
from tests.web.streaming import Running


def first_data(http: httpx.Client, **query: str) -> dict[str, Any]:
    text = http.get("/", params=query).text
    found = re.search(r'<script type="application/json" id="first-data">(.*?)</script>', text, re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_the_first_view_asks_for_nothing(http: httpx.Client) -> None:
    data = first_data(http)
    assert [card["id"] for card in data["models"]] == [card.id for card in cards()]
    assert data["samples"] == http.get("/api/v1/samples").json()["samples"]
    assert data["methods"] == http.get("/api/v1/methods").json()["methods"]
    assert data["model"] == http.get("/api/v1/models/tiny_vgg").json()


def test_the_address_chooses_the_network(http: httpx.Client) -> None:
    assert first_data(http, model="lenet5")["model"] == http.get("/api/v1/models/lenet5").json()
    assert first_data(http, model="nothing")["model"] is None


def test_large_networks_do_not_keep_the_page_waiting(http: httpx.Client, shared_server: Running) -> None:
    assert first_data(http, model="vgg16")["model"] is None
    assert not shared_server.app.state.services.models.is_built("vgg16")


def test_without_scripts_the_page_leads_on(http: httpx.Client) -> None:
    text = http.get("/").text
    noscript = text[text.index("<noscript>") : text.index("</noscript>")]
    links = re.findall(r'href="([^"]+)"', noscript)
    assert {"/docs/api", "/docs"} <= set(links)
    assert all(http.get(link).status_code == 200 for link in links)


@pytest.mark.parametrize("value", ["</script><script>alert(1)</script>", "<!--", "&lt;", "\u2028", {"a": float("nan")}])
def test_data_in_a_page_cannot_become_markup(value: Any) -> None:
    text = as_data(value)
    assert not re.search(r"[<>&]", text)
    assert json.loads(text) == ({"a": None} if isinstance(value, dict) else value)


def test_prose_is_escaped() -> None:
    assert as_prose("a `b<c` & `d`") == "a <code>b&lt;c</code> &amp; <code>d</code>"


def test_every_method_has_a_page(http: httpx.Client) -> None:
    overview = http.get("/docs").text
    for name, method in methods().items():
        assert f'href="/docs/methods/{name}"' in overview
        page = unescape(http.get(f"/docs/methods/{name}").text)
        assert method.title in page
        assert method.source in page
        for field in method.params.model_fields:
            assert f"<code>{field}</code>" in page
        assert "Raises:" not in page


def test_the_words_of_the_help_are_explained(http: httpx.Client) -> None:
    page = unescape(http.get("/docs/words").text)
    meanings = {key: text for key, text in texts("en", "words").items() if key.endswith(".is")}
    assert all(meaning in page for meaning in meanings.values())
    assert len(re.findall(r'<dt id="\w+">', page)) == len(meanings) > 20


def test_the_page_on_onnx_lists_what_is_read(http: httpx.Client) -> None:
    page = http.get("/docs/onnx").text
    assert all(f"<code>{name}</code>" in page for name in OPERATIONS)
    assert f"{NEWEST}" in page


def test_every_error_has_an_anchor(http: httpx.Client) -> None:
    page = http.get("/docs/errors").text
    assert set(re.findall(r'<dt id="(\w+)"', page)) == set(TYPES)


def test_the_api_page_has_every_operation(http: httpx.Client) -> None:
    page = http.get("/docs/api").text
    for path, item in http.get("/api/v1/openapi.json").json()["paths"].items():
        assert f"<code>{path}</code>" in page
        assert all(operation["summary"] in unescape(page) for operation in item.values())


def test_the_python_lines_of_the_docs_run(http: httpx.Client) -> None:
    page = http.get("/docs/methods/classify").text
    lines = unescape(re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", page, re.DOTALL)[1])
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=True, timeout=60)
    assert "espresso" in done.stdout
