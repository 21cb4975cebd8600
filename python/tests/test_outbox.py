from __future__ import annotations

import logging
import threading

import pytest

from discern_publish.errors import NotDeliveredError
from discern_publish.outbox import Item, Outbox


class Broker:
    """Takes items while it is open."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.got: list[str] = []
        self.asked = threading.Event()

    def item(self, what: str, nbytes: int = 1, droppable: bool = True) -> Item:
        def send(giving_up: threading.Event) -> None:
            self.asked.set()
            while not self.open.wait(0.005):
                if giving_up.is_set():
                    raise NotDeliveredError("gave up")
            self.got.append(what)

        return Item(what, nbytes, send, droppable)


@pytest.fixture
def broker() -> Broker:
    return Broker()


def test_delivers_in_order(broker: Broker) -> None:
    outbox = Outbox(8, 100)
    broker.open.set()
    for name in "abc":
        outbox.put(broker.item(name))
    assert outbox.flush(10)
    assert broker.got == ["a", "b", "c"]
    assert outbox.counters.published == 3
    outbox.close(1)


def test_drops_the_oldest_that_waits_with_a_warning_and_counts_it(
    broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    outbox = Outbox(2, 100)
    outbox.put(broker.item("sending"))
    assert broker.asked.wait(10)
    with caplog.at_level(logging.WARNING):
        for name in "abcd":
            outbox.put(broker.item(name))
    assert (outbox.counters.dropped, outbox.counters.queued) == (2, 3)
    assert [record.getMessage() for record in caplog.records] == [
        "dropped a: the broker takes no more (1 dropped so far, 0 published)",
        "dropped b: the broker takes no more (2 dropped so far, 0 published)",
    ]
    broker.open.set()
    assert outbox.flush(10)
    assert broker.got == ["sending", "c", "d"]
    outbox.close(1)


def test_is_bounded_in_bytes_but_always_holds_one(broker: Broker) -> None:
    outbox = Outbox(8, 10)
    outbox.put(broker.item("sending", 4))
    assert broker.asked.wait(10)
    for name, nbytes in [("a", 3), ("b", 3), ("c", 50), ("d", 1)]:
        outbox.put(broker.item(name, nbytes))
    broker.open.set()
    assert outbox.flush(10)
    assert broker.got == ["sending", "d"]
    assert outbox.counters.dropped == 3
    outbox.close(1)


def test_never_drops_what_must_arrive(broker: Broker) -> None:
    outbox = Outbox(1, 10)
    outbox.put(broker.item("sending"))
    assert broker.asked.wait(10)
    outbox.put(broker.item("end", droppable=False))
    outbox.put(broker.item("a"))
    outbox.put(broker.item("b"))
    broker.open.set()
    assert outbox.flush(10)
    assert broker.got == ["sending", "end", "b"]
    assert outbox.counters.published == 2
    outbox.close(1)


def test_close_gives_up_after_its_timeout_and_counts_all_that_was_left(broker: Broker) -> None:
    outbox = Outbox(8, 100)
    for name in "abc":
        outbox.put(broker.item(name))
    outbox.close(0.05)
    assert broker.got == []
    assert (outbox.counters.dropped, outbox.counters.queued, outbox.counters.published) == (3, 0, 0)


@pytest.mark.parametrize("error", [NotDeliveredError("not authorised"), OSError("disk full"), RuntimeError("a bug")])
def test_counts_what_fails_and_goes_on(broker: Broker, error: Exception) -> None:
    def refuse(_giving_up: threading.Event) -> None:
        raise error

    outbox = Outbox(8, 100)
    broker.open.set()
    outbox.put(Item("a", 1, refuse))
    outbox.put(broker.item("b"))
    assert outbox.flush(10)
    assert (outbox.counters.failed, outbox.counters.published) == (1, 1)
    outbox.close(1)
