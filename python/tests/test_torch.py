"""With the real libraries: what is published is what they would save, and computes what they compute.

    pip install -e '.[sae-lens,dev]' dictionary-learning eai-sparsify && pytest -m torch

dictionary_learning imports nnsight, which its dictionaries do not use: a stand-in is enough here.
"""

from __future__ import annotations

import copy
import importlib
import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pytest

from discern_publish import (
    ArchitectureUnknownError,
    Checkpoint,
    CheckpointUnreadableError,
    ConfigInvalidError,
    Publisher,
    WeightsNotFiniteError,
    checkpoint_of,
    from_tensors,
)
from discern_publish.checkpoint import Array
from discern_publish.files import read_safetensors
from discern_publish.sae_lens import publish_training

from .test_formats import decode, encode

pytestmark = pytest.mark.torch
# conftest.py leaves this file out where they are not installed.
torch: Any = importlib.import_module("torch")
sae_lens: Any = importlib.import_module("sae_lens")
importlib.import_module("sae_lens.synthetic.synthetic_sae_runner")

D_IN, D_SAE = 8, 16
NORMALISED = "expected_average_only_in"


def training_sae(architecture: str, normalize: str = "none", **options: Any) -> Any:
    torch.manual_seed(1)
    sae_class, config_class = sae_lens.registry.get_sae_training_class(architecture)
    extra: dict[str, Any] = {
        "topk": {"k": 3},
        "batchtopk": {"k": 3.0},
        "matryoshka_batchtopk": {"k": 3.0, "matryoshka_widths": [4, D_SAE]},
    }.get(architecture, {})
    sae = sae_class(config_class(d_in=D_IN, d_sae=D_SAE, normalize_activations=normalize, **extra, **options))
    with torch.no_grad():
        for parameter in sae.parameters():
            parameter.copy_(torch.randn_like(parameter) * 0.4)
        if hasattr(sae, "topk_threshold"):
            sae.topk_threshold.fill_(0.37)
        if architecture == "jumprelu":
            sae.threshold.abs_()
    return sae


def scaler(factor: float | None) -> Any:
    return sae_lens.training.activation_scaler.ActivationScaler(scaling_factor=factor)


def saved_by_sae_lens(sae: Any, factor: float | None, folder: Path) -> dict[str, Array]:
    """What its own methods make of a copy at the end of a training."""
    twin = copy.deepcopy(sae)
    if factor is not None:
        twin.fold_activation_norm_scaling_factor(factor)
    twin.save_inference_model(folder)
    return dict(read_safetensors(folder / "sae_weights.safetensors"))


ARCHITECTURES = ["standard", "gated", "jumprelu", "topk", "batchtopk", "matryoshka_batchtopk"]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("factor", [None, 0.3])
def test_an_sae_in_training_is_published_bit_for_bit_as_sae_lens_would_save_it(
    architecture: str, factor: float | None, tmp_path: Path
) -> None:
    sae = training_sae(architecture, "none" if factor is None else NORMALISED)
    before = {name: tensor.clone() for name, tensor in sae.state_dict().items()}
    checkpoint = checkpoint_of(sae, scaler(factor))
    expected = saved_by_sae_lens(sae, factor, tmp_path)
    assert sorted(checkpoint.tensors) == sorted(expected)
    for name, tensor in expected.items():
        assert np.array_equal(checkpoint.tensors[name], tensor), name
    saved_config = json.loads((tmp_path / "cfg.json").read_text())
    assert checkpoint.config["architecture"] == saved_config["architecture"]
    assert sae.cfg.normalize_activations == ("none" if factor is None else NORMALISED)
    assert all(torch.equal(before[name], tensor) for name, tensor in sae.state_dict().items())


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("rescale", [True, False])
def test_a_raw_training_folder_is_what_the_object_is(architecture: str, rescale: bool, tmp_path: Path) -> None:
    options = {"rescale_acts_by_decoder_norm": rescale} if "topk" in architecture else {}
    sae = training_sae(architecture, NORMALISED, **options)
    sae.save_model(tmp_path)
    scaler(0.3).save(str(tmp_path / "activation_scaler.json"))
    from_folder, from_object = checkpoint_of(tmp_path), checkpoint_of(sae, scaler(0.3))
    x = np.random.default_rng(0).normal(size=(200, D_IN)).astype(np.float32)
    z = encode(from_object, x)
    assert (z > 0).any()
    np.testing.assert_allclose(encode(from_folder, x), z, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(decode(from_folder, z), decode(from_object, z), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_computes_what_the_saved_sae_computes(architecture: str, tmp_path: Path) -> None:
    sae = training_sae(architecture)
    sae.save_inference_model(tmp_path)
    loaded = sae_lens.SAE.load_from_disk(tmp_path)
    x = np.random.default_rng(0).normal(size=(200, D_IN)).astype(np.float32)
    checkpoint = checkpoint_of(sae)
    z = encode(checkpoint, x)
    with torch.no_grad():
        expected = loaded.encode(torch.from_numpy(x))
        np.testing.assert_allclose(z, expected.numpy(), rtol=1e-3, atol=1e-5)
        np.testing.assert_allclose(decode(checkpoint, z), loaded.decode(expected).numpy(), rtol=1e-3, atol=1e-5)
    for name, tensor in checkpoint_of(loaded).tensors.items():
        assert np.array_equal(tensor, checkpoint.tensors[name]), name


def test_an_sae_of_half_precision_is_taken() -> None:
    checkpoint = checkpoint_of(training_sae("standard").to(torch.bfloat16))
    assert checkpoint.tensors["W_enc"].dtype == np.float32


def test_normalised_inputs_without_their_factor_are_refused() -> None:
    with pytest.raises(ConfigInvalidError, match=r"activation_scaler=trainer\.activation_scaler"):
        checkpoint_of(training_sae("batchtopk", NORMALISED))


def test_an_architecture_that_discern_does_not_know_is_refused() -> None:
    sae_class, config_class = sae_lens.registry.get_sae_training_class("matching_pursuit")
    with pytest.raises(ArchitectureUnknownError, match="matching_pursuit"):
        checkpoint_of(sae_class(config_class(d_in=D_IN, d_sae=D_SAE)))


def test_weights_of_nan_are_refused() -> None:
    sae = training_sae("standard")
    with torch.no_grad():
        sae.W_dec[3, 4] = float("nan")
    with pytest.raises(WeightsNotFiniteError, match=r"W_dec: element \[3, 4\]"):
        checkpoint_of(sae)


def test_tensors_of_pytorch_are_copied() -> None:
    tensors = {"W_enc": torch.ones(2, 3), "W_dec": torch.ones(3, 2), "b_enc": torch.zeros(3), "b_dec": torch.zeros(2)}
    checkpoint = from_tensors(tensors, architecture="standard")
    tensors["W_enc"].fill_(5)
    assert checkpoint.tensors["W_enc"].tolist() == [[1, 1, 1], [1, 1, 1]]


class Recorder:
    """A publisher that keeps what it is given."""

    def __init__(self) -> None:
        self.run = SimpleNamespace(run="r")
        self.steps: list[tuple[int, int]] = []
        self.checkpoints: list[Checkpoint] = []
        self.ended: list[str] = []

    def publish_checkpoint(self, sae: Any, *, step: int, tokens: int, activation_scaler: Any) -> None:
        self.steps.append((step, tokens))
        self.checkpoints.append(checkpoint_of(sae, activation_scaler))

    def finish(self) -> None:
        self.ended.append("finish")

    def close(self, _timeout: float) -> None:
        self.ended.append("close")


def synthetic_runner(tmp_path: Path, samples: int = 1000, **config: Any) -> Any:
    synthetic = sae_lens.synthetic
    return synthetic.SyntheticSAERunner(
        synthetic.SyntheticSAERunnerConfig(
            synthetic_model=synthetic.SyntheticModelConfig(num_features=20, hidden_dim=D_IN),
            sae=training_sae("batchtopk", NORMALISED).cfg,
            training_samples=samples,
            batch_size=100,
            n_batches_for_norm_estimate=2,
            checkpoint_path=None,
            output_path=str(tmp_path / "out"),
            run_final_eval=False,
            logger=sae_lens.LoggingConfig(log_to_wandb=False),
            **config,
        )
    )


def test_a_runner_publishes_at_its_steps_and_at_the_end_what_it_saves(tmp_path: Path) -> None:
    recorder: Any = Recorder()
    runner = synthetic_runner(tmp_path)
    publish_training(runner, recorder, every=4, at=[1, 10])
    runner.run()
    assert recorder.steps == [(1, 100), (4, 400), (8, 800), (10, 1000)]
    assert recorder.ended == ["finish", "close"]
    saved = read_safetensors(tmp_path / "out" / "sae_weights.safetensors")
    for name, tensor in saved.items():
        assert np.array_equal(recorder.checkpoints[-1].tensors[name], tensor), name
    assert sae_lens.synthetic.synthetic_sae_runner.SAETrainer is sae_lens.training.sae_trainer.SAETrainer


def test_a_training_that_fails_is_not_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_trainer: object) -> None:
        raise ZeroDivisionError

    recorder: Any = Recorder()
    runner = synthetic_runner(tmp_path)
    monkeypatch.setattr(sae_lens.training.sae_trainer.SAETrainer, "fit", fail)
    publish_training(runner, recorder, every=1)
    with pytest.raises(ZeroDivisionError):
        runner.run()
    assert recorder.ended == ["close"]


def test_a_checkpoint_that_cannot_be_published_does_not_stop_the_training(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    recorder: Any = Recorder()
    runner = synthetic_runner(tmp_path)
    runner.sae.cfg.reshape_activations = "hook_z"
    publish_training(runner, recorder, at=[2])
    with caplog.at_level(logging.WARNING, "discern_publish"):
        runner.run()
    assert "step 2 of r is not published: reshape_activations 'hook_z' is not supported" in caplog.text
    assert recorder.ended == ["finish", "close"]


def test_a_language_model_runner_hands_its_trainer_over() -> None:
    recorder: Any = Recorder()
    trainer = SimpleNamespace(
        sae=training_sae("standard"),
        activation_scaler=scaler(None),
        n_training_steps=0,
        n_training_samples=0,
        cfg=SimpleNamespace(total_training_samples=20),
    )

    def step(_batch: object) -> None:
        trainer.n_training_samples += 10

    def fit() -> Any:
        while trainer.n_training_samples < 20:
            trainer.step(None)
            trainer.n_training_steps += 1
        return trainer.sae

    def run_trainer(given: Any) -> Any:
        return given.fit()

    trainer.step, trainer.fit = step, fit
    runner = SimpleNamespace(run_trainer_with_interruption_handling=run_trainer)
    publish_training(runner, recorder, every=1)
    assert runner.run_trainer_with_interruption_handling(trainer) is trainer.sae
    assert recorder.steps == [(1, 10), (2, 20)]
    assert hasattr(sae_lens.LanguageModelSAETrainingRunner, "run_trainer_with_interruption_handling")


@pytest.fixture
def dictionaries(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setitem(sys.modules, "nnsight", MagicMock())
    pytest.importorskip("dictionary_learning", reason="dictionary-learning is not installed")
    dictionary: Any = importlib.import_module("dictionary_learning.dictionary")
    top_k: Any = importlib.import_module("dictionary_learning.trainers.top_k")
    batch_top_k: Any = importlib.import_module("dictionary_learning.trainers.batch_top_k")
    matryoshka: Any = importlib.import_module("dictionary_learning.trainers.matryoshka_batch_top_k")
    return SimpleNamespace(
        AutoEncoder=lambda: dictionary.AutoEncoder(D_IN, D_SAE),
        AutoEncoderNew=lambda: dictionary.AutoEncoderNew(D_IN, D_SAE),
        GatedAutoEncoder=lambda: dictionary.GatedAutoEncoder(D_IN, D_SAE),
        JumpReluAutoEncoder=lambda: dictionary.JumpReluAutoEncoder(D_IN, D_SAE),
        AutoEncoderTopK=lambda: top_k.AutoEncoderTopK(D_IN, D_SAE, 3),
        BatchTopKSAE=lambda: batch_top_k.BatchTopKSAE(D_IN, D_SAE, 3),
        MatryoshkaBatchTopKSAE=lambda: matryoshka.MatryoshkaBatchTopKSAE(D_IN, D_SAE, 3, [4, 12]),
    )


DICTIONARIES = [
    "AutoEncoder",
    "AutoEncoderNew",
    "GatedAutoEncoder",
    "JumpReluAutoEncoder",
    "AutoEncoderTopK",
    "BatchTopKSAE",
    "MatryoshkaBatchTopKSAE",
]


@pytest.mark.parametrize("dict_class", DICTIONARIES)
def test_a_dictionary_computes_the_same_from_its_file_and_as_an_object(
    dictionaries: Any, dict_class: str, tmp_path: Path
) -> None:
    torch.manual_seed(3)
    make: Callable[[], Any] = getattr(dictionaries, dict_class)
    dictionary = make()
    with torch.no_grad():
        for parameter in dictionary.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
        if dict_class in ("BatchTopKSAE", "MatryoshkaBatchTopKSAE"):
            dictionary.threshold.fill_(0.2)
    torch.save(dictionary.state_dict(), tmp_path / "ae.pt")
    (tmp_path / "config.json").write_text(json.dumps({"trainer": {"dict_class": dict_class, "k": 3}}))
    if dict_class == "AutoEncoder":
        # The library's own loader normalises the decoder.
        dictionary.normalize_decoder()
    x = torch.randn(100, D_IN)
    with torch.no_grad():
        z = dictionary.encode(x)
        x_hat = dictionary.decode(z)
    for checkpoint in (checkpoint_of(tmp_path), checkpoint_of(dictionary)):
        np.testing.assert_allclose(encode(checkpoint, x.numpy()), z.numpy(), rtol=1e-3, atol=1e-5)
        np.testing.assert_allclose(decode(checkpoint, z.numpy()), x_hat.numpy(), rtol=1e-3, atol=1e-5)


class Malicious:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("/tmp/discern-was-run"),))  # noqa: S108


def test_a_pickle_that_runs_code_is_not_run(tmp_path: Path) -> None:
    torch.save({"encoder.weight": Malicious()}, tmp_path / "ae.pt")
    (tmp_path / "config.json").write_text('{"trainer": {"dict_class": "AutoEncoder"}}')
    with pytest.raises(CheckpointUnreadableError):
        checkpoint_of(tmp_path)
    assert not Path("/tmp/discern-was-run").exists()  # noqa: S108


def test_checkpoints_of_a_dictionary_find_their_configuration_in_the_folder_above(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "config.json").write_text('{"trainer": {"dict_class": "AutoEncoderNew"}}')
    state = {
        "encoder.weight": torch.ones(3, 2),
        "encoder.bias": torch.zeros(3),
        "decoder.weight": torch.ones(2, 3),
        "decoder.bias": torch.zeros(2),
    }
    torch.save(state, tmp_path / "checkpoints" / "ae_100.pt")
    assert checkpoint_of(tmp_path / "checkpoints" / "ae_100.pt").config["apply_b_dec_to_input"] is False


def test_a_sparse_coder_is_the_same_from_its_folder_and_as_an_object(tmp_path: Path) -> None:
    sparsify: Any = pytest.importorskip("sparsify", reason="eai-sparsify is not installed")
    coder = sparsify.SparseCoder(D_IN, sparsify.SparseCoderConfig(num_latents=D_SAE, k=3))
    coder.save_to_disk(tmp_path)
    from_folder, from_object = checkpoint_of(tmp_path), checkpoint_of(coder)
    assert (from_object.format, from_object.config) == ("sparsify", from_folder.config)
    assert sorted(from_object.tensors) == sorted(from_folder.tensors)
    for name, tensor in from_folder.tensors.items():
        assert np.array_equal(from_object.tensors[name], tensor), name


def test_the_publisher_is_the_one_of_the_package() -> None:
    from discern_publish import sae_lens as integration  # noqa: PLC0415

    assert integration.Publisher is Publisher
