"""What of a trace takes how much memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

import torch

from attention_widget.trace.block import Block
from attention_widget.trace.trace import Trace

Part = Literal[
    "queries", "keys", "values", "attention", "hidden_states", "word_embeddings", "other"
]
PARTS: Final[tuple[Part, ...]] = (
    *("queries", "keys", "values", "attention"),
    *("hidden_states", "word_embeddings", "other"),
)


def bytes_by_part(trace: Trace) -> dict[Part, int]:
    """Bytes of the kept tensors, by what they hold; together they are ``trace.nbytes``.

    "attention" is of layers of which only the probabilities are known, and "other" of masks,
    biases of positions and sinks. Queries, keys and values are as the model computed them, so a
    layer without any of these takes none.

    >>> bytes_by_part(trace)["queries"] == sum(block.query.nbytes for block in trace.blocks)
    True
    """
    sizes: dict[int, int] = {}
    owner: dict[int, Part] = {}
    for part, tensor in _tensors(trace):
        storage = tensor.untyped_storage()
        sizes[storage.data_ptr()] = storage.nbytes()
        owner.setdefault(storage.data_ptr(), part)
    found: dict[Part, int] = dict.fromkeys(PARTS, 0)
    for place, part in owner.items():
        found[part] += sizes[place]
    return found


def _tensors(trace: Trace) -> Iterator[tuple[Part, torch.Tensor]]:
    for one in trace.operations:
        if isinstance(one, Block):
            yield "queries", one.query
            yield "keys", one.key
            yield "values", one.value
        else:
            yield from (("attention", tensor) for tensor in one.tensors)
    for stack in (trace, trace.target):
        if stack is not None:
            yield from (("hidden_states", tensor) for tensor in stack.hidden)
            if stack.word_rows is not None:
                yield "word_embeddings", stack.word_rows
    for window in trace.windows:
        yield from _tensors(window.trace)
    yield from (("other", tensor) for tensor in trace.tensors)
