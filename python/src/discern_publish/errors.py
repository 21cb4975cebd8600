"""What can be wrong. Each error has a code, the same as Discern's own where both know it, and says what to do."""

from __future__ import annotations

from typing import ClassVar


class DiscernPublishError(Exception):
    """Base of all errors of this package."""

    code: ClassVar[str] = "PUBLISH_FAILED"

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message if hint is None else f"{message} ({hint})")
        self.hint = hint


class FormatUnknownError(DiscernPublishError):
    """Neither a folder nor an object of a known library."""

    code = "CHECKPOINT_FORMAT_UNKNOWN"


class ArchitectureUnknownError(DiscernPublishError):
    """A known library, but an architecture Discern cannot evaluate."""

    code = "CHECKPOINT_ARCHITECTURE_UNKNOWN"


class ConfigInvalidError(DiscernPublishError):
    """The configuration lacks something, contradicts the weights, or asks for what is not supported."""

    code = "CHECKPOINT_CONFIG_INVALID"


class CheckpointUnreadableError(DiscernPublishError):
    """A file is missing, cut off, or not what its name says."""

    code = "CHECKPOINT_CORRUPT"


class TensorMissingError(DiscernPublishError):
    """A tensor that the architecture needs is not there."""

    code = "CHECKPOINT_TENSOR_MISSING"


class ShapeMismatchError(DiscernPublishError):
    """A tensor has another shape than the configuration says."""

    code = "CHECKPOINT_SHAPE_MISMATCH"


class WeightsNotFiniteError(DiscernPublishError):
    """A weight is NaN or infinite."""

    code = "CHECKPOINT_NOT_FINITE"


class RecordInvalidError(DiscernPublishError):
    """A name, a count or another field is not what records may hold."""

    code = "RECORD_INVALID"


class RecordUndecodableError(DiscernPublishError):
    """Bytes that are no record."""

    code = "RECORD_UNDECODABLE"


class ScoreNotFiniteError(DiscernPublishError):
    """A score of NaN or infinity."""

    code = "SCORE_NOT_FINITE"


class MessageTooLargeError(DiscernPublishError):
    """A record is larger than the topic takes."""

    code = "MESSAGE_TOO_LARGE"


class BrokerUnreachableError(DiscernPublishError):
    """No broker answers, or it refuses the connection."""

    code = "LOG_UNAVAILABLE"


class TopicMissingError(DiscernPublishError):
    """The broker answers but does not have Discern's topics."""

    code = "TOPIC_MISSING"


class NotDeliveredError(DiscernPublishError):
    """The broker did not acknowledge in time, or refused a record."""

    code = "NOT_DELIVERED"


class PublisherClosedError(DiscernPublishError):
    """Something was published after `close`."""

    code = "PUBLISHER_CLOSED"


class DependencyMissingError(DiscernPublishError):
    """An optional package that this needs is not installed."""

    code = "DEPENDENCY_MISSING"


class BundleError(DiscernPublishError):
    """A bundle cannot be made of this model, these data sets or this folder."""

    code = "BUNDLE_INVALID"
