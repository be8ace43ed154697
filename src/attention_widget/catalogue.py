"""Tensors by key: what the browser may ask of a trace, and the latest answers.

The keys are those of js/contract.ts. A new one is a line in ``TENSORS``.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import numpy as np

from attention_widget.block import Array
from attention_widget.measures import attention_received, strongest_edges
from attention_widget.tensors import Header, encode
from attention_widget.trace import Trace

CACHE_BYTES: Final = 64 * 2**20
"""Answers kept for a second asking (another view, a reloaded page): some five layers of 12
heads at 512 tokens."""

MAX_BYTES: Final = 256 * 2**20
"""A larger map would take the browser seconds to receive and could end the kernel."""


def _attention(trace: Trace, layer: int) -> Array:
    block = trace.operation(layer)
    size = 4 * block.n_heads * block.n_queries * block.n_keys
    if size > MAX_BYTES:
        raise ValueError(
            f"the attention of layer {layer} takes {size / 2**20:,.0f} MiB; allowed: "
            f"{MAX_BYTES // 2**20} MiB; ask for edges/{layer} or attention_row/{layer}/{{token}}"
        )
    return block.attention()


def _attention_row(trace: Trace, layer: int, tokens: tuple[int, ...]) -> Array:
    row: Array = trace.attention(layer, queries=tokens).mean(1)
    return row


def _edges_mean(trace: Trace, layer: int, heads: tuple[int, ...]) -> Array:
    return strongest_edges(trace, layer, heads, average=True)


def _query(trace: Trace, layer: int, head: int) -> Array:
    query: Array = trace.queries(layer)[_head(trace, layer, head)]
    return query


def _key(trace: Trace, layer: int, head: int) -> Array:
    block = trace.block(layer)
    kv_head = _head(trace, layer, head) // (block.n_heads // block.n_kv_heads)
    key: Array = trace.keys(layer)[kv_head]
    return key


def _scores(trace: Trace, layer: int, head: int, token: int) -> Array:
    block = trace.block(layer)
    rows = block.scores([head], [token])[0, 0], block.logits([head], [token])[0, 0]
    return np.stack(rows)  # (2, key)


def _head(trace: Trace, layer: int, head: int) -> int:
    count = trace.operation(layer).n_heads
    if head >= count:
        raise LookupError(f"head {head} does not exist; allowed: 0 to {count - 1}")
    return head


TENSORS: Final[dict[str, Callable[..., Array]]] = {
    "attention/{layer}": _attention,
    "attention_row/{layer}/{token,...}": _attention_row,
    "attention_received/{layer}": attention_received,
    "edges/{layer}": strongest_edges,
    "edges_mean/{layer}/{head,...}": _edges_mean,
    "query/{layer}/{head}": _query,
    "key/{layer}/{head}": _key,
    "scores/{layer}/{head}/{token}": _scores,
    "hidden_states/{index}": Trace.hidden_states,
}

_ENTRIES = {pattern.split("/")[0]: (pattern, compute) for pattern, compute in TENSORS.items()}
_NUMBER = re.compile(r"[0-9]{1,9}")


class Catalogue:
    """Answers of one trace. Any thread may ask; nothing is locked while a tensor is computed."""

    def __init__(self, trace: Trace, cache_bytes: int = CACHE_BYTES) -> None:
        self._trace = trace
        self._limit = cache_bytes
        self._answers: OrderedDict[str, tuple[Header, bytes]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        """Bytes of the kept answers."""
        return self._bytes

    def answer(self, key: str) -> tuple[Header, bytes]:
        """Header and bytes of a tensor.

        Raises:
            ValueError: the key is none of ``TENSORS``, or the tensor is too large to send.
            LookupError: the trace has no such layer, head or token.
        """
        with self._lock:
            known = self._answers.get(key)
            if known is not None:
                self._answers.move_to_end(key)
                return known
        answer = encode(compute(self._trace, key))
        with self._lock:
            self._keep(key, answer)
        return answer

    def _keep(self, key: str, answer: tuple[Header, bytes]) -> None:
        if key in self._answers or len(answer[1]) > self._limit:
            return
        self._answers[key] = answer
        self._bytes += len(answer[1])
        while self._bytes > self._limit:
            _, (_, oldest) = self._answers.popitem(last=False)
            self._bytes -= len(oldest)


def compute(trace: Trace, key: str) -> Array:
    """The array that a key stands for; raises as :meth:`Catalogue.answer` does."""
    name, *given = key.split("/")
    pattern, function = _ENTRIES.get(name, (None, None))
    if pattern is None or function is None:
        raise ValueError(f"unknown tensor {key!r}; allowed: {', '.join(TENSORS)}")
    wanted = pattern.split("/")[1:]
    if len(given) != len(wanted):
        raise ValueError(f"malformed tensor key {key!r}; allowed: {pattern}")
    arguments: list[int | tuple[int, ...]] = []
    for part, place in zip(given, wanted, strict=True):
        numbers = part.split(",")
        several = "," in place
        if not all(_NUMBER.fullmatch(number) for number in numbers) or (
            len(numbers) > 1 and not several
        ):
            raise ValueError(f"malformed tensor key {key!r}; allowed: {pattern}")
        arguments.append(tuple(map(int, numbers)) if several else int(numbers[0]))
    return function(trace, *arguments)
