"""Tasks of a synthetic model: what the paper asks of SAEs, of features whose firing is known.

Kinds as in "Are Sparse Autoencoder Benchmarks Reliable?" (Chanin 2026): labels of single features and of AND and OR of
two for probing, children of one parent as classes for TPP, pairs of labels for SCR; each of features that an SAE of a
given width could hold ("in": the most frequent ones), or not ("out").
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

from ..checkpoint import Array
from .writer import NONE

logger = logging.getLogger("discern_publish.bundle")

_PER_KIND = 4
_CLASSES = 4
# Of a pair, rows of each combination; of a label, rows that have it and that lack it.
_FEWEST = 200
_TRIES = 400


@dataclass
class Tasks:
    """Labels [rows] int8 and the tasks that use them."""

    labels: dict[str, Array] = field(default_factory=dict[str, Array])
    tasks: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


class TaskMaker:
    """Finds tasks in which features fire often enough.

    `fires [rows, n_features]` is boolean; `siblings` are groups of features with a common parent.
    """

    def __init__(self, fires: Array, siblings: Sequence[Sequence[int]], width: int, dataset: str, seed: int) -> None:
        self._fires = fires
        self._siblings = siblings
        self._dataset = dataset
        self._random = np.random.default_rng(seed)
        counts = fires.sum(axis=0)
        usable = (counts >= _FEWEST) & (len(fires) - counts >= _FEWEST)
        inside = np.zeros(fires.shape[1], bool)
        inside[np.argsort(-counts, kind="stable")[:width]] = True
        self._inside = inside
        self._pools = {"in": np.flatnonzero(usable & inside), "out": np.flatnonzero(usable & ~inside)}
        self._made = Tasks()

    def make(self) -> Tasks:
        """Return the tasks; of a kind for which there are too few firing features, none."""
        for place in ("in", "out"):
            self._single(place)
        self._boolean("in", "in", "and")
        self._boolean("out", "out", "or")
        self._boolean("in", "out", "and")
        self._classes()
        for target, spurious in product(("in", "out"), repeat=2):
            for kind in ("single", "or"):
                self._confound(target, spurious, kind)
        self._warn()
        return self._made

    def _warn(self) -> None:
        kinds = {task["kind"] for task in self._made.tasks}
        for kind in ("binary", "classes", "confound"):
            if kind not in kinds:
                logger.warning("no task of kind %s: too few features fire %d times in these rows", kind, _FEWEST)

    def _draw(self, place: str) -> int | None:
        pool = self._pools[place]
        return int(self._random.choice(pool)) if len(pool) > 0 else None

    def _single(self, place: str) -> None:
        pool = self._pools[place]
        for feature in self._random.permutation(pool)[:_PER_KIND]:
            self._add_binary(f"single_{place}__single__{feature}", self._fires[:, feature], f"single_{place}")

    def _boolean(self, first: str, second: str, operator: str) -> None:
        category = f"bool_{first if first == second else 'mixed'}"
        found = 0
        for _ in range(_TRIES):
            a, b = self._draw(first), self._draw(second)
            if a is None or b is None or found == _PER_KIND:
                return
            a, b = sorted((a, b))
            name = f"{category}__{operator}__{a}_{b}"
            label = self._combine(a, b, operator)
            if a != b and name not in self._made.labels and self._is_enough(label):
                self._add_binary(name, label, category)
                found += 1

    def _classes(self) -> None:
        found = {"in": 0, "out": 0}
        order: list[int] = self._random.permutation(len(self._siblings)).tolist()
        for group in order:
            features: Array = np.array(self._siblings[group])
            # A row belongs to a class when it is the only one of them that fires.
            alone = self._fires[:, features] & (self._fires[:, features].sum(axis=1, keepdims=True) == 1)
            often = np.argsort(-alone.sum(axis=0), kind="stable")[:_CLASSES]
            often = often[alone.sum(axis=0)[often] >= _FEWEST]
            places = {"in" if inside else "out" for inside in self._inside[features[often]]}
            if len(often) < 2 or len(places) > 1:
                continue
            (place,) = places
            if found[place] < _PER_KIND:
                found[place] += 1
                self._add_classes(f"tpp_all_{place}_{'_'.join(map(str, features[often]))}", features[often], place)

    def _add_classes(self, name: str, features: Array, place: str) -> None:
        fires = self._fires[:, features]
        several = fires.sum(axis=1) > 1
        labels = [f"{name}.class_{feature}" for feature in features]
        for column, label in enumerate(labels):
            self._made.labels[label] = np.where(several, NONE, fires[:, column]).astype(np.int8)
        task = {"kind": "classes", "name": name, "dataset": self._dataset, "labels": labels, "category": f"all_{place}"}
        self._made.tasks.append(task)

    def _confound(self, target: str, spurious: str, kind: str) -> None:
        for _ in range(_TRIES):
            drawn = [self._draw(place) for place in (target, target, spurious, spurious)]
            features = [feature for feature in drawn if feature is not None]
            if len(features) < 4:
                return
            a, b, c, d = features
            if len({a, b, c, d} if kind == "or" else {a, c}) < (4 if kind == "or" else 2):
                continue
            t = self._combine(a, b, "or") if kind == "or" else self._fires[:, a]
            s = self._combine(c, d, "or") if kind == "or" else self._fires[:, c]
            if all(int(rows.sum()) >= _FEWEST for rows in (t & s, ~t & ~s, t & ~s, ~t & s)):
                self._add_confound(f"scr_T{target}_S{spurious}_{kind}_0", t, s, f"{target}-{spurious}")
                return

    def _add_confound(self, name: str, t: Array, s: Array, category: str) -> None:
        self._made.labels[f"{name}.t"] = t.astype(np.int8)
        self._made.labels[f"{name}.s"] = s.astype(np.int8)
        task = {"kind": "confound", "name": name, "dataset": self._dataset, "target": f"{name}.t"}
        self._made.tasks.append({**task, "spurious": f"{name}.s", "category": category})

    def _add_binary(self, name: str, label: Array, category: str) -> None:
        self._made.labels[name] = label.astype(np.int8)
        task = {"kind": "binary", "name": name, "dataset": self._dataset, "label": name, "category": category}
        self._made.tasks.append(task)

    def _combine(self, a: int, b: int, operator: str) -> Array:
        return self._fires[:, a] & self._fires[:, b] if operator == "and" else self._fires[:, a] | self._fires[:, b]

    def _is_enough(self, label: Array) -> bool:
        return _FEWEST <= int(label.sum()) <= len(label) - _FEWEST
