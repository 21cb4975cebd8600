"""Activations of a language model at a hook point."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from ..checkpoint import Array
from ..errors import BundleError
from ..optional import load


class Model(Protocol):
    """A language model that gives activations."""

    tokenizer: Any

    def activations(self, tokens: Array, mask: Array) -> Array:
        """Return float32 [batch, positions, d_in] of token ids and attention mask [batch, positions]."""
        ...


def load_model(name: str, hook: str, library: str, device: str) -> Model:
    """Load a model by its name, its folder or its `.gguf` file. `library` is `transformers` or `transformer_lens`."""
    if library == "transformer_lens":
        lens = load("transformer_lens", "--library transformer_lens")
        return LensModel(lens.HookedTransformer.from_pretrained_no_processing(name, device=device), hook)
    transformers, torch = load("transformers", "models are run by it"), load("torch", "models are run by it")
    path = Path(name)
    source: dict[str, Any] = {"pretrained_model_name_or_path": name}
    if path.suffix == ".gguf":
        source = {"pretrained_model_name_or_path": str(path.parent), "gguf_file": path.name}
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(**source)
        model = transformers.AutoModelForCausalLM.from_pretrained(**source, dtype=torch.float32)
    except (OSError, ValueError, ImportError) as error:
        raise BundleError(f"{name}: the model cannot be loaded: {error}") from error
    return TransformersModel(model.to(device).eval(), tokenizer, hook)


class _Stop(Exception):  # noqa: N818
    """Ends a forward pass: layers behind the hook are not needed."""


class TransformersModel:
    """A model of transformers.

    Hook points are `blocks.<n>.hook_resid_pre` and `hook_resid_post`, as TransformerLens names the input and output of
    a layer, or the name of any of the model's modules, for its output.
    """

    def __init__(self, model: Any, tokenizer: Any, hook: str) -> None:
        self.tokenizer = tokenizer
        self._torch = load("torch", "transformers needs it")
        self._model = model
        self._module, self._before = _module_of(model, hook)

    def activations(self, tokens: Array, mask: Array) -> Array:
        caught: list[Any] = []

        def catch_input(_module: Any, args: Any, kwargs: Any) -> None:
            caught.append(args[0] if args else kwargs["hidden_states"])
            raise _Stop

        def catch_output(_module: Any, _args: Any, output: Any) -> None:
            caught.append(output[0] if isinstance(output, tuple) else output)
            raise _Stop

        handle = (
            self._module.register_forward_pre_hook(catch_input, with_kwargs=True)
            if self._before
            else self._module.register_forward_hook(catch_output)
        )
        device = next(self._model.parameters()).device
        try:
            with self._torch.inference_mode():
                self._model(
                    input_ids=self._torch.from_numpy(tokens).to(device),
                    attention_mask=self._torch.from_numpy(mask).to(device),
                    use_cache=False,
                )
        except _Stop:
            pass
        finally:
            handle.remove()
        return caught[0].float().cpu().numpy()


class LensModel:
    """A `HookedTransformer` of TransformerLens; hook points are its own."""

    def __init__(self, model: Any, hook: str) -> None:
        self.tokenizer = model.tokenizer
        self._torch = load("torch", "TransformerLens needs it")
        self._model = model
        self._hook = hook
        layer = re.match(r"blocks\.(\d+)\.", hook)
        self._stop = None if layer is None else int(layer.group(1)) + 1
        if hook not in model.hook_dict:
            raise BundleError(f"{hook}: no hook point of this model", "e.g. blocks.0.hook_resid_pre")

    def activations(self, tokens: Array, mask: Array) -> Array:
        with self._torch.inference_mode():
            _, cache = self._model.run_with_cache(
                self._torch.from_numpy(tokens),
                attention_mask=self._torch.from_numpy(mask),
                names_filter=[self._hook],
                stop_at_layer=self._stop,
            )
        return cache[self._hook].float().cpu().numpy()


def _module_of(model: Any, hook: str) -> tuple[Any, bool]:
    match = re.fullmatch(r"blocks\.(\d+)\.hook_resid_(pre|post)", hook)
    if match is None:
        modules = dict(model.named_modules())
        if hook in modules:
            return modules[hook], False
        raise BundleError(f"{hook}: neither blocks.<n>.hook_resid_pre, hook_resid_post nor a module of the model")
    layers = _layers(model)
    layer = int(match.group(1))
    if layer >= len(layers):
        raise BundleError(f"{hook}: the model has the layers 0 to {len(layers) - 1}")
    return layers[layer], match.group(2) == "pre"


def _layers(model: Any) -> Any:
    """The transformer's layers: the longest list of modules, whatever the architecture calls it."""
    torch = load("torch", "transformers needs it")
    lists = [module for module in model.modules() if isinstance(module, torch.nn.ModuleList)]
    if not lists:
        raise BundleError(f"{type(model).__name__}: no list of layers; name the module instead")
    return max(lists, key=len)


@dataclass(frozen=True)
class Limits:
    """How much is run at once: texts a batch, tokens a text."""

    batch: int
    tokens: int


def last_token_activations(model: Model, texts: Sequence[str], limits: Limits) -> Array:
    """Return [texts, d_in]: the activation at each text's last token, as sae-probes takes it.

    Texts that are too long lose their beginning. Special tokens that the tokenizer puts at the end are not last tokens.
    """
    special = _special(model.tokenizer)
    ids = [_last(model.tokenizer(text)["input_ids"], special, limits.tokens) for text in texts]
    rows: list[Array] = [np.empty(0)] * len(texts)
    # Texts of similar length share a batch, so that little is padding.
    order = sorted(range(len(texts)), key=lambda index: len(ids[index]))
    for start in range(0, len(order), limits.batch):
        batch = order[start : start + limits.batch]
        tokens, mask = _padded([ids[index] for index in batch])
        found = model.activations(tokens, mask)
        for row, index in enumerate(batch):
            rows[index] = found[row, len(ids[index]) - 1]
    return np.stack(rows).astype(np.float32)


def context_activations(model: Model, contexts: Array, limits: Limits) -> Array:
    """Return the activations at all tokens of contexts [n, tokens] that are no special tokens, [rows, d_in]."""
    rows: list[Array] = []
    for start in range(0, len(contexts), limits.batch):
        tokens = contexts[start : start + limits.batch]
        found = model.activations(tokens, np.ones_like(tokens))
        rows.append(found[ordinary_tokens(model.tokenizer, tokens)])
    return np.concatenate(rows).astype(np.float32)


def contexts_of(tokenizer: Any, documents: Sequence[str], length: int) -> Array:
    """Return documents as contexts [n, length] of token ids: one after the other, parted by the end token."""
    tokens: list[int] = []
    for document in documents:
        tokens.extend(tokenizer(document, add_special_tokens=False)["input_ids"])
        if tokenizer.eos_token_id is not None:
            tokens.append(tokenizer.eos_token_id)
    count = len(tokens) // length
    kept: Array = np.array(tokens[: count * length], np.int64)
    return kept.reshape(count, length)


def ordinary_tokens(tokenizer: Any, tokens: Array) -> Array:
    """Return which of the tokens are no special tokens, as an array of the same shape."""
    return ~np.isin(tokens, np.array(sorted(_special(tokenizer)), np.int64))


def _special(tokenizer: Any) -> set[int]:
    return {int(token) for token in tokenizer.all_special_ids}


def _last(ids: list[int], special: set[int], longest: int) -> list[int]:
    end = len(ids)
    while end > 1 and ids[end - 1] in special:
        end -= 1
    kept = ids[:end]
    if not kept:
        raise BundleError("a text without any token")
    return kept[-longest:]


def _padded(ids: Sequence[list[int]]) -> tuple[Array, Array]:
    longest = max(len(tokens) for tokens in ids)
    tokens, mask = np.zeros((len(ids), longest), np.int64), np.zeros((len(ids), longest), np.int64)
    for row, found in enumerate(ids):
        tokens[row, : len(found)] = found
        mask[row, : len(found)] = 1
    return tokens, mask
