"""Every public name shows what it is by an example, and every example in a docstring runs."""

from __future__ import annotations

import doctest
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from support import models
from support.atlases import small_atlas
from support.repository import ROOT
from support.traces import encoder_decoder, windowed
from transformers import MambaConfig, MambaModel

import attention_widget
from attention_widget import (
    AttentionWidget,
    Experiment,
    HeadAtlas,
    Trace,
    bertviz,
    capture,
    compare,
    corpus,
    experiments,
    measures,
)
from attention_widget.bertviz import neuron_view
from attention_widget.experiments import HeadOff
from attention_widget.trace.grouping import Grouped
from attention_widget.trace.mask import Mask

SOURCE = ROOT / "src"
ROOMS = {
    "attention_widget": attention_widget,
    "measures": measures,
    "bertviz": bertviz,
    "experiments": experiments,
}
CORPUS = ("HeadVisData", "Index", "Match", "Matches", "atlas_bytes", "headvis_metrics")


def public() -> Iterator[tuple[str, Any]]:
    """Every public name: functions, classes, their methods, and the attributes of traces and
    widgets that are computed."""
    named = {
        f"{room}.{name}": getattr(module, name)
        for room, module in ROOMS.items()
        for name in module.__all__
    }
    named |= {"neuron_view.show": neuron_view.show, "Grouped": Grouped, "Mask": Mask}
    named |= {f"corpus.{name}": getattr(corpus, name) for name in CORPUS}
    for name, value in named.items():
        if callable(value) or inspect.ismodule(value):
            yield name, value
        if inspect.isclass(value) and not issubclass(value, Exception) and name != "Mask":
            yield from methods(name, value)


def methods(name: str, kind: type) -> Iterator[tuple[str, Any]]:
    own = [each for each in kind.__mro__ if each.__module__.startswith("attention_widget")]
    for attribute in sorted({attribute for each in own for attribute in vars(each)}):
        value = inspect.getattr_static(kind, attribute)
        computed = isinstance(value, property) and kind in (Trace, AttentionWidget)
        called = inspect.isfunction(value) or isinstance(value, classmethod)
        if not attribute.startswith("_") and (computed or called):
            yield f"{name}.{attribute}", value


PUBLIC = {
    name: value
    for name, value in public()
    if name
    not in (
        # Jupyter calls them, not a user.
        "attention_widget.AttentionWidget.notify_change",
        "attention_widget.AttentionWidget.set_state",
    )
}

MODULES = sorted(
    ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
    for path in (SOURCE / "attention_widget").rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def atlas(minilm: tuple[Any, Any]) -> HeadAtlas:
    return small_atlas(*minilm)


@pytest.fixture
def names(minilm: tuple[Any, Any], atlas: HeadAtlas) -> dict[str, Any]:
    """What the examples have at hand."""
    model, tokenizer = minilm
    text = "Attention is a novel idea"
    lab = Experiment(model, text, tokenizer=tokenizer, head=torch.nn.Identity())
    return {
        "model": model,
        "tokenizer": tokenizer,
        "trace": capture(model, text, tokenizer=tokenizer),
        "long": windowed(),
        "translated": encoder_decoder(),
        "widget": AttentionWidget(model, text, tokenizer=tokenizer),
        "lab": lab,
        "atlas": atlas,
        "contrast": compare(lab, lab.without(HeadOff(1, 0))),
        "gpt2": models.tiny("gpt2"),
        "gpt2_tokenizer": models.tokenizer(),
        "mamba": MambaModel(MambaConfig(hidden_size=8, num_hidden_layers=1, vocab_size=30_522)),
    }


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_has_an_example(name: str) -> None:
    assert ">>> " in (inspect.getdoc(PUBLIC[name]) or ""), f"{name} has no example"


def test_the_walk_reaches_every_room() -> None:
    assert {
        "attention_widget.capture",
        "attention_widget.errors",
        "attention_widget.Trace.hidden_states",
        "attention_widget.AttentionWidget.to_html",
        "measures.norms",
        "experiments.HeadOff.describe",
        "bertviz.head_view",
        "neuron_view.show",
    } <= PUBLIC.keys()


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_are_true(
    module: str, names: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    flags = doctest.ELLIPSIS
    found = doctest.testmod(importlib.import_module(module), extraglobs=names, optionflags=flags)
    assert found.attempted
    assert not found.failed
