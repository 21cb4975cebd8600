"""Weights in a folder that the evaluator reads too (claim check)."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

from .checkpoint import Checkpoint
from .records import Progress


class Share:
    """A folder of checkpoints, laid out as `discern watch` and `discern evaluate --sae` know them."""

    def __init__(self, root: Path) -> None:
        """Create the folder; raises `OSError` when that cannot be."""
        root.mkdir(parents=True, exist_ok=True)
        self.root = root.resolve()

    def write(self, run: str, progress: Progress, checkpoint: Checkpoint, data: bytes) -> str:
        """Write a checkpoint and return the URI of its weights, which are there only completely."""
        folder = self.root / quote(run, safe="") / f"step-{progress.step}-tokens-{progress.tokens}"
        folder.mkdir(parents=True, exist_ok=True)
        _replace(folder / "cfg.json", json.dumps(checkpoint.config).encode())
        weights = folder / checkpoint.weights_file
        _replace(weights, data)
        return weights.as_uri()


def _replace(path: Path, data: bytes) -> None:
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(data)
    partial.replace(path)
