"""What can be published, and how each becomes a checkpoint that Discern reads."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..checkpoint import Checkpoint
from ..errors import FormatUnknownError
from ..layout import check
from . import dictionary_learning, sae_lens, sae_lens_objects, sparsify


def checkpoint_of(source: Any, activation_scaler: Any = None) -> Checkpoint:
    """Return the checkpoint that a folder, an object or tensors are, complete and checked.

    Raises a `DiscernPublishError` that names what is wrong.
    """
    checkpoint = _open(source, activation_scaler)
    check(checkpoint)
    return checkpoint


def _open(source: Any, scaler: Any) -> Checkpoint:
    if isinstance(source, Checkpoint):
        return source
    if isinstance(source, (str, os.PathLike)):
        return _read_path(Path(os.fspath(source)))
    if isinstance(source, Mapping):
        raise FormatUnknownError("tensors without an architecture", "use from_tensors(tensors, architecture=…)")
    if sparsify.is_sparse_coder(source):
        return sparsify.read_object(source)
    if dictionary_learning.is_dictionary(source):
        return dictionary_learning.read_object(source)
    if sae_lens_objects.is_sae(source):
        return sae_lens_objects.read_object(source, scaler)
    raise FormatUnknownError(
        f"{type(source).__module__}.{type(source).__qualname__} is no SAE of SAELens, dictionary_learning or sparsify",
        "use from_tensors(tensors, architecture=…)",
    )


def _read_path(path: Path) -> Checkpoint:
    if path.suffix == ".pt" and path.is_file():
        return dictionary_learning.read_file(path)
    if (path / sparsify.WEIGHTS).is_file():
        return sparsify.read_folder(path)
    if (path / dictionary_learning.WEIGHTS).is_file():
        return dictionary_learning.read_file(path / dictionary_learning.WEIGHTS)
    if (path / sae_lens.WEIGHTS).is_file():
        return sae_lens.read_folder(path)
    found = ", ".join(sorted(entry.name for entry in path.iterdir())[:10]) if path.is_dir() else "no folder"
    known = f"{sae_lens.WEIGHTS} (SAELens), {sparsify.WEIGHTS} (sparsify) or {dictionary_learning.WEIGHTS}"
    raise FormatUnknownError(f"{path}: expected {known} (dictionary_learning); found {found}")
