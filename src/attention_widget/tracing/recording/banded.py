"""Longformer's attention (Beltagy et al. 2020): each token sees those within a window of it.

Its code works in overlapping chunks, so that no product over all tokens can be seen. The module
has its projections, from which queries, keys and values follow, and the self-check compares them
with its output, as always. With global attention (a mask that names its tokens) the check fails.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import partial
from typing import Any

import torch
from torch.utils.hooks import RemovableHandle

from attention_widget.trace.mask import Mask
from attention_widget.tracing.recording.records import Record, copied_record
from attention_widget.tracing.recording.seam import Seam

_PARTS = ("query", "key", "value", "num_heads", "one_sided_attn_window_size")


def bands(
    seam: Seam, modules: Mapping[str, torch.nn.Module], paths: Collection[str]
) -> Iterator[RemovableHandle]:
    """Have modules with Longformer's sliding windows report to a seam."""
    for path in paths:
        if all(hasattr(modules[path], name) for name in _PARTS):
            report = partial(_report, seam, path)
            yield modules[path].register_forward_hook(report, with_kwargs=True)


def _report(seam: Seam, path: str, module: Any, args: Any, kwargs: Any, out: Any) -> Any:
    hidden, output = args[0] if args else kwargs["hidden_states"], out[0]
    n_tokens = seam.layers.length(hidden.shape[1])  # less than the padding to whole chunks
    if seam.deaf or n_tokens is None:
        return None

    def record(row: int) -> Record:
        query, key, value = (
            projection(hidden)[row, :n_tokens].unflatten(-1, (module.num_heads, -1)).transpose(0, 1)
            for projection in (module.query, module.key, module.value)
        )
        index = torch.arange(n_tokens, dtype=torch.int32, device="cpu")
        reach = module.one_sided_attn_window_size
        mask = Mask((index - reach).clamp(min=0), (index + reach + 1).clamp(max=n_tokens), n_tokens)
        scale = query.shape[-1] ** -0.5
        return copied_record(path, query, key, value, scale, mask, how="written out")

    given = output[:, :n_tokens].unflatten(-1, (module.num_heads, -1))
    changed = seam.banded(path, record, given)
    if changed is given:
        return None
    whole = output.clone()
    whole[:, :n_tokens] = changed.flatten(-2)
    return (whole, *out[1:])
