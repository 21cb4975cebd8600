"""A bundle of a language model: labelled texts and a corpus, run through it."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..checkpoint import Array
from ..errors import BundleError
from .activations import Limits, context_activations, contexts_of, last_token_activations, ordinary_tokens
from .model import Model
from .shards import Shards
from .texts import LabelledTexts
from .writer import DESCRIPTION, Bundle, Dataset, write

logger = logging.getLogger("discern_publish.bundle")

_TEXTS_A_SHARD = 128
_OUTLIER = 10


@dataclass(frozen=True)
class Plan:
    """What a bundle is made of; another plan makes another bundle."""

    name: str
    model: str
    hook: str
    corpus_rows: int
    context: int
    tokens: int
    seed: int
    max_norm_ratio: float | None = None


Progress = Callable[[str, int], Callable[[int], None]]
"""Called with a part's name and its number of items; returns what is told how many of them are done."""


def build(
    plan: Plan,
    model: Model,
    documents: Sequence[str],
    datasets: Sequence[LabelledTexts],
    folder: Path,
    *,
    batch: int,
    progress: Progress,
) -> Bundle:
    """Run the model and write the bundle. An interrupted build goes on where it was.

    Raises `BundleError` when there is a bundle already, too little text for the corpus, or unfinished work of another
    plan.
    """
    if (folder / DESCRIPTION).exists():
        raise BundleError(f"{folder}: there is a bundle already", "remove it, or build into another folder")
    contexts = _contexts(plan, model, documents)
    shards = Shards(folder / ".unfinished", {**asdict(plan), "texts": _digest(contexts, datasets)})
    limits = Limits(batch, plan.tokens)
    corpus = shards.map(
        "corpus",
        contexts,
        max(1, batch),
        lambda piece: context_activations(model, np.asarray(piece), limits),
        progress("corpus", len(contexts)),
    )
    corpus, outliers = _without_outliers(corpus, plan.max_norm_ratio)
    if len(corpus) < plan.corpus_rows:
        logger.warning("the corpus has %d rows, %d were asked for", len(corpus), plan.corpus_rows)
    made = [_dataset(model, texts, shards, limits, progress) for texts in datasets]
    bundle = Bundle(
        name=plan.name,
        model=plan.model,
        hook=plan.hook,
        corpus=corpus[: plan.corpus_rows],
        datasets=made,
        tasks=[task for texts in datasets for task in texts.tasks],
        build={"context": plan.context, "tokens": plan.tokens, "seed": plan.seed, "outliers": outliers},
    )
    write(bundle, folder)
    shards.remove()
    return bundle


def _contexts(plan: Plan, model: Model, documents: Sequence[str]) -> Array:
    """Enough of them for the rows, drawn from all of the text."""
    contexts = contexts_of(model.tokenizer, documents, plan.context)
    if len(contexts) == 0:
        raise BundleError(f"the corpus has less text than one context of {plan.context} tokens")
    order = np.random.default_rng(plan.seed).permutation(len(contexts))
    rows: Array = np.cumsum(ordinary_tokens(model.tokenizer, contexts[order]).sum(axis=1))
    # Outliers that are left out are few.
    wanted = plan.corpus_rows if plan.max_norm_ratio is None else plan.corpus_rows * 1.1
    return contexts[np.sort(order[: int(np.searchsorted(rows, wanted)) + 1])]


def _dataset(model: Model, texts: LabelledTexts, shards: Shards, limits: Limits, progress: Progress) -> Dataset:
    activations = shards.map(
        texts.name,
        texts.texts,
        _TEXTS_A_SHARD,
        lambda piece: last_token_activations(model, piece, limits),
        progress(texts.name, len(texts.texts)),
    )
    _without_outliers(activations, None, texts.name)
    return Dataset(texts.name, activations, texts.labels)


def _without_outliers(rows: Array, ratio: float | None, what: str = "corpus") -> tuple[Array, Mapping[str, Any]]:
    """Report rows whose norm is far from the others', attention sinks mostly, and leave them out if that is wanted."""
    norms = np.linalg.norm(rows, axis=1)
    ratios = norms / np.median(norms)
    count = int((ratios > _OUTLIER).sum())
    if count > 0:
        logger.warning(
            "%s: %d of %d rows have more than %d times the median norm, up to %.0f times",
            what, count, len(rows), _OUTLIER, ratios.max(),
        )  # fmt: skip
    kept = rows if ratio is None else rows[ratios <= ratio]
    if len(kept) < len(rows):
        logger.warning("%s: %d rows beyond %g times the median norm are left out", what, len(rows) - len(kept), ratio)
    found = {"above_10_medians": count, "largest_in_medians": round(float(ratios.max()), 3)}
    return kept, {**found, "left_out": len(rows) - len(kept)}


def _digest(contexts: Array, datasets: Sequence[LabelledTexts]) -> str:
    digest = hashlib.sha256(contexts.tobytes())
    for texts in datasets:
        for text in (texts.name, *texts.texts, *texts.labels):
            digest.update(text.encode() + b"\0")
        for label in texts.labels.values():
            digest.update(label.tobytes())
    return digest.hexdigest()
