"""A machine with little memory that is free."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from attention_widget._util import free_memory

GB = 10**9


def a_machine_of(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    """Files and the kernel say what there is; this is what they would say of a small machine."""
    monkeypatch.setattr(free_memory, "_GROUPS", Path("nowhere"))
    monkeypatch.setattr(
        psutil, "virtual_memory", lambda: type("Memory", (), {"available": free, "total": 4 * GB})
    )
    free_memory._bounds.cache_clear()
