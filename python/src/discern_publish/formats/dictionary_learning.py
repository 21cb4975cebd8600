"""dictionary_learning's dictionaries as SAELens' equivalents (dictionary-learning 0.1.0)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np

from ..checkpoint import Checkpoint, Tensors, array_of, require
from ..errors import ArchitectureUnknownError, CheckpointUnreadableError, ConfigInvalidError
from ..files import read_json
from ..message_pack import Value
from ..optional import load

WEIGHTS = "ae.pt"
CONFIG = "config.json"

Converted = tuple[dict[str, Value], dict[str, Any]]


def read_file(weights: Path) -> Checkpoint:
    """Return what `ae.pt`, or a `checkpoints/ae_<step>.pt` below its folder, holds.

    Nothing but tensors is unpickled. Needs PyTorch.
    """
    places = [weights.parent / CONFIG, weights.parent.parent / CONFIG]
    config_file = next((place for place in places if place.is_file()), None)
    if config_file is None:
        raise CheckpointUnreadableError(f"{weights}: no {CONFIG} beside it or in the folder above")
    trainer = read_json(config_file).get("trainer")
    if not isinstance(trainer, Mapping):
        raise ConfigInvalidError(f"{config_file}: expected the key `trainer`")
    settings = cast("Mapping[str, Value]", trainer)
    torch = load("torch", "dictionary_learning saves with PyTorch")
    try:
        state: Any = torch.load(weights, map_location="cpu", weights_only=True)
        tensors = {str(name): array_of(tensor) for name, tensor in state.items()}
    except Exception as error:
        # torch.load raises whatever the pickle makes it.
        raise CheckpointUnreadableError(f"{weights}: cannot be read as tensors: {error}") from error
    return convert(str(settings.get("dict_class")), tensors, settings.get("k"))


def read_object(dictionary: Any) -> Checkpoint:
    """Return a dictionary that is being trained."""
    tensors = {name: array_of(tensor) for name, tensor in dictionary.state_dict().items()}
    return convert(type(dictionary).__name__, tensors, None)


def is_dictionary(candidate: Any) -> bool:
    """Whether it is an object of one of the classes that are known."""
    return type(candidate).__name__ in _CONVERTERS and hasattr(candidate, "state_dict")


def convert(dict_class: str, tensors: Tensors, k: Value = None) -> Checkpoint:
    """Return a dictionary as SAELens would keep the same function. The library's classes differ in their tensors.

    `AutoEncoder` gets a normalised decoder, as the library's own loader gives it.
    """
    converter = _CONVERTERS.get(dict_class)
    if converter is None:
        raise ArchitectureUnknownError(
            f"the class {dict_class} of dictionary_learning is not supported (known: {', '.join(_CONVERTERS)})"
        )
    if k is not None:
        tensors = {"k": np.asarray(k), **tensors}
    config, converted = converter(tensors)
    d_in, d_sae = converted["W_enc"].shape
    settings: dict[str, Value] = {"d_in": int(d_in), "d_sae": int(d_sae), "normalize_activations": "none", **config}
    return Checkpoint("sae_lens", settings, {name: _real(tensor) for name, tensor in converted.items()})


def _real(tensor: Any) -> Any:
    return np.ascontiguousarray(tensor, dtype=None if tensor.dtype.kind == "f" else np.float32)


def _auto_encoder(tensors: Tensors) -> Converted:
    require(tensors, ("encoder.weight", "encoder.bias", "decoder.weight", "bias"), "AutoEncoder")
    norms = np.linalg.norm(tensors["decoder.weight"], axis=0).astype(tensors["decoder.weight"].dtype)
    if np.allclose(norms, 1, rtol=1e-5, atol=1e-8) or not (norms > 0).all():
        norms = np.ones_like(norms)
    converted = {
        "W_enc": (tensors["encoder.weight"] * norms[:, None]).T,
        "b_enc": tensors["encoder.bias"] * norms,
        "W_dec": (tensors["decoder.weight"] / norms).T,
        "b_dec": tensors["bias"],
    }
    return {"architecture": "standard", "apply_b_dec_to_input": True}, converted


def _auto_encoder_new(tensors: Tensors) -> Converted:
    require(tensors, ("encoder.weight", "encoder.bias", "decoder.weight", "decoder.bias"), "AutoEncoderNew")
    converted = {**_linear(tensors), "b_dec": tensors["decoder.bias"]}
    return {"architecture": "standard", "apply_b_dec_to_input": False}, converted


def _gated(tensors: Tensors) -> Converted:
    names = ("encoder.weight", "decoder.weight", "decoder_bias", "r_mag", "gate_bias", "mag_bias")
    require(tensors, names, "GatedAutoEncoder")
    converted = {
        "W_enc": tensors["encoder.weight"].T,
        "W_dec": tensors["decoder.weight"].T,
        "b_dec": tensors["decoder_bias"],
        "r_mag": tensors["r_mag"],
        "b_gate": tensors["gate_bias"],
        "b_mag": tensors["mag_bias"],
    }
    return {"architecture": "gated", "apply_b_dec_to_input": True}, converted


def _jump_relu(tensors: Tensors) -> Converted:
    names = ("W_enc", "b_enc", "W_dec", "b_dec", "threshold")
    require(tensors, names, "JumpReluAutoEncoder")
    return {"architecture": "jumprelu", "apply_b_dec_to_input": False}, {name: tensors[name] for name in names}


def _top_k(tensors: Tensors) -> Converted:
    require(tensors, ("encoder.weight", "encoder.bias", "decoder.weight", "b_dec", "k"), "AutoEncoderTopK")
    converted = {**_linear(tensors), "b_dec": tensors["b_dec"]}
    k = int(tensors["k"].item())
    return {"architecture": "topk", "k": k, "apply_b_dec_to_input": True}, converted


def _batch_top_k(tensors: Tensors) -> Converted:
    require(tensors, ("encoder.weight", "encoder.bias", "decoder.weight", "b_dec", "threshold"), "BatchTopKSAE")
    return _with_threshold(tensors, {**_linear(tensors), "b_dec": tensors["b_dec"]})


def _matryoshka(tensors: Tensors) -> Converted:
    names = ("W_enc", "b_enc", "W_dec", "b_dec")
    require(tensors, (*names, "threshold"), "MatryoshkaBatchTopKSAE")
    return _with_threshold(tensors, {name: tensors[name] for name in names})


def _with_threshold(tensors: Tensors, converted: dict[str, Any]) -> Converted:
    """The threshold is -1, which lets all that is positive pass, until training has got to estimating it."""
    threshold = max(float(tensors["threshold"].item()), 0.0)
    converted["threshold"] = np.full(converted["b_enc"].shape, threshold, np.float32)
    return {"architecture": "jumprelu", "apply_b_dec_to_input": True}, converted


def _linear(tensors: Tensors) -> dict[str, Any]:
    return {
        "W_enc": tensors["encoder.weight"].T,
        "b_enc": tensors["encoder.bias"],
        "W_dec": tensors["decoder.weight"].T,
    }


_CONVERTERS: Mapping[str, Callable[[Tensors], Converted]] = {
    "AutoEncoder": _auto_encoder,
    "AutoEncoderNew": _auto_encoder_new,
    "GatedAutoEncoder": _gated,
    "JumpReluAutoEncoder": _jump_relu,
    "AutoEncoderTopK": _top_k,
    "BatchTopKSAE": _batch_top_k,
    "MatryoshkaBatchTopKSAE": _matryoshka,
}
