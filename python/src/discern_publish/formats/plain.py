"""Tensors of a training loop of one's own."""

from __future__ import annotations

from collections.abc import Mapping

from ..checkpoint import Checkpoint, array_of
from ..errors import ShapeMismatchError, TensorMissingError
from ..message_pack import Value


def from_tensors(
    tensors: Mapping[str, object],
    *,
    architecture: str,
    k: int | None = None,
    apply_b_dec_to_input: bool = True,
    rescale_acts_by_decoder_norm: bool = False,
) -> Checkpoint:
    """Return a checkpoint of NumPy arrays or PyTorch tensors, in SAELens' names and shapes.

    All have `W_enc [d_in, d_sae]`, `W_dec [d_sae, d_in]` and `b_dec [d_in]`. Besides:

    - `standard`: `b_enc [d_sae]`; ReLU;
    - `topk`: `b_enc`; the `k` largest pre-activations of a row, through a ReLU;
    - `jumprelu`: `b_enc` and `threshold [d_sae]`; active where the pre-activation is above, strictly. That is also what
      BatchTopK is outside of training: give the running threshold of the batch as `threshold`, filled up to `[d_sae]`;
    - `gated`: `b_gate`, `b_mag` and `r_mag`, each `[d_sae]`.

    `apply_b_dec_to_input` subtracts `b_dec` from the input; `rescale_acts_by_decoder_norm` (of `topk`) ranks
    pre-activations times their decoder norm.
    """
    if "W_enc" not in tensors:
        raise TensorMissingError(f"expected the tensor W_enc [d_in, d_sae], found {', '.join(tensors)}")
    arrays = {name: array_of(tensor) for name, tensor in tensors.items()}
    shape = arrays["W_enc"].shape
    if len(shape) != 2:
        raise ShapeMismatchError(f"tensor W_enc: expected [d_in, d_sae], found {list(shape)}")
    config: dict[str, Value] = {
        "architecture": architecture,
        "d_in": int(shape[0]),
        "d_sae": int(shape[1]),
        "apply_b_dec_to_input": apply_b_dec_to_input,
        "normalize_activations": "none",
        **({} if k is None else {"k": k}),
        **({"rescale_acts_by_decoder_norm": True} if rescale_acts_by_decoder_norm else {}),
    }
    return Checkpoint("sae_lens", config, arrays)
