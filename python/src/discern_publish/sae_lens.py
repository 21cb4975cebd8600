"""Publishing while SAELens trains (sae-lens 6.54.12).

SAELens has no callback. Its trainer's `step` is a public seam, so it is what is watched here:

    from discern_publish.sae_lens import Publisher, publish_training

    publish_training(runner, Publisher("localhost:9092", panel="mine", run="topk-seed0"), every=500)
    runner.run()
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any

from .errors import DiscernPublishError, FormatUnknownError
from .optional import load
from .publisher import Publisher

__all__ = ["Publisher", "publish_training"]

logger = logging.getLogger("discern_publish")


def publish_training(
    training: Any, publisher: Publisher, *, every: int | None = None, at: Sequence[int] = (), timeout: float = 600.0
) -> None:
    """Have a training publish its SAE `every` so many steps, or after the steps `at`, and at the end of the training.

    `training` is a `LanguageModelSAETrainingRunner`, a `SyntheticSAERunner` or an `SAETrainer`, not yet started.
    Published is what `save_inference_model` would save at that step, with the factor of normalised inputs folded in; at
    the end, after SAELens has folded it in itself. Then the run is said to have ended, and the publisher is closed,
    which waits for the broker for at most `timeout` seconds. A training that fails is not said to have ended.

    A checkpoint that cannot be published (NaN weights, say) is warned of, and the training goes on.
    """
    if every is not None and every < 1:
        raise ValueError(f"every: expected at least 1 step, found {every}")
    schedule = _Schedule(every, frozenset(at))

    def attach(trainer: Any) -> None:
        _attach(trainer, publisher, schedule, timeout)

    _hook_of(training)(training, attach)


class _Schedule:
    def __init__(self, every: int | None, at: frozenset[int]) -> None:
        self._every = every
        self._at = at

    def has(self, step: int) -> bool:
        return step in self._at or (self._every is not None and step % self._every == 0)


def _attach(trainer: Any, publisher: Publisher, schedule: _Schedule, timeout: float) -> None:
    step, fit = trainer.step, trainer.fit

    def publish(steps: int) -> None:
        try:
            publisher.publish_checkpoint(
                trainer.sae, step=steps, tokens=trainer.n_training_samples, activation_scaler=trainer.activation_scaler
            )
        except DiscernPublishError as error:
            logger.warning("step %d of %s is not published: %s", steps, publisher.run.run, error)

    def step_and_publish(batch: Any) -> Any:
        output = step(batch)
        # The trainer counts the step only after this.
        steps = trainer.n_training_steps + 1
        is_last = trainer.n_training_samples >= trainer.cfg.total_training_samples
        if schedule.has(steps) and not is_last:
            publish(steps)
        return output

    def fit_and_finish() -> Any:
        try:
            sae = fit()
            publish(trainer.n_training_steps)
            publisher.finish()
            return sae
        finally:
            publisher.close(timeout)

    trainer.step, trainer.fit = step_and_publish, fit_and_finish


Attach = Callable[[Any], None]


def _hook_of(training: Any) -> Callable[[Any, Attach], None]:
    if hasattr(training, "run_trainer_with_interruption_handling"):
        return _hook_language_model_runner
    if hasattr(training, "synthetic_model") and hasattr(training, "run"):
        return _hook_synthetic_runner
    if all(hasattr(training, name) for name in ("step", "fit", "n_training_steps")):
        return _hook_trainer
    raise FormatUnknownError(
        f"{type(training).__name__} is no LanguageModelSAETrainingRunner, SyntheticSAERunner or SAETrainer",
        "call publisher.publish_checkpoint(sae, step=…, tokens=…) in the training loop",
    )


def _hook_trainer(trainer: Any, attach: Attach) -> None:
    attach(trainer)


def _hook_language_model_runner(runner: Any, attach: Attach) -> None:
    run = runner.run_trainer_with_interruption_handling

    def attached(trainer: Any) -> Any:
        attach(trainer)
        return run(trainer)

    runner.run_trainer_with_interruption_handling = attached


def _hook_synthetic_runner(runner: Any, attach: Attach) -> None:
    """Its trainer is handed to nobody: while it runs, the class it makes one of is replaced."""
    run = runner.run

    def attached() -> Any:
        with _trainers_attached(load("sae_lens.synthetic.synthetic_sae_runner", "SAELens trains"), attach):
            return run()

    runner.run = attached


@contextmanager
def _trainers_attached(module: Any, attach: Attach) -> Generator[None, None, None]:
    trainer_class = module.SAETrainer

    def make(*args: Any, **kwargs: Any) -> Any:
        trainer = trainer_class(*args, **kwargs)
        attach(trainer)
        return trainer

    module.SAETrainer = make
    try:
        yield
    finally:
        module.SAETrainer = trainer_class
