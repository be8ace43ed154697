"""What a room offers by name to rooms below it, which must not import it.

The package itself, which is above all rooms, says where each is found; it is imported when it is
first asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

_HOMES: dict[str, str] = {}


def provide(homes: Mapping[str, str]) -> None:
    """Say in which module each function is found."""
    _HOMES.update(homes)


def provided(name: str) -> Callable[..., Any]:
    """The function that was offered by this name.

    >>> provided("head_table").__module__
    'attention_widget.measures.table'
    """
    function: Callable[..., Any] = getattr(import_module(_HOMES[name]), name)
    return function
