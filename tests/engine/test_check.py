"""Bad asks get the exact sentence before anything runs."""

from typing import Any

import pytest

from app.engine.ask import Ask
from app.engine.check import check, readable_bytes
from app.explain.errors import AskError
from tests.engine.toys import Models

GIBIBYTE = 2**30

BAD = [
    ({"method": "psychic"}, "unknown_method", "method", "There is no method “psychic”. The methods are: "),
    ({"model": "alexnet9"}, "unknown_model", "model", "There is no network called “alexnet9”. The networks are: "),
    (
        {"method": "sums"},
        "image_required",
        "image",
        "Sums looks at a picture: name one as “image”, by the id its upload gave.",
    ),
    (
        {"params": {"steps": 0}},
        "bad_parameter",
        "params.steps",
        "params.steps is 0, but it must be a whole number from 1 to 1000.",
    ),
    (
        {"params": {"steps": "many"}},
        "bad_parameter",
        "params.steps",
        "params.steps is “many”, but it must be a whole number from 1 to 1000.",
    ),
    (
        {"params": {"speed": 1}},
        "bad_parameter",
        "params.speed",
        "steps has no parameter “speed”. Its parameters are: steps, label, rate.",
    ),
    (
        {"params": {"rate": float("nan")}},
        "bad_parameter",
        "params.rate",
        "params.rate is nan, but it must be a finite number.",
    ),
    (
        {"params": {"rate": "-Infinity"}},
        "bad_parameter",
        "params.rate",
        "params.rate is -inf, but it must be a finite number.",
    ),
    (
        {"params": {"steps": float("nan")}},
        "bad_parameter",
        "params.steps",
        "params.steps is nan, but it must be a whole number from 1 to 1000.",
    ),
    (
        {"method": "sums", "image": "1", "params": {"nodes": ["input", "conv_9"]}},
        "unknown_node",
        "params.nodes",
        "toy has no node “conv_9”. Its nodes are: input, 0, 1, 2, 3, 4, 5.",
    ),
    (
        {"method": "sums", "image": "1", "params": {"nodes": ["input", 7]}},
        "bad_parameter",
        "params.nodes.1",
        "params.nodes.1 is 7, but it must be text.",
    ),
    (
        {"method": "sums", "image": "1", "params": {"node": "2", "units": [0, 4]}},
        "unknown_unit",
        "params.units",
        "2 has no unit 4: its 4 units count from 0 to 3.",
    ),
    (
        {"method": "huge"},
        "memory_budget",
        "params",
        "Huge on toy would take about 3.0 GiB with these parameters; one ask may take 2.0 GiB. Ask for fewer nodes, "
        "fewer units or a smaller size.",
    ),
]


@pytest.mark.usefixtures("gate")
@pytest.mark.parametrize(("ask", "code", "field", "sentence"), BAD)
def test_a_bad_ask_is_told_what_would_be_right(
    models: Models, ask: dict[str, Any], code: str, field: str, sentence: str
) -> None:
    with pytest.raises(AskError) as caught:
        check(Ask(**{"method": "steps", "model": "toy", **ask}), models, 2 * GIBIBYTE)
    assert (caught.value.code, caught.value.field) == (code, field)
    assert caught.value.detail.startswith(sentence)
    assert models.networks["toy"].passes == []


def checked_id(models: Models, **changes: Any) -> str:
    ask = Ask(**{"method": "sums", "model": "toy", "image": "1", **changes})
    return check(ask, models, GIBIBYTE).answer


@pytest.mark.usefixtures("gate")
def test_the_id_says_what_was_asked_and_of_which_weights(models: Models) -> None:
    plain = checked_id(models)
    assert plain == checked_id(models, params={"units": None, "nodes": None})
    ids = {
        plain,
        checked_id(models, image="2"),
        checked_id(models, model="other"),
        checked_id(models, method="watched"),
        checked_id(models, params={"node": "2"}),
    }
    models.weights = "trained further"
    assert len(ids | {checked_id(models)}) == 6


@pytest.mark.usefixtures("gate")
def test_the_checked_ask_is_written_out(models: Models) -> None:
    checked = check(Ask(method="steps", model="toy", image="1", params={"steps": 5}), models, GIBIBYTE)
    assert checked.ask.params == {"steps": 5, "label": "a", "rate": 1.0}
    assert checked.ask.image is None, "the method looks at none"


@pytest.mark.parametrize(
    ("count", "text"), [(999, "999 bytes"), (1536, "1.5 KiB"), (20 * 2**20, "20 MiB"), (3 * 2**30, "3.0 GiB")]
)
def test_bytes_are_told_for_people(count: int, text: str) -> None:
    assert readable_bytes(count) == text
