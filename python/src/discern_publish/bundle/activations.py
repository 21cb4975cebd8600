"""Texts as rows of activations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..checkpoint import Array
from ..errors import BundleError
from .model import Model


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
