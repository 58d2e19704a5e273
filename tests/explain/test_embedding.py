"""A data set as points: PCA against the singular values in float64, neighbours against all distances."""

import sys
from pathlib import Path

import pytest
import torch

from app.explain.errors import AskError
from app.explain.network import Network
from app.explain.population.pictures import shapes
from app.explain.population.projection import pca, umap
from tests.explain.test_attribution import last
from tests.explain.test_population import network

__all__ = ["network"]

pytestmark = pytest.mark.usefixtures("one_thread")

NODE = "relu_1_2"


@pytest.mark.parametrize("shape", [(30, 7), (7, 30), (12, 12), (5, 1), (1, 4)])
def test_directions_are_those_of_the_singular_values(shape: tuple[int, int]) -> None:
    rows = torch.randn(shape, generator=torch.Generator().manual_seed(3)) * torch.linspace(1, 3, shape[1])
    points, variance = pca(rows, rows)
    centred = rows.double() - rows.double().mean(0)
    u, s, _ = torch.linalg.svd(centred, full_matrices=False)
    expected = torch.nn.functional.pad(u * s, (0, 2))[:, :2]
    assert points.shape == (shape[0], 2)
    assert torch.allclose(points.abs(), expected.abs(), atol=1e-7)
    share = torch.nn.functional.pad(s.square() / s.square().sum().clamp(min=1e-30), (0, 2))[:2]
    assert torch.allclose(variance, share, atol=1e-9)
    # Of the same features in another order, the same points: no sign is left to chance.
    order = torch.randperm(shape[0], generator=torch.Generator().manual_seed(1))
    assert torch.allclose(pca(rows[order], rows[order])[0], points[order], atol=1e-7)


def test_points_and_neighbours(network: Network) -> None:
    """A picture of the set itself is its own nearest neighbour, at its own point."""
    found = list(shapes(20, 1).batches(network, 1))
    inputs = torch.cat([x for x, _ in found])
    rows = torch.cat([network.values(x, [NODE])[NODE] for x in inputs[:, None]]).mean((2, 3))
    answer = last(network, inputs[7:8], "embedding", node=NODE, samples=20, k=4)
    points, told = answer["points"].array, answer["points"].values
    assert points is not None and torch.allclose(points.double(), pca(rows, rows)[0], atol=1e-4)
    assert told["classes"] == ["disc", "square", "rows of stripes", "columns of stripes"]
    assert told["labels"] == [i % 4 for i in range(20)] and told["pictures"] == 20
    assert told["here"] == pytest.approx(points[7].tolist(), abs=1e-5)
    distances = torch.cdist(rows[7:8].double(), rows.double())[0].sort()
    assert told["neighbours"]["picture"][0] == 7
    assert told["neighbours"]["picture"] == distances.indices[:4].tolist()
    assert told["neighbours"]["distance"] == pytest.approx(distances.values[:4].tolist(), abs=1e-4)
    near = answer["neighbours"].array
    assert near is not None and near.shape == (4, 64, 64, 3)
    assert torch.allclose(near[0], shapes(20, 1).images[7].permute(1, 2, 0) / 255, atol=1e-5)


def test_points_come_while_the_data_flows(network: Network) -> None:
    from app.explain.method import methods

    asked = methods()["embedding"]
    frames = list(asked.run(network, None, asked.params(node=NODE, samples=300)))
    assert [len(frame.array) for frame in frames if frame.array is not None] == [64, 128, 256, 300]
    assert frames[-1].step == frames[-1].steps == 300
    assert "neighbours" not in {frame.name for frame in frames}


def test_umap_that_is_not_installed(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(AskError, match=r"not installed: pip install 'convscope\[umap\]'\. “pca” needs nothing\."):
        last(network, None, "embedding", node=NODE, samples=4, projection="umap")


def test_umap_keeps_groups_apart() -> None:
    pytest.importorskip("umap")
    generator = torch.Generator().manual_seed(0)
    rows = torch.cat([torch.randn((40, 8), generator=generator) + 20 * group for group in range(3)])
    points = umap(rows, 0)
    assert torch.equal(points, umap(rows, 0))
    nearest = torch.cdist(points, points).fill_diagonal_(torch.inf).argmin(1)
    assert torch.equal(nearest // 40, torch.arange(120) // 40)


def test_real_digits_group_by_class(shared: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before LeNet's last layer, the nearest digits of a digit are the same digit far more often than by chance."""
    import models
    from tests.explain.nets import card

    folder: Path = shared("data/mnist").parent  # type: ignore[operator]
    monkeypatch.setenv("CONVSCOPE_DATA", str(folder))
    known = card("lenet5")
    lenet = Network(models.create("lenet5", pretrained=True), known.preprocessing.input_shape, name="lenet5",
                    preprocessing=known.preprocessing)  # fmt: skip
    node = list(lenet.nodes)[-2]
    from app.explain.population.pictures import DataParams, pictures

    found = pictures(DataParams(data="mnist", samples=300))
    x = next(found.batches(lenet, 1))[0]
    told = last(lenet, x, "embedding", node=node, data="mnist", samples=300, k=10)["points"].values
    assert told["neighbours"]["picture"][0] == 0
    same = [label == int(found.labels[0]) for label in told["neighbours"]["label"]]
    assert sum(same) >= 8
