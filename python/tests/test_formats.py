from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file  # pyright: ignore[reportUnknownVariableType]

from discern_publish import (
    ArchitectureUnknownError,
    Checkpoint,
    CheckpointUnreadableError,
    ConfigInvalidError,
    DiscernPublishError,
    FormatUnknownError,
    ShapeMismatchError,
    TensorMissingError,
    WeightsNotFiniteError,
    checkpoint_of,
    from_tensors,
)
from discern_publish.checkpoint import Array
from discern_publish.files import read_safetensors
from discern_publish.formats.dictionary_learning import convert
from discern_publish.formats.sae_lens import inference_form

from .conftest import FIXTURES

Tensors = dict[str, Array]


def encode(checkpoint: Checkpoint, x: Array) -> Array:
    """The architectures as SAELens defines them."""
    tensors, config = checkpoint.tensors, checkpoint.config
    centred = x - tensors["b_dec"] if config.get("apply_b_dec_to_input", True) else x
    pre = centred @ tensors["W_enc"]
    if config["architecture"] == "gated":
        return (pre + tensors["b_gate"] > 0) * np.maximum(pre * np.exp(tensors["r_mag"]) + tensors["b_mag"], 0)
    pre = pre + tensors["b_enc"]
    if config["architecture"] == "jumprelu":
        return np.maximum(pre, 0) * (pre > tensors["threshold"])
    if config["architecture"] == "topk":
        kept = np.argsort(-pre, axis=1)[:, : int(str(config["k"]))]
        mask = np.zeros_like(pre)
        np.put_along_axis(mask, kept, 1, axis=1)
        return np.maximum(pre, 0) * mask
    return np.maximum(pre, 0)


def decode(checkpoint: Checkpoint, z: Array) -> Array:
    return z @ checkpoint.tensors["W_dec"] + checkpoint.tensors["b_dec"]


@pytest.fixture
def rows() -> Array:
    return np.random.default_rng(7).normal(size=(50, 4)).astype(np.float32)


def test_plain_tensors_take_their_widths_from_the_encoder(tensors: Tensors) -> None:
    checkpoint = checkpoint_of(from_tensors(tensors, architecture="topk", k=3))
    assert checkpoint.format == "sae_lens"
    assert checkpoint.config == {
        "architecture": "topk",
        "d_in": 4,
        "d_sae": 6,
        "apply_b_dec_to_input": True,
        "normalize_activations": "none",
        "k": 3,
    }


def test_tensors_are_copies(tensors: Tensors) -> None:
    checkpoint = checkpoint_of(from_tensors(tensors, architecture="standard"))
    before = checkpoint.tensors["W_enc"].copy()
    tensors["W_enc"][:] = 0
    assert (checkpoint.tensors["W_enc"] == before).all()


def test_serializes_to_a_file_of_safetensors(tensors: Tensors, tmp_path: Path) -> None:
    # A transpose is not in memory order.
    checkpoint = checkpoint_of(from_tensors({**tensors, "W_dec": tensors["W_enc"].T}, architecture="standard"))
    (tmp_path / "w").write_bytes(checkpoint.serialize())
    read = read_safetensors(tmp_path / "w")
    assert {name: tensor.tolist() for name, tensor in read.items()} == {
        name: tensor.tolist() for name, tensor in checkpoint.tensors.items()
    }


Change = Callable[[Tensors], Tensors]
BAD: list[tuple[str, type[DiscernPublishError], dict[str, Any], Change]] = [
    ("an unknown architecture", ArchitectureUnknownError, {"architecture": "temporal"}, lambda t: t),
    ("a missing tensor", TensorMissingError, {}, lambda t: {k: v for k, v in t.items() if k != "b_enc"}),
    ("no encoder", TensorMissingError, {}, lambda t: {k: v for k, v in t.items() if k != "W_enc"}),
    ("a decoder that is transposed", ShapeMismatchError, {}, lambda t: {**t, "W_dec": t["W_dec"].T}),
    ("an encoder of three axes", ShapeMismatchError, {}, lambda t: {**t, "W_enc": t["W_enc"][None]}),
    ("a bias of another length", ShapeMismatchError, {}, lambda t: {**t, "b_enc": t["b_enc"][:-1]}),
    ("a tensor too many", ConfigInvalidError, {}, lambda t: {**t, "threshold": t["b_enc"]}),
    ("k beyond the latents", ConfigInvalidError, {"architecture": "topk", "k": 7}, lambda t: t),
    ("no k", ConfigInvalidError, {"architecture": "topk"}, lambda t: t),
    ("whole numbers as weights", ConfigInvalidError, {}, lambda t: {**t, "b_enc": t["b_enc"].astype(int)}),
    ("complex weights", ConfigInvalidError, {}, lambda t: {**t, "b_enc": t["b_enc"].astype(complex)}),
    ("NaN", WeightsNotFiniteError, {}, lambda t: {**t, "b_enc": np.where(np.arange(6) == 2, np.nan, t["b_enc"])}),
    ("infinity", WeightsNotFiniteError, {}, lambda t: {**t, "W_dec": np.full((6, 4), -np.inf)}),
]


@pytest.mark.parametrize(("error", "options", "change"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_refuses(tensors: Tensors, error: type[Exception], options: dict[str, Any], change: Change) -> None:
    with pytest.raises(error):
        checkpoint_of(from_tensors(change(tensors), **dict[str, Any]({"architecture": "standard"}, **options)))


def test_says_which_element_is_not_finite(tensors: Tensors) -> None:
    tensors["W_enc"][1, 2] = np.nan
    with pytest.raises(WeightsNotFiniteError, match=r"tensor W_enc: element \[1, 2\] is nan \(1 of 24 not finite\)"):
        checkpoint_of(from_tensors(tensors, architecture="standard"))


def test_weights_whose_sum_overflows_are_finite(tensors: Tensors) -> None:
    tensors["W_enc"][:] = np.finfo(np.float32).max
    checkpoint_of(from_tensors(tensors, architecture="standard"))


@pytest.mark.parametrize("source", [object(), {"W_enc": 1}, "no/such/folder", "setup.cfg"])
def test_refuses_what_is_no_checkpoint(source: Any) -> None:
    with pytest.raises(FormatUnknownError):
        checkpoint_of(source)


def sae_lens_folder(folder: Path, config: dict[str, Any], tensors: Tensors, scaler: Any = None) -> Path:
    save_file(tensors, folder / "sae_weights.safetensors")
    (folder / "cfg.json").write_text(json.dumps(config))
    if scaler is not None:
        (folder / "activation_scaler.json").write_text(json.dumps(scaler))
    return folder


INFERENCE = {"architecture": "standard", "d_in": 4, "d_sae": 6, "normalize_activations": "none"}


def test_an_inference_folder_comes_out_as_it_went_in(tensors: Tensors, tmp_path: Path) -> None:
    checkpoint = checkpoint_of(sae_lens_folder(tmp_path, INFERENCE, tensors))
    assert checkpoint.config == INFERENCE
    assert all((checkpoint.tensors[name] == tensor).all() for name, tensor in tensors.items())


@pytest.mark.parametrize("architecture", ["batchtopk", "matryoshka_batchtopk"])
def test_a_raw_batch_top_k_folder_becomes_its_inference_form(
    architecture: str, tensors: Tensors, rows: Array, tmp_path: Path
) -> None:
    factor, threshold = 0.5, 0.3
    config = {
        **INFERENCE,
        "architecture": architecture,
        "k": 2,
        "rescale_acts_by_decoder_norm": True,
        "normalize_activations": "expected_average_only_in",
    }
    raw = {**tensors, "topk_threshold": np.array(threshold)}
    checkpoint = checkpoint_of(sae_lens_folder(tmp_path, config, raw, {"scaling_factor": factor}))
    assert checkpoint.config["architecture"] == "jumprelu"
    # As in training: rows scaled, pre-activations times the decoder's norms, decoded by the normalised decoder.
    norms = np.linalg.norm(tensors["W_dec"], axis=1)
    pre = ((rows * factor - tensors["b_dec"]) @ tensors["W_enc"] + tensors["b_enc"]) * norms
    z = np.maximum(pre, 0) * (pre > threshold)
    x_hat = (z / norms) @ tensors["W_dec"] + tensors["b_dec"]
    assert (z > 0).any()
    np.testing.assert_allclose(encode(checkpoint, rows), z / factor, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(decode(checkpoint, encode(checkpoint, rows)), x_hat / factor, rtol=1e-4, atol=1e-5)


def test_a_raw_standard_folder_has_its_scale_folded(tensors: Tensors, rows: Array, tmp_path: Path) -> None:
    config = {**INFERENCE, "normalize_activations": "expected_average_only_in"}
    checkpoint = checkpoint_of(sae_lens_folder(tmp_path, config, tensors, {"scaling_factor": 0.25}))
    raw = checkpoint_of(from_tensors(tensors, architecture="standard"))
    z = encode(raw, rows * np.float32(0.25))
    np.testing.assert_allclose(encode(checkpoint, rows), z, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(decode(checkpoint, z), decode(raw, z) * 4, rtol=1e-4, atol=1e-5)
    assert checkpoint.config["normalize_activations"] == "none"


@pytest.mark.parametrize(
    "change",
    [
        {"normalize_activations": "expected_average_only_in"},
        {"normalize_activations": "constant_norm_rescale"},
        {"reshape_activations": "hook_z"},
    ],
)
def test_refuses_inputs_it_cannot_prepare(tensors: Tensors, tmp_path: Path, change: dict[str, Any]) -> None:
    with pytest.raises(ConfigInvalidError):
        checkpoint_of(sae_lens_folder(tmp_path, {**INFERENCE, **change}, tensors))


@pytest.mark.parametrize("factor", [0, -1, "x"])
def test_refuses_a_scale_that_is_none(tensors: Tensors, tmp_path: Path, factor: Any) -> None:
    with pytest.raises(ConfigInvalidError):
        checkpoint_of(sae_lens_folder(tmp_path, INFERENCE, tensors, {"scaling_factor": factor}))


def test_reads_what_sae_lens_wrote_before_6_0(tensors: Tensors) -> None:
    old = {"d_in": 4, "d_sae": 6, "activation_fn_str": "topk", "activation_fn_kwargs": {"k": 2}}
    checkpoint = inference_form(old, {**tensors, "scaling_factor": np.ones(6)})
    assert (checkpoint.config["architecture"], checkpoint.config["k"]) == ("topk", 2)
    assert sorted(checkpoint.tensors) == sorted(tensors)


def test_reads_bfloat16(tmp_path: Path) -> None:
    header = json.dumps({"b": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}).encode()
    (tmp_path / "w").write_bytes(len(header).to_bytes(8, "little") + header + bytes([0x80, 0x3F, 0x40, 0xC0]))
    assert read_safetensors(tmp_path / "w")["b"].tolist() == [1.0, -3.0]


@pytest.mark.parametrize("keep", [0, 7, 20, -1])
def test_refuses_a_file_that_is_cut(tensors: Tensors, tmp_path: Path, keep: int) -> None:
    folder = sae_lens_folder(tmp_path, INFERENCE, tensors)
    weights = folder / "sae_weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:keep])
    with pytest.raises(CheckpointUnreadableError):
        checkpoint_of(folder)


@pytest.mark.parametrize("text", ["{", "[]", "7"])
def test_refuses_a_configuration_that_is_no_object(tensors: Tensors, tmp_path: Path, text: str) -> None:
    folder = sae_lens_folder(tmp_path, INFERENCE, tensors)
    (folder / "cfg.json").write_text(text)
    with pytest.raises(CheckpointUnreadableError):
        checkpoint_of(folder)


def test_refuses_a_folder_without_configuration(tensors: Tensors, tmp_path: Path) -> None:
    save_file(tensors, tmp_path / "sae_weights.safetensors")
    with pytest.raises(CheckpointUnreadableError, match=r"cfg\.json"):
        checkpoint_of(tmp_path)


def sparsify_tensors(tensors: Tensors) -> Tensors:
    return {
        "encoder.weight": np.ascontiguousarray(tensors["W_enc"].T),
        "encoder.bias": tensors["b_enc"],
        "W_dec": tensors["W_dec"],
        "b_dec": tensors["b_dec"],
    }


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({}, None),
        ({"num_latents": 0, "expansion_factor": 1}, ShapeMismatchError),
        ({"activation": "groupmax"}, ArchitectureUnknownError),
        ({"transcode": True}, ArchitectureUnknownError),
        ({"k": 7}, ConfigInvalidError),
    ],
)
def test_sparsify(tensors: Tensors, tmp_path: Path, change: dict[str, Any], error: type[Exception] | None) -> None:
    save_file(sparsify_tensors(tensors), tmp_path / "sae.safetensors")
    (tmp_path / "cfg.json").write_text(json.dumps({"d_in": 4, "num_latents": 6, "k": 2, **change}))
    if error is None:
        assert checkpoint_of(tmp_path).format == "sparsify"
    else:
        with pytest.raises(error):
            checkpoint_of(tmp_path)


def test_the_golden_folders_of_other_tests_are_taken() -> None:
    folders = [path.parent for path in (FIXTURES / "formats").glob("*/cfg.json")]
    assert folders
    for folder in folders:
        checkpoint_of(folder)


def linear(tensors: Tensors) -> Tensors:
    return {
        "encoder.weight": tensors["W_enc"].T,
        "encoder.bias": tensors["b_enc"],
        "decoder.weight": tensors["W_dec"].T,
    }


def test_dictionary_learning_normalises_a_decoder_as_its_loader_does(tensors: Tensors, rows: Array) -> None:
    checkpoint = checkpoint_of(convert("AutoEncoder", {**linear(tensors), "bias": tensors["b_dec"]}))
    raw = checkpoint_of(from_tensors(tensors, architecture="standard"))
    np.testing.assert_allclose(np.linalg.norm(checkpoint.tensors["W_dec"], axis=1), 1, rtol=1e-5)
    z, norms = encode(raw, rows), np.linalg.norm(tensors["W_dec"], axis=1)
    np.testing.assert_allclose(encode(checkpoint, rows), z * norms, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(decode(checkpoint, z * norms), decode(raw, z), rtol=1e-4, atol=1e-5)


def test_dictionary_learning_top_k(tensors: Tensors) -> None:
    state = {**linear(tensors), "b_dec": tensors["b_dec"], "threshold": np.array(-1.0), "k": np.array(3)}
    checkpoint = checkpoint_of(convert("AutoEncoderTopK", state))
    assert (checkpoint.config["architecture"], checkpoint.config["k"]) == ("topk", 3)


@pytest.mark.parametrize(("threshold", "expected"), [(-1.0, 0.0), (0.5, 0.5)])
def test_dictionary_learning_batch_top_k_is_a_plain_relu_until_it_has_a_threshold(
    tensors: Tensors, threshold: float, expected: float
) -> None:
    state = {**linear(tensors), "b_dec": tensors["b_dec"], "threshold": np.array(threshold), "k": np.array(3)}
    checkpoint = checkpoint_of(convert("BatchTopKSAE", state))
    assert checkpoint.config["architecture"] == "jumprelu"
    assert checkpoint.tensors["threshold"].tolist() == [expected] * 6


def test_dictionary_learning_of_an_unknown_class_is_refused(tensors: Tensors) -> None:
    with pytest.raises(ArchitectureUnknownError, match="IdentityDict"):
        convert("IdentityDict", tensors)
    with pytest.raises(TensorMissingError):
        convert("GatedAutoEncoder", tensors)
