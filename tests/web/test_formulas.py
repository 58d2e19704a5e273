"""Formulas in MathML: each that a value can have, and those of the methods' pages."""

import httpx
import pytest
import torch

from app.explain.method import methods
from app.explain.network import Network
from app.explain.parts import normalised, pointwise
from app.store.models import ModelStore
from app.web.formulas import method_formulas, value_formulas


def formula(network: Network, node: str) -> str:
    """What the middle value of a node's first unit is called."""
    arithmetic = methods()["arithmetic"]
    picture = torch.rand(1, *network.input_shape, generator=torch.Generator().manual_seed(0))
    told: str = next(iter(arithmetic.run(network, picture, arithmetic.params(node=node)))).values["formula"]
    return told


@pytest.mark.parametrize("model", ["lenet5", "tiny_vgg", "cifar_resnet20"])
def test_every_value_of_a_network_has_a_formula(model: str) -> None:
    network = ModelStore().network(model)
    assert {formula(network, node) for node in network.nodes} <= value_formulas().keys()


def test_every_activation_and_normalisation_has_a_formula() -> None:
    assert {*pointwise.FORMULAS.values(), normalised.FORMULA} <= value_formulas().keys()


def test_every_method_has_a_formula_on_its_page(http: httpx.Client) -> None:
    for name in methods():
        page = http.get(f"/docs/methods/{name}").text
        assert method_formulas(name)
        assert all(str(formula) in page for formula in method_formulas(name))
