"""The attention that ``outputs[-1]`` used to be.

BertViz's documentation takes the attention from the last place of a model's output. Since
transformers 5 an empty tuple of cross-attention stands there for BERT, GPT-2 and others. The output
itself is then mostly still a variable of whoever calls, and is looked for there.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from types import FrameType
from typing import Any

from attention_widget.arrays.conversion import NEEDS_EAGER

_EMPTY = (
    "attention is empty: with transformers 5 the last place of a model's output, outputs[-1], may "
    "hold cross-attention that the model does not have"
)
_NONE = "attention is empty: the model reported none"
_FRAMES = 4  # from warnings.warn to whoever called the view


def attentions_of_caller(caller: FrameType, n_tokens: int) -> Any:
    """The attentions of the one model output among the caller's variables that fits the tokens.

    Raises:
        ValueError: there is none, or more than one.
    """
    variables = {**caller.f_globals, **caller.f_locals}
    found: dict[int, tuple[str, Any]] = {}
    for name, value in variables.items():
        if not name.startswith("_") and _fits(value, n_tokens):
            found.setdefault(id(value), (name, value["attentions"]))
    if len(found) != 1:
        names = ", ".join(name for name, _ in found.values())
        which = f"; {names} could be meant" if names else ""
        raise ValueError(
            f"{_EMPTY if found else _NONE}{which}; allowed: outputs.attentions, of outputs = "
            f"model(..., output_attentions=True) ({NEEDS_EAGER})"
        )
    ((name, attentions),) = found.values()
    warnings.warn(
        f"{_EMPTY}; {name}.attentions is shown, which is what to pass",
        UserWarning,
        stacklevel=_FRAMES,
    )
    return attentions


def _fits(value: Any, n_tokens: int) -> bool:
    """Whether it is a model output whose last place is empty, with attention of so many tokens."""
    if not isinstance(value, Mapping) or "attentions" not in value:
        return False
    attentions = value["attentions"]
    last = list(value.values())[-1]
    if not isinstance(attentions, tuple) or not attentions or not isinstance(last, tuple) or last:
        return False
    return all(getattr(layer, "shape", ())[-1:] == (n_tokens,) for layer in attentions)
