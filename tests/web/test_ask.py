"""One ask, answered whole: as JSON, picture, arrays, events; and everything it can have wrong."""

import io
import json
import socket
from typing import Any

import httpx
import numpy as np
import pytest
import torch
from PIL import Image

from app.render.frames import decode_frame
from app.render.quantise import dequantise
from app.store.samples import Sample
from models import create, declaration
from tests.web.problems import problem
from tests.web.streaming import Running, running, until


def ask(http: httpx.Client, accept: str = "application/json", query: str = "", **body: Any) -> httpx.Response:
    return http.post(f"/api/v1/ask{query}", json=body, headers={"Accept": accept})


@pytest.fixture
def classify(espresso: Sample) -> dict[str, Any]:
    return {"method": "classify", "model": "tiny_vgg", "image": espresso.image, "params": {"k": 3}}


@pytest.fixture
def activations(espresso: Sample) -> dict[str, Any]:
    params = {"nodes": ["conv_1_1", "relu_1_1", "output"]}
    return {"method": "activations", "model": "tiny_vgg", "image": espresso.image, "params": params}


@pytest.fixture
def truth(http: httpx.Client, espresso: Sample) -> dict[str, torch.Tensor]:
    """The first layer and the logits by torch alone, from the picture that the server says the network sees."""
    preprocessing = declaration("tiny_vgg")[0].preprocessing
    seen = http.get(f"/api/v1/images/{espresso.image}", params={"model": "tiny_vgg"}).content
    x = torch.from_numpy(np.asarray(Image.open(io.BytesIO(seen))).copy()).permute(2, 0, 1)[None] / 255
    mean, std = (torch.tensor(values)[:, None, None] for values in (preprocessing.mean, preprocessing.std))
    module = create("tiny_vgg", pretrained=True).eval()
    with torch.no_grad():
        normal = (x - mean) / std
        first = module.conv_1_1(normal)[0]
        return {"conv_1_1": first, "relu_1_1": first.relu(), "output": module(normal)[0]}


def test_json_equals_torch(http: httpx.Client, classify: dict[str, Any], truth: dict[str, torch.Tensor]) -> None:
    answer = ask(http, **classify)
    document = answer.json()
    assert answer.headers["content-type"] == "application/json"
    assert document["ask"] == classify
    probabilities = truth["output"].double().softmax(0)
    order = probabilities.argsort(descending=True)[:3]
    assert [entry["index"] for entry in document["top"]] == order.tolist()
    assert [entry["probability"] for entry in document["top"]] == pytest.approx(probabilities[order].tolist(), rel=1e-4)
    assert document["top"][0]["label"] == "espresso"


def test_arrays_are_where_the_answer_says(
    http: httpx.Client, activations: dict[str, Any], truth: dict[str, torch.Tensor]
) -> None:
    document = ask(http, **activations).json()
    assert list(document["arrays"]) == ["conv_1_1", "relu_1_1", "output"]
    for name, array in document["arrays"].items():
        header, values = decode_frame(http.get(array["href"], params={"dtype": "f32"}).content)
        assert header["full_shape"] == array["shape"] == list(truth[name].shape)
        assert np.allclose(values, truth[name].numpy(), atol=1e-5)
        assert array["range"][0] <= values.min()
        assert array["range"][1] >= values.max()


def test_bytes_are_the_values_within_half_a_step(
    http: httpx.Client, activations: dict[str, Any], truth: dict[str, torch.Tensor]
) -> None:
    href = ask(http, **activations).json()["arrays"]["conv_1_1"]["href"]
    header, data = decode_frame(http.get(href, params={"units": "7,2-4"}).content)
    assert (header["dtype"], header["units"]) == ("u8", [7, 2, 3, 4])
    low, high = np.array(header["range"]).T
    step = ((high - low) / 254)[:, None, None]
    values = dequantise(data, low, high, "signed")
    assert np.all(np.abs(values - truth["conv_1_1"][[7, 2, 3, 4]].numpy()) <= step * 0.51)


def test_what_has_no_rows_always_travels_exactly(http: httpx.Client, activations: dict[str, Any]) -> None:
    href = ask(http, **activations).json()["arrays"]["output"]["href"]
    for dtype in ("u8", "f16", "f32"):
        assert decode_frame(http.get(href, params={"dtype": dtype}).content)[0]["dtype"] == "f32"


def test_arrays_never_change_and_say_so(http: httpx.Client, activations: dict[str, Any]) -> None:
    href = ask(http, **activations).json()["arrays"]["conv_1_1"]["href"]
    first = http.get(href)
    assert first.headers["content-type"] == "application/x-convscope-frame"
    assert "immutable" in first.headers["cache-control"]
    assert http.get(href, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    assert http.get(href, headers={"If-None-Match": '"other"'}).status_code == 200
    assert http.get(href, params={"units": "1"}).headers["etag"] != first.headers["etag"]


def test_a_film(http: httpx.Client, espresso: Sample) -> None:
    asked = {"method": "deep_dream", "model": "tiny_vgg", "image": espresso.image}
    params = {"node": "conv_1_2", "steps": 1, "film": 2}
    answer = ask(http, "image/webp", **asked, params=params)
    assert answer.headers["content-type"] == "image/webp"
    assert Image.open(io.BytesIO(answer.content)).n_frames == 2
    href = ask(http, **asked, params=params).json()["arrays"]["film"]["href"]
    assert http.get(href, params={"format": "webp"}).content == answer.content
    refused = problem(ask(http, "image/webp", **asked, params={**params, "film": 0}), "unknown_array")
    assert refused["detail"].startswith("picture is no film: deep_dream makes one")


def test_a_picture(http: httpx.Client, activations: dict[str, Any]) -> None:
    for query, same in (("", True), ("?array=conv_1_1", True), ("?array=relu_1_1", False)):
        answer = ask(http, "image/png", query, **activations)
        assert answer.headers["content-type"] == "image/png"
        assert min(Image.open(io.BytesIO(answer.content)).size) > 60
        if not query:
            first = answer.content
        assert (answer.content == first) == same


def test_an_archive_of_arrays(http: httpx.Client, activations: dict[str, Any], truth: dict[str, torch.Tensor]) -> None:
    answer = ask(http, "application/x-npz", **activations)
    assert answer.headers["content-disposition"] == 'attachment; filename="tiny_vgg-activations.npz"'
    archive = np.load(io.BytesIO(answer.content))
    assert {name: archive[name].dtype for name in archive} == dict.fromkeys(truth, np.dtype(np.float32))
    assert all(np.allclose(archive[name], truth[name].numpy(), atol=1e-5) for name in truth)


def test_events_tell_the_way(http: httpx.Client, activations: dict[str, Any]) -> None:
    answer = ask(http, "text/event-stream", **activations)
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [block.split("\n") for block in answer.text.strip().split("\n\n")]
    messages = [json.loads(lines[1].removeprefix("data: ")) for lines in events]
    kinds = [lines[0].removeprefix("event: ") for lines in events]
    assert kinds == [message["type"] for message in messages]
    assert (kinds[0], kinds[-1]) == ("accepted", "done")
    assert {message["node"] for message in messages[1:-1]} == {"conv_1_1", "relu_1_1", "output"}
    plain = ask(http, **activations).json()
    assert messages[-1]["answer"] == messages[0]["answer"] == plain["answer"]
    assert messages[-1]["arrays"] == plain["arrays"]
    assert messages[-1]["values"]["statistics"] == plain["statistics"]


@pytest.mark.parametrize("accept", ["text/html", "application/xml, image/jpeg", "application/json;q=0"])
def test_what_cannot_be_written(http: httpx.Client, classify: dict[str, Any], accept: str) -> None:
    assert problem(ask(http, accept, **classify), "not_acceptable")["field"] == "Accept"


@pytest.mark.parametrize(
    ("change", "code", "field", "detail"),
    [
        (
            {"method": "nothing"},
            "unknown_method",
            "method",
            "There is no method “nothing”. The methods are: ablation_cam, activations, ",
        ),
        ({"model": "nothing"}, "unknown_model", "model", "There is no network called “nothing”. The networks are: "),
        ({"image": "0" * 64}, "unknown_image", "image", "There is no image “000"),
        ({"image": "../x"}, "unknown_image", "image", "There is no image “../x”."),
        ({"image": None}, "image_required", "image", "Class looks at a picture: name one as “image”"),
        (
            {"params": {"k": 0}},
            "bad_parameter",
            "params.k",
            "params.k is 0, but it must be a whole number from 1 to 1000",
        ),
        ({"params": {"k": -1}}, "bad_parameter", "params.k", "params.k is -1"),
        ({"params": {"k": 2**63}}, "bad_parameter", "params.k", "params.k is 9223372036854775808"),
        ({"params": {"k": "٣"}}, "bad_parameter", "params.k", "params.k is “٣”"),
        ({"params": {"k": [5]}}, "bad_parameter", "params.k", "params.k is [5]"),
        ({"params": {"k": 1.5}}, "bad_parameter", "params.k", "params.k is 1.5"),
        ({"params": {"other": 1}}, "bad_parameter", "params.other", "classify has no parameter “other”."),
        ({"params": []}, "bad_request", "params", "“params” is []"),
        ({"extra": 1}, "bad_request", "extra", "“extra” is 1"),
        ({"method": 5}, "bad_request", "method", "“method” is 5"),
    ],
)
def test_bad_asks(
    http: httpx.Client, classify: dict[str, Any], change: dict[str, Any], code: str, field: str, detail: str
) -> None:
    document = problem(ask(http, **{**classify, **change}), code)
    assert document["field"] == field
    assert document["detail"].startswith(detail)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none(http: httpx.Client, classify: dict[str, Any], number: str) -> None:
    body = json.dumps({**classify, "params": {"k": "@"}}).replace('"@"', number)
    answer = http.post("/api/v1/ask", content=body, headers={"Content-Type": "application/json"})
    assert problem(answer, "bad_parameter")["field"] == "params.k"


@pytest.mark.parametrize(
    ("params", "code", "detail"),
    [
        ({"nodes": ["conv_9"]}, "unknown_node", "tiny_vgg has no node “conv_9”. Its nodes are: input, conv_1_1"),
        ({"nodes": ["<script>"]}, "unknown_node", "tiny_vgg has no node “<script>”."),
        (
            {"nodes": ["conv_1_1"], "units": [10]},
            "unknown_unit",
            "conv_1_1 has no unit 10: its 10 units count from 0 to 9",
        ),
        ({"nodes": ["conv_1_1"], "units": [-1]}, "unknown_unit", "conv_1_1 has no unit -1"),
    ],
)
def test_nodes_and_units_that_are_not_there(
    http: httpx.Client, activations: dict[str, Any], params: dict[str, Any], code: str, detail: str
) -> None:
    document = problem(ask(http, **{**activations, "params": params}), code)
    assert document["detail"].startswith(detail)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"5", b'{"method": "classify"}', b"[" * 100_000]
)
def test_bodies_that_are_no_ask(http: httpx.Client, shared_server: Running, body: bytes) -> None:
    answer = http.post("/api/v1/ask", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    problem(answer, "bad_request" if answer.status_code == 422 else "malformed")
    assert shared_server.complaints() == []


def test_a_body_that_is_too_large(http: httpx.Client) -> None:
    body = b'{"method": "' + b"x" * 300_000 + b'"}'
    document = problem(
        http.post("/api/v1/ask", content=body, headers={"Content-Type": "application/json"}), "too_large"
    )
    assert document["detail"] == "The body is larger than 256 KiB, the most that /api/v1/ask takes."


@pytest.mark.parametrize("answer", ["0" * 64, "nothing", "A" * 64, "-1", "NaN", "١" * 64])
def test_answers_that_were_never_asked(http: httpx.Client, answer: str) -> None:
    for path in (f"/api/v1/answers/{answer}", f"/api/v1/answers/{answer}/conv_1_1"):
        problem(http.get(path), "unknown_answer")


def test_an_array_that_is_not_there(http: httpx.Client, activations: dict[str, Any], espresso: Sample) -> None:
    answer = ask(http, **activations).json()["answer"]
    document = problem(http.get(f"/api/v1/answers/{answer}/conv_9"), "unknown_array")
    assert document["detail"] == "The answer has no array “conv_9”. Its arrays are: conv_1_1, relu_1_1, output."
    problem(ask(http, "image/png", "?array=conv_9", **activations), "unknown_array")


@pytest.mark.parametrize(
    ("query", "code"),
    [("units=10", "unknown_unit"), ("units=5-3", "bad_parameter"), ("units=x", "bad_parameter"),
     ("units=-1", "bad_parameter"), ("units=", "bad_parameter"), ("units=٣", "bad_parameter"),
     ("units=99999999999999999999", "bad_parameter"),
     ("dtype=f64", "bad_request"), ("dtype=", "bad_request")],
)  # fmt: skip
def test_units_and_types_that_are_none(http: httpx.Client, activations: dict[str, Any], query: str, code: str) -> None:
    href = ask(http, **activations).json()["arrays"]["conv_1_1"]["href"]
    problem(http.get(f"{href}?{query}"), code)


def test_units_of_what_has_none(http: httpx.Client, classify: dict[str, Any]) -> None:
    href = ask(http, **classify).json()["arrays"]["logits"]["href"]
    document = problem(http.get(href, params={"units": "1"}), "bad_parameter")
    assert document["detail"] == "logits has no units to choose from: its axes are class."


def test_an_answer_is_a_permanent_link(tmp_path_factory: pytest.TempPathFactory, activations: dict[str, Any]) -> None:
    folder = tmp_path_factory.mktemp("link")
    with running(folder) as server, httpx.Client(base_url=server.url, trust_env=False) as http:
        document = ask(http, **activations).json()
        frame = http.get(document["arrays"]["conv_1_1"]["href"]).content
    with running(folder) as server, httpx.Client(base_url=server.url, trust_env=False) as http:
        assert http.get(f"/api/v1/answers/{document['answer']}").json() == document
        assert http.get(document["arrays"]["conv_1_1"]["href"]).content == frame


def test_who_leaves_ends_the_work(shared_server: Running, espresso: Sample) -> None:
    body = json.dumps(
        {
            "method": "max_response",
            "model": "tiny_vgg",
            "params": {"node": "conv_2_2", "units": [0], "steps": 1000, "size": 64, "seed": 4711},
        }
    )
    connection = socket.create_connection(("127.0.0.1", shared_server.port))
    connection.sendall(
        f"POST /api/v1/ask HTTP/1.1\r\nHost: 127.0.0.1:{shared_server.port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
    )
    cancelled = shared_server.metrics.cancelled
    until(lambda: shared_server.metrics.running > 0)
    connection.close()
    until(lambda: shared_server.metrics.cancelled > cancelled and shared_server.idle())
    assert shared_server.complaints() == []


def test_csv_and_npz_hold_the_exact_values(http: httpx.Client, activations: dict[str, Any]) -> None:
    answer = ask(http, **activations).json()["answer"]
    whole = ask(http, accept="application/x-npz", **activations).content
    with (
        np.load(io.BytesIO(whole)) as arrays,
        np.load(io.BytesIO(http.get(f"/api/v1/answers/{answer}?format=npz").content)) as again,
    ):
        exact = arrays["conv_1_1"]
        assert {name: array.tobytes() for name, array in again.items()} == {n: a.tobytes() for n, a in arrays.items()}
    for units, chosen in ((None, list(range(10))), ("7,2-4", [7, 2, 3, 4])):
        query = {"format": "csv"} | ({"units": units} if units else {})
        table = http.get(f"/api/v1/answers/{answer}/conv_1_1", params=query)
        assert table.headers["content-type"].startswith("text/csv")
        lines = table.text.splitlines()
        assert lines[0] == "unit,row,column,value"
        places, values = np.hsplit(np.array([line.split(",") for line in lines[1:]]), [3])
        assert np.array_equal(values.ravel().astype(np.float32), exact[chosen].ravel())
        assert np.array_equal(exact[tuple(places.astype(int).T)], values.ravel().astype(np.float32))
    archive = http.get(f"/api/v1/answers/{answer}/conv_1_1", params={"format": "npz", "units": "3"})
    assert archive.headers["content-disposition"] == 'attachment; filename="conv_1_1-unit-3.npz"'
    with np.load(io.BytesIO(archive.content)) as arrays:
        assert np.array_equal(arrays["conv_1_1"], exact[[3]])


def test_one_array_of_an_ask_as_a_table(http: httpx.Client, activations: dict[str, Any]) -> None:
    lines = ask(http, accept="text/csv", query="?array=output", **activations).text.splitlines()
    assert lines[0] == "unit,value"
    assert len(lines) == 11
