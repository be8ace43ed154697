"""Whether the parts of a trace fit each other: those of a file may be anything.

Sizes are compared before anything is computed of them, so that no number in a file makes work
that its tensors do not.
"""

from __future__ import annotations

import reprlib
from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from attention_widget.trace.block import Block, Maps
from attention_widget.trace.grouping import Grouped, Groups, Operation
from attention_widget.trace.mask import Mask
from attention_widget.trace.projections import Projection, Projections

DEEPEST: Final = 8
"""Groups of groups: words without special tokens are two deep."""

MOST_LAYERS: Final = 10_000
"""Of attention that comes without hidden states, which say how many layers there are."""


def hidden_flaw(hidden: Sequence[torch.Tensor], n_tokens: int) -> str:
    """What in the hidden states of so many tokens cannot be; empty if nothing."""
    for index, states in enumerate(hidden):
        fits = states.ndim == 2 and len(states) in (0, n_tokens)
        if not fits or not states.is_floating_point():
            return f"hidden_states({index}) of shape {tuple(states.shape)}, {states.dtype}"
    return ""


def rows_flaw(rows: torch.Tensor | None, n_tokens: int) -> str:
    """What in the word embeddings of so many tokens cannot be; empty if nothing."""
    if rows is None or (rows.ndim == 2 and len(rows) == n_tokens and rows.is_floating_point()):
        return ""
    return f"word embeddings of shape {tuple(rows.shape)}, {rows.dtype}"


def image_flaw(image: NDArray[np.uint8] | None) -> str:
    """What in an image cannot be; empty if nothing."""
    if image is None or (image.ndim == 3 and image.shape[2] == 3 and image.size):
        return ""
    return f"an image of shape {image.shape}"


def window_flaw(positions: Sequence[int | None], own: range, n_inside: int, n_tokens: int) -> str:
    """What in a window of ``n_inside`` tokens of a text of ``n_tokens`` cannot be; empty if
    nothing."""
    if len(positions) != n_inside:
        return f"{len(positions)} positions of {n_inside} tokens"
    if not all(position is None or 0 <= position < n_tokens for position in positions):
        return f"a window of tokens that are not among {n_tokens}"
    if not 0 <= own.start <= own.stop <= n_tokens:
        return f"a window of its own {reprlib.repr(own)}, of {n_tokens} tokens"
    return ""


def operation_flaw(one: Operation, n_states: int, n_queries: int, n_keys: int) -> str:
    """What in the attention of a layer cannot be, in a stack of ``n_states`` hidden states, 0
    where they are not known; empty if nothing."""
    count = n_states - 1 if n_states else MOST_LAYERS
    where = f"the attention of layer {reprlib.repr(one.layer)} ({one.kind})"
    if not 0 <= one.layer < count:
        return f"{where}, of {count} layers"
    problem = flaw(one, n_queries, n_keys)
    told = f"{where} cannot be computed, for {n_queries} and {n_keys} tokens"
    return f"{told}: {problem}" if problem else ""


def projections_flaw(
    known: Projections, operations: Sequence[Operation], n_queries: int, n_keys: int
) -> str:
    """What in the projections of a layer cannot be; empty if nothing."""
    where = f"the projections of layer {reprlib.repr(known.layer)} ({known.kind})"
    place = (known.kind, known.layer)
    block = next((one for one in operations if (one.kind, one.layer) == place), None)
    if not isinstance(block, Block):
        return f"{where}, of which there are no queries and keys"
    if not all(tensor.is_floating_point() for tensor in known.tensors):
        return f"{where} hold no real numbers"
    for side, made in known.sides.items():
        whole: torch.Tensor = getattr(block, side)
        count = n_queries if side == "query" else n_keys
        if whole.ndim != 3 or (made is not None and not _makes(made, whole, count)):
            return f"{where} do not make its {side}"
    if known.query is not None and known.query.input is None:
        return f"{where} have no input"
    given = (n_queries, block.query.shape[0], block.value.shape[-1])
    if known.edited is not None and tuple(known.edited.shape) != given:
        return f"{where} do not hold what its heads give out behind edits"
    out = known.output
    if out is None:
        return ""
    hidden = out.weight.shape[-1] if out.weight.ndim == 3 else -1
    fits = tuple(out.weight.shape) == (block.query.shape[0], block.value.shape[-1], hidden)
    fits &= out.bias is None or tuple(out.bias.shape) == (hidden,)
    fits &= out.gave is None or tuple(out.gave.shape) == (n_queries, hidden)
    return "" if fits else f"{where} do not write what its heads give out"


def _makes(made: Projection, whole: torch.Tensor, n_tokens: int) -> bool:
    """Whether the shapes of a projection go with the vectors of a block."""
    heads, _, dim = whole.shape
    if made.weight.ndim != 3 or (made.weight.shape[0], made.weight.shape[2]) != (heads, dim):
        return False
    hidden = made.weight.shape[1]
    every = [made.plain, *(stage.values for stage in made.stages)]
    vectors = [each for each in every if each is not None]
    names = [stage.name for stage in made.stages]
    return (
        len(set(names)) == len(names)
        and all(each.shape == whole.shape for each in vectors)
        and (made.bias is None or tuple(made.bias.shape) == (heads, dim))
        and (made.input is None or tuple(made.input.shape) == (n_tokens, hidden))
    )


def flaw(one: Operation, n_queries: int, n_keys: int, depth: int = 0) -> str:
    """What in an operation of so many queries and keys cannot be; empty if nothing."""
    if isinstance(one, Grouped):
        return _grouped_flaw(one, n_queries, n_keys, depth)
    if isinstance(one, Maps):
        shape = one.probabilities.shape
        if len(shape) != 3 or not shape[0] or tuple(shape[1:]) != (n_queries, n_keys):
            return f"it is of shape {tuple(shape)}"
        return "" if one.probabilities.is_floating_point() else "it holds no real numbers"
    return _block_flaw(one, n_queries, n_keys) or _mask_flaw(one.mask, one.n_heads, one)


def _grouped_flaw(one: Grouped, n_queries: int, n_keys: int, depth: int) -> str:
    if depth > DEEPEST:
        return f"it is in groups of groups, more than {DEEPEST} deep"
    if (len(one.query_groups), len(one.key_groups)) != (n_queries, n_keys):
        return f"it is of {len(one.query_groups)} × {len(one.key_groups)} groups"
    of = one.of
    innermost = of
    while isinstance(innermost, Grouped) and depth <= DEEPEST:
        innermost, depth = innermost.of, depth + 1
    if isinstance(innermost, Grouped):
        return f"it is in groups of groups, more than {DEEPEST} deep"
    parts = innermost.probabilities if isinstance(innermost, Maps) else innermost.query
    keys = innermost.probabilities if isinstance(innermost, Maps) else innermost.key
    if parts.ndim != 3 or keys.ndim != 3:
        return "it is of tensors without heads, queries and keys"
    for groups, size in ((one.query_groups, of.n_queries), (one.key_groups, of.n_keys)):
        if not _are_parts(groups, size):
            return f"its groups are not of {size} tokens, each in one at most"
    return flaw(of, of.n_queries, of.n_keys, depth + 1)


def _are_parts(groups: Groups, size: int) -> bool:
    members = [member for group in groups for member in group]
    within = not members or (min(members) >= 0 and max(members) < size)
    return within and len(set(members)) == len(members)


def _block_flaw(one: Block, n_queries: int, n_keys: int) -> str:
    for name in ("query", "key", "value"):
        part: torch.Tensor = getattr(one, name)
        if part.ndim != 3 or not part.is_floating_point():
            return f"its {name} is of shape {tuple(part.shape)}, {part.dtype}"
    heads, _, dim = one.query.shape
    shapes = f"queries {tuple(one.query.shape)} and keys {tuple(one.key.shape)}"
    fits = one.query.shape[1] == n_queries and one.key.shape[1:] == (n_keys, dim)
    if not fits or not one.query.numel() or not one.key.numel() or heads % one.n_kv_heads:
        return f"it is of {shapes}"
    bias, sinks = one.bias, one.sinks
    if bias is not None and not _is_broadcast(bias, (heads, n_queries, n_keys)):
        return f"its bias is of shape {tuple(bias.shape)}, for {shapes}"
    if sinks is not None and tuple(sinks.shape) not in ((heads,), (heads, n_queries)):
        return f"its sinks are of shape {tuple(sinks.shape)}, for {shapes}"
    return ""


def _is_broadcast(part: torch.Tensor, shape: tuple[int, ...]) -> bool:
    sizes = zip(part.shape, shape, strict=False)
    return part.ndim == len(shape) and all(size in (1, whole) for size, whole in sizes)


def _mask_flaw(mask: Mask, heads: int, of: Block) -> str:
    sizes = (of.n_queries, of.n_keys)
    told = f"its mask does not fit {sizes[0]} queries and {sizes[1]} keys"
    if mask.n_keys != sizes[1]:
        return told
    for runs in (mask.start, mask.stop):
        if tuple(runs.shape) != sizes[:1] or runs.dtype not in (torch.int32, torch.int64):
            return told
    seen = mask.stop > mask.start
    if bool((seen & ((mask.start < 0) | (mask.stop > sizes[1]))).any()):
        return told
    explicit = mask.explicit
    if explicit is None:
        return ""
    fits = explicit.dtype == torch.bool and explicit.shape[1:] == sizes
    return "" if fits and explicit.ndim == 3 and explicit.shape[0] in (1, heads) else told
