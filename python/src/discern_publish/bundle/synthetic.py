"""A bundle of SAELens' synthetic model, which knows its features (sae-lens 6.54.12)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..checkpoint import Array
from ..errors import BundleError
from ..optional import load
from .synthetic_tasks import TaskMaker
from .writer import DESCRIPTION, Bundle, Dataset, GroundTruth, write

_BATCH = 4096
_POOL = "pool"


def from_synthetic(
    source: Any,
    folder: Path,
    *,
    name: str,
    corpus_rows: int,
    pool_rows: int,
    width: int | None,
    seed: int,
    progress: Callable[[int], None],
) -> Bundle:
    """Sample a synthetic model and write a bundle with its ground truth.

    `source` is a `SyntheticModel`, the folder one was saved to, a `.json` of a `SyntheticModelConfig`, or what else
    `SyntheticModel.load_from_source` takes. `width` is how many features an SAE could hold; by default half of them.

    Raises `BundleError` when there is a bundle already or the model cannot be loaded.
    """
    if (folder / DESCRIPTION).exists():
        raise BundleError(f"{folder}: there is a bundle already", "remove it, or build into another folder")
    torch = load("torch", "SAELens needs it")
    model = _load_model(source)
    features: Array = model.feature_dict.feature_vectors.detach().cpu().numpy()
    torch.manual_seed(seed)
    corpus, truth = _corpus(model, features, corpus_rows, progress)
    pool, fires = _pool(model, pool_rows, progress)
    made = TaskMaker(fires, siblings_of(model.hierarchy), width or len(features) // 2, _POOL, seed).make()
    bundle = Bundle(
        name=name,
        model=f"sae_lens.synthetic ({len(features)} features)",
        hook="synthetic",
        corpus=corpus,
        datasets=[Dataset(_POOL, pool, made.labels)],
        tasks=made.tasks,
        ground_truth=truth,
        build={"seed": seed, "width": width or len(features) // 2},
    )
    write(bundle, folder)
    return bundle


def siblings_of(hierarchy: Any) -> list[list[int]]:
    """Return groups of features that have the same parent."""
    groups: list[list[int]] = []

    def visit(node: Any) -> None:
        children = [child.feature_index for child in node.children if child.feature_index is not None]
        if len(children) > 1:
            groups.append(children)
        for child in node.children:
            visit(child)

    roots: list[Any] = [] if hierarchy is None else hierarchy.roots
    for root in roots:
        visit(root)
    return groups


def _load_model(source: Any) -> Any:
    synthetic = load("sae_lens.synthetic.synthetic_model", "synthetic models are SAELens'")
    if isinstance(source, synthetic.SyntheticModel):
        return source
    try:
        if str(source).endswith(".json"):
            config = json.loads(Path(source).read_text("utf-8"))
            return synthetic.SyntheticModel(synthetic.SyntheticModelConfig.from_dict(config))
        return synthetic.SyntheticModel.load_from_source(source)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BundleError(f"{source}: no synthetic model of SAELens: {error!r}") from error


def _sample(model: Any, rows: int) -> tuple[Array, Array]:
    """Feature activations [rows, n_features] and the model's activations [rows, d_in]."""
    torch = load("torch", "SAELens needs it")
    with torch.no_grad():
        acts = model.activation_generator.sample(rows)
        acts = acts.to_dense() if acts.is_sparse else acts
        return acts.float().cpu().numpy(), model.feature_dict(acts).float().cpu().numpy()


def _corpus(model: Any, features: Array, rows: int, progress: Callable[[int], None]) -> tuple[Array, GroundTruth]:
    hidden: list[Array] = []
    lengths, indices, values = [np.zeros(1, np.int64)], list[Array](), list[Array]()
    for start in range(0, rows, _BATCH):
        acts, rows_of = _sample(model, min(_BATCH, rows - start))
        hidden.append(rows_of)
        row, column = np.nonzero(acts)
        lengths.append(np.bincount(row, minlength=len(acts)))
        indices.append(column)
        values.append(acts[row, column])
        progress(len(acts))
    indptr = np.cumsum(np.concatenate(lengths))
    return np.concatenate(hidden), GroundTruth(features, indptr, np.concatenate(indices), np.concatenate(values))


def _pool(model: Any, rows: int, progress: Callable[[int], None]) -> tuple[Array, Array]:
    hidden, fires = list[Array](), list[Array]()
    for start in range(0, rows, _BATCH):
        acts, rows_of = _sample(model, min(_BATCH, rows - start))
        hidden.append(rows_of)
        fires.append(acts > 0)
        progress(len(acts))
    return np.concatenate(hidden), np.concatenate(fires)
