"""A classifier slid over a larger picture: as its own logits at its own size, and as window after window."""

import pytest
import torch

from app.explain.dense import DenseClassesParams, dense_classes, dense_logits, head_of
from app.explain.errors import AskError
from tests.explain.nets import listed, noise, small, structure

HEADS = {
    "lenet1": "pool2",
    "lenet5": "pool2",
    "cifar_resnet20": "layer3.2.relu2",
    "squeezenet1_1": "classifier.2",
    "mobilenet_v2": "features.18.2",
    "efficientnet_b0": "features.8.2",
    "densenet121": "relu",
    "googlenet": "inception5b.concat",
    "vgg16": "features.30",
    "alexnet": "features.12",
}


@pytest.mark.parametrize("model_id", HEADS)
def test_the_head_begins_behind_the_last_map(model_id: str) -> None:
    assert head_of(structure(model_id)).last_map.name == HEADS[model_id]


@pytest.mark.parametrize(
    "model_id", ["lenet1", "lenet5", "tiny_vgg", "cifar_resnet20", "squeezenet1_1", "mobilenet_v2"]
)
def test_at_its_own_size_the_one_place_gives_its_logits(model_id: str) -> None:
    network = small(model_id).converted(dtype=torch.float64)
    x = noise(network).double()
    dense = dense_logits(network, x)
    assert dense.shape == (1, len(network.logits(x)[0]), 1, 1)
    torch.testing.assert_close(dense[:, :, 0, 0], network.logits(x), rtol=1e-12, atol=1e-12)


def test_of_a_large_head_too() -> None:
    """AlexNet: 6×6 maps, two dense layers of 4096, and the usual precision."""
    network = listed("alexnet")
    x = noise(network)
    torch.testing.assert_close(dense_logits(network, x)[:, :, 0, 0], network.logits(x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("model_id", "side"), [("lenet1", 28), ("lenet5", 32)])
def test_every_place_is_the_network_on_its_window(model_id: str, side: int) -> None:
    """Without padding nothing differs at the borders: the truth is the network slid window by window."""
    network = listed(model_id).converted(dtype=torch.float64)
    x = torch.randn(1, 1, side + 8, side + 12, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    dense = dense_logits(network, x)
    assert dense.shape == (1, 10, 3, 4)
    for row in range(3):
        for column in range(4):
            window = x[:, :, 4 * row : 4 * row + side, 4 * column : 4 * column + side]
            torch.testing.assert_close(dense[:, :, row, column], network.logits(window), rtol=1e-12, atol=1e-12)


def test_the_answer_says_where_the_class_is() -> None:
    network = listed("lenet5")
    x = torch.randn(1, 1, 64, 64, generator=torch.Generator().manual_seed(2))
    heat, painted = dense_classes(network, x, DenseClassesParams())
    probabilities = dense_logits(network, x)[0].double().softmax(0)
    told = heat.values["class"]
    assert probabilities[told["index"], *told["at"]] == probabilities.max() == pytest.approx(told["probability"])
    assert heat.array is not None and heat.array.shape == (9, 9)
    assert heat.values["places"] == {"rows": 9, "columns": 9, "step": [4.0, 4.0]}
    assert painted.array is not None and painted.array.shape == (64, 64, 1)
    assert 0 <= painted.array.min() <= painted.array.max() <= 1
    chosen = next(dense_classes(network, x, DenseClassesParams(index=3, value="logit")))
    torch.testing.assert_close(chosen.array, dense_logits(network, x)[0, 3])


def test_a_class_that_is_not_there() -> None:
    network = listed("lenet5")
    with pytest.raises(AskError, match="the largest is 9"):
        next(dense_classes(network, noise(network), DenseClassesParams(index=10)))
