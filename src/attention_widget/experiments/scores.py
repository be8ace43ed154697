"""The logits in what a model returned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from attention_widget._util.ungraded import ungraded
from attention_widget.errors import InvalidValueError
from attention_widget.trace.block import Array


def scores_of(
    model: Any,
    output: Any,
    head: torch.nn.Module | None = None,
    positions: Sequence[int] | None = None,
) -> Array:
    """The logits of the first row of what a model returned: (token, vocabulary), or (1, class) of
    a classifier, float32; with a ``head``, those that it makes of the final hidden states. Of
    the ``positions`` alone, if there are any."""
    if head is not None:
        states = _named(output, "last_hidden_state")
        if states is None:
            raise InvalidValueError(
                f"head must be left out with {type(model).__name__}, which returns no final hidden "
                f"states, got {type(head).__name__}"
            )
        given = states if positions is None else states[:, list(positions)]
        own_head = head
        logits = ungraded(lambda: own_head(given))
    else:
        logits = _named(output, "logits")
    if not isinstance(logits, torch.Tensor) or logits.ndim not in (2, 3):
        raise InvalidValueError(
            f"model must have a head that gives logits, got {type(model).__name__}, which returns "
            f"{_names(output)}; load it with its head (AutoModelForCausalLM, AutoModelForMaskedLM) "
            f"or pass head=..."
        )
    own = logits[0].detach()
    own = own if own.ndim == 2 else own[None]
    if head is None and positions is not None:
        own = own[list(positions)]
    array: Array = own.to("cpu", torch.float32).numpy()
    return array


def _named(output: Any, name: str) -> Any:
    return output.get(name) if isinstance(output, Mapping) else getattr(output, name, None)


def _names(output: Any) -> str:
    return ", ".join(output) if isinstance(output, Mapping) else type(output).__name__
