"""Every public name of a trace says what it gives, and shows it by an example that runs."""

from __future__ import annotations

import doctest
import importlib
import inspect
from pathlib import Path
from typing import Any

import pytest
from support.traces import encoder_decoder, windowed

from attention_widget import Trace, capture
from attention_widget.trace.block import Block, Maps
from attention_widget.trace.grouping import Grouped
from attention_widget.trace.mask import Mask
from attention_widget.trace.target import Target
from attention_widget.trace.trace import Window

MODULES = ("access", "block", "grouping", "indices", "mask", "recorded", "target", "trace")
METHODS = [
    name
    for name, value in inspect.getmembers(Trace)
    if not name.startswith("_") and inspect.isfunction(value)
]


@pytest.fixture
def names(minilm: tuple[Any, Any]) -> dict[str, Any]:
    """What the examples have at hand."""
    model, tokenizer = minilm
    return {
        "model": model,
        "tokenizer": tokenizer,
        "trace": capture(model, "Attention is a novel idea", tokenizer=tokenizer),
        "long": windowed(),
        "translated": encoder_decoder(),
    }


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_are_true(
    module: str, names: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    of = importlib.import_module(f"attention_widget.trace.{module}")
    found = doctest.testmod(of, extraglobs=names, optionflags=doctest.ELLIPSIS)
    assert found.attempted
    assert not found.failed


@pytest.mark.parametrize("name", METHODS)
def test_a_method_of_a_trace_has_an_example(name: str) -> None:
    assert name == "load" or ">>> " in (getattr(Trace, name).__doc__ or "")


@pytest.mark.parametrize("kind", [Trace, Block, Maps, Grouped, Mask, Target, Window])
def test_a_class_has_an_example(kind: type) -> None:
    assert ">>> " in (kind.__doc__ or "")
