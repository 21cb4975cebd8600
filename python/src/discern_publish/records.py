"""Records as they travel: fields in the order in which Discern writes them, checked before anything is sent."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TypeAlias

from .errors import RecordInvalidError, ScoreNotFiniteError
from .message_pack import Value

Record: TypeAlias = Mapping[str, Value]

_SAFE_INTEGER = 2**53 - 1
_LONGEST_NAME = 200


@dataclass(frozen=True)
class Run:
    """One training run of one SAE, and the panel of runs it is compared with."""

    panel: str
    run: str
    variant: str
    train_seed: int

    def __post_init__(self) -> None:
        for field in ("panel", "run", "variant"):
            check_name(field, getattr(self, field))
        check_integer("train_seed", self.train_seed)


@dataclass(frozen=True)
class Progress:
    """How far a run has come."""

    step: int
    tokens: int

    def __post_init__(self) -> None:
        check_count("step", self.step)
        check_count("tokens", self.tokens)


def now() -> str:
    """Return the time in the form of JavaScript's `toISOString`."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def manifest(
    run: Run,
    progress: Progress,
    *,
    format: str,
    config: Mapping[str, Value],
    auxiliary: Mapping[str, Value],
    weights: Mapping[str, Value],
    published_at: str,
    bundle: str | None = None,
) -> Record:
    """Return a checkpoint's manifest; `weights` is from `claim` or `inline`."""
    check_name("format", format)
    return {
        "v": 1,
        "type": "checkpoint",
        **_identity(run, progress),
        "format": format,
        "config": config,
        **({"auxiliary": auxiliary} if auxiliary else {}),
        "weights": weights,
        **({} if bundle is None else {"bundle": bundle}),
        "publishedAt": published_at,
    }


def claim(uri: str, sha256: str, size: int) -> Mapping[str, Value]:
    """Return the weights of a manifest that says where they are."""
    return {"uri": uri, "sha256": sha256, "bytes": size}


def inline(parts: int, sha256: str, size: int) -> Mapping[str, Value]:
    """Return the weights of a manifest that they follow in chunks."""
    return {"parts": parts, "bytes": size, "sha256": sha256}


def chunk(run: Run, step: int, part: int, parts: int, data: bytes) -> Record:
    """Return one part of inline weights; parts are counted from 0."""
    return {"v": 1, "type": "chunk", "run": run.run, "step": step, "part": part, "parts": parts, "data": data}


def finished(run: Run, step: int) -> Record:
    """Return the record that says a run has ended."""
    check_count("step", step)
    return {"v": 1, "type": "finished", "panel": run.panel, "run": run.run, "step": step}


def score(
    run: Run,
    progress: Progress,
    *,
    metric: str,
    param: str,
    task: str | None,
    seed: int | None,
    value: float,
    evaluated_at: str,
    bundle: str | None = None,
) -> Record:
    """Return a score; `task` None is the mean over tasks, `seed` None a metric that does not depend on it."""
    check_name("metric", metric)
    if _utf16_length(param) > _LONGEST_NAME:
        raise RecordInvalidError(f"`param`: at most {_LONGEST_NAME} characters, found {_utf16_length(param)}")
    if seed is not None:
        check_integer("seed", seed)
    if not math.isfinite(value):
        raise ScoreNotFiniteError(f"`value` of {metric} {param}: expected a finite number, found {value}")
    return {
        "v": 1,
        "type": "score",
        **_identity(run, progress),
        "metric": metric,
        "param": param,
        "task": task,
        "seed": seed,
        "value": float(value),
        **({} if bundle is None else {"bundle": bundle}),
        "evaluatedAt": evaluated_at,
    }


def score_key(record: Record) -> str:
    """Return the key of a score: the compact JSON array of its identity."""
    identity = [record[field] for field in ("panel", "run", "step", "metric", "param", "task", "seed")]
    return json.dumps(identity, separators=(",", ":"), ensure_ascii=False)


def check_name(field: str, value: object) -> None:
    """Raise `RecordInvalidError` unless it is a text of 1 to 200 characters."""
    if not isinstance(value, str) or not 1 <= _utf16_length(value) <= _LONGEST_NAME:
        raise RecordInvalidError(f"`{field}`: expected a text of 1 to {_LONGEST_NAME} characters, found {value!r}")


def check_integer(field: str, value: object) -> None:
    """Raise `RecordInvalidError` unless it is a whole number that every language can hold exactly."""
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _SAFE_INTEGER:
        raise RecordInvalidError(f"`{field}`: expected a whole number within ±(2^53 - 1), found {value!r}")


def check_count(field: str, value: object) -> None:
    """Raise `RecordInvalidError` unless it is a whole number from 0."""
    check_integer(field, value)
    if isinstance(value, int) and value < 0:
        raise RecordInvalidError(f"`{field}`: expected a whole number from 0, found {value}")


def _identity(run: Run, progress: Progress) -> dict[str, Value]:
    return {
        "panel": run.panel,
        "run": run.run,
        "variant": run.variant,
        "trainSeed": run.train_seed,
        "step": progress.step,
        "tokens": progress.tokens,
    }


def _utf16_length(text: str) -> int:
    """As JavaScript counts, which checks the records it reads."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
