"""Bundles of real, if tiny, models of transformers, TransformerLens and SAELens."""

from __future__ import annotations

import importlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file  # pyright: ignore[reportUnknownVariableType]

from discern_publish.bundle.activations import Limits, last_token_activations
from discern_publish.bundle.model import LensModel, TransformersModel
from discern_publish.bundle.synthetic import from_synthetic, siblings_of
from discern_publish.errors import BundleError

pytestmark = pytest.mark.torch
torch: Any = importlib.import_module("torch")
transformers: Any = importlib.import_module("transformers")
transformer_lens: Any = importlib.import_module("transformer_lens")
synthetic: Any = importlib.import_module("sae_lens.synthetic")

TOKENS = np.array([[5, 6, 7, 8], [9, 10, 0, 0]], np.int64)
MASK = np.array([[1, 1, 1, 1], [1, 1, 0, 0]], np.int64)


class Tokenizer:
    all_special_ids: Sequence[int] = (0,)
    eos_token_id = 0

    def __call__(self, text: str) -> dict[str, list[int]]:
        return {"input_ids": [ord(letter) - 90 for letter in text]}


@pytest.fixture
def llama() -> Any:
    torch.manual_seed(0)
    config = transformers.LlamaConfig(
        vocab_size=40,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=3,
        num_attention_heads=2,
        num_key_value_heads=2,
    )
    return transformers.LlamaForCausalLM(config).eval()


def test_residual_streams_are_the_hidden_states_of_transformers(llama: Any) -> None:
    with torch.inference_mode():
        states = llama(torch.from_numpy(TOKENS), torch.from_numpy(MASK), output_hidden_states=True).hidden_states
    for hook, expected in [("blocks.1.hook_resid_pre", 1), ("blocks.1.hook_resid_post", 2), ("model.layers.0", 1)]:
        found = TransformersModel(llama, Tokenizer(), hook).activations(TOKENS, MASK)
        np.testing.assert_allclose(found, states[expected].numpy(), rtol=1e-5, atol=1e-6)


def test_padding_and_batches_change_nothing(llama: Any) -> None:
    model = TransformersModel(llama, Tokenizer(), "blocks.2.hook_resid_pre")
    texts = ["abcdef", "b", "dcb", "ga"]
    together = last_token_activations(model, texts, Limits(4, 100))
    for row, text in enumerate(texts):
        alone = last_token_activations(model, [text], Limits(1, 100))[0]
        np.testing.assert_allclose(together[row], alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("hook", ["blocks.3.hook_resid_pre", "blocks.x", "model.layers.7"])
def test_a_hook_that_is_not_there_is_refused(llama: Any, hook: str) -> None:
    with pytest.raises(BundleError):
        TransformersModel(llama, Tokenizer(), hook)


def test_hook_points_of_transformer_lens() -> None:
    config = transformer_lens.HookedTransformerConfig(
        n_layers=3, d_model=16, n_ctx=8, d_head=8, n_heads=2, d_vocab=40, act_fn="gelu", seed=0
    )
    model = transformer_lens.HookedTransformer(config)
    with torch.inference_mode():
        _, cache = model.run_with_cache(torch.from_numpy(TOKENS), attention_mask=torch.from_numpy(MASK))
    for hook in ("blocks.1.hook_resid_pre", "blocks.2.attn.hook_z", "hook_embed"):
        found = LensModel(model, hook).activations(TOKENS, MASK)
        np.testing.assert_allclose(found, cache[hook].numpy(), rtol=1e-5, atol=1e-6)
    with pytest.raises(BundleError):
        LensModel(model, "blocks.9.hook_resid_pre")


def silent(_count: int) -> None:
    pass


@pytest.fixture
def model() -> Any:
    return synthetic.SyntheticModel(
        synthetic.SyntheticModelConfig(
            num_features=60,
            hidden_dim=8,
            seed=1,
            firing_probability=synthetic.ZipfianFiringProbabilityConfig(exponent=0.3, max_prob=0.5, min_prob=0.3),
            hierarchy=synthetic.HierarchyConfig(total_root_nodes=5, branching_factor=3, max_depth=1),
        )
    )


def exported(model: Any, folder: Path, **options: Any) -> dict[str, Any]:
    sizes: dict[str, Any] = {"corpus_rows": 5000, "pool_rows": 6000, "width": 30, "seed": 0, **options}
    from_synthetic(model, folder, name="s", progress=silent, **sizes)
    return json.loads((folder / "bundle.json").read_text())


def test_a_synthetic_model_is_exported_with_its_ground_truth(model: Any, tmp_path: Path) -> None:
    description = exported(model, tmp_path)
    truth = load_file(tmp_path / "ground_truth.safetensors")
    corpus = load_file(tmp_path / "corpus.safetensors")["activations"]
    assert description["ground_truth"] == {"file": "ground_truth.safetensors", "n_features": 60, "rows": 5000}
    # The rows are what the features' activations make of the features.
    dense = np.zeros((5000, 60), np.float32)
    rows = np.repeat(np.arange(5000), np.diff(truth["indptr"]))
    dense[rows, truth["indices"]] = truth["values"]
    bias = model.feature_dict.bias.detach().numpy()
    np.testing.assert_allclose(corpus, dense @ truth["features"] + bias, rtol=1e-2, atol=1e-2)
    assert {task["kind"] for task in description["tasks"]} == {"binary", "classes", "confound"}


def test_the_same_seed_exports_the_same(model: Any, tmp_path: Path) -> None:
    for name, seed in [("a", 0), ("b", 0), ("c", 1)]:
        exported(model, tmp_path / name, seed=seed)
    files = [(tmp_path / name / "datasets" / "pool.safetensors").read_bytes() for name in "abc"]
    assert files[0] == files[1]
    assert files[0] != files[2]


def test_siblings_have_a_parent_in_common(model: Any) -> None:
    groups = siblings_of(model.hierarchy)
    assert groups
    assert all(len(group) == 3 for group in groups)
    assert siblings_of(None) == []


def test_a_saved_model_and_a_configuration_are_taken(model: Any, tmp_path: Path) -> None:
    model.save(tmp_path / "saved")
    (tmp_path / "config.json").write_text(json.dumps(model.cfg.to_dict()))
    exported(str(tmp_path / "saved"), tmp_path / "a")
    exported(str(tmp_path / "config.json"), tmp_path / "b")
    pools = [load_file(tmp_path / name / "datasets" / "pool.safetensors")["activations"] for name in "ab"]
    assert np.array_equal(pools[0], pools[1])
    with pytest.raises(BundleError, match="no synthetic model"):
        exported(str(tmp_path / "none.json"), tmp_path / "c")
