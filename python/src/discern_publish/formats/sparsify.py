"""EleutherAI's sparsify (eai-sparsify 1.3.3): TopK autoencoders, whose format Discern reads itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..checkpoint import Checkpoint, array_of
from ..errors import CheckpointUnreadableError
from ..files import read_json, read_safetensors

WEIGHTS = "sae.safetensors"
CONFIG = "cfg.json"


def read_folder(folder: Path) -> Checkpoint:
    """Return what `SparseCoder.save_to_disk` wrote."""
    if not (folder / CONFIG).is_file():
        raise CheckpointUnreadableError(f"{folder}: {WEIGHTS} without {CONFIG}: is it still being written?")
    return Checkpoint("sparsify", read_json(folder / CONFIG), read_safetensors(folder / WEIGHTS))


def read_object(coder: Any) -> Checkpoint:
    """Return a `SparseCoder` that is being trained."""
    tensors = {name: array_of(tensor) for name, tensor in coder.state_dict().items()}
    return Checkpoint("sparsify", {**coder.cfg.to_dict(), "d_in": int(coder.d_in)}, tensors)


def is_sparse_coder(candidate: Any) -> bool:
    """Whether it is sparsify's class."""
    return type(candidate).__name__ in ("SparseCoder", "Sae") and hasattr(
        getattr(candidate, "cfg", None), "num_latents"
    )
