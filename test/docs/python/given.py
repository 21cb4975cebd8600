"""What the blocks leave to the reader: a training of 1200 steps, and scores."""

from types import SimpleNamespace

import sae_lens

steps, batch_size = 1200, 16
cfg = SimpleNamespace(d_in=8, d_sae=12, batch=batch_size, total_training_samples=steps * batch_size)
runner = sae_lens.LanguageModelSAETrainingRunner(cfg)
sae = sae_lens.SAE(cfg.d_in, cfg.d_sae)
password = "pa55-of-the-test"
results = {42: 0.71, 123: 0.69}
