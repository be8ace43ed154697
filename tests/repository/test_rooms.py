"""The rooms of the package: what is public, and that every module can be reached."""

from __future__ import annotations

import importlib
import json
import pkgutil

from support.repository import ROOT

import attention_widget

PACKAGE = ROOT / "src" / "attention_widget"


def test_no_name_hides_a_module() -> None:
    """A function that bears its module's name makes the module unreachable."""
    hidden = []
    for module in pkgutil.walk_packages([str(PACKAGE)], "attention_widget."):
        if module.name.endswith("__main__"):
            continue
        parent, _, name = module.name.rpartition(".")
        loaded = importlib.import_module(module.name)
        if getattr(importlib.import_module(parent), name) is not loaded:
            hidden.append(module.name)
    assert not hidden


def test_only_public_names_are_listed() -> None:
    assert dir(attention_widget) == sorted(attention_widget.__all__)
    assert (
        attention_widget.__version__
        == json.loads((ROOT / "package.json").read_text("utf-8"))["version"]
    )
    for name in attention_widget.__all__:
        assert getattr(attention_widget, name) is not None
