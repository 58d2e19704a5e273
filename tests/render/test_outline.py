"""The drawing of a network is true: one box per layer, at one scale, and every connection of the graph."""

from math import sqrt

import pytest

from app.render.outline import HEIGHT, drawn, outline
from tests.explain.nets import structure


@pytest.mark.parametrize("model_id", ["lenet5", "vgg16", "resnet18", "googlenet", "densenet121", "efficientnet_b0"])
def test_every_layer_is_a_box_and_none_covers_another(model_id: str) -> None:
    network, drawing = structure(model_id), outline(structure(model_id))
    kinds = [kind for *_, kind, _ in drawing["boxes"]]
    gates = sum(node.operation == "convolution" and node.shape[1:] == (1, 1) for node in network.nodes.values())
    convolutions = sum(node.operation == "convolution" for node in network.nodes.values())
    assert kinds.count("convolution") == convolutions - gates
    assert kinds.count("gate") == gates / 2
    assert kinds.count("linear") == sum(node.operation == "linear" for node in network.nodes.values())
    rectangles = [(x, y, x + width, y + height) for x, y, width, height, *_ in drawing["boxes"]]
    for i, (left, top, right, bottom) in enumerate(rectangles):
        assert 0 <= left < right <= drawing["width"] + 0.1
        assert drawing["top"] <= top < bottom <= drawing["top"] + drawing["height"] + 0.1
        for left2, top2, right2, bottom2 in rectangles[:i]:
            overlap = min(right, right2) - max(left, left2), min(bottom, bottom2) - max(top, top2)
            assert min(overlap) <= 0.15


def test_the_scale_is_the_same_for_all() -> None:
    for model_id in ("lenet5", "vgg16", "efficientnet_b7"):
        network = structure(model_id)
        for _, _, _, height, _, name in outline(network)["boxes"]:
            assert height == pytest.approx(HEIGHT * sqrt(max(network.nodes[name].shape[1:], default=1)), abs=0.06)


def test_branches_and_skips_are_those_of_the_graph() -> None:
    boxes = drawn(structure("resnet18").nodes)
    assert set(boxes["layer2.0.add"].sources) == {"layer2.0.conv2", "layer2.0.downsample.0"}
    assert set(boxes["layer1.1.add"].sources) == {"layer1.1.conv2", "layer1.0.add"}
    inception = drawn(structure("googlenet").nodes)["inception3a.concat"]
    assert [name.split(".")[1] for name in inception.sources] == ["branch1", "branch2", "branch3", "branch4"]
    columns = {box.node: box.column for box in drawn(structure("vgg16").nodes).values()}
    assert list(columns.values()) == list(range(len(columns)))
