"""Networks of the operator's own code: made, listed, asked, and what is told where they cannot be."""

import pytest
import torch

from app.store.errors import BadModel
from app.store.factories import BadFactory, factory
from app.store.models import ModelStore
from tests.store.own_code import tiny


def test_a_function_makes_a_network_that_is_asked_like_any_other() -> None:
    made = factory("tests.store.own_code:tiny")
    assert (made.card.id, made.card.title, made.card.classes) == ("tests-store-own-code-tiny", "Tiny", ("a", "b", "c"))
    assert made.card.preprocessing.input_shape == (1, 20, 20)
    store = ModelStore(factories=[made])
    assert made.card in store.cards() and store.weights(made.card) == "own"
    x = torch.rand(2, 1, 20, 20)
    with torch.no_grad():
        assert torch.equal(store.network(made.card.id).logits(x), tiny()(x))
    assert store.weights_id(made.card.id) == ModelStore(factories=[made]).weights_id(made.card.id)
    with pytest.raises(BadModel, match="came with the server"):
        store.brought(made.card.id)


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("lenet", "it must be package.module:function, torchvision:NAME or timm:NAME"),
        ("tests.store.own_code:", "it must be package.module:function"),
        ("no.such.module:x", "no.such.module cannot be imported"),
        ("tests.store.own_code:missing", "has no function “missing”"),
        ("tests.store.own_code:nothing", "gave int, but it must give a torch.nn.Module"),
        ("tests.store.own_code:broken", "failed: RuntimeError: no weights today"),
        ("timm:resnet18", "timm cannot be imported"),
    ],
)
def test_what_cannot_be_made_is_told(spec: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "timm", None)
    with pytest.raises(BadFactory) as caught:
        factory(spec)
    assert told in str(caught.value)
