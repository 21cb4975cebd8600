"""Scores of any metric, measured by any program."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import records
from .kafka import Connection, Outgoing
from .message_pack import pack
from .publisher import variant_of
from .topics import EVALUATIONS


@dataclass(frozen=True, kw_only=True)
class Score:
    """What a metric says of one checkpoint.

    `task` None is the metric's mean over its tasks, which is what is audited; `seed` None a metric that does not depend
    on the evaluation seed. Publishing a score of the same identity (panel, run, step, metric, param, task, seed) again
    replaces it. `variant` is by default the run's name without its `seed<n>`.
    """

    panel: str
    run: str
    step: int
    tokens: int
    metric: str
    value: float
    param: str = ""
    task: str | None = None
    seed: int | None = None
    variant: str | None = None
    train_seed: int = 0
    bundle: str | None = None
    evaluated_at: str = field(default_factory=records.now)

    def record(self) -> records.Record:
        """Return the record, or raise `RecordInvalidError` or `ScoreNotFiniteError`."""
        variant = variant_of(self.run) if self.variant is None else self.variant
        return records.score(
            records.Run(self.panel, self.run, variant, self.train_seed),
            records.Progress(self.step, self.tokens),
            metric=self.metric,
            param=self.param,
            task=self.task,
            seed=self.seed,
            value=self.value,
            bundle=self.bundle,
            evaluated_at=self.evaluated_at,
        )


def publish_scores(
    scores: Iterable[Score],
    *,
    brokers: str | Sequence[str],
    kafka: Mapping[str, Any] | None = None,
    connect_timeout: float = 10.0,
    timeout: float = 60.0,
) -> int:
    """Publish scores and return how many there were, once the broker has all of them.

    All are checked before the first is sent: raises `RecordInvalidError`, `ScoreNotFiniteError`,
    `BrokerUnreachableError`, `TopicMissingError`, `MessageTooLargeError` or `NotDeliveredError`.
    """
    outgoing = [_outgoing(score.record()) for score in scores]
    connection = Connection(brokers, kafka)
    connection.check(EVALUATIONS, connect_timeout)
    for record in outgoing:
        connection.check_size(record)
    connection.send(outgoing, threading.Event(), timeout)
    return len(outgoing)


def _outgoing(record: records.Record) -> Outgoing:
    return Outgoing(EVALUATIONS, records.score_key(record), pack(record))
