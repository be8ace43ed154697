"""Names of a package that are imported when they are first asked for (PEP 562).

A help text and an error of usage need neither torch nor transformers, which take seconds to import.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazily(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """A ``__getattr__`` for a package: ``homes`` has the module of each name; one whose module is
    the name itself within the package is that module.

    >>> get = lazily("attention_widget._util", {"in_words": "attention_widget._util.sizes"})
    >>> get("in_words")(2_000)
    '2 kB'
    """

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        home = import_module(homes[name])
        value = home if homes[name] == f"{package}.{name}" else getattr(home, name)
        setattr(sys.modules[package], name, value)  # asked for once
        return value

    return get
