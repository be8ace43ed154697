"""The layer and heads that are selected at first."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Sequence

from attention_widget._util.integers import as_integer
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace


def shown_first(trace: Trace, layer: int | None) -> tuple[Kind, int, int]:
    """The first kind of attention that has the layer, that layer, and how many heads it has; the
    first layer that there is if None."""
    layers = {kind: trace.layers_with_attention(kind) for kind in trace.kinds}
    for kind, have in layers.items():
        shown = have[0] if layer is None else layer
        if shown in have:
            return kind, shown, trace.count_heads(shown, kind)
    allowed = listed(sorted({each for have in layers.values() for each in have}))
    raise ValueError(f"layer is {layer!r}; allowed: a layer that is included: {allowed}")


def indices(
    name: str, given: Iterable[int] | int | None, count: int, missing: type[Exception]
) -> list[int] | None:
    """Indices below ``count``, each once, in the order given; None for all.

    ValueError for none at all or one twice, TypeError for what is no index, and ``missing`` for
    one that does not exist.
    """
    if given is None:
        return None
    single = as_integer(given)
    items: list[object] = [single] if single is not None else list(given)  # type: ignore[arg-type]
    allowed = f"any of 0 to {count - 1}, each once"
    found = [index for item in items if (index := as_integer(item)) is not None]
    if len(found) < len(items):
        raise TypeError(f"{name} is {reprlib.repr(items)}; allowed: integers, {allowed}")
    for index in found:
        if not 0 <= index < count:
            raise missing(f"{name} names {index}, which does not exist; allowed: {allowed}")
    if not found or len(set(found)) < len(found):
        raise ValueError(f"{name} is {reprlib.repr(items)}; allowed: one at least, {allowed}")
    return found


def listed(items: Sequence[object]) -> str:
    return ", ".join(map(str, items))
