"""A training in NumPy, with as much of SAELens' interface as discern_publish.sae_lens uses.

CI has no PyTorch. python/tests/test_torch.py holds the same to SAELens itself.
"""

from types import SimpleNamespace

import numpy as np


class SAE:
    """A standard SAE in training, of one tied set of weights."""

    def __init__(self, d_in, d_sae):
        self.W_dec = np.random.default_rng(0).normal(size=(d_sae, d_in)).astype(np.float32)
        config = {"architecture": "standard", "d_in": d_in, "d_sae": d_sae, "apply_b_dec_to_input": True}
        self.cfg = SimpleNamespace(get_inference_sae_cfg_dict=lambda: {**config, "normalize_activations": "none"})

    def train_on(self, x, rate):
        z = np.maximum(x @ self.W_dec.T, 0)
        self.W_dec += rate * z.T @ (x - z @ self.W_dec) / len(x)

    def state_dict(self):
        d_sae, d_in = self.W_dec.shape
        zeros = {"b_enc": np.zeros(d_sae, np.float32), "b_dec": np.zeros(d_in, np.float32)}
        return {"W_enc": self.W_dec.T.copy(), "W_dec": self.W_dec.copy(), **zeros}

    def process_state_dict_for_saving(self, state):
        pass

    def process_state_dict_for_saving_inference(self, state):
        pass


class SAETrainer:
    def __init__(self, cfg):
        self.cfg = cfg
        self.sae = SAE(cfg.d_in, cfg.d_sae)
        self.activation_scaler = None
        self.n_training_steps = 0
        self.n_training_samples = 0

    def step(self, batch):
        self.n_training_samples += len(batch)
        self.sae.train_on(batch, rate=0.01)

    def fit(self):
        random = np.random.default_rng(1)
        while self.n_training_samples < self.cfg.total_training_samples:
            self.step(random.normal(size=(self.cfg.batch, self.cfg.d_in)).astype(np.float32))
            self.n_training_steps += 1
        return self.sae


class LanguageModelSAETrainingRunner:
    def __init__(self, cfg):
        self.cfg = cfg

    def run(self):
        return self.run_trainer_with_interruption_handling(SAETrainer(self.cfg))

    def run_trainer_with_interruption_handling(self, trainer):
        return trainer.fit()
