"""The folder that a bundle is."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file  # pyright: ignore[reportUnknownVariableType]

from ..checkpoint import Array, check_finite
from ..errors import BundleError

logger = logging.getLogger("discern_publish.bundle")

FORMAT = "discern-bundle/1"
DESCRIPTION = "bundle.json"
YES, NO, NONE = 1, 0, -1
_LARGEST_HALF = 65504


@dataclass(frozen=True)
class Dataset:
    """Labelled rows: `activations [rows, d_in]`, and `labels [rows]` int8: 1 yes, 0 no, -1 has no such label."""

    name: str
    activations: Array
    labels: Mapping[str, Array]


@dataclass(frozen=True)
class GroundTruth:
    """What a synthetic model knows of itself.

    `features [n_features, d_in]`, and the feature activations of the corpus rows as CSR: `indptr [rows + 1]`,
    `indices [nnz]`, `values [nnz]`.
    """

    features: Array
    indptr: Array
    indices: Array
    values: Array


@dataclass(frozen=True)
class Bundle:
    """A bundle in memory. `corpus [rows, d_in]`; `tasks` as `bundle.json` has them; `build` is how it was made."""

    name: str
    model: str
    hook: str
    corpus: Array
    datasets: Sequence[Dataset]
    tasks: Sequence[Mapping[str, Any]]
    ground_truth: GroundTruth | None = None
    build: Mapping[str, Any] = field(default_factory=dict[str, Any])


def write(bundle: Bundle, folder: Path) -> None:
    """Write a bundle; its description comes last, so a folder that has one is complete.

    Activations are float16 where all of them fit, otherwise float32. Raises `BundleError` when rows do not fit
    together, or are not finite.
    """
    d_in = int(bundle.corpus.shape[1])
    _check(bundle, d_in)
    (folder / "datasets").mkdir(parents=True, exist_ok=True)
    save_file({"activations": _narrow("the corpus", bundle.corpus)}, folder / "corpus.safetensors")
    described: list[dict[str, Any]] = []
    for dataset in bundle.datasets:
        file = f"datasets/{dataset.name}.safetensors"
        labels = {f"label.{name}": np.ascontiguousarray(label, np.int8) for name, label in dataset.labels.items()}
        save_file({"activations": _narrow(dataset.name, dataset.activations), **labels}, folder / file)
        rows = len(dataset.activations)
        described.append({"name": dataset.name, "file": file, "rows": rows, "labels": list(dataset.labels)})
    description: dict[str, Any] = {
        "format": FORMAT,
        "name": bundle.name,
        "model": bundle.model,
        "hook": bundle.hook,
        "d_in": d_in,
        "corpus": {"file": "corpus.safetensors", "tensor": "activations", "rows": len(bundle.corpus)},
        "datasets": described,
        "tasks": list(bundle.tasks),
    }
    if bundle.ground_truth is not None:
        description["ground_truth"] = _write_ground_truth(bundle.ground_truth, folder, len(bundle.corpus))
    if bundle.build:
        description["build"] = bundle.build
    partial = folder / f".{DESCRIPTION}.partial"
    partial.write_text(json.dumps(description, indent=1, ensure_ascii=False) + "\n", "utf-8")
    partial.replace(folder / DESCRIPTION)


def _check(bundle: Bundle, d_in: int) -> None:
    check_finite({"corpus": bundle.corpus, **{dataset.name: dataset.activations for dataset in bundle.datasets}})
    names = [dataset.name for dataset in bundle.datasets]
    if len(set(names)) < len(names):
        raise BundleError(f"two data sets have the same name: {', '.join(sorted(names))}")
    for dataset in bundle.datasets:
        rows, width = dataset.activations.shape
        if width != d_in:
            raise BundleError(f"data set {dataset.name}: rows of {width}, the corpus has rows of {d_in}")
        for name, label in dataset.labels.items():
            if label.shape != (rows,):
                raise BundleError(f"data set {dataset.name}, label {name}: {label.shape} for {rows} rows")


def _write_ground_truth(truth: GroundTruth, folder: Path, rows: int) -> dict[str, Any]:
    tensors = {
        "features": np.ascontiguousarray(truth.features, np.float32),
        "indptr": np.ascontiguousarray(truth.indptr, np.int32),
        "indices": np.ascontiguousarray(truth.indices, np.int32),
        "values": np.ascontiguousarray(truth.values, np.float32),
    }
    save_file(tensors, folder / "ground_truth.safetensors")
    return {"file": "ground_truth.safetensors", "n_features": len(truth.features), "rows": rows}


def _narrow(what: str, activations: Array) -> Array:
    if activations.size > 0 and float(np.abs(activations).max()) > _LARGEST_HALF:
        logger.warning("%s: activations beyond %d are kept as float32", what, _LARGEST_HALF)
        return np.ascontiguousarray(activations, np.float32)
    return np.ascontiguousarray(activations, np.float16)
