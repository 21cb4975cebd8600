"""What each architecture's tensors are: what Discern could not read is refused where it is published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .checkpoint import Checkpoint, check_finite, require
from .errors import ArchitectureUnknownError, ConfigInvalidError, ShapeMismatchError
from .message_pack import Value

_DTYPES = ("float16", "float32", "float64")
_SAE_LENS: Mapping[str, tuple[str, ...]] = {
    "standard": ("b_enc",),
    "topk": ("b_enc",),
    "jumprelu": ("b_enc", "threshold"),
    "gated": ("b_gate", "b_mag", "r_mag"),
}


def check(checkpoint: Checkpoint) -> None:
    """Raise a typed error unless Discern's reader of this format would take the checkpoint.

    Raises `ArchitectureUnknownError`, `ConfigInvalidError`, `TensorMissingError`, `ShapeMismatchError` or
    `WeightsNotFiniteError`.
    """
    shapes = _sparsify(checkpoint) if checkpoint.format == "sparsify" else _sae_lens(checkpoint)
    what = f"{checkpoint.format} of this architecture"
    require(checkpoint.tensors, tuple(shapes), what)
    others = [name for name in checkpoint.tensors if name not in shapes]
    if others:
        raise ConfigInvalidError(f"{what} has the tensors {', '.join(shapes)}; found {', '.join(others)} besides")
    for name, shape in shapes.items():
        found = checkpoint.tensors[name].shape
        if found != shape:
            raise ShapeMismatchError(f"tensor {name}: expected {list(shape)}, found {list(found)}")
        dtype = str(checkpoint.tensors[name].dtype)
        if dtype not in _DTYPES:
            raise ConfigInvalidError(f"tensor {name}: expected {', '.join(_DTYPES)}, found {dtype}")
    check_finite(checkpoint.tensors)


def known_architectures() -> str:
    """Return the architectures of the `sae_lens` format, in words."""
    return ", ".join(_SAE_LENS)


def width(config: Mapping[str, Value], key: str) -> int:
    """Return a positive whole number of a configuration, or raise `ConfigInvalidError`."""
    value = config.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigInvalidError(f"{key}: expected a positive whole number, found {value!r}")
    return value


def _sae_lens(checkpoint: Checkpoint) -> dict[str, tuple[int, ...]]:
    config = checkpoint.config
    architecture = config.get("architecture")
    if not isinstance(architecture, str) or architecture not in _SAE_LENS:
        raise ArchitectureUnknownError(
            f"the architecture {architecture!r} is not supported (known: {known_architectures()})"
        )
    d_in, d_sae = width(config, "d_in"), width(config, "d_sae")
    if architecture == "topk":
        _check_k(config, d_sae)
    shapes: dict[str, Any] = {"W_enc": (d_in, d_sae), "W_dec": (d_sae, d_in), "b_dec": (d_in,)}
    shapes.update(dict.fromkeys(_SAE_LENS[architecture], (d_sae,)))
    return shapes


def _sparsify(checkpoint: Checkpoint) -> dict[str, tuple[int, ...]]:
    config = checkpoint.config
    d_in = width(config, "d_in")
    activation = config.get("activation", "topk")
    if activation != "topk":
        raise ArchitectureUnknownError(f"the activation {activation!r} of sparsify is not supported (known: topk)")
    for key in ("transcode", "skip_connection", "signed"):
        if config.get(key):
            raise ArchitectureUnknownError(f"sparsify: {key} is set; only autoencoders without it are supported")
    latents = config.get("num_latents") or d_in * width({"expansion_factor": 32, **config}, "expansion_factor")
    d_sae = width({"num_latents": latents}, "num_latents")
    _check_k({"k": 32, **config}, d_sae)
    return {"encoder.weight": (d_sae, d_in), "encoder.bias": (d_sae,), "W_dec": (d_sae, d_in), "b_dec": (d_in,)}


def _check_k(config: Mapping[str, Value], d_sae: int) -> None:
    if width(config, "k") > d_sae:
        raise ConfigInvalidError(f"k: expected at most {d_sae}, the number of latents, found {config['k']}")
