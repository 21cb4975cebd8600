"""Packages that only some uses need."""

from __future__ import annotations

import importlib
from typing import Any

from .errors import DependencyMissingError

_EXTRA = {"torch": "torch", "sae_lens": "sae-lens"}


def load(module: str, why: str) -> Any:
    """Import a module, or raise `DependencyMissingError` that says how to install it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        extra = _EXTRA.get(module.partition(".")[0], "bundle")
        raise DependencyMissingError(f"{why}: {error}", f"pip install 'discern-publish[{extra}]'") from error
