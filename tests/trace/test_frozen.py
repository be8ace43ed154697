"""A trace does not change by what it hands out, nor by what it was made of."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from support import traces

from attention_widget import AttentionWidget, Block, Trace, from_arrays, from_attentions
from attention_widget import measures as measures_of
from attention_widget.protocol.catalogue import compute
from attention_widget.trace.grouping import Grouped
from attention_widget.trace.positions import Positions
from attention_widget.trace.storage import digest_of

LAYERS: list[dict[str, Any]] = [{"layer": layer} for layer in range(2)]
CHOSEN: list[dict[str, Any]] = [{}, {"heads": [0]}, {"heads": [1], "queries": [1, 0]}]
WORKS: dict[str, list[dict[str, Any]]] = {
    "attention": [{**layer, **chosen} for layer in LAYERS for chosen in CHOSEN],
    "queries": LAYERS,
    "keys": LAYERS,
    "values": LAYERS,
    "index": [{"text": "novel"}],
    "indices": [{"text": "novel"}],
    "word_embeddings": [{}, {"kind": "decoder"}],
    "hidden_states": [{"index": index} for index in range(3)],
    "block": LAYERS,
    "calculation": [{**layer, "head": head} for layer in LAYERS for head in (0, -1)],
    "projections_of": LAYERS,
    "operation": LAYERS,
    "heads": [{}],
    "words": [{}],
    "by_passages": [{}],
    "without_special": [{}, {"renormalise": True}],
    "window": [{"token": 3}],
}
"""How each public method of a trace is called."""

PARTS: dict[str, list[dict[str, Any]]] = {
    "attention": CHOSEN,
    "scores": CHOSEN,
    "logits": CHOSEN,
    "between": [{}, {"head": 1}],
}
"""The same of an attention operation, and of positions."""

ASIDE = {
    *("save", "load", "describe", "kinds", "sides", "tensors", "runs", "visible", "full", "causal"),
    *("index", "count_heads", "count_layers", "layers_with_attention", "from_visible"),
}
"""Public names that give no array, or a tensor."""


def bfloat16(made: Trace) -> Trace:
    blocks = [
        dataclasses.replace(
            one, **{name: getattr(one, name).bfloat16() for name in ("query", "key", "value")}
        )
        for one in made.blocks
    ]
    hidden = tuple(states.bfloat16() for states in made.hidden)
    return dataclasses.replace(made, blocks=tuple(blocks), hidden=hidden)


def placed() -> Trace:
    """With a table of positions, rotations and a bias of two heads."""
    made = traces.trace(heads=(4, 4))
    n = len(made.tokens)
    some = torch.arange(2 * (2 * n - 1), dtype=torch.float32)
    rows = some[: 4 * n - 2].reshape(-1, 2)
    by = torch.arange(1 - n, n, dtype=torch.float32)
    ways: tuple[dict[str, Any], ...] = (
        {"encoding": "learned", "rows": some[: 2 * n].reshape(n, 2)},
        {"encoding": "rotary", "frequencies": some[:2], "turned": 4, "dim": 4},
        {"encoding": "alibi", "biases": some.reshape(2, -1)},
        {"encoding": "relative_sinusoidal", "rows": rows, "buckets": by},
        {"encoding": "relative_table", "rows": rows, "buckets": by},
    )
    found = (Positions(kind="encoder", n=n, source="", layers=(0, 1), **way) for way in ways)
    return dataclasses.replace(made, positions=tuple(found))


KINDS: dict[str, Callable[[], Trace]] = {
    "blocks": lambda: traces.trace(heads=(4, 4)),
    "one head": lambda: traces.trace(heads=(2, 2), labels=["a"]),
    "causal": lambda: traces.trace(heads=(4, 4), kv_heads=2, causal=True),
    "bfloat16": lambda: bfloat16(traces.trace(heads=(4, 4))),
    "maps": lambda: traces.as_maps(traces.trace(heads=(4, 4))),
    "encoder and decoder": lambda: traces.with_word_rows(traces.encoder_decoder()),
    "windows": traces.windowed,
    "passages": lambda: traces.with_passages(traces.trace(heads=(4, 4))),
    "positions": placed,
    "chat": traces.chat,
    "picture": traces.picture,
    "sound": traces.sound,
}


def digest(trace: Trace) -> str:
    """Of all that a trace holds."""
    image = [] if trace.image is None else [torch.tensor(trace.image)]
    return digest_of("", {f"{i}": one for i, one in enumerate([*trace.tensors, *image])})


def handed_out(given: object, calls: dict[str, list[dict[str, Any]]]) -> Iterator[Any]:
    """All that public attributes and methods of an object give."""
    for name in dir(given):
        if name.startswith("_") or name in ASIDE:
            continue
        try:
            value = getattr(given, name)
        except LookupError:
            continue
        if not inspect.isroutine(value):
            yield value
            continue
        assert name in calls, f"say how {type(given).__name__}.{name} is called"
        for keywords in calls[name]:
            try:
                yield value(**keywords)
            except LookupError:  # as of queries where maps alone are known
                continue


def arrays_of(given: object, seen: set[int]) -> Iterator[np.ndarray[Any, Any]]:
    """Every array that can be reached without a private name."""
    if isinstance(given, np.ndarray):
        yield given
    elif isinstance(given, tuple | list):
        for one in given:
            yield from arrays_of(one, seen)
    elif dataclasses.is_dataclass(given):
        if id(given) in seen or (isinstance(given, Grouped) and isinstance(given.of, Grouped)):
            return
        seen.add(id(given))
        calls = WORKS if isinstance(given, Trace) else PARTS
        for value in handed_out(given, calls):
            if isinstance(given, Trace) and isinstance(value, Trace) and not given.blocks:
                continue  # groups of groups
            yield from arrays_of(value, seen)


def measured(trace: Trace) -> Iterator[np.ndarray[Any, Any]]:
    """What the measures make of it, and the tensors that a browser asks for."""
    part = trace.windows[0].trace if trace.windows else trace
    for layer in range(2):
        yield measures_of.attention_received(part, layer)
        yield measures_of.count_nan(part, layer)
        yield measures_of.head_summaries(part, layer)
        yield measures_of.thumbnails(part, layer)
        if part.hidden:
            states = part.hidden_states(layer)
            yield measures_of.norms(states)
            yield measures_of.previous_cosine(states)
            yield measures_of.cosine_to(states, states[0])
            yield measures_of.cosine_to_mean(states, [0])
    keys = [f"hidden_states/encoder/{index}" for index in range(len(part.hidden))]
    keys += ["image"] if part.image is not None else []
    for one in part.operations:
        kind = one.kind
        keys += [f"{name}/{kind}/{one.layer}" for name in ("attention", "mask", "thumbnails")]
        keys += [f"attention_row/{kind}/{one.layer}/0"]
        if isinstance(one, Block):
            keys += [f"{name}/{kind}/{one.layer}/0" for name in ("query", "key")]
            keys += [f"scores/{kind}/{one.layer}/0/0"]
    for key in keys:
        yield compute(part, key)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_that_a_trace_hands_out_writes_into_it(kind: str) -> None:
    trace = KINDS[kind]()
    widget = AttentionWidget.from_trace(trace)
    assert widget.trace is trace
    before = digest(trace)
    tried = 0
    for array in [*arrays_of(trace, set()), *measured(trace)]:
        tried += 1
        if array.flags.writeable:
            array[...] = 7
        else:
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 7
        assert digest(trace) == before, f"array {tried} of shape {array.shape}"
    assert tried > 15


@pytest.mark.parametrize("kind", ["blocks", "bfloat16"])
def test_what_a_trace_keeps_is_read_only_in_every_dtype(kind: str) -> None:
    trace = KINDS[kind]()
    for array in (trace.queries(0), trace.keys(0), trace.values(0), trace.hidden_states(0)):
        assert not array.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            array /= 2
    assert trace.attention(0).flags.writeable  # made for this call
    assert trace.hidden_states(0).copy().flags.writeable


def test_no_copy_is_made_of_float32() -> None:
    trace = traces.trace(heads=(4, 4))
    block = trace.block(1)
    pairs = [
        (trace.queries(1), block.query),
        (trace.keys(1), block.key),
        (trace.values(1), block.value),
        (trace.hidden_states(1), trace.hidden[1]),
    ]
    for array, tensor in pairs:
        assert np.shares_memory(array, tensor.numpy())
    image = np.zeros((4, 4, 3), np.uint8)
    shown = dataclasses.replace(trace, image=image)
    assert shown.image is not None
    assert np.shares_memory(shown.image, image)
    assert image.flags.writeable  # the caller's own stays as it was


ALIKE: dict[str, Callable[[np.ndarray[Any, Any]], Any]] = {
    "numpy": lambda array: array,
    "a list of layers": lambda array: list(array) if array.ndim == 5 else [array],
    "torch": torch.from_numpy,
    "an expanded view": lambda array: torch.from_numpy(array).expand(array.shape),
}


@pytest.mark.parametrize("form", ALIKE)
@pytest.mark.parametrize("layers", [(), (2, 1)], ids=["one layer", "a layer axis"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_trace_does_not_follow_the_arrays_it_was_made_of(
    form: str, layers: tuple[int, ...], dtype: Any
) -> None:
    random = np.random.default_rng(0)
    q, k, v = (random.random((*layers, 2, 3, 4)).astype(dtype) for _ in range(3))
    mask = random.random((3, 3)).astype(dtype)
    maps = random.dirichlet(np.ones(3), (*layers, 2, 3)).astype(dtype)
    given = [ALIKE[form](array) for array in (q, k, v)]
    of_arrays = from_arrays(*given, tokens=list("abc"), mask=ALIKE["numpy"](mask))
    of_maps = from_attentions(ALIKE[form](maps), list("abc"))
    before = digest(of_arrays), digest(of_maps)
    for array in (q, k, v, mask, maps):
        array[...] = 0.25
    assert (digest(of_arrays), digest(of_maps)) == before


def test_a_trace_does_not_follow_the_model(minilm: Any) -> None:
    from copy import deepcopy

    from attention_widget import capture

    model, tokenizer = deepcopy(minilm[0]), minilm[1]
    trace = capture(model, "I read a good novel", tokenizer=tokenizer)
    before = digest(trace)
    with torch.no_grad():
        for tensor in [*model.parameters(), *model.buffers()]:
            tensor.zero_()
    assert digest(trace) == before
