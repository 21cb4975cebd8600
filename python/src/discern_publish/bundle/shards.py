"""Work that can be interrupted: what is done lies on disk, piece by piece."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ..checkpoint import Array
from ..errors import BundleError

T = TypeVar("T")


class Shards:
    """Arrays that were already computed for these settings."""

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        """Raise `BundleError` when the folder holds work of other settings."""
        self._folder = folder
        text = json.dumps(settings, indent=1, sort_keys=True, ensure_ascii=False)
        described = folder / "settings.json"
        if described.is_file() and described.read_text("utf-8") != text:
            raise BundleError(
                f"{folder}: holds an unfinished bundle of other settings", "remove it, or build into another folder"
            )
        folder.mkdir(parents=True, exist_ok=True)
        described.write_text(text, "utf-8")

    def map(
        self,
        part: str,
        items: Sequence[T],
        size: int,
        compute: Callable[[Sequence[T]], Array],
        done: Callable[[int], None],
    ) -> Array:
        """Return the rows that `compute` makes of the items, `size` of them at a time, each time only once ever.

        `done` is told how many items were dealt with.
        """
        rows: list[Array] = []
        for start in range(0, len(items), size):
            piece = items[start : start + size]
            path = self._folder / f"{part}-{start:08d}.npy"
            if not path.is_file():
                partial = path.with_suffix(".partial")
                with partial.open("wb") as file:
                    np.save(file, compute(piece))
                partial.replace(path)
            rows.append(np.load(path, allow_pickle=False))
            done(len(piece))
        if not rows:
            raise BundleError(f"{part}: there is nothing to compute activations of")
        return np.concatenate(rows)

    def remove(self) -> None:
        """Forget everything, once it is no longer needed."""
        shutil.rmtree(self._folder)
