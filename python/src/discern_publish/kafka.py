"""The connection to Kafka: checked before anything is sent, idempotent, patient while brokers are away."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from .errors import BrokerUnreachableError, MessageTooLargeError, NotDeliveredError
from .kafka_topic import Settings, largest_record, reason
from .topics import MAX_RECORD_BYTES

logger = logging.getLogger("discern_publish")
# It says the same of every attempt to connect; what matters of it is told in errors and warnings. Lower the level to
# see it.
_librdkafka = logging.getLogger("discern_publish.librdkafka")
_librdkafka.setLevel(logging.CRITICAL)


_POLL_SECONDS = 0.1
# Room that Kafka's record format takes beside key and value, and more than that.
_OVERHEAD = 512
# Records of one checkpoint that wait within librdkafka; the rest waits outside.
_BUFFER_KBYTES = 65_536


@dataclass(frozen=True)
class Outgoing:
    """A record on its way."""

    topic: str
    key: str
    value: bytes


class Connection:
    """A producer that keeps records of a key in order and delivers each once.

    A record is repeated until a broker acknowledges it: how long one waits is for the caller to say.
    """

    def __init__(self, brokers: str | Sequence[str], settings: Settings | None = None) -> None:
        self.brokers = brokers if isinstance(brokers, str) else ",".join(brokers)
        self._settings: dict[str, Any] = {
            "client.id": "discern-publish",
            # The partitioner of Discern and of the Java client; librdkafka's own default is another one.
            "partitioner": "murmur2_random",
            "linger.ms": 5,
            "message.timeout.ms": 0,
            "message.max.bytes": MAX_RECORD_BYTES,
            "queue.buffering.max.kbytes": _BUFFER_KBYTES,
            "retry.backoff.max.ms": 1000,
            "reconnect.backoff.max.ms": 2000,
            **(settings or {}),
            "bootstrap.servers": self.brokers,
            "enable.idempotence": True,
            "error_cb": self._on_error,
            "logger": _librdkafka,
        }
        self._away = False
        self._limits: dict[str, int] = {}
        try:
            self._producer = Producer(self._settings)
        except KafkaException as error:
            raise BrokerUnreachableError(f"{self.brokers}: {reason(error)}", "check the Kafka settings") from error

    def check(self, topic: str, timeout: float) -> None:
        """Raise `BrokerUnreachableError` or `TopicMissingError` unless the topic is there."""
        self._limits[topic] = largest_record(self.brokers, self._settings, topic, timeout)

    def check_size(self, record: Outgoing) -> None:
        """Raise `MessageTooLargeError` when the topic does not take a record of this size."""
        size = len(record.key.encode()) + len(record.value) + _OVERHEAD
        limit = min(self._limits.get(record.topic, MAX_RECORD_BYTES), int(self._settings["message.max.bytes"]))
        if size > limit:
            raise MessageTooLargeError(
                f"a record of {size} bytes with key {record.key!r}, {record.topic} takes {limit}",
                "a manifest is as large as the configuration; chunks of weights need the topic's max.message.bytes and "
                f"the setting message.max.bytes to be {MAX_RECORD_BYTES}, as `discern serve` creates the topic",
            )

    def send(self, records: Iterable[Outgoing], giving_up: threading.Event, timeout: float | None = None) -> None:
        """Return once brokers have acknowledged all records.

        Raises `NotDeliveredError` when one was refused, or when told to give up, or after `timeout` seconds. What was
        not sent by then never is.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        flight = _Flight()
        try:
            for record in records:
                self._produce(record, flight, giving_up, deadline)
            while flight.pending > 0:
                self._wait(flight, giving_up, deadline)
            self._check(flight)
        except NotDeliveredError:
            self._abandon()
            raise

    def _produce(self, record: Outgoing, flight: _Flight, giving_up: threading.Event, deadline: float | None) -> None:
        flight.pending += 1
        while True:
            try:
                self._producer.produce(record.topic, key=record.key, value=record.value, on_delivery=flight.delivered)
            except BufferError:
                self._wait(flight, giving_up, deadline)
            except KafkaException as error:
                raise NotDeliveredError(f"{self.brokers}: {reason(error)}") from error
            else:
                self._producer.poll(0)
                return

    def _wait(self, flight: _Flight, giving_up: threading.Event, deadline: float | None) -> None:
        self._check(flight)
        if giving_up.is_set() or (deadline is not None and time.monotonic() > deadline):
            raise NotDeliveredError(f"{self.brokers}: not acknowledged in time")
        self._producer.poll(_POLL_SECONDS)
        if self._away and flight.acknowledged:
            self._away = False
            logger.warning("%s: a broker answers again", self.brokers)

    def _check(self, flight: _Flight) -> None:
        if flight.error is not None:
            raise NotDeliveredError(f"{self.brokers}: {flight.error.str()}")

    def _abandon(self) -> None:
        """What is in work must not be delivered behind the back of who was told that it is not."""
        self._producer.purge()
        self._producer.poll(0)
        self._producer = Producer(self._settings)

    def _on_error(self, error: KafkaError) -> None:
        if error.code() == KafkaError._ALL_BROKERS_DOWN and not self._away:  # pyright: ignore
            self._away = True
            logger.warning("%s: no broker answers; checkpoints wait, training goes on", self.brokers)


class _Flight:
    """What has become of some records."""

    def __init__(self) -> None:
        self.pending = 0
        self.acknowledged = False
        self.error: KafkaError | None = None

    def delivered(self, error: KafkaError | None, _message: Message) -> None:
        self.pending -= 1
        if error is None:
            self.acknowledged = True
        else:
            self.error = self.error or error
