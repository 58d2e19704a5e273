"""Networks that people bring, over a real socket: kept, asked about like any other, there after a restart, deleted."""

import io
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save
from torch import Tensor, nn

from app.store.samples import Sample
from models import create, declaration
from tests.onnx.comparing import exported
from tests.web.problems import problem
from tests.web.streaming import running


def small(channels: int = 3, classes: int = 4, side: int = 16, seed: int = 0) -> nn.Module:
    """A small classifier with weights of its own."""
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(channels, 8, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(8 * (side // 2 - 1) ** 2, classes),
    )


def bring(http: httpx.Client, data: bytes, name: str, **wishes: str) -> httpx.Response:
    return http.post("/api/v1/models", files={"file": (name, data)}, data=wishes)


def ask(http: httpx.Client, method: str, model: str, image: str, **params: Any) -> httpx.Response:
    asked = {"method": method, "model": model, "image": image, "params": params}
    return http.post("/api/v1/ask", json=asked, headers={"Accept": "application/x-npz"})


def seen(http: httpx.Client, model: str, image: str) -> Tensor:
    """What a network sees of a picture, 1×C×H×W in 0…1, as the server shows it."""
    png = http.get(f"/api/v1/images/{image}", params={"model": model}).content
    pixels = np.asarray(Image.open(io.BytesIO(png)))
    return torch.from_numpy(pixels.reshape(*pixels.shape[:2], -1).copy()).permute(2, 0, 1)[None].float() / 255


def test_an_onnx_network_is_kept_and_answers_like_the_network_itself(tmp_path: Path, espresso: Sample) -> None:
    module = small()
    data = exported(module, (3, 16, 16))
    wishes = {"title": "My net <b>", "mean": "0.5, 0.5, 0.5", "std": "0.25, 0.25, 0.25", "classes": "a\nb\nc\nd"}
    with running(tmp_path) as server, httpx.Client(base_url=server.url, timeout=60, trust_env=False) as http:
        answer = bring(http, data, "net.onnx", **wishes)
        assert answer.status_code == 201, answer.text
        card = answer.json()
        assert (card["title"], card["weights"], card["classes"]) == ("My net <b>", "own", ["a", "b", "c", "d"])
        assert card["id"].startswith("my-net-b-") and answer.headers["location"] == f"/api/v1/models/{card['id']}"
        again = bring(http, data, "other.onnx")
        assert (again.status_code, again.json()["id"]) == (200, card["id"])
    # The server is gone; another one on the same folder has the network.
    with running(tmp_path) as server, httpx.Client(base_url=server.url, timeout=60, trust_env=False) as http:
        listed = {listed["id"]: listed for listed in http.get("/api/v1/models").json()["models"]}
        assert listed[card["id"]] == card
        graph = http.get(f"/api/v1/models/{card['id']}").json()["graph"]
        assert [node["operation"] for node in graph["nodes"]] == [
            "input", "convolution", "relu", "max_pool", "flatten", "linear",
        ]  # fmt: skip
        x = (seen(http, card["id"], espresso.image) - 0.5) / 0.25
        answered = ask(http, "activations", card["id"], espresso.image)
        assert answered.status_code == 200, answered.text
        with np.load(io.BytesIO(answered.content)) as arrays, torch.no_grad():
            names = [node["name"] for node in graph["nodes"]]
            for name, layer in zip(names[1:], module, strict=True):
                x = layer(x)
                assert np.allclose(arrays[name], x[0].numpy(), atol=1e-5), name
        page = http.get("/", params={"model": card["id"]}).text
        assert "My net \\u003cb" in page and "<b>" not in page.split("<body", 1)[1]
        assert http.delete(f"/api/v1/models/{card['id']}").status_code == 204
        problem(http.get(f"/api/v1/models/{card['id']}"), "unknown_model")
        problem(ask(http, "classify", card["id"], espresso.image), "unknown_model")
        problem(http.delete(f"/api/v1/models/{card['id']}"), "unknown_model")
        assert card["id"] not in http.get("/api/v1/models").text
    assert not list((tmp_path / "blobs" / "models").rglob("*.onnx"))


def test_what_is_said_of_a_network_changes_what_it_sees_and_is_remembered(tmp_path: Path, espresso: Sample) -> None:
    module = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 6))
    with running(tmp_path) as server, httpx.Client(base_url=server.url, timeout=60, trust_env=False) as http:
        model = bring(http, exported(module, (3, 24, 24)), "pooled.onnx").json()["id"]
        address = f"/api/v1/models/{model}"
        before = ask(http, "classify", model, espresso.image).content
        said = {"title": "Another", "mean": "0.5", "std": "0.5", "size": 32, "classes": list("abcdef")}
        card = http.patch(address, json=said).json()
        assert (card["title"], card["preprocessing"]["crop"], card["classes"]) == ("Another", 32, list("abcdef"))
        assert card["preprocessing"]["mean"] == [0.5, 0.5, 0.5]
        # What is left out stays.
        assert http.patch(address, json={"title": "Third"}).json() == {**card, "title": "Third"}
        bad = {
            "mean": [1, 2],
            "classes": ["one"],
            "std": [0],
            "size": 1,
            "resize": 8,
            "architecture": "lenet5",
            "size ": 3,
        }
        for field, value in bad.items():
            document = http.patch(address, json={field: value}).json()
            assert (document["status"], document["field"].split(".")[0]) == (422, field), document
    with running(tmp_path) as server, httpx.Client(base_url=server.url, timeout=60, trust_env=False) as http:
        assert http.get(address).json()["card"] == {**card, "title": "Third"}
        x = (seen(http, model, espresso.image) - 0.5) / 0.5
        after = ask(http, "classify", model, espresso.image).content
        with np.load(io.BytesIO(after)) as arrays, torch.no_grad():
            assert x.shape == (1, 3, 32, 32)
            assert np.allclose(arrays["logits"], module(x)[0].numpy(), atol=1e-5)
        assert before != after


def test_one_who_says_the_same_of_everything_gets_a_hint(http: httpx.Client) -> None:
    module = small(classes=8)
    with torch.no_grad():
        module[4].bias[5] = 100
    card = bring(http, exported(module, (3, 16, 16)), "stubborn.onnx").json()
    assert [note for note in card["notes"] if note.startswith("It says “class 5” of each of 8 sample pictures: ")]
    assert http.delete(f"/api/v1/models/{card['id']}").status_code == 204
    varied = small(classes=8)
    with torch.no_grad():
        varied[4].weight *= 50
    card = bring(http, exported(varied, (3, 16, 16)), "varied.onnx").json()
    assert not card["notes"]
    assert http.delete(f"/api/v1/models/{card['id']}").status_code == 204


def test_networks_of_the_list_stay(http: httpx.Client) -> None:
    problem(http.patch("/api/v1/models/tiny_vgg", json={"title": "mine"}), "bad_model")
    assert problem(http.delete("/api/v1/models/tiny_vgg"), "bad_model")["detail"].startswith("tiny_vgg came with")


@pytest.mark.parametrize("form", ["safetensors", "pth", "wrapped"])
def test_weights_of_a_listed_architecture_answer_like_the_network_itself(
    http: httpx.Client, espresso: Sample, form: str, tmp_path: Path
) -> None:
    """With another number of classes, its architecture found by its shapes."""
    module = create("lenet5").eval()
    module.output = nn.Linear(84, 3)
    state = module.state_dict()
    if form == "safetensors":
        data, name = save(state), "mine.safetensors"
    else:
        content = {"epoch": 3, "state_dict": {f"module.{key}": value for key, value in state.items()}}
        torch.save(content if form == "wrapped" else state, tmp_path / "mine.pth")
        data, name = (tmp_path / "mine.pth").read_bytes(), "mine.pth"
    answer = bring(http, data, name, classes='["<i>", "b", "c"]')
    assert answer.status_code == 201, answer.text
    card = answer.json()
    assert (card["family"], card["classes"], card["parameters"]) == ("LeNet", ["<i>", "b", "c"], 61_706 - 7 * 85)
    assert card["preprocessing"] == declaration("lenet5")[0].preprocessing.model_dump(mode="json")
    answered = ask(http, "classify", card["id"], espresso.image)
    x = (seen(http, card["id"], espresso.image) - 0.1307) / 0.3081
    with np.load(io.BytesIO(answered.content)) as arrays, torch.no_grad():
        assert np.allclose(arrays["logits"], module(x)[0].numpy(), atol=1e-4)
    drawn = http.get(f"/api/v1/models/{card['id']}/layers").json()
    assert drawn == http.get(f"/api/v1/models/{card['id']}").json()["graph"]
    http.delete(f"/api/v1/models/{card['id']}")
