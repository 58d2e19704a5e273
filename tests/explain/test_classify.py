"""classify against torch's own softmax."""

import pytest
import torch
from torch import Tensor, nn

import models
from app.explain.errors import AskError
from app.explain.method import methods
from app.explain.network import Network
from tests.explain.nets import Everything, Functional, card, listed, noise, traced


def asked(network: Network, x: Tensor, k: int = 5) -> tuple[dict, dict[str, Tensor]]:
    method = methods()["classify"]
    frames = list(method.run(network, x, method.params(k=k)))
    return frames[0].values, {frame.name: frame.array for frame in frames if frame.array is not None}


@pytest.mark.parametrize("model_id", ["lenet5", "tiny_vgg", "cifar_resnet20", "squeezenet1_1", "resnet18"])
def test_softmax_of_the_untouched_module(model_id: str) -> None:
    module = models.create(model_id).eval()
    network = listed(model_id)
    x = noise(network)
    with torch.no_grad():
        logits = module(x)[0]
    truth = logits.double().softmax(0)
    values, arrays = asked(network, x)
    torch.testing.assert_close(arrays["logits"], logits, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(arrays["probabilities"].double(), truth, rtol=1e-5, atol=1e-9)
    best = truth.topk(5)
    assert [row["index"] for row in values["top"]] == best.indices.tolist()
    assert [row["probability"] for row in values["top"]] == pytest.approx(best.values.tolist(), rel=1e-5)
    assert [row["label"] for row in values["top"]] == [card(model_id).classes[i] for i in best.indices.tolist()]
    assert values["classes"] == len(logits)


def test_the_softmax_adds_up() -> None:
    values, arrays = asked(listed("lenet5"), noise(listed("lenet5")))
    softmax = values["softmax"]
    assert softmax["maximum"] == pytest.approx(float(arrays["logits"].max()))
    assert sum(softmax["exps"]) == pytest.approx(softmax["sum"])
    assert max(softmax["exps"]) == 1
    top = values["top"][0]
    assert top["probability"] == pytest.approx(softmax["exps"][top["index"]] / softmax["sum"])


def test_k_and_numbered_classes() -> None:
    network = traced(Functional())
    values, _ = asked(network, noise(network), k=3)
    assert len(values["top"]) == 3
    assert len(asked(network, noise(network), k=1000)[0]["top"]) == 5
    assert values["top"][0]["label"] == f"class {values['top'][0]['index']}"


@pytest.mark.parametrize("toy", [Functional, Everything])
def test_a_network_that_ends_in_a_softmax(toy: type[nn.Module]) -> None:
    """The probabilities are its own answer, not a softmax of a softmax."""
    network = traced(toy())
    x = noise(network)
    own = network.logits(x)[0]
    own = own.exp() if toy is Everything else own
    _, arrays = asked(network, x)
    torch.testing.assert_close(arrays["probabilities"], own, rtol=1e-5, atol=1e-7)


def test_not_finite() -> None:
    network = listed("lenet5")
    values, _ = asked(network, torch.full((1, 1, 32, 32), float("nan")))
    assert values["softmax"]["sum"] is None
    assert [row["probability"] for row in values["top"]] == [None] * 5


def test_a_network_without_classes() -> None:
    network = Network(nn.Conv2d(3, 4, 3), (3, 8, 8), name="maps")
    with pytest.raises(AskError, match=r"^maps ends in 4×6×6 values; a classifier ends in one number per class\.$"):
        asked(network, torch.zeros(1, 3, 8, 8))
