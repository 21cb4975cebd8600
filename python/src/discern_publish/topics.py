"""Discern's topics."""

CHECKPOINTS = "discern.checkpoints.v1"
EVALUATIONS = "discern.evaluations.v1"

CHUNK_BYTES = 900_000
"""Largest part of weights that travel inline: below Kafka's usual limit of 1 MB a record."""

MAX_RECORD_BYTES = 1024 * 1024
"""Largest record of these topics as Discern creates them."""
