"""Publishing the checkpoints of one training run."""

from __future__ import annotations

import atexit
import hashlib
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any

from . import records
from .checkpoint import Checkpoint
from .errors import NotDeliveredError, PublisherClosedError
from .formats import checkpoint_of
from .kafka import Connection, Outgoing
from .message_pack import Value, pack
from .outbox import Counters, Item, Outbox
from .share import Share
from .topics import CHECKPOINTS, CHUNK_BYTES

_GIB = 2**30


class Publisher:
    """Publishes the checkpoints of one training run, without ever making it wait for the broker.

    `variant` is what runs of the same kind share; by default the run's name without its `seed<n>`. Weights travel
    through Kafka, or, with `share`, a folder that the evaluator reads too, as files there.

    Up to `max_queued` checkpoints of together `max_queued_bytes` wait while no broker answers. When there are more,
    the oldest are dropped, with a warning and counted in `counters.dropped`.

    `kafka` has further settings of librdkafka, e.g. `{"security.protocol": "SASL_SSL", …}`.

    Raises `RecordInvalidError`, `BrokerUnreachableError`, `TopicMissingError` or `MessageTooLargeError`: what is wrong
    with the set-up is known before the training begins.
    """

    def __init__(
        self,
        brokers: str | Sequence[str],
        *,
        panel: str,
        run: str,
        variant: str | None = None,
        train_seed: int = 0,
        share: str | PathLike[str] | None = None,
        bundle: str | None = None,
        max_queued: int = 8,
        max_queued_bytes: int = 2 * _GIB,
        kafka: Mapping[str, Any] | None = None,
        connect_timeout: float = 10.0,
    ) -> None:
        self.run = records.Run(panel, run, variant_of(run) if variant is None else variant, train_seed)
        self._bundle = bundle
        self._share = None if share is None else Share(Path(share))
        self._connection = Connection(brokers, kafka)
        self._connection.check(CHECKPOINTS, connect_timeout)
        if self._share is None:
            self._check_chunks()
        self._last_step = 0
        self._finished = False
        self._outbox = Outbox(max_queued, max_queued_bytes)
        atexit.register(self.close)

    @property
    def counters(self) -> Counters:
        """How many checkpoints were published, wait, were dropped or refused."""
        return self._outbox.counters

    @property
    def published(self) -> int:
        """Checkpoints that the broker has."""
        return self.counters.published

    @property
    def queued(self) -> int:
        """Checkpoints that wait for the broker."""
        return self.counters.queued

    @property
    def dropped(self) -> int:
        """Checkpoints that were given up, since the broker was away for too long."""
        return self.counters.dropped

    def publish_checkpoint(self, sae: Any, *, step: int, tokens: int, activation_scaler: Any = None) -> None:
        """Queue a checkpoint as it is now; it may be trained on at once.

        `sae` is an SAE or training SAE of SAELens, a dictionary of dictionary_learning, a `SparseCoder` of sparsify, a
        folder (or `.pt`) that one of them saved, or what `from_tensors` returns. Of an SAE of SAELens whose inputs are
        normalised, `activation_scaler` is the trainer's: its factor is folded into the copy.

        Raises a `DiscernPublishError` when it could not be evaluated: an unknown architecture, wrong shapes, NaN
        weights, a configuration that is too large. Nothing is sent then.
        """
        if self._outbox.closed:
            raise PublisherClosedError(f"run {self.run.run}: the publisher is closed")
        progress = records.Progress(step, tokens)
        checkpoint = checkpoint_of(sae, activation_scaler)
        # The digest is only known once the weights are written; its length is not.
        stand_in = records.inline(1, "0" * 64, checkpoint.nbytes)
        self._connection.check_size(self._outgoing(self._manifest(progress, checkpoint, stand_in)))
        self._last_step = max(self._last_step, step)
        send = partial(self._send, checkpoint, progress)
        self._outbox.put(Item(f"step {step} of {self.run.run}", checkpoint.nbytes, send))

    def finish(self) -> None:
        """Say that the run has ended: it is then neither silent nor, after a while, shown."""
        if self._finished or self._outbox.closed:
            return
        self._finished = True
        end = self._outgoing(records.finished(self.run, self._last_step))
        send = partial(self._connection.send, [end])
        self._outbox.put(Item(f"the end of {self.run.run}", len(end.value), send, droppable=False))

    def flush(self, timeout: float | None = None) -> bool:
        """Wait until the broker has everything; whether it was in time."""
        return self._outbox.flush(timeout)

    def close(self, timeout: float | None = 30.0) -> None:
        """Wait until the broker has everything, at most `timeout` seconds; what it has not got then is dropped."""
        atexit.unregister(self.close)
        self._outbox.close(timeout)

    def __enter__(self) -> Publisher:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the run, unless it failed, and close."""
        if error is None:
            self.finish()
        self.close()

    def _send(self, checkpoint: Checkpoint, progress: records.Progress, giving_up: threading.Event) -> None:
        self._connection.send(self._records(checkpoint, progress), giving_up)

    def _records(self, checkpoint: Checkpoint, progress: records.Progress) -> Iterator[Outgoing]:
        data = checkpoint.serialize()
        sha256 = hashlib.sha256(data).hexdigest()
        if self._share is not None:
            uri = self._share.write(self.run.run, progress, checkpoint, data)
            yield self._outgoing(self._manifest(progress, checkpoint, records.claim(uri, sha256, len(data))))
            return
        parts = max(1, -(-len(data) // CHUNK_BYTES))
        yield self._outgoing(self._manifest(progress, checkpoint, records.inline(parts, sha256, len(data))))
        for part in range(parts):
            piece = data[part * CHUNK_BYTES : (part + 1) * CHUNK_BYTES]
            yield self._outgoing(records.chunk(self.run, progress.step, part, parts, piece))

    def _manifest(
        self, progress: records.Progress, checkpoint: Checkpoint, weights: Mapping[str, Value]
    ) -> records.Record:
        return records.manifest(
            self.run,
            progress,
            format=checkpoint.format,
            config=checkpoint.config,
            auxiliary={},
            weights=weights,
            published_at=records.now(),
            bundle=self._bundle,
        )

    def _outgoing(self, record: records.Record) -> Outgoing:
        return Outgoing(CHECKPOINTS, self.run.run, pack(record))

    def _check_chunks(self) -> None:
        largest = records.chunk(self.run, 2**53 - 1, 2**31, 2**31, bytes(CHUNK_BYTES))
        self._connection.check_size(self._outgoing(largest))


def publish_checkpoint(
    sae: Any,
    *,
    brokers: str | Sequence[str],
    panel: str,
    run: str,
    step: int,
    tokens: int,
    activation_scaler: Any = None,
    timeout: float = 60.0,
    **options: Any,
) -> None:
    """Publish one checkpoint and wait until the broker has it. Further options are those of `Publisher`.

    Raises what `Publisher` and its `publish_checkpoint` do, and `NotDeliveredError`.
    """
    publisher = Publisher(brokers, panel=panel, run=run, **options)
    publisher.publish_checkpoint(sae, step=step, tokens=tokens, activation_scaler=activation_scaler)
    publisher.close(timeout)
    if publisher.published != 1:
        raise NotDeliveredError(f"step {step} of {run} was not acknowledged within {timeout:g} s")


def variant_of(run: str) -> str:
    """Return a run's name without its training seed: `batchtopk-k16-seed0` is a `batchtopk-k16`."""
    variant = re.sub(r"[-_.]?seed[-_]?\d+", "", run, count=1, flags=re.IGNORECASE)
    return variant or run
