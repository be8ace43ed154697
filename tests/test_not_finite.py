"""NaN and infinities, wherever a model left them: nothing crashes, and JSON never holds one."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.archives import manifest
from support.front_end import Browser
from support.models import tiny, tokenizer
from support.traces import chat, encoder_decoder, sound, trace

from attention_widget import (
    AttentionWidget,
    Block,
    Maps,
    Target,
    Token,
    Trace,
    Window,
    from_arrays,
    from_attentions,
    generate,
)
from attention_widget.export.archive import Precision
from attention_widget.protocol.option_values import VIEWS
from attention_widget.trace.grouping import Grouped
from attention_widget.trace.mask import Mask
from attention_widget.trace.storage import digest_of

NOT_FINITE = (math.nan, math.inf, -math.inf)
CLASSES = (Token, Block, Maps, Target, Window, Mask, Grouped, Trace)
FLOATS = [
    (kind.__name__, field.name)
    for kind in CLASSES
    for field in dataclasses.fields(kind)
    if "float" in str(field.type) or field.name == "box"  # the caller's own may be anything
]
TENSORS = ("query", "key", "value", "bias", "sinks", "hidden")
MADE: tuple[Callable[[], Trace], ...] = (trace, encoder_decoder, sound, chat)


def strict(text: str | bytes) -> Any:
    def refuse(constant: str) -> NoReturn:
        raise AssertionError(f"JSON holds {constant}")

    return json.loads(text, parse_constant=refuse)


def changed(one: Any, name: str, value: object) -> Any:
    return dataclasses.replace(one, **{name: value})


def planted(made: Trace, kind: str, name: str, value: float, at: int) -> Trace:
    """A float field of one object of the trace, set to a value."""
    if kind == "Token":
        tokens = list(made.tokens)
        at %= len(tokens)
        lengths = {"box": 4, "time": 2}
        several = [float(i) for i in range(lengths.get(name, 1))]
        several[at % len(several)] = value
        given = tuple(several) if name in lengths else value
        tokens[at] = changed(tokens[at], name, given)
        return dataclasses.replace(made, tokens=tuple(tokens))
    blocks = list(made.blocks)
    at %= len(blocks)
    blocks[at] = changed(blocks[at], name, value)
    return dataclasses.replace(made, blocks=tuple(blocks))


def spoiled(made: Trace, name: str, value: float, at: int) -> Trace:
    """One number of a tensor of the trace, set to a value."""
    if name == "hidden":
        hidden = [states.clone() for states in made.hidden]
        hidden[at % len(hidden)].view(-1)[at] = value
        return dataclasses.replace(made, hidden=tuple(hidden))
    blocks = list(made.blocks)
    block = blocks[at % len(blocks)]
    shapes = {"bias": (1, 1, block.n_keys), "sinks": (block.n_heads,)}
    tensor = torch.zeros(shapes[name]) if name in shapes else getattr(block, name).clone()
    tensor.view(-1)[at % tensor.numel()] = value
    blocks[at % len(blocks)] = changed(block, name, tensor)
    return dataclasses.replace(made, blocks=tuple(blocks))


def check(made: Trace, folder: Path) -> None:
    """All that is written of a trace is JSON, and what is saved comes back."""
    widget = AttentionWidget.from_trace(made, views=VIEWS)
    strict(json.dumps(widget.get_state(), allow_nan=False))
    strict(json.dumps(widget.state, allow_nan=False))
    precisions: tuple[Precision, ...] = ("standard", "high")
    for precision in precisions:
        page = widget.to_html(precision=precision)
        content = manifest(page)
        strict(json.dumps(content, allow_nan=False))
    browser = Browser(widget)
    for one in made.operations:
        for key in ("attention", "count_nan", "summaries", "thumbnails"):
            assert not isinstance(browser.tensor(f"{key}/{one.kind}/{one.layer}"), str)
    for reply, _ in browser.replies:
        strict(json.dumps(reply, allow_nan=False))
    widget.close()
    made.save(folder / "trace")
    loaded = Trace.load(folder / "trace")
    assert repr(loaded.tokens) == repr(made.tokens)  # NaN is not equal to itself
    for before, after in zip(made.blocks, loaded.blocks, strict=True):
        assert repr((before.scale, before.softcap)) == repr((after.scale, after.softcap))
    names = [f"{i}" for i in range(len(made.tensors))]
    assert digest_of("", dict(zip(names, made.tensors, strict=True))) == digest_of(
        "", dict(zip(names, loaded.tensors, strict=True))
    )


def test_every_float_of_a_trace_is_planted() -> None:
    assert set(FLOATS) == {
        ("Token", "probability"),
        ("Token", "time"),
        ("Token", "box"),
        ("Block", "scale"),
        ("Block", "softcap"),
    }


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    make=st.sampled_from(MADE),
    field=st.sampled_from([field for field in FLOATS if field != ("Token", "box")]),
    value=st.sampled_from(NOT_FINITE),
    at=st.integers(0, 20),
)
def test_a_float_field_that_is_not_finite_reaches_no_json(
    make: Callable[[], Trace], field: tuple[str, str], value: float, at: int, tmp_path: Path
) -> None:
    check(planted(make(), *field, value, at), tmp_path)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    make=st.sampled_from(MADE),
    name=st.sampled_from(TENSORS),
    value=st.sampled_from(NOT_FINITE),
    at=st.integers(0, 20),
)
@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
def test_a_tensor_that_is_not_finite_reaches_no_json(
    make: Callable[[], Trace], name: str, value: float, at: int, tmp_path: Path
) -> None:
    check(spoiled(make(), name, value, at), tmp_path)


@pytest.mark.parametrize("value", NOT_FINITE)
def test_what_is_told_of_it(value: float) -> None:
    said = {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")
    made = planted(trace(), "Block", "scale", value, 0)
    for name in ("probability", "time", "box"):
        made = planted(made, "Token", name, value, 1)
    widget = AttentionWidget.from_trace(made, views="neuron")
    token = widget.meta["tokens"][1]
    assert (token["probability"], token["time"], token["box"]) == (said, None, None)
    assert manifest(widget.to_html())["scores"]["encoder/0"]["scale"] == said


def test_a_diverged_model_that_writes(tmp_path: Path) -> None:
    model, reads = tiny("llama"), tokenizer()
    with torch.no_grad():
        model.get_output_embeddings().weight.fill_(math.nan)
    made = generate(model, "attention is a novel", tokenizer=reads, max_new_tokens=3)
    written = [token for token in made.tokens if token.step is not None]
    assert written
    assert all(math.isnan(token.probability or 0.0) for token in written)
    check(made, tmp_path)


def test_a_trace_saved_before_is_read(tmp_path: Path) -> None:
    """Python's own JSON has NaN, and earlier versions wrote it."""
    from support.trace_files import edit

    trace().save(tmp_path / "t")
    edit(tmp_path / "t", lambda c: c["fields"]["tokens"][0]["fields"].update(probability=math.nan))
    (found, *_) = Trace.load(tmp_path / "t").tokens
    assert found.probability is not None
    assert math.isnan(found.probability)


@pytest.mark.parametrize("scale", [math.nan, math.inf, -math.inf, np.float32("nan"), "nan"])
def test_a_scale_must_be_finite(scale: Any) -> None:
    with pytest.raises(
        ValueError, match=r"scale must be a finite number, or None .* got -?(nan|inf)"
    ):
        from_arrays(np.ones((1, 2, 3)), np.ones((1, 2, 3)), tokens=["a", "b"], scale=scale)


@pytest.mark.parametrize("scale", ["big", [1.0, 2.0], {}])
def test_a_scale_must_be_a_number(scale: Any) -> None:
    with pytest.raises((TypeError), match=r"scale must be a finite number, or None for .* got \w+"):
        from_arrays(np.ones((1, 2, 3)), np.ones((1, 2, 3)), tokens=["a", "b"], scale=scale)


@pytest.mark.parametrize("value", [math.inf, -math.inf, -0.5])
def test_weights_that_are_refused_are_named(value: float) -> None:
    maps = np.full((1, 2, 2), 0.004736)
    maps[0, 1, 0] = value
    with pytest.raises(
        ValueError, match=f"attentions of layer 0 must be probabilities, .* got {value}"
    ):
        from_attentions(maps, ["a", "b"])


@pytest.mark.parametrize("name", ["top_p", "threshold"])
@pytest.mark.parametrize("value", NOT_FINITE)
def test_a_share_that_is_not_finite_is_named(name: str, value: float) -> None:
    options: dict[str, Any] = {name: value}
    with pytest.raises(Exception, match=rf"{name} must be a number from 0 to 1, got {value}"):
        AttentionWidget.from_trace(trace(), **options)
