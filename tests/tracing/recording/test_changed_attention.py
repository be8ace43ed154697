"""A function of a user's own changes the attention: what was used is shown, or it is refused.

Attention knockout (Geva et al. 2023, https://arxiv.org/abs/2304.14767) and its kin, planted in any
row, head and key, in every precision and in every way in which people plant them.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st
from support.models import TEXT, tiny
from support.practice import TOKENIZER, traced
from torch.nn import functional

from attention_widget.tracing import UnsupportedModelError
from attention_widget.tracing.recording.known_functions import native, untouched

N = len(TOKENIZER(TEXT)["input_ids"])
HEADS, LAYERS = 4, 3
KINDS = ("blocked", "temperature", "overwritten", "values", "nothing")
WAYS = ("registered", "patched", "wrapped", "sdpa", "patched written out")
DTYPES = (torch.float32, torch.bfloat16, torch.float16)

pytestmark = pytest.mark.skipif(
    not hasattr(type(transformers.modeling_utils.ALL_ATTENTION_FUNCTIONS), "get_interface"),
    reason="before transformers 5.2 functions are planted otherwise",
)


class Change:
    """Attention with a change planted, which remembers the probabilities that it used."""

    def __init__(self, kind: str, head: int, row: int, key: int, layer: int) -> None:
        self.kind, self.head, self.row, self.key, self.layer = kind, head, row, key, layer
        self.used: list[torch.Tensor] = []

    def attend(
        self, query: Any, key: Any, value: Any, visible: Any = None, scale: Any = None
    ) -> torch.Tensor:
        groups = query.shape[1] // key.shape[1]
        key, value = key.repeat_interleave(groups, 1), value.repeat_interleave(groups, 1)
        here = len(self.used) == self.layer
        logits = query @ key.transpose(2, 3) * (query.shape[-1] ** -0.5 if scale is None else scale)
        if visible is not None:
            logits = logits.masked_fill(~visible, float("-inf"))
        if here and self.kind == "blocked":
            logits[:, self.head, self.row, self.key] = float("-inf")
        if here and self.kind == "temperature":
            logits = logits * 0.9
        weights = logits.softmax(-1)
        if here and self.kind == "overwritten":
            weights[:, self.head, self.row, self.key] = 0.5
        if here and self.kind == "values":
            value = value * 1.5
        self.used.append(weights[0].detach().clone())
        mixed: torch.Tensor = weights @ value
        return mixed

    def interface(
        self, module: Any, query: Any, key: Any, value: Any, mask: Any, **more: Any
    ) -> Any:
        visible = torch.ones(N, N, dtype=torch.bool).tril()
        mixed = self.attend(query, key, value, visible, more["scaling"])
        return mixed.transpose(1, 2).contiguous(), None

    def wrapped(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """The original, with other arguments; its name and its module are copied."""

        @functools.wraps(original)
        def attend(module: Any, query: Any, key: Any, value: Any, mask: Any, **more: Any) -> Any:
            here = len(self.used) == self.layer
            mask = torch.zeros(1, HEADS, N, N, dtype=query.dtype)
            mask.masked_fill_(torch.ones(N, N, dtype=torch.bool).triu(1), float("-inf"))
            if here and self.kind == "blocked":
                mask[:, self.head, self.row, self.key] = float("-inf")
            if here and self.kind == "temperature":
                more["scaling"] = more["scaling"] * 0.9
            if here and self.kind == "values":
                value = value * 1.5
            output, weights = original(module, query, key, value, mask, **more)
            self.used.append(weights[0])
            return output, weights

        return attend

    def sdpa(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """torch's own, with other arguments."""

        def attend(query: Any, key: Any, value: Any, attn_mask: Any = None, **more: Any) -> Any:
            here = len(self.used) == self.layer
            mask = torch.zeros(1, HEADS, N, N, dtype=query.dtype)
            mask.masked_fill_(torch.ones(N, N, dtype=torch.bool).triu(1), float("-inf"))
            if here and self.kind == "blocked":
                mask[:, self.head, self.row, self.key] = float("-inf")
            scale = more["scale"] * (0.9 if here and self.kind == "temperature" else 1.0)
            if here and self.kind == "values":
                value = value * 1.5
            groups = query.shape[1] // key.shape[1]
            whole = key.repeat_interleave(groups, 1)
            logits = (query.float() @ whole.float().transpose(2, 3)) * scale + mask.float()
            self.used.append(logits.softmax(-1)[0])
            return original(query, key, value, mask, scale=scale, enable_gqa=groups > 1)

        return attend

    def written_out(self, query: Any, key: Any, value: Any, **more: Any) -> Any:
        visible = torch.ones(N, N, dtype=torch.bool).tril()
        return self.attend(query, key, value, visible, more["scale"])


@contextmanager
def planted(model: Any, way: str, change: Change) -> Iterator[None]:
    """As people plant it; taken out afterwards."""
    space: Any = sys.modules[type(model).__module__]
    interface: Any = type(transformers.modeling_utils.ALL_ATTENTION_FUNCTIONS)
    eager, sdpa = space.eager_attention_forward, functional.scaled_dot_product_attention
    place: Any = functional
    try:
        if way == "registered":
            interface.register("changed", change.interface)
            model.config._attn_implementation = "changed"
        elif way in ("patched", "wrapped"):
            model.config._attn_implementation = "eager"
            made: Any = change.interface if way == "patched" else change.wrapped(eager)
            space.eager_attention_forward = made
        else:
            made = change.sdpa(sdpa) if way == "sdpa" else change.written_out
            place.scaled_dot_product_attention = made
        yield
    finally:
        interface._global_mapping.pop("changed", None)
        space.eager_attention_forward = eager
        place.scaled_dot_product_attention = sdpa


@st.composite
def edges(draw: st.DrawFn) -> tuple[int, int, int, int]:
    row = draw(st.integers(1, N - 1))
    return (
        draw(st.integers(0, HEADS - 1)),
        row,
        draw(st.integers(0, row - 1)),
        draw(st.integers(0, LAYERS - 1)),
    )


def assert_shown(change: Change, trace: Any, dtype: torch.dtype) -> None:
    """All the probabilities that were used, as near as their precision goes."""
    assert len(change.used) >= LAYERS
    eps = torch.finfo(dtype).eps
    for layer, used in enumerate(change.used[:LAYERS]):
        own, shown = used.float().numpy(), trace.attention(layer)
        off = np.abs(own - shown)
        limit = 1e-5 if dtype == torch.float32 else 16 * eps * np.maximum(own, shown) + 1e-6
        assert (off <= limit).all(), (layer, off.max())
    if change.kind == "blocked":
        assert trace.attention(change.layer)[change.head, change.row, change.key] == 0.0


@settings(max_examples=60, deadline=None)
@given(
    edge=edges(),
    kind=st.sampled_from(KINDS),
    way=st.sampled_from(WAYS),
    dtype=st.sampled_from(DTYPES),
)
def test_what_was_used_is_shown(
    edge: tuple[int, int, int, int], kind: str, way: str, dtype: torch.dtype
) -> None:
    if kind == "overwritten" and way in ("wrapped", "sdpa"):
        kind = "blocked"  # what they call makes the probabilities
    model: Any = tiny("llama")
    model.to(dtype)
    change = Change(kind, *edge)
    with planted(model, way, change):
        assert_shown(change, traced(model), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("way", WAYS)
def test_queries_and_keys_stay_where_they_explain_it(way: str, dtype: torch.dtype) -> None:
    model: Any = tiny("llama")
    model.to(dtype)
    expected = traced(model)
    change = Change("nothing", 0, 1, 0, 0)
    with planted(model, way, change):
        trace = traced(model)
    assert len(trace.blocks) == LAYERS
    np.testing.assert_array_equal(trace.queries(0), expected.queries(0))
    np.testing.assert_array_equal(trace.keys(0), expected.keys(0))


def test_an_edge_that_is_knocked_out_keeps_queries_and_keys() -> None:
    model: Any = tiny("llama")
    change = Change("blocked", 2, 9, 4, 1)
    with planted(model, "registered", change):
        trace = traced(model)
    assert len(trace.blocks) == LAYERS
    assert trace.attention(1)[2, 9, 4] == 0.0
    assert trace.attention(1)[2, 9].sum() == pytest.approx(1.0)
    assert trace.attention(1)[1, 9, 4] > 0.0


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_cannot_be_followed_is_refused_by_name(dtype: torch.dtype) -> None:
    def in_numpy(
        module: Any, query: Any, key: Any, value: Any, mask: Any, scaling: float, **_: Any
    ) -> Any:
        q, k, v = (one[0].float().numpy() for one in (query, key, value))
        k, v = k.repeat(2, 0), v.repeat(2, 0)
        logits = q @ k.transpose(0, 2, 1) * scaling * 0.9
        logits[:, ~np.tri(N, dtype=bool)] = -np.inf
        weights = np.exp(logits - logits.max(-1, keepdims=True))
        mixed = weights / weights.sum(-1, keepdims=True) @ v
        return torch.from_numpy(mixed).to(query.dtype).transpose(0, 1)[None], None

    model: Any = tiny("llama")
    model.to(dtype)
    change: Any = Change("nothing", 0, 1, 0, 0)
    change.interface = in_numpy
    with (
        planted(model, "registered", change),
        pytest.raises(UnsupportedModelError, match=r"in_numpy \(test_changed_attention\.py, line"),
    ):
        traced(model)


def test_weights_that_are_returned_explain_what_cannot_be_followed() -> None:
    used = []

    def in_numpy(
        module: Any, query: Any, key: Any, value: Any, mask: Any, scaling: float, **_: Any
    ) -> Any:
        q, k, v = (one[0].numpy() for one in (query, key, value))
        k, v = k.repeat(2, 0), v.repeat(2, 0)
        weights = np.exp(q @ k.transpose(0, 2, 1) * scaling) * np.tri(N)
        weights[1, 5, 2] = 0.0
        weights = (weights / weights.sum(-1, keepdims=True)).astype(np.float32)
        used.append(weights)
        return torch.from_numpy(weights @ v).transpose(0, 1)[None], torch.from_numpy(weights)[None]

    model: Any = tiny("llama")
    change: Any = Change("nothing", 0, 1, 0, 0)
    change.interface = in_numpy
    with planted(model, "registered", change):
        trace = traced(model)
    for layer in range(LAYERS):
        np.testing.assert_allclose(trace.attention(layer), used[layer], atol=1e-6)
    assert trace.attention(0)[1, 5, 2] == 0.0


def test_only_transformers_own_code_is_taken_at_its_word() -> None:
    from transformers.models.llama import modeling_llama

    own: Any = modeling_llama.eager_attention_forward
    assert native(own)
    assert not native(functools.wraps(own)(lambda *args, **kwargs: own(*args, **kwargs)))
    assert not native(functools.partial(own))
    assert untouched()
    with torch.device("cpu"):
        assert untouched()
    original = functional.softmax
    functional.softmax = lambda *args, **kwargs: original(*args, **kwargs)
    try:
        assert not untouched()
    finally:
        functional.softmax = original
