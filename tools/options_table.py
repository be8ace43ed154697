"""The table of options in docs/options.md."""

from __future__ import annotations

import json
from collections.abc import Sequence

from option_types import types_of

from attention_widget.protocol.option import Choice, Choices, Flag, Option, Share


def table(options: Sequence[Option]) -> str:
    rows = ["| attribute | values | meaning |", "| --- | --- | --- |"]
    rows += [f"| `{each.name}` | {_values(each)} | {each.doc} |" for each in options]
    return "\n".join(rows)


def _values(option: Option) -> str:
    """The default is bold."""
    if isinstance(option, Choices):
        names = ", ".join(f"`{json.dumps(value)}`" for value in option.values)
        return f"some of {names}; **{', '.join(option.default)}**"
    if isinstance(option, Choice):
        bold = {option.default: "**"}
        return ", ".join(
            f"{bold.get(value, '')}`{json.dumps(value)}`{bold.get(value, '')}"
            for value in option.values
        )
    if isinstance(option, Flag):
        return "**`False`**, `True`"
    values = types_of(option).values
    return f"{values}; **{option.default}**" if isinstance(option, Share) else values
