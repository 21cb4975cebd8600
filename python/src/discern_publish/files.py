"""Files of checkpoints, checked before they are believed."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np

from .checkpoint import Array, Tensors
from .errors import CheckpointUnreadableError
from .message_pack import Value

_DTYPES = {"F16": "<f2", "F32": "<f4", "F64": "<f8", "BF16": "<u2"}
_LARGEST_HEADER = 100 * 1024 * 1024


def read_json(path: Path) -> Mapping[str, Value]:
    """Return a JSON object, or raise `CheckpointUnreadableError`."""
    try:
        value: object = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointUnreadableError(f"{path}: cannot be read: {error}") from error
    if not isinstance(value, dict):
        raise CheckpointUnreadableError(f"{path}: expected a JSON object, found {type(value).__name__}")
    return cast("Mapping[str, Value]", value)


def read_safetensors(path: Path) -> Tensors:
    """Return the tensors of a safetensors file, bfloat16 as float32, or raise `CheckpointUnreadableError`.

    The `safetensors` package reads no bfloat16 without PyTorch, hence this.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CheckpointUnreadableError(f"{path}: cannot be read: {error}") from error
    header, start = _header(path, data)
    return {name: _tensor(path, data, start, name, entry) for name, entry in header.items() if name != "__metadata__"}


def _header(path: Path, data: bytes) -> tuple[dict[str, Any], int]:
    size = int.from_bytes(data[:8], "little")
    if len(data) < 8 or size > min(len(data) - 8, _LARGEST_HEADER):
        raise CheckpointUnreadableError(f"{path}: {len(data)} bytes, which end within the header")
    try:
        header: object = json.loads(data[8 : 8 + size])
    except ValueError as error:
        raise CheckpointUnreadableError(f"{path}: no safetensors file: {error}") from error
    if not isinstance(header, dict):
        raise CheckpointUnreadableError(f"{path}: no safetensors file: its header is no object")
    return cast("dict[str, Any]", header), 8 + size


def _tensor(path: Path, data: bytes, start: int, name: str, entry: Any) -> Array:
    try:
        dtype = np.dtype(_DTYPES[entry["dtype"]])
        shape = tuple(int(size) for size in entry["shape"])
        begin, end = (int(offset) for offset in entry["data_offsets"])
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointUnreadableError(f"{path}: tensor {name}: its header says {entry!r}") from error
    if begin < 0 or end - begin != math.prod(shape) * dtype.itemsize or start + end > len(data):
        raise CheckpointUnreadableError(f"{path}: tensor {name}: its bytes {begin} to {end} are not all there")
    flat: Array = np.frombuffer(data, dtype, math.prod(shape), start + begin)
    array = flat.reshape(shape)
    if entry["dtype"] != "BF16":
        return array
    return (array.astype(np.uint32) << 16).view(np.float32)
