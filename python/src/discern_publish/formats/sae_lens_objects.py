"""SAELens' objects, exactly as it would save them for inference (sae-lens 6.54.12)."""

from __future__ import annotations

import copy
import json
from typing import Any

from ..checkpoint import Checkpoint, array_of
from ..optional import load
from .sae_lens import inference_form


def is_sae(candidate: Any) -> bool:
    """Whether it is an SAE of SAELens, for inference or in training."""
    return all(hasattr(candidate, name) for name in ("cfg", "state_dict", "process_state_dict_for_saving", "W_dec"))


def read_object(sae: Any, scaler: Any = None) -> Checkpoint:
    """Return an SAE as SAELens would save it for inference.

    `scaler` is the trainer's `activation_scaler`. While training goes on its factor (or whitening) is not yet folded
    into the weights: it is here, on a copy, by SAELens' own methods.
    """
    folds = getattr(scaler, "scaling_factor", None) is not None or getattr(scaler, "whitening", None) is not None
    source = _folded(sae, scaler) if folds else sae
    state = source.state_dict()
    if hasattr(source, "process_state_dict_for_saving_inference"):
        source.process_state_dict_for_saving_inference(state)
        config = source.cfg.get_inference_sae_cfg_dict()
    else:
        source.process_state_dict_for_saving(state)
        config = source.cfg.to_dict()
    return inference_form(_plain(config), {name: array_of(tensor) for name, tensor in state.items()})


def _folded(sae: Any, scaler: Any) -> Any:
    """A copy on the CPU. Its class is built without memory and then given the weights, as SAELens does in loading."""
    torch = load("torch", "SAELens needs it")
    cfg = copy.deepcopy(sae.cfg)
    cfg.device = "meta"
    twin = type(sae)(cfg)
    state = {name: tensor.detach().to("cpu", copy=True) for name, tensor in sae.state_dict().items()}
    twin.load_state_dict(state, assign=True)
    twin.cfg.device = "cpu"
    twin.device = torch.device("cpu")
    if scaler.scaling_factor is not None:
        twin.fold_activation_norm_scaling_factor(scaler.scaling_factor)
    if scaler.whitening is not None:
        whitening = scaler.whitening.to(twin.device)
        twin.fold_activation_whitening(
            mean=whitening.mean, whitening_matrix=whitening.matrix, unwhitening_matrix=whitening.inverse_matrix
        )
    return twin


def _plain(config: dict[str, Any]) -> dict[str, Any]:
    """The configuration as its file would hold it."""
    return json.loads(json.dumps(config))
