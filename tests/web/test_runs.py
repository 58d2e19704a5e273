"""Runs over a real socket: begun, watched, stepped, changed, asked about, gone back in, published, deleted."""

import asyncio
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from safetensors.torch import load

from tests.train.runs import planned
from tests.train.runs import until as until_long
from tests.web.problems import problem
from tests.web.streaming import Running, running, wire


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("data"), training_threads=1) as server:
        yield server


@pytest.fixture
def api(server: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{server.url}/api/v1", timeout=60, trust_env=False) as client:
        yield client


def show(api: httpx.Client, run: str) -> dict[str, Any]:
    shown: dict[str, Any] = api.get(f"/runs/{run}").json()
    return shown


@pytest.fixture(scope="module")
def stepped(server: Running) -> str:
    """A run that stands still after five steps."""
    with httpx.Client(base_url=f"{server.url}/api/v1", timeout=60, trust_env=False) as api:
        run = str(api.post("/runs", json=planned()).json()["id"])
        assert api.post(f"/runs/{run}/step", json={"steps": 5}).status_code == 202
        until_long(lambda: show(api, run)["state"] == "paused")
    return run


def test_a_run_stands_where_it_was_stepped_to(api: httpx.Client, stepped: str) -> None:
    run = show(api, stepped)
    assert (run["step"], run["steps"], run["checkpoints"]) == (5, 40, [0, 1, 2, 4, 5])
    assert run["layers"] == ["conv1", "conv2", "output"]
    assert run["evaluation"]["step"] == 4
    curve = api.get(f"/runs/{stepped}/curve").json()
    assert curve["steps"] == curve["layers"]["steps"] == [0, 1, 2, 3, 4]
    assert len(curve["loss"]) == len(curve["layers"]["gradient"][0]) == 5
    assert [line["step"] for line in curve["evaluations"]] == [0, 1, 2, 4]
    evaluation = api.get(f"/runs/{stepped}/evaluations/4").json()
    assert sum(map(sum, evaluation["confusion"])) == evaluation["pictures"] == 500
    assert evaluation["wrong_count"] == 500 - sum(row[i] for i, row in enumerate(evaluation["confusion"]))


def test_every_checkpoint_is_a_network(api: httpx.Client, stepped: str) -> None:
    image = api.post(f"/runs/{stepped}/pictures", json={"index": 3}).json()["id"]
    said = []
    for step in (0, 5):
        ask = {"method": "classify", "model": f"run:{stepped}@{step}", "image": image}
        answer = api.post("/ask", json=ask).json()
        assert {entry["label"] for entry in answer["top"]} == {
            "disc",
            "square",
            "rows of stripes",
            "columns of stripes",
        }
        said.append(answer["top"])
    assert said[0] != said[1]
    assert "run:" not in api.get("/models").text
    lacking = problem(api.get(f"/models/run:{stepped}@3"), "unknown_model")
    assert lacking["detail"] == f"Run {stepped} has no checkpoint of step 3. It has: 0, 1, 2, 4, 5."


def test_a_checkpoint_is_published_and_outlives_its_run(api: httpx.Client, stepped: str) -> None:
    other = api.post(f"/runs/{stepped}/back", json={"step": 4}).json()
    assert (other["origin"], other["step"], other["state"]) == ({"run": stepped, "step": 4}, 4, "new")
    card = api.post(f"/runs/{other['id']}/publish", json={"step": 4, "title": "Mine"}).json()
    assert card["title"] == "Mine"
    assert api.delete(f"/runs/{other['id']}").status_code == 204
    problem(api.get(f"/runs/{other['id']}"), "unknown_run")
    image = api.post(f"/runs/{stepped}/pictures", json={"index": 3}).json()["id"]
    tops = [
        api.post("/ask", json={"method": "classify", "model": model, "image": image}).json()["top"]
        for model in (card["id"], f"run:{stepped}@4")
    ]
    assert tops[0] == tops[1]


def test_a_checkpoint_is_taken_away_and_works_by_its_own_python(api: httpx.Client, stepped: str) -> None:
    answer = api.get(f"/runs/{stepped}/export", params={"step": 5})
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        weights = load(archive.read("weights.safetensors"))
        about = json.loads(archive.read("card.json"))
        made: dict[str, Any] = {}
        exec(archive.read("network.py").decode(), made)
    made["net"].load_state_dict(weights)
    assert len(about["classes"]) == 4 and about["plan"]["data"] == "shapes"
    problem(api.get(f"/runs/{stepped}/export", params={"step": 3}), "unknown_model")


def test_a_watcher_is_told_the_whole_curve_to_the_end(server: Running, api: httpx.Client) -> None:
    run = api.post("/runs", json={**planned(), "play": True}).json()["id"]

    async def watch() -> list[dict[str, Any]]:
        async with wire(server) as stream:
            await stream.say(type="watch", id="w", run=run)
            heard = [await stream.hear()]
            while heard[-1]["run"]["state"] != "finished":
                heard.append(await stream.hear())
            await stream.say(type="cancel", id="w")
            await stream.hear_until("cancelled", "w")
            await stream.say(type="watch", id="x", run="00000000")
            assert (await stream.hear())["problem"]["type"] == "/docs/errors#unknown_run"
            return heard

    heard = asyncio.run(watch())
    steps = [step for message in heard for step in message["curve"]["steps"]]
    loss = [value for message in heard for value in message["curve"]["loss"]]
    assert steps == sorted(set(steps))
    whole = api.get(f"/runs/{run}/curve").json()
    assert whole["steps"] == list(range(40))
    if all(message["curve"]["every"] == 1 for message in heard):
        assert (steps, loss) == (whole["steps"], whole["loss"])
    assert heard[-1]["run"]["evaluation"]["pictures"] == 500
    problem(api.post(f"/runs/{run}/play"), "bad_run")


@pytest.mark.parametrize(
    ("recipe", "field", "sentence"),
    [
        ({"learning_rate": 0}, "learning_rate", "“recipe.learning_rate” is 0, but it must be above 0."),
        ({"learning_rate": -1}, "learning_rate", "“recipe.learning_rate” is -1, but it must be above 0."),
        ({"learning_rate": 1e9}, "learning_rate", "“recipe.learning_rate” is 1e+09, but it must be at most 1000."),
        ({"batch_size": 0}, "batch_size", "“recipe.batch_size” is 0, but it must be at least 1."),
        ({"batch_size": 5000}, "batch_size",
         "A batch of 5,000 is larger than the set: there are 2,000 pictures to train on."),
        ({"epochs": 0}, "epochs", "“recipe.epochs” is 0, but it must be at least 1."),
        ({"epochs": 10**9}, "epochs", "“recipe.epochs” is 1,000,000,000, but it must be at most 10,000."),
    ],
)  # fmt: skip
def test_bad_recipes_are_refused(api: httpx.Client, recipe: dict[str, Any], field: str, sentence: str) -> None:
    document = problem(api.post("/runs", json={"model": "lenet5", "data": "shapes", "recipe": recipe}), "bad_run")
    assert (document["field"], document["detail"]) == (f"recipe.{field}", sentence)


def test_what_does_not_fit_says_which_layer(api: httpx.Client) -> None:
    blocks = [{"width": 8}, {"width": 16, "kernel": 9, "padding": 0}]
    design = {"architecture": {"blocks": blocks, "dense": [32]}, "data": "shapes", "size": 16}
    document = problem(api.post("/runs/architecture", json=design), "bad_run")
    assert document["field"] == "architecture.blocks.1"
    assert document["detail"].startswith("conv2 sees maps of 8 × 8, with padding 0 a side 8 × 8; its kernel of 9 × 9")
    told = api.post("/runs/architecture", json={**design, "size": 64}).json()
    exec(told["source"], names := {})
    assert sum(parameter.numel() for parameter in names["net"].parameters()) == told["parameters"]


def test_runs_are_there_after_a_restart(tmp_path: Path) -> None:
    with running(tmp_path) as server, httpx.Client(base_url=f"{server.url}/api/v1", trust_env=False) as api:
        run = api.post("/runs", json={**planned(), "title": "Kept"}).json()
        assert api.patch(f"/runs/{run['id']}", json={"title": "Renamed"}).json()["title"] == "Renamed"
    with running(tmp_path) as server, httpx.Client(base_url=f"{server.url}/api/v1", trust_env=False) as api:
        (again,) = api.get("/runs").json()["runs"]
        assert (again["title"], again["state"], again["plan"]) == ("Renamed", "new", run["plan"])
