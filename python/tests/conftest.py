from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from discern_publish.checkpoint import Array

HAS_TORCH = all(importlib.util.find_spec(name) is not None for name in ("torch", "sae_lens"))
collect_ignore = [] if HAS_TORCH else ["test_torch.py", "test_torch_bundle.py"]

FIXTURES = Path(__file__).resolve().parents[2] / "test" / "fixtures"


def sae_tensors(d_in: int = 4, d_sae: int = 6, seed: int = 0) -> dict[str, Array]:
    """Tensors of a `standard` SAE; decoder norms differ from one."""
    rng = np.random.default_rng(seed)

    def normal(*shape: int) -> Array:
        return rng.normal(size=shape).astype(np.float32)

    return {"W_enc": normal(d_in, d_sae), "W_dec": normal(d_sae, d_in), "b_enc": normal(d_sae), "b_dec": normal(d_in)}


@pytest.fixture
def tensors() -> dict[str, Array]:
    return sae_tensors()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not HAS_TORCH:
        terminalreporter.write_line("PyTorch or SAELens is not installed: tests/test_torch*.py are left out")
