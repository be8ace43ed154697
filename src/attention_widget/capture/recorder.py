"""Records the attention of one forward pass while it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

import torch

from attention_widget.capture.layers import Layers, copied
from attention_widget.capture.masks import Masks
from attention_widget.capture.records import Record
from attention_widget.mask import Mask

# Largest relative difference between recorded probabilities × values and the output that the
# model computed, by the precision of the model.
_TOLERANCE = {torch.float64: 1e-4, torch.float32: 1e-4, torch.float16: 2e-2, torch.bfloat16: 1e-1}

_recorder: ContextVar[Recorder | None] = ContextVar("attention_widget_recorder", default=None)


def active() -> Recorder | None:
    """The recorder of the capture under way in this thread, if there is one."""
    return _recorder.get()


class Recorder:
    """Takes what attention functions are called with and hands it to the layer being called."""

    def __init__(self, modules: Mapping[str, torch.nn.Module], n_tokens: int) -> None:
        self._paths = {id(module): path for path, module in modules.items()}
        self._masks = Masks()
        self._inside = False
        self.layers = Layers(n_tokens, lambda: active() is self)
        self.n_records = 0
        self.wrong: list[str] = []  # paths of modules whose attention could not be read right

    @contextmanager
    def recording(self) -> Iterator[None]:
        token = _recorder.set(self)
        try:
            yield
        finally:
            _recorder.reset(token)

    def interface(
        self,
        function: Callable[..., Any],
        module: torch.nn.Module,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        attention_mask: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Record a call of a function of transformers' AttentionInterface and make it."""
        if self._inside or query.ndim != 4 or query.shape[0] != 1:
            return function(module, query, key, value, attention_mask, **kwargs)
        family = _family(function)
        n_queries, n_keys = query.shape[2], key.shape[2]
        causal_flag = kwargs.get("is_causal")
        if causal_flag is None:
            causal_flag = getattr(module, "is_causal", True)
        causal = bool(causal_flag) and n_queries > 1
        if family == "sdpa":
            causal = causal and attention_mask is None
        window = kwargs.get("sliding_window") if family == "flash" else None
        mask, bias = self._masks.convert(
            attention_mask,
            n_queries,
            n_keys,
            causal=causal and family in ("sdpa", "flash"),
            window=window if window is not None and window < n_keys else None,
        )
        position_bias = kwargs.get("position_bias")
        if position_bias is not None:
            _, added = self._masks.convert(position_bias.float(), n_queries, n_keys)
            bias = added if bias is None else bias if added is None else bias + added
        sinks = kwargs.get("s_aux", getattr(module, "sinks", None))
        scaling = kwargs.get("scaling")
        record = Record(
            path=self._paths.get(id(module), self.layers.path),
            query=copied(query[0]),
            key=copied(key[0]),
            value=copied(value[0]),
            scale=float(query.shape[-1] ** -0.5 if scaling is None else scaling),
            mask=mask,
            bias=bias,
            softcap=None if family == "sdpa" else kwargs.get("softcap"),
            sinks=None if family == "sdpa" or sinks is None else copied(sinks.flatten()),
        )
        self._inside = True
        try:
            output = function(module, query, key, value, attention_mask, **kwargs)
        finally:
            self._inside = False
        if family != "sdpa":
            record = self._checked(record, module, output[0], window)
        self._add(record)
        return output

    def sdpa(
        self,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        attn_mask: torch.Tensor | None = None,
        dropout_p: float = 0.0,
        is_causal: bool = False,
        scale: float | None = None,
        enable_gqa: bool = False,
    ) -> None:
        """Record a call of scaled_dot_product_attention made off the interface."""
        if self._inside or query.ndim != 4 or query.shape[0] != 1:
            return
        mask, bias = self._masks.convert(attn_mask, query.shape[2], key.shape[2], causal=is_causal)
        n_groups = _groups(key[0], value[0])
        self._add(
            Record(
                path=self.layers.path,
                query=copied(query[0]),
                key=copied(key[0, ::n_groups]),
                value=copied(value[0, ::n_groups]),
                scale=query.shape[-1] ** -0.5 if scale is None else scale,
                mask=mask,
                bias=bias,
            )
        )

    def written_out(
        self,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        scale: float,
        visible: torch.Tensor,
        bias: torch.Tensor | None,
        output: torch.Tensor,
    ) -> None:
        """Record attention that a model computed step by step; all (head, token, dim)."""
        if self._inside or query.shape[:2] != output.shape[:2]:
            return
        n_groups = _groups(key, value)
        record = Record(
            path=self.layers.path,
            query=copied(query),
            key=copied(key[::n_groups]),
            value=copied(value[::n_groups]),
            scale=scale,
            mask=Mask.from_visible(visible),
            bias=None if bias is None else copied(bias),
        )
        if _off(record.error(output.transpose(0, 1)), record, output):
            self.wrong.append(record.path)
        self._add(record)

    def _add(self, record: Record) -> None:
        self.n_records += 1
        self.layers.add(record)

    def _checked(
        self, record: Record, module: torch.nn.Module, output: torch.Tensor, window: int | None
    ) -> Record:
        """The reading of the call that reproduces the output.

        Only sdpa means one thing in every version: what eager, flash and registered functions
        do with a missing mask, a window or their module's attributes has to be seen.
        """
        found = output[0]  # (query, head, dim)
        best, error = record, record.error(found)
        if _off(error, record, found):
            for reading in _readings(record, module, self._masks, window):
                if (other := reading.error(found)) < error:
                    best, error = reading, other
        if _off(error, best, found):
            self.wrong.append(record.path)
        return best


def _off(error: float, record: Record, output: torch.Tensor) -> bool:
    tolerance = _TOLERANCE.get(record.query.dtype, 1e-1)
    return not error <= tolerance and bool(output.isfinite().all())


def _groups(key: torch.Tensor, value: torch.Tensor) -> int:
    """How often keys and values (head, key, dim) are repeated for grouped queries."""
    size = 1
    while size < key.shape[0] and key[size].equal(key[0]) and value[size].equal(value[0]):
        size += 1
    for tensor in (key, value):
        if size == 1 or key.shape[0] % size:
            return 1
        grouped = tensor.reshape(-1, size, *tensor.shape[1:])
        if not bool((grouped == grouped[:, :1]).all()):
            return 1
    return size


def _family(function: Callable[..., Any]) -> str:
    """ "sdpa", "flash" or "flex" for transformers' own functions, otherwise ""."""
    function = getattr(function, "func", function)
    home = getattr(function, "__module__", "")
    if home == "transformers.integrations.sdpa_attention":
        return "sdpa"
    if home == "transformers.integrations.flash_attention":
        return "flash"
    return "flex" if home == "transformers.integrations.flex_attention" else ""


def _readings(
    record: Record, module: torch.nn.Module, masks: Masks, window: int | None
) -> Iterator[Record]:
    n_queries, n_keys = record.query.shape[1], record.key.shape[1]
    visible = record.mask.visible(torch.arange(n_queries))
    causal, _ = masks.convert(visible[None], n_queries, n_keys, causal=True)
    if window is not None:  # until transformers 4.49 flash attention saw one key more
        wider, _ = masks.convert(
            None, n_queries, n_keys, causal=causal.is_causal, window=window + 1
        )
        yield replace(record, mask=wider)
    scales = [record.scale]
    if getattr(module, "scale_attn_by_inverse_layer_idx", False):  # GPT-2 until 4.57
        scales.append(record.scale / (getattr(module, "layer_idx", 0) + 1))
    if not getattr(module, "scale_attn_weights", True):
        scales += [scale / record.scale for scale in scales]
    for scale in scales:
        yield replace(record, scale=scale)
        yield replace(record, scale=scale, mask=causal)
