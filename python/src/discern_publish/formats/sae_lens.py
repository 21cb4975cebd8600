"""SAELens' folders, and the form in which it saves SAEs for inference (sae-lens 6.54.12)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np

from ..checkpoint import Checkpoint, Tensors, require
from ..errors import ArchitectureUnknownError, CheckpointUnreadableError, ConfigInvalidError
from ..files import read_json, read_safetensors
from ..layout import known_architectures
from ..message_pack import Value

WEIGHTS = "sae_weights.safetensors"
CONFIG = "cfg.json"
SCALER = "activation_scaler.json"

_BATCH_TOP_K = ("batchtopk", "matryoshka_batchtopk")


def read_folder(folder: Path) -> Checkpoint:
    """Return a model saved for inference, or a raw training checkpoint in the form it would have for inference."""
    if not (folder / CONFIG).is_file():
        raise CheckpointUnreadableError(f"{folder}: {WEIGHTS} without {CONFIG}: is it still being written?")
    config = read_json(folder / CONFIG)
    scaler: Mapping[str, Value] = read_json(folder / SCALER) if (folder / SCALER).is_file() else {}
    if scaler.get("has_whitening"):
        raise ConfigInvalidError(f"{folder / SCALER}: whitened inputs are not supported in raw checkpoints")
    factor = scaler.get("scaling_factor")
    if factor is not None and (not isinstance(factor, (int, float)) or not factor > 0):
        raise ConfigInvalidError(f"{folder / SCALER}: scaling_factor: expected a positive number, found {factor!r}")
    return inference_form(config, read_safetensors(folder / WEIGHTS), None if factor is None else float(factor))


def inference_form(config: Mapping[str, Value], tensors: Tensors, scaling_factor: float | None = None) -> Checkpoint:
    """Return what SAELens would save for inference of a training SAE's configuration and tensors.

    The scaling factor of the inputs is folded into the weights, decoder norms into the encoder where activations are
    rescaled by them, and BatchTopK becomes JumpReLU with its running threshold. A model saved for inference comes out
    as it went in.
    """
    architecture, k = _architecture(config)
    folded = _fold_scale(_check_normalisation(config, scaling_factor), dict(tensors), architecture, scaling_factor)
    config = {**config, "architecture": architecture, **({} if k is None else {"k": k})}
    if scaling_factor is not None:
        config["normalize_activations"] = "none"
    if config.get("rescale_acts_by_decoder_norm", architecture in _BATCH_TOP_K):
        _fold_norms(folded, architecture)
    if architecture in _BATCH_TOP_K:
        config.pop("rescale_acts_by_decoder_norm", None)
        require(folded, ("b_enc", "topk_threshold"), architecture)
        threshold = np.float32(folded.pop("topk_threshold").item())
        folded["threshold"] = np.full_like(folded["b_enc"], threshold, dtype=np.float32)
        config["architecture"] = "jumprelu"
    if architecture == "jumprelu" and "log_threshold" in folded:
        folded["threshold"] = np.exp(folded.pop("log_threshold"))
    _drop_unit_scaling(folded)
    return Checkpoint("sae_lens", config, folded)


def _architecture(config: Mapping[str, Value]) -> tuple[str, Value]:
    """Before 6.0 the activation function stood on its own."""
    activation = config.get("activation_fn") or config.get("activation_fn_str") or "relu"
    kwargs = config.get("activation_fn_kwargs")
    if activation == "topk" and isinstance(kwargs, Mapping) and "k" in kwargs:
        return "topk", cast("Mapping[str, Value]", kwargs)["k"]
    architecture = config.get("architecture", "standard")
    if isinstance(architecture, str):
        return architecture, None
    known = ", ".join([known_architectures(), *_BATCH_TOP_K])
    raise ArchitectureUnknownError(f"the architecture {architecture!r} is not supported (known: {known})")


def _check_normalisation(config: Mapping[str, Value], scaling_factor: float | None) -> Mapping[str, Value]:
    if config.get("reshape_activations") not in (None, "none"):
        raise ConfigInvalidError(f"reshape_activations {config.get('reshape_activations')!r} is not supported")
    setting = config.get("normalize_activations")
    if setting in (None, False, "none", "layer_norm"):
        return config
    if setting in (True, "expected_average_only_in"):
        if scaling_factor is not None:
            return config
        raise ConfigInvalidError(
            f"normalize_activations is {setting!r}, but nothing gives the factor that inputs are scaled by",
            f"pass activation_scaler=trainer.activation_scaler, or publish the folder with its {SCALER}",
        )
    raise ConfigInvalidError(f"normalize_activations {setting!r} is not supported, fold it into the weights first")


def _fold_scale(
    config: Mapping[str, Value], tensors: dict[str, Any], architecture: str, factor: float | None
) -> dict[str, Any]:
    """As `fold_activation_norm_scaling_factor`."""
    if factor is None:
        return tensors
    require(tensors, ("W_enc", "W_dec", "b_dec"), "an SAE of SAELens")
    folded = {**tensors, "W_enc": tensors["W_enc"] * _like(factor, tensors["W_enc"])}
    for name in ("W_dec", "b_dec"):
        folded[name] = tensors[name] / _like(factor, tensors[name])
    if "topk_threshold" in tensors and config.get("rescale_acts_by_decoder_norm", architecture in _BATCH_TOP_K):
        folded["topk_threshold"] = tensors["topk_threshold"] / factor
    return folded


def _fold_norms(tensors: dict[str, Any], architecture: str) -> None:
    """As `process_state_dict_for_saving_inference`."""
    require(tensors, ("W_enc", "W_dec", "b_enc"), architecture)
    norms = np.maximum(np.linalg.norm(tensors["W_dec"], axis=-1), 1e-8).astype(tensors["W_dec"].dtype)
    # A TopK that was saved for inference has them folded in, and is left bit for bit as it is.
    if np.allclose(norms, 1, rtol=0, atol=1e-5):
        return
    tensors["b_enc"] = tensors["b_enc"] * norms
    tensors["W_dec"] = tensors["W_dec"] / norms[:, None]
    tensors["W_enc"] = tensors["W_enc"] * norms


def _like(factor: float, tensor: Any) -> Any:
    """A scalar that does not widen the tensor's type."""
    return tensor.dtype.type(factor)


def _drop_unit_scaling(tensors: dict[str, Any]) -> None:
    """Old files carry a factor for fine-tuning, one by default."""
    factor = tensors.get("scaling_factor")
    if factor is None:
        return
    if not np.allclose(factor, 1):
        raise ConfigInvalidError("tensor scaling_factor: only factors of 1 are supported")
    del tensors["scaling_factor"]
