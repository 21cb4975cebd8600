"""What a topic is asked before anything is sent to it."""

from __future__ import annotations

import concurrent.futures
import logging
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, cast

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType  # pyright: ignore[reportPrivateImportUsage]

from .errors import BrokerUnreachableError, TopicMissingError
from .topics import MAX_RECORD_BYTES

logger = logging.getLogger("discern_publish")

Settings: TypeAlias = Mapping[str, Any]


def largest_record(brokers: str, settings: Settings, topic: str, timeout: float) -> int:
    """Return how many bytes a record of a topic may have.

    Raises `BrokerUnreachableError` when no broker answers within `timeout` seconds, with what librdkafka says of the
    last attempts, and `TopicMissingError`.
    """
    troubles: list[str] = []

    def note(error: KafkaError) -> None:
        troubles.append(error.str())

    own: dict[str, Any] = {**_of_any_client(settings), "error_cb": note}
    admin = AdminClient(own)
    try:
        metadata: Any = admin.list_topics(topic, timeout=timeout)
    except KafkaException as error:
        admin.poll(0)
        trouble = _most_telling(troubles) or reason(error)
        raise BrokerUnreachableError(
            f"{brokers}: no broker answers within {timeout:g} s: {trouble}",
            "is the address right, does it ask for TLS or SASL (kafka={'security.protocol': …})?",
        ) from error
    found: Any = metadata.topics.get(topic)
    if found is None or found.error is not None:
        why = "" if found is None else f": {found.error.str()}"
        raise TopicMissingError(f"{brokers}: no topic {topic}{why}", "`discern serve` creates it")
    return _described_limit(admin, topic, timeout)


def reason(error: KafkaException) -> str:
    """Return what an exception of librdkafka says."""
    cause: Any = error.args[0] if error.args else error
    return str(cause.str()) if isinstance(cause, KafkaError) else str(cause)


def _of_any_client(settings: Settings) -> dict[str, Any]:
    """What a producer's settings have in common with those of other clients."""
    own = {"partitioner", "linger.ms", "message.timeout.ms", "queue.buffering.max.kbytes", "enable.idempotence"}
    return {key: value for key, value in settings.items() if key not in own}


def _most_telling(troubles: Sequence[str]) -> str | None:
    """A broker's own trouble rather than that all are down."""
    return next((trouble for trouble in troubles if "brokers are down" not in trouble), None)


def _described_limit(admin: AdminClient, topic: str, timeout: float) -> int:
    resource = ConfigResource(ResourceType.TOPIC, topic)
    try:
        describing: Any = cast("Any", admin).describe_configs([resource], request_timeout=timeout)
        return int(describing[resource].result(timeout)["max.message.bytes"].value)
    except (KafkaException, concurrent.futures.TimeoutError) as error:
        # To describe a topic is a permission of its own. Without it a record that is too large is refused later.
        logger.debug("%s: max.message.bytes is not known: %r", topic, error)
        return MAX_RECORD_BYTES
