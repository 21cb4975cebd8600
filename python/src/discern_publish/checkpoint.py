"""A checkpoint on its way out, whatever library it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias, cast

import numpy as np
from safetensors.numpy import save

from .errors import TensorMissingError, WeightsNotFiniteError
from .message_pack import Value

# A NumPy array: its stubs leave the type of a transpose and of a reshape unknown.
Array: TypeAlias = Any
Tensors: TypeAlias = Mapping[str, Array]


@dataclass(frozen=True)
class Checkpoint:
    """Weights and configuration in a form that Discern reads.

    `format` is `sae_lens` or `sparsify`, `config` that library's own `cfg.json`; `tensors` are copies that nothing
    else writes to, in memory order, float16, float32 or float64.
    """

    format: str
    config: Mapping[str, Value]
    tensors: Tensors

    @property
    def weights_file(self) -> str:
        """What the library names the file of the weights."""
        return "sae.safetensors" if self.format == "sparsify" else "sae_weights.safetensors"

    @cached_property
    def nbytes(self) -> int:
        """Bytes of the tensors."""
        return sum(tensor.nbytes for tensor in self.tensors.values())

    def serialize(self) -> bytes:
        """Return the weights as a safetensors file."""
        return save({name: np.ascontiguousarray(tensor) for name, tensor in self.tensors.items()})


def require(tensors: Tensors, names: tuple[str, ...], what: str) -> None:
    """Raise `TensorMissingError` unless all of these are there."""
    missing = [name for name in names if name not in tensors]
    if missing:
        raise TensorMissingError(
            f"{what} has the tensors {', '.join(names)}; {', '.join(missing)} missing, found {', '.join(tensors)}"
        )


def check_finite(tensors: Tensors) -> None:
    """Raise `WeightsNotFiniteError` that names the first element that is NaN or infinite."""
    for name, tensor in tensors.items():
        # A sum is finite unless an element is not, or it overflows: one pass without a temporary of the same size.
        with np.errstate(over="ignore", invalid="ignore"):
            if np.isfinite(tensor.sum(dtype=np.float64)):
                continue
        wrong: Array = np.argwhere(~np.isfinite(tensor))
        if wrong.shape[0] == 0:
            continue
        place = tuple(wrong[0].tolist())
        raise WeightsNotFiniteError(
            f"tensor {name}: element {list(place)} is {tensor[place]} ({wrong.shape[0]} of {tensor.size} not finite)",
            "has the run diverged?",
        )


def array_of(tensor: object) -> Array:
    """Return a copy of a NumPy array or PyTorch tensor as a NumPy array; bfloat16, which NumPy lacks, as float32."""
    torch_tensor: Any = tensor
    if isinstance(tensor, np.ndarray) or not hasattr(torch_tensor, "detach"):
        return np.array(cast("Array", tensor), copy=True)
    on_cpu = torch_tensor.detach().to("cpu", copy=True)
    return (on_cpu.float() if str(on_cpu.dtype) == "torch.bfloat16" else on_cpu).numpy()
