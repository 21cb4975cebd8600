"""Against librdkafka's own mock of a broker, in this process."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlparse
from urllib.request import url2pathname

import numpy as np
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from discern_publish import (
    ArchitectureUnknownError,
    BrokerUnreachableError,
    MessageTooLargeError,
    NotDeliveredError,
    Publisher,
    PublisherClosedError,
    RecordInvalidError,
    Score,
    ScoreNotFiniteError,
    WeightsNotFiniteError,
    from_tensors,
    publish_checkpoint,
    publish_scores,
)
from discern_publish.checkpoint import Array
from discern_publish.message_pack import unpack
from discern_publish.topics import CHECKPOINTS, EVALUATIONS, MAX_RECORD_BYTES

from .conftest import sae_tensors

Tensors = dict[str, Array]
QUIET = {"log_level": 0}


class MockBroker:
    def __init__(self) -> None:
        self._cluster: Any = Producer({"bootstrap.servers": "mock", "test.mock.num.brokers": 1, **QUIET})
        (broker,) = self._cluster.list_topics(timeout=10).brokers.values()
        self.address = f"{broker.host}:{broker.port}"

    def stop(self) -> None:
        self._cluster = None

    def read(self, topic: str, count: int) -> list[tuple[str, Any]]:
        settings = {"bootstrap.servers": self.address, "group.id": "test", "auto.offset.reset": "earliest", **QUIET}
        consumer = Consumer(settings)
        # Without a group, which takes seconds to form.
        partitions: Any = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        consumer.assign([TopicPartition(topic, partition, 0) for partition in partitions])
        records: list[tuple[str, Any]] = []
        deadline = time.monotonic() + 30
        while len(records) < count and time.monotonic() < deadline:
            message: Any = consumer.poll(0.1)
            if message is not None and message.error() is None:
                records.append((message.key().decode(), unpack(message.value())))
        consumer.close()
        assert len(records) == count
        return records


def _as_discern_creates(_admin: object, _topic: str, _timeout: float) -> int:
    return MAX_RECORD_BYTES


@pytest.fixture(autouse=True)
def _limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mock does not describe topics. A real broker is asked in test/streams/python.test.ts."""
    monkeypatch.setattr("discern_publish.kafka_topic._described_limit", _as_discern_creates)


@pytest.fixture
def broker() -> Iterator[MockBroker]:
    mock = MockBroker()
    yield mock
    mock.stop()


def checkpoint(tensors: Tensors) -> Any:
    return from_tensors(tensors, architecture="standard")


def test_publishes_weights_inline_in_chunks_and_the_end(broker: MockBroker) -> None:
    tensors = sae_tensors(300, 1000)
    with Publisher(broker.address, panel="p", run="std-seed3", train_seed=3, kafka=QUIET) as publisher:
        publisher.publish_checkpoint(checkpoint(tensors), step=10, tokens=2**40)
    assert publisher.counters.published == 1
    found = broker.read(CHECKPOINTS, 5)
    assert {key for key, _ in found} == {"std-seed3"}
    manifest, *chunks, end = [record for _, record in found]
    assert manifest["variant"] == "std"
    assert (manifest["trainSeed"], manifest["step"], manifest["tokens"]) == (3, 10, 2**40)
    assert [chunk["part"] for chunk in chunks] == [0, 1, 2]
    assert {chunk["parts"] for chunk in chunks} == {manifest["weights"]["parts"]} == {3}
    data = b"".join(chunk["data"] for chunk in chunks)
    assert len(data) == manifest["weights"]["bytes"]
    assert hashlib.sha256(data).hexdigest() == manifest["weights"]["sha256"]
    assert end == {"v": 1, "type": "finished", "panel": "p", "run": "std-seed3", "step": 10}


def test_publishes_a_claim_check_to_a_shared_folder(broker: MockBroker, tensors: Tensors, tmp_path: Path) -> None:
    with Publisher(broker.address, panel="p", run="a/b c", share=tmp_path, kafka=QUIET) as publisher:
        publisher.publish_checkpoint(checkpoint(tensors), step=1, tokens=2)
    (_, manifest), _ = broker.read(CHECKPOINTS, 2)
    path = Path(url2pathname(urlparse(str(manifest["weights"]["uri"])).path))
    assert path == tmp_path.resolve() / "a%2Fb%20c" / "step-1-tokens-2" / "sae_weights.safetensors"
    data = path.read_bytes()
    assert (len(data), hashlib.sha256(data).hexdigest()) == (
        manifest["weights"]["bytes"],
        manifest["weights"]["sha256"],
    )
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["cfg.json", "sae_weights.safetensors"]


def test_a_run_that_fails_is_not_finished(broker: MockBroker, tensors: Tensors) -> None:
    with pytest.raises(ZeroDivisionError):  # noqa: PT012, SIM117
        with Publisher(broker.address, panel="p", run="r", kafka=QUIET) as publisher:
            publisher.publish_checkpoint(checkpoint(tensors), step=1, tokens=2)
            _ = 1 / 0
    assert [record["type"] for _, record in broker.read(CHECKPOINTS, 2)] == ["checkpoint", "chunk"]


def test_bad_input_is_refused_before_anything_is_sent(broker: MockBroker, tensors: Tensors) -> None:
    with Publisher(broker.address, panel="p", run="r", kafka=QUIET) as publisher:
        with pytest.raises(WeightsNotFiniteError):
            publisher.publish_checkpoint(checkpoint({**tensors, "b_enc": np.full(6, np.nan)}), step=1, tokens=1)
        with pytest.raises(ArchitectureUnknownError):
            publisher.publish_checkpoint(from_tensors(tensors, architecture="crosscoder"), step=1, tokens=1)
        with pytest.raises(RecordInvalidError):
            publisher.publish_checkpoint(checkpoint(tensors), step=-1, tokens=1)
        huge = checkpoint(tensors)
        huge.config["notes"] = "x" * 2_000_000
        with pytest.raises(MessageTooLargeError, match="takes 1048576"):
            publisher.publish_checkpoint(huge, step=1, tokens=1)
    assert publisher.counters.published == 0
    assert [record["type"] for _, record in broker.read(CHECKPOINTS, 1)] == ["finished"]


def test_chunks_that_no_record_can_hold_are_known_at_the_start(broker: MockBroker) -> None:
    with pytest.raises(MessageTooLargeError):
        Publisher(broker.address, panel="p", run="r", kafka={**QUIET, "message.max.bytes": 500_000})


def test_a_broker_that_does_not_answer_is_known_at_the_start(tensors: Tensors) -> None:
    started = time.monotonic()
    with pytest.raises(BrokerUnreachableError, match=r"127\.0\.0\.1:9: no broker answers within 0\.5 s: .*refused"):
        Publisher("127.0.0.1:9", panel="p", run="r", connect_timeout=0.5, kafka=QUIET)
    with pytest.raises(BrokerUnreachableError):
        publish_checkpoint(
            checkpoint(tensors), brokers="127.0.0.1:9", panel="p", run="r", step=1, tokens=1, connect_timeout=0.5
        )
    assert time.monotonic() - started < 30


def test_settings_that_librdkafka_does_not_know_are_refused() -> None:
    with pytest.raises(BrokerUnreachableError, match="acke"):
        Publisher("127.0.0.1:9", panel="p", run="r", kafka={"acke": 1})


def test_the_training_goes_on_when_the_broker_goes_away(broker: MockBroker, tensors: Tensors) -> None:
    publisher = Publisher(broker.address, panel="p", run="r", max_queued=3, kafka=QUIET)
    publisher.publish_checkpoint(checkpoint(tensors), step=0, tokens=0)
    assert publisher.flush(20)
    broker.stop()
    for step in range(1, 11):
        publisher.publish_checkpoint(checkpoint(tensors), step=step, tokens=step)
    counters = publisher.counters
    assert counters.published == 1
    assert counters.dropped in (6, 7)
    assert counters.queued + counters.dropped == 10
    publisher.finish()
    publisher.close(0.2)
    counters = publisher.counters
    assert (counters.published, counters.queued, counters.dropped) == (1, 0, 10)
    with pytest.raises(PublisherClosedError):
        publisher.publish_checkpoint(checkpoint(tensors), step=11, tokens=11)


def test_publishes_one_checkpoint_and_waits(broker: MockBroker, tensors: Tensors) -> None:
    options: Any = {"brokers": broker.address, "panel": "p", "run": "r", "step": 5, "tokens": 6, "kafka": QUIET}
    publish_checkpoint(checkpoint(tensors), **options)
    assert [record["type"] for _, record in broker.read(CHECKPOINTS, 2)] == ["checkpoint", "chunk"]


def score(**change: Any) -> Score:
    fields: Any = {"panel": "p", "run": "r-seed1", "step": 1, "tokens": 2, "metric": "mine", "value": 0.5}
    return Score(**{**fields, **change})


def test_publishes_scores_under_the_key_of_their_identity(broker: MockBroker) -> None:
    count = publish_scores([score(), score(task="t", seed=42, param="k=5")], brokers=broker.address, kafka=QUIET)
    assert count == 2
    found = dict(broker.read(EVALUATIONS, 2))
    assert sorted(found) == ['["p","r-seed1",1,"mine","",null,null]', '["p","r-seed1",1,"mine","k=5","t",42]']
    record = found['["p","r-seed1",1,"mine","",null,null]']
    assert (record["variant"], record["value"], record["task"], record["seed"]) == ("r", 0.5, None, None)


def test_scores_are_all_checked_before_the_first_is_sent(broker: MockBroker) -> None:
    with pytest.raises(ScoreNotFiniteError):
        publish_scores([score(), score(value=float("nan"))], brokers=broker.address, kafka=QUIET)
    with pytest.raises(RecordInvalidError):
        publish_scores([score(), score(metric="")], brokers=broker.address, kafka=QUIET)
    publish_scores([score(metric="only")], brokers=broker.address, kafka=QUIET)
    assert [record["metric"] for _, record in broker.read(EVALUATIONS, 1)] == ["only"]


def test_scores_that_no_broker_acknowledges_are_an_error(broker: MockBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    from discern_publish.kafka import Connection  # noqa: PLC0415

    check = Connection.check

    def check_and_stop(connection: Connection, topic: str, timeout: float) -> None:
        check(connection, topic, timeout)
        broker.stop()

    monkeypatch.setattr(Connection, "check", check_and_stop)
    with pytest.raises(NotDeliveredError):
        publish_scores([score()], brokers=broker.address, kafka=QUIET, timeout=0.5)
