"""Texts and labels: sae-probes' data sets (0.4.2) and files of one's own."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..checkpoint import Array
from ..errors import BundleError
from ..optional import load
from .writer import NO, NONE, YES

_MOST_CLASSES = 20


@dataclass(frozen=True)
class LabelledTexts:
    """Texts, and for each label an int8 array [texts]: 1 yes, 0 no, -1 has no such label."""

    name: str
    texts: Sequence[str]
    labels: dict[str, Array]
    tasks: list[dict[str, object]]


def read_dataset(source: str, rows: int, seed: int) -> LabelledTexts:
    """Return a data set of sae-probes by its name (`96_spam_is` or `spam_is`), or a `.csv` or `.jsonl` file.

    A file has the columns `prompt` and `target`. Two targets make a binary task, up to 20 a task of classes and a
    binary one for each. Repeated texts are taken once, those with contradicting targets not at all. At most `rows`
    texts are drawn, as many of each target as there can be.
    """
    name, pairs = _pairs(source)
    pairs = _sample(_distinct(pairs), rows, seed)
    targets = sorted({target for _, target in pairs})
    if not 2 <= len(targets) <= _MOST_CLASSES:
        raise BundleError(f"{source}: {len(targets)} different targets; expected 2 to {_MOST_CLASSES}")
    texts = [text for text, _ in pairs]
    values = np.array([targets.index(target) for _, target in pairs])
    if len(targets) == 2:
        labels = {name: np.where(values == 1, YES, NO).astype(np.int8)}
        return LabelledTexts(name, texts, labels, [_binary(name, name)])
    labels = {f"{name}.{target}": np.where(values == i, YES, NO).astype(np.int8) for i, target in enumerate(targets)}
    classes: dict[str, object] = {"kind": "classes", "name": name, "dataset": name, "labels": list(labels)}
    return LabelledTexts(name, texts, labels, [*(_binary(name, label) for label in labels), classes])


def read_confound(spec: str, rows: int, seed: int) -> LabelledTexts:
    """Return `NAME=TARGET:SPURIOUS`, of two binary data sets: the texts of both, as many of each combination as can be.

    Texts that only one of them has keep -1 for the other.
    """
    match = re.fullmatch(r"([^=]+)=([^:]+):(.+)", spec)
    if match is None:
        raise BundleError(f"{spec}: expected NAME=TARGET:SPURIOUS")
    name, target, spurious = match.groups()
    known = [_binary_targets(source) for source in (target, spurious)]
    both = sorted(known[0][1].keys() & known[1][1].keys())
    if len(both) < 8:
        raise BundleError(f"{spec}: the two data sets have {len(both)} texts in common")
    pairs = [(text, f"{known[0][1][text]}{known[1][1][text]}") for text in both]
    texts = [text for text, _ in _sample(pairs, rows, seed)]
    labels = {label: np.array([table.get(text, NONE) for text in texts], np.int8) for label, table in known}
    names = list(labels)
    task: dict[str, object] = {
        "kind": "confound",
        "name": name,
        "dataset": name,
        "target": names[0],
        "spurious": names[1],
    }
    return LabelledTexts(name, texts, labels, [task])


def read_corpus(path: Path) -> list[str]:
    """Return the documents of a text file (parted by empty lines) or of a `.jsonl` with the key `text`."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BundleError(f"{path}: cannot be read: {error}") from error
    if path.suffix == ".jsonl":
        return [str(json.loads(line)["text"]) for line in text.splitlines() if line.strip()]
    return [document for document in re.split(r"\n\s*\n", text) if document.strip()]


def sae_probes_names() -> list[str]:
    """Return the names of sae-probes' data sets."""
    return sorted(path.name.removesuffix(".csv.zst") for path in _sae_probes_folder().glob("*.csv.zst"))


def _binary_targets(source: str) -> tuple[str, dict[str, int]]:
    name, pairs = _pairs(source)
    targets = sorted({target for _, target in pairs})
    if len(targets) != 2:
        raise BundleError(f"{source}: {len(targets)} different targets; a confound is of two binary data sets")
    return name, {text: targets.index(target) for text, target in _distinct(pairs)}


def _binary(dataset: str, label: str) -> dict[str, object]:
    return {"kind": "binary", "name": label, "dataset": dataset, "label": label}


def _pairs(source: str) -> tuple[str, list[tuple[str, str]]]:
    path = Path(source)
    try:
        if path.suffix == ".csv":
            return path.stem, list(_read_csv(path.read_text("utf-8"), source))
        if path.suffix == ".jsonl":
            lines = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
            return path.stem, [(str(line["prompt"]), str(line["target"])) for line in lines]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BundleError(f"{source}: cannot be read as prompts and targets: {error!r}") from error
    return _read_sae_probes(source)


def _read_sae_probes(name: str) -> tuple[str, list[tuple[str, str]]]:
    names = sae_probes_names()
    found = [known for known in names if known == name or known.partition("_")[2] == name]
    if not found:
        close = [known for known in names if name in known]
        raise BundleError(
            f"{name}: no data set of sae-probes, and no .csv or .jsonl file",
            f"those that contain it: {', '.join(close) or 'none'}; `discern-bundle datasets` lists all",
        )
    data = (_sae_probes_folder() / f"{found[0]}.csv.zst").read_bytes()
    text = load("zstandard", "sae-probes' files are compressed").ZstdDecompressor().stream_reader(data).read()
    return found[0], list(_read_csv(text.decode("utf-8"), name))


def _sae_probes_folder() -> Path:
    """Found without importing the package, which would import much else."""
    spec = importlib.util.find_spec("sae_probes")
    if spec is None or spec.origin is None:
        raise BundleError("sae-probes is not installed", "pip install --no-deps sae-probes")
    return Path(spec.origin).parent / "data" / "cleaned_data"


def _read_csv(text: str, source: str) -> Iterator[tuple[str, str]]:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    reader = csv.DictReader(io.StringIO(text))
    if not {"prompt", "target"} <= set(reader.fieldnames or []):
        raise BundleError(
            f"{source}: expected the columns prompt and target, found {', '.join(reader.fieldnames or [])}"
        )
    return ((row["prompt"], row["target"]) for row in reader if row["prompt"])


def _distinct(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    targets: dict[str, set[str]] = {}
    for text, target in pairs:
        targets.setdefault(text, set()).add(target)
    return [(text, next(iter(found))) for text, found in targets.items() if len(found) == 1]


def _sample(pairs: Sequence[tuple[str, str]], rows: int, seed: int) -> list[tuple[str, str]]:
    """The rarest target is taken whole before others get more than it, and the order is kept."""
    if len(pairs) <= rows:
        return list(pairs)
    order = list(range(len(pairs)))
    random.Random(seed).shuffle(order)  # noqa: S311
    counts: Counter[str] = Counter()
    rank: dict[int, int] = {}
    for index in order:
        rank[index] = counts[pairs[index][1]]
        counts[pairs[index][1]] += 1
    chosen = sorted(sorted(order, key=lambda index: rank[index])[:rows])
    return [pairs[index] for index in chosen]
