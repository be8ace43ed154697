"""What is asked of each head: the summaries of a scan, and those of a user's own."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.measures.detectors import HEAD_SUMMARIES
from attention_widget.trace.grouping import Operation
from attention_widget.trace.token import Token
from attention_widget.tracing.model.naming import type_name

Own = Callable[..., Any]
"""A function of a :class:`~attention_widget.Block`, or of one and its tokens, that gives a number
for each head and query."""

_QUANTA: Final = {"distance": -28, "distance_variance": -20}
_QUANTUM: Final = -32
_OWN_QUANTUM: Final = -20


@dataclass(frozen=True)
class Wanted:
    """The summaries of a scan: names of ``HEAD_SUMMARIES`` and then functions by name."""

    builtin: tuple[str, ...]
    own: Mapping[str, Own]

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.builtin, *self.own)

    @property
    def quanta(self) -> tuple[int, ...]:
        known = [_QUANTA.get(name, _QUANTUM) for name in self.builtin]
        return (*known, *[_OWN_QUANTUM] * len(self.own))

    @property
    def rows(self) -> NDArray[np.intp]:
        """Where the built-in ones are among ``HEAD_SUMMARIES``."""
        return np.array([HEAD_SUMMARIES.index(name) for name in self.builtin], np.intp)

    def own_sums(
        self, block: Operation, tokens: Sequence[Token]
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """The sums and counts of a user's own, (summary, head) each."""
        sums = np.zeros((len(self.own), block.n_heads))
        counts = np.zeros(sums.shape, np.int64)
        for row, (name, function) in enumerate(self.own.items()):
            given = function(block, tuple(tokens)) if _asks_tokens(function) else function(block)
            values = _values(name, given, block.n_heads, len(tokens))
            known = ~np.isnan(values)
            sums[row] = np.where(known, values, 0).sum(-1)
            counts[row] = known.sum(-1)
        return sums, counts


def wanted(given: Any) -> Wanted:
    """What was asked for, checked: None for all of ``HEAD_SUMMARIES``, names, functions by name,
    or a list of names and such dictionaries."""
    must = (
        "summaries must be names of measures.HEAD_SUMMARIES, functions of a Block by name, such as "
        '{"largest": lambda block: block.attention().max(-1)}, or a list of both'
    )
    if given is None:
        return Wanted(HEAD_SUMMARIES, {})
    parts = [given] if isinstance(given, str | Mapping) else given
    if not isinstance(parts, Iterable):
        raise InvalidTypeError(f"{must}, got {type_name(given)}")
    names: list[str] = []
    own: dict[str, Own] = {}
    for part in parts:
        if isinstance(part, str):
            if part not in HEAD_SUMMARIES:
                raise InvalidValueError(
                    f"{must}, got {part!r:.80}; the names are {', '.join(HEAD_SUMMARIES)}"
                )
            names.append(part)
        elif isinstance(part, Mapping):
            for name, function in part.items():
                _check_own(must, name, function)
                own[name] = function
        else:
            raise InvalidTypeError(f"{must}, got {type_name(part)} among them")
    if not names and not own:
        raise InvalidValueError(f"{must}, got none")
    return Wanted(tuple(name for name in HEAD_SUMMARIES if name in names), own)


def _asks_tokens(function: Own) -> bool:
    """Whether it takes a second argument by its place."""
    try:
        places = [
            one
            for one in inspect.signature(function).parameters.values()
            if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)
            if one.default is one.empty
        ]
    except (TypeError, ValueError):  # of a function that is not Python's
        return False
    return len(places) == 2


def _check_own(must: str, name: Any, function: Any) -> None:
    if not isinstance(name, str) or not name or "/" in name:
        raise InvalidValueError(f"{must}, got the name {name!r:.80}; a name is text without '/'")
    if name in (*HEAD_SUMMARIES, "kind", "layer", "head", "label"):
        raise InvalidValueError(f"{must}, got a function named {name!r}, a name that is taken")
    if not callable(function):
        raise InvalidTypeError(f"{must}, got {type_name(function)} for {name!r}")


def _values(name: str, given: Any, n_heads: int, n_tokens: int) -> NDArray[np.float64]:
    shape: Sequence[int] = (n_heads, n_tokens)
    if hasattr(given, "detach"):
        given = given.detach().cpu()
    values = np.asarray(given)
    if values.shape != shape or values.dtype.kind not in "fiub":
        raise InvalidValueError(
            f"summary {name!r} must give a number for each head and query, {shape}, got an array "
            f"{values.shape} of {values.dtype}"
        )
    found = values.astype(np.float64)
    if np.isinf(found).any():
        raise InvalidValueError(
            f"summary {name!r} must give finite numbers, or NaN where there is none, got infinite "
            f"ones"
        )
    return found
