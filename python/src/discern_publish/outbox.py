"""A queue between a training loop, which must not wait, and a broker, which may be away."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from .errors import NotDeliveredError

logger = logging.getLogger("discern_publish")


@dataclass(frozen=True)
class Item:
    """Something to deliver: what it is in words, how much memory it holds, and how it is sent.

    `send` is called on the outbox's thread and returns once it is delivered; it must heed the event, which tells it to
    give up. What is not `droppable` is small and must arrive.
    """

    what: str
    nbytes: int
    send: Callable[[threading.Event], None]
    droppable: bool = True


@dataclass(frozen=True)
class Counters:
    """What has become of what was published."""

    published: int
    """Acknowledged by the broker."""
    queued: int
    """Waiting or being sent."""
    dropped: int
    """Given up: the queue was full, or it was closed before the broker came back."""
    failed: int
    """Refused by the broker."""


class Outbox:
    """Delivers items one after the other on a thread of its own.

    When it is full, the oldest item that waits is dropped for the newest: of a training run, the latest checkpoints say
    most. Each drop is warned of and counted.
    """

    def __init__(self, max_items: int, max_bytes: int) -> None:
        self._max_items = max_items
        self._max_bytes = max_bytes
        self._waiting: deque[Item] = deque()
        self._sending: Item | None = None
        self._changed = threading.Condition()
        self._giving_up = threading.Event()
        self._closed = False
        self._published = self._dropped = self._failed = 0
        self._thread = threading.Thread(target=self._work, name="discern-publish", daemon=True)
        self._thread.start()

    @property
    def counters(self) -> Counters:
        with self._changed:
            queued = sum(item.droppable for item in self._waiting)
            queued += self._sending is not None and self._sending.droppable
            return Counters(self._published, queued, self._dropped, self._failed)

    @property
    def closed(self) -> bool:
        return self._closed

    def put(self, item: Item) -> None:
        """Queue an item, without ever waiting."""
        with self._changed:
            while item.droppable and self._is_full(item.nbytes) and self._drop_oldest():
                pass
            self._waiting.append(item)
            self._changed.notify_all()

    def flush(self, timeout: float | None) -> bool:
        """Wait until everything is delivered; whether it was in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and self._sending is None, timeout)

    def close(self, timeout: float | None) -> None:
        """Deliver what waits within the timeout, drop the rest, and end the thread."""
        if self._closed:
            return
        in_time = self.flush(timeout)
        with self._changed:
            self._closed = True
            self._giving_up.set()
            while self._drop_oldest():
                pass
            self._waiting.clear()
            self._changed.notify_all()
        self._thread.join()
        if not in_time:
            logger.warning("closed after %s s with checkpoints undelivered: %s", timeout, self.counters)

    def _is_full(self, nbytes: int) -> bool:
        droppable = [item for item in self._waiting if item.droppable]
        held = sum(item.nbytes for item in droppable) + (self._sending.nbytes if self._sending else 0)
        return len(droppable) >= self._max_items or (bool(droppable) and held + nbytes > self._max_bytes)

    def _drop_oldest(self) -> bool:
        oldest = next((item for item in self._waiting if item.droppable), None)
        if oldest is None:
            return False
        self._waiting.remove(oldest)
        self._dropped += 1
        logger.warning(
            "dropped %s: the broker takes no more (%d dropped so far, %d published)",
            oldest.what,
            self._dropped,
            self._published,
        )
        return True

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
                item = self._sending = self._waiting.popleft()
            outcome = self._deliver(item)
            with self._changed:
                self._sending = None
                if item.droppable:
                    self._count(outcome)
                self._changed.notify_all()

    def _deliver(self, item: Item) -> str:
        started = time.monotonic()
        try:
            item.send(self._giving_up)
        except NotDeliveredError as error:
            if self._giving_up.is_set():
                logger.warning("dropped %s: %s", item.what, error)
                return "dropped"
            logger.error("%s was refused: %s", item.what, error)  # noqa: TRY400
            return "failed"
        except Exception:
            # Whatever it is, it must not end the thread: what comes next may be deliverable.
            logger.exception("%s cannot be published", item.what)
            return "failed"
        logger.info("published %s in %.1f s", item.what, time.monotonic() - started)
        return "published"

    def _count(self, outcome: str) -> None:
        self._published += outcome == "published"
        self._dropped += outcome == "dropped"
        self._failed += outcome == "failed"
