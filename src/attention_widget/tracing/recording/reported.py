"""The fallback: attention maps that the model reports itself, in eager mode, where its queries
and keys cannot be recorded."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import torch

from attention_widget._util.one_line import in_one_line
from attention_widget.trace.kind import Kind
from attention_widget.tracing.recording.layers import Layers
from attention_widget.tracing.recording.recorder import Findings
from attention_widget.tracing.recording.records import Call, crosses, map_record

if TYPE_CHECKING:
    from transformers import PreTrainedModel

# name in the model's output -> kind; None: self-attention of the model's only stack
_REPORTED: dict[str, Kind | None] = {
    "attentions": None,
    "encoder_attentions": "encoder",
    "decoder_attentions": "decoder",
    "cross_attentions": "cross",
}


def fill_in(
    found: Findings,
    model: PreTrainedModel,
    inputs: Mapping[str, Any],
    failed: Collection[str],
    lengths: Collection[int],
) -> str:
    """Give layers the attention maps that the model reports in eager mode, in place of the records
    of the modules at the paths ``failed``.

    Call it only where the model is preserved: it changes the configuration. Returns why some layers
    still have no attention; an empty string if all have.
    """
    reported, reason = _reported(model, inputs, found.output)
    if reported:
        reason = _filled(found.layers, reported, set(failed), set(lengths))
    if not reason:
        return ""
    return f"{what_failed(found, failed)}, and the model's own maps are of no use either: {reason}"


def what_failed(found: Findings, failed: Collection[str]) -> str:
    """Why the records of the modules at some paths cannot be shown."""
    first = min(failed)
    if first in found.wrong:
        return (
            f"does more in its attention than capture can follow (first in module {first!r}: what "
            f"was recorded does not give the output it computed)"
        )
    for layer in found.layers.found():
        for record in layer.records:
            if record.path == first and not found.layers.fits(record):
                n_queries, n_keys = record.sizes
                return (
                    f"attends over other positions than its tokens ({n_queries} queries and "
                    f"{n_keys} keys in module {first!r})"
                )
    return f"computes attention in a way that capture cannot follow (first in module {first!r})"


def _reported(
    model: PreTrainedModel, inputs: Mapping[str, Any], output: Any
) -> tuple[dict[str, list[torch.Tensor]], str]:
    for module in model.modules():  # a bare model in one with a head has a configuration of its own
        for config in _configs(getattr(module, "config", None)):
            with suppress(AttributeError):
                config._attn_implementation = "eager"
    try:
        own = model(**{**inputs, "output_attentions": True})
    except Exception as error:
        return {}, f"in eager mode it fails with {in_one_line(error, typed=True)}"
    if not _agree(own, output):
        return {}, "in eager mode it computes something else"
    values = {name: own.get(name) for name in _REPORTED} if isinstance(own, Mapping) else {}
    found = {name: list(v) for name, v in values.items() if isinstance(v, tuple | list) and v}
    return found, "" if found else "in eager mode it reports no attention"


def _filled(
    watched: Layers, reported: dict[str, list[torch.Tensor]], failed: set[str], lengths: set[int]
) -> str:
    layers = watched.found(failed)
    two_stacks = reported.keys() != {"attentions"}
    left = set(failed)
    for name, maps in reported.items():
        kind = _REPORTED[name]
        crossing = kind == "cross"
        side = "decoder" if crossing else kind
        mine = [layer for layer in layers if not two_stacks or side in (None, layer.side)]
        if len(mine) != len(maps):
            mine = [layer for layer in mine if layer.called]
        if len(mine) != len(maps):
            return f"it reports {len(maps)} {name} of {len(mine)} layers"
        for layer, weights in zip(mine, maps, strict=True):
            records = [one.path for one in layer.records if isinstance(one, Call)]
            paths = [path for path in (*layer.called, *records) if path in failed]
            if all(crosses(path) != crossing for path in (*paths, *records)):
                # one module does both (T5Gemma 2)
                paths = [f"{path}.{'cross' if crossing else 'self'}" for path in paths[:1]]
            paths = [path for path in paths if crosses(path) == crossing]
            if not paths:
                continue
            whole, reason = _map(weights, lengths)
            if whole is None:
                return f"the {name} that it reports {reason}"
            layer.fill(map_record(paths[0], whole, "reported maps"), paths)
            left -= set(paths)
    return f"it reports nothing of {min(left)!r}" if left else ""


def _map(weights: Any, lengths: set[int]) -> tuple[torch.Tensor | None, str]:
    """A reported tensor as (head, query, key), or None and the reason why it is not one."""
    if not isinstance(weights, torch.Tensor):
        return None, f"are of type {type(weights).__name__}, not tensors"
    if weights.ndim == 5:
        weights = _unblocked(weights, lengths)
    if weights.ndim != 4 or weights.shape[0] != 1:
        return None, f"have the shape {tuple(weights.shape)}, not (batch, head, query, key)"
    n_queries, n_keys = weights.shape[2:]
    if lengths and not {n_queries, n_keys} <= lengths:
        return None, f"are of {n_queries} queries and {n_keys} keys, not of the tokens"
    known = weights[weights.isfinite()]
    if bool((known < 0).any()) or bool((weights.nan_to_num(0.0).sum(-1) > 1.01).any()):
        return None, "are not probabilities"
    return weights[0], ""


def _unblocked(weights: torch.Tensor, lengths: set[int]) -> torch.Tensor:
    """LongT5's local attention (batch, block, head, query, key), in which the queries of a block
    see the keys of three: the one before, their own, the one after (Guo et al. 2022)."""
    batch, n_blocks, n_heads, n_queries, n_keys = weights.shape
    fitting = [n for n in lengths if n <= n_blocks * n_queries]
    if batch != 1 or n_keys != 3 * n_queries or not fitting:
        return weights
    whole = weights.new_zeros(1, n_heads, n_blocks * n_queries, (n_blocks + 2) * n_queries)
    for block in range(n_blocks):
        first = block * n_queries
        whole[0, :, first : first + n_queries, first : first + n_keys] = weights[0, block]
    n = max(fitting)
    tokens = whole[:, :, :n, n_queries : n_queries + n]
    # a token that saw the padding would have lost part of its attention here
    return tokens if bool((tokens.sum(-1) > 0.999).all()) else weights


def _configs(config: Any) -> list[Any]:
    if not hasattr(config, "_attn_implementation"):
        return []
    inner = [value for value in vars(config).values() if hasattr(value, "_attn_implementation")]
    return [config, *(found for one in inner for found in _configs(one))]


def _agree(one: Any, other: Any) -> bool:
    first, second = _first(one), _first(other)
    if first is None or second is None or first.shape != second.shape:
        return first is None and second is None
    size = max(1.0, float(second.abs().nan_to_num(0.0).max()))
    return torch.allclose(first, second, atol=1e-3 * size, equal_nan=True)


def _first(output: Any) -> torch.Tensor | None:
    values = output.values() if isinstance(output, Mapping) else output
    if isinstance(values, torch.Tensor):
        return values
    return next((value for value in values if isinstance(value, torch.Tensor)), None)
