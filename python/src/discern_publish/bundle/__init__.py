"""Makes bundles: what Discern evaluates checkpoints on (docs/bundle.md)."""
