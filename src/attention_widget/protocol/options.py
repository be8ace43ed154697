"""Every option of the widget. Each is declared once: its name, place, meaning, values, default.

Traits, typed keywords, the front end's state and links, its simple controls and the table in
docs/options.md follow from ``OPTIONS``. After a change of it run ``make options``.
"""

from __future__ import annotations

from typing import Final

from attention_widget.protocol.display_options import DISPLAY
from attention_widget.protocol.option import Choice, Choices, Option
from attention_widget.protocol.selection_options import SELECTION
from attention_widget.protocol.view_options import OF_VIEWS

OPTIONS: Final[tuple[Option, ...]] = (*SELECTION, *DISPLAY, *OF_VIEWS)
"""In the order in which they are checked: each may depend on those before it."""

OPTION: Final = {option.name: option for option in OPTIONS}

WITHOUT_TEXT: Final = tuple(option.name for option in OPTIONS if not option.of_text)
"""Names of options that an atlas alone has too."""

SPELLINGS: Final = {option.us: option.name for option in OPTIONS if option.us}
"""Names of options in American spelling, and the names under which they are stored."""


def values_of(name: str) -> tuple[str, ...]:
    """The names that an option allows."""
    option = OPTION[name]
    assert isinstance(option, Choice | Choices)
    return option.values
