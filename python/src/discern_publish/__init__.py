"""Publishes the checkpoints of a running SAE training, and scores, to Discern."""

from .checkpoint import Checkpoint
from .errors import (
    ArchitectureUnknownError,
    BrokerUnreachableError,
    CheckpointUnreadableError,
    ConfigInvalidError,
    DependencyMissingError,
    DiscernPublishError,
    FormatUnknownError,
    MessageTooLargeError,
    NotDeliveredError,
    PublisherClosedError,
    RecordInvalidError,
    RecordUndecodableError,
    ScoreNotFiniteError,
    ShapeMismatchError,
    TensorMissingError,
    TopicMissingError,
    WeightsNotFiniteError,
)
from .formats import checkpoint_of
from .formats.plain import from_tensors
from .outbox import Counters
from .publisher import Publisher, publish_checkpoint
from .scores import Score, publish_scores

__all__ = [
    "ArchitectureUnknownError",
    "BrokerUnreachableError",
    "Checkpoint",
    "CheckpointUnreadableError",
    "ConfigInvalidError",
    "Counters",
    "DependencyMissingError",
    "DiscernPublishError",
    "FormatUnknownError",
    "MessageTooLargeError",
    "NotDeliveredError",
    "Publisher",
    "PublisherClosedError",
    "RecordInvalidError",
    "RecordUndecodableError",
    "Score",
    "ScoreNotFiniteError",
    "ShapeMismatchError",
    "TensorMissingError",
    "TopicMissingError",
    "WeightsNotFiniteError",
    "checkpoint_of",
    "from_tensors",
    "publish_checkpoint",
    "publish_scores",
]
