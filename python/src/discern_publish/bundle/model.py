"""Activations of a language model at a hook point."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Protocol

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
