"""Features projected to two dimensions: PCA exactly, UMAP by its library where that is installed."""

from typing import Any

import torch
from torch import Tensor

from app.explain.errors import AskError


def pca(rows: Tensor, seen: Tensor) -> tuple[Tensor, Tensor]:
    """Principal components: p = (f − mean) V, with V the two eigenvectors of the largest eigenvalues of the covariance.

    Of the two signs that a direction may have it gets the one by which its largest entry is positive, so that the same
    features always give the same points.

    Args:
        rows: features that decide the directions, N×features.
        seen: features that are projected, M×features.

    Returns:
        points in float64, M×2, and the two directions' shares of the variance.
    """
    middle = rows.double().mean(0)
    centred = rows.double() - middle
    # The smaller of the two products has the same eigenvalues.
    if len(rows) >= rows.shape[1]:
        sizes, directions = torch.linalg.eigh(centred.T @ centred)
    else:
        sizes, along = torch.linalg.eigh(centred @ centred.T)
        directions = centred.T @ along
    chosen = directions.flip(1)[:, :2]
    chosen = chosen / chosen.norm(dim=0).clamp(min=1e-30)
    chosen = chosen * torch.where(chosen.gather(0, chosen.abs().argmax(0, keepdim=True)) < 0, -1.0, 1.0)
    variance = sizes.flip(0)[:2].clamp(min=0) / centred.square().sum().clamp(min=1e-30)
    missing = 2 - chosen.shape[1]
    points = torch.nn.functional.pad((seen.double() - middle) @ chosen, (0, missing))
    return points, torch.nn.functional.pad(variance, (0, missing))


def umap_library() -> Any:
    """The library of UMAP's authors.

    Raises:
        AskError: it is not installed.
    """
    try:
        import umap as library  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        raise AskError(
            "projection is “umap”, but the library that makes it is not installed: pip install 'convscope[umap]'. "
            "“pca” needs nothing.",
            "params.projection",
        ) from None
    return library


def umap(rows: Tensor, seed: int) -> Tensor:
    """Uniform manifold approximation (McInnes, Healy & Melville 2018), M×2; with a seed it runs in one thread, and
    always ends the same."""
    # Each point needs neighbours; two dimensions need a few points more.
    if len(rows) < 5:
        return pca(rows, rows)[0]
    library = umap_library()
    reducer = library.UMAP(n_neighbors=min(15, len(rows) - 1), random_state=seed, n_jobs=1, init="pca")
    return torch.from_numpy(reducer.fit_transform(rows.numpy())).double()
