"""What a browser makes of bytes that Python sends or saves."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attention_widget.export.rounding import (
    LEAST_LEVEL,
    LEAST_WEIGHT,
    LEVEL_0,
    NAN,
    SHARE_CODES,
    SHARE_OCTAVES,
    SHIFTS,
    SMALL,
    STEP,
    ZERO,
    _groups,
)
from attention_widget.protocol.tensors import Header
from attention_widget.trace.block import Array


def decode(header: Header | dict[str, Any], data: bytes | bytearray | memoryview) -> NDArray[Any]:
    """A tensor; the other half is js/trace/tensor.ts."""
    dtype = np.dtype(header["dtype"]).newbyteorder("<")
    return np.frombuffer(data, dtype).reshape(header["shape"])


def decode_levels(
    data: bytes,
    shape: tuple[int, int],
    special: NDArray[np.bool_],
    fine: NDArray[np.bool_],
) -> Array:
    """What js/saved/level_codec.ts makes of ``rounding.encode_levels``."""
    queries, keys = shape
    parts = np.frombuffer(data, np.uint8)
    size = queries * keys
    codes = parts[:size].astype(np.int64) | parts[size : 2 * size].astype(np.int64) << 8
    codes = codes.reshape(keys, queries).T
    sums = parts[2 * size : 2 * size + 4 * queries].reshape(2, 2, queries)  # byte by byte
    total, of_text = (_shares(np.ascontiguousarray(one.T).view("<u2")[:, 0]) for one in sums)
    starts = parts[2 * size + 4 * queries :].view(np.int8).reshape(2, queries)
    weights = np.zeros(shape)
    groups = _groups(total, total * of_text, special)
    for (group, given, scale), start in zip(groups, starts, strict=True):
        level = (codes >= LEVEL_0) & (codes < NAN) & group
        large, small = level & ~fine, (codes == SMALL) & group
        shares = np.where(level & fine, (codes - LEVEL_0) / 2, 0)
        shares = np.where(large, codes - LEVEL_0 + start[:, None] / SHIFTS, shares)
        left = given / scale / STEP - shares.sum(1)
        share = np.clip(left / np.maximum(small.sum(1), 1), 0, 0.5)
        rest = (left - share * small.sum(1)) / np.maximum(large.sum(1), 1)
        shares = np.where(small, share[:, None], shares)
        shares = np.where(large, shares + rest[:, None], shares)
        known = (codes != ZERO) & (codes != NAN) & group
        found = np.maximum(LEAST_LEVEL, shares) * (scale * STEP)[:, None]
        weights = np.where(known, np.maximum(LEAST_WEIGHT, found), weights)
    return np.where(codes == NAN, np.nan, weights).astype(np.float32)


def _shares(codes: NDArray[np.uint16]) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = np.exp2(-SHARE_OCTAVES * (codes / SHARE_CODES) ** 2)
    return shares
