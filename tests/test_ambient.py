"""What a user has set for all of torch changes none of our numbers, and breaks nothing."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from support import media
from support.compared import same
from support.hearing import MEL, RATE, WAVEFORM
from support.hearing import load as hearing
from support.media import VIT
from support.models import TEXT, tiny, tokenizer
from support.repository import ROOT
from support.seq2seq import tiny_seq2seq
from transformers import ViTImageProcessor

from attention_widget import AttentionWidget, Trace, capture, from_arrays, from_attentions, generate

TOKENIZER = tokenizer()
N_TOKENS = 5


@contextmanager
def default_dtype(dtype: torch.dtype) -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


@contextmanager
def default_device(device: str) -> Iterator[None]:
    torch.set_default_device(device)
    try:
        yield
    finally:
        torch.set_default_device(None)


Setting = Callable[[], AbstractContextManager[Any]]

DEFAULTS: dict[str, Setting] = {
    "float16": lambda: default_dtype(torch.float16),
    "bfloat16": lambda: default_dtype(torch.bfloat16),
    "float64": lambda: default_dtype(torch.float64),
    "meta": lambda: default_device("meta"),
}
AUTOCAST: dict[str, Setting] = {
    "autocast to bfloat16": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
    "autocast to float16": lambda: torch.autocast("cpu", dtype=torch.float16),
}


def vectors() -> Any:
    return np.random.default_rng(0).normal(size=(2, 1, 3, N_TOKENS, 4)).astype(np.float32)


def picture() -> Any:
    model = media.tiny("ViTModel", "ViTConfig", VIT)
    processor = ViTImageProcessor(size={"height": 32, "width": 32})
    return functools.partial(capture, model, media.picture(), processor=processor)


def sound() -> Any:
    model = hearing("Wav2Vec2Model")
    heard = media.sound(8000)
    return functools.partial(capture, model, heard, sampling_rate=RATE, processor=WAVEFORM)


def mel() -> Any:
    heard = media.sound(8000)
    return functools.partial(
        capture, hearing("WhisperModel"), heard, sampling_rate=RATE, processor=MEL
    )


def text(model: Any, **options: Any) -> Any:
    return functools.partial(capture, model, TEXT, tokenizer=TOKENIZER, **options)


CAPTURES: dict[str, Callable[[], Callable[[], Trace]]] = {
    "sdpa": lambda: text(tiny("bert")),
    "decoder": lambda: text(tiny("llama")),
    "eager": lambda: text(tiny("gemma2", "eager")),
    "sinks": lambda: text(tiny("gpt_oss", "eager")),
    "written out": lambda: text(tiny("bloom", "eager")),
    "called by the model": lambda: text(tiny("falcon")),
    "bias": lambda: text(tiny_seq2seq("T5ForConditionalGeneration", "eager"), target="a novel"),
    "two stacks": lambda: text(tiny_seq2seq("BartForConditionalGeneration")),
    "windows": lambda: text(tiny("bert"), windows=9),
    "layers": lambda: text(tiny("bert"), layers=[1]),
    "generate": lambda: functools.partial(
        generate, tiny("llama"), TEXT, tokenizer=TOKENIZER, max_new_tokens=4
    ),
    "picture": picture,
    "sound": sound,
    "mel": mel,
}
HANDED_OVER: dict[str, Callable[[], Callable[[], Trace]]] = {
    "arrays": lambda: functools.partial(
        from_arrays, vectors(), vectors(), vectors(), tokens=list("abcde")
    ),
    "queries and keys": lambda: functools.partial(
        from_arrays, vectors(), vectors(), tokens=list("abcde")
    ),
    "additive mask": lambda: functools.partial(
        from_arrays,
        vectors(),
        vectors(),
        tokens=list("abcde"),
        mask=np.triu(np.full((N_TOKENS, N_TOKENS), -np.inf, np.float32), 1) + 0.5,
    ),
    "attentions": lambda: functools.partial(
        from_attentions,
        np.full((2, 1, 3, N_TOKENS, N_TOKENS), 1 / N_TOKENS, np.float32),
        tokens=list("abcde"),
    ),
}


def numbers(trace: Trace, folder: Path) -> list[Any]:
    """All that is computed from a trace, by each way to it."""
    trace.save(folder / "trace")
    loaded = Trace.load(folder / "trace")
    assert same(loaded, trace)
    if trace.windows:
        return [each for window in trace.windows for each in numbers(window.trace, folder)]
    found: list[Any] = []
    for one in (trace, loaded, trace.words(), trace.without_special()):
        for block in (*one.blocks, *one.maps):
            found.append(one.attention(block.layer, block.kind))
        for block in one.blocks:
            found += [block.scores(), block.logits()]
        found += [hidden.float().numpy() for hidden in one.hidden]
    return [*found, AttentionWidget.from_trace(trace).meta]


def assert_same(found: list[Any], expected: list[Any]) -> None:
    for one, other in zip(found, expected, strict=True):
        if isinstance(other, dict):
            assert one == other
        else:
            assert one.dtype == other.dtype
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("setting", DEFAULTS)
@pytest.mark.parametrize("name", [*CAPTURES, *HANDED_OVER])
def test_defaults_change_nothing(name: str, setting: str, tmp_path: Path) -> None:
    make = {**CAPTURES, **HANDED_OVER}[name]()
    plain = make()
    expected = numbers(plain, tmp_path)
    with DEFAULTS[setting]():
        trace = make()
        found = numbers(trace, tmp_path)
    assert same(trace, plain)
    assert_same(found, expected)


@pytest.mark.parametrize("setting", AUTOCAST)
@pytest.mark.parametrize("name", [*CAPTURES, *HANDED_OVER])
def test_nor_does_autocast_change_what_a_trace_says(
    name: str, setting: str, tmp_path: Path
) -> None:
    make = {**CAPTURES, **HANDED_OVER}[name]()
    plain = make()
    expected = numbers(plain, tmp_path)
    with AUTOCAST[setting]():
        assert_same(numbers(plain, tmp_path), expected)
        if name in HANDED_OVER:
            assert same(make(), plain)
        assert torch.is_autocast_enabled("cpu")


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("name", CAPTURES)
def test_the_model_itself_runs_under_autocast(name: str, dtype: torch.dtype) -> None:
    """What is recorded are the rounded vectors that it multiplied."""
    make = CAPTURES[name]()
    with torch.autocast("cpu", dtype=dtype):
        trace = make()
        assert torch.is_autocast_enabled("cpu")
    traces = [window.trace for window in trace.windows] or [trace]
    for one in traces:
        assert one.blocks
        assert {block.query.dtype for block in one.blocks} == {dtype}
        assert not one.maps


FACTORIES = {
    *("empty", "zeros", "ones", "full", "tensor", "arange", "linspace", "eye"),
    *("rand", "randn", "randint", "randperm", "scalar_tensor", "logspace"),
}


def test_every_tensor_that_we_make_names_its_dtype_and_device() -> None:
    unnamed = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in (ROOT / "src").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "torch"
        and call.func.attr in FACTORIES
        and not {"dtype", "device"} <= {keyword.arg for keyword in call.keywords}
    ]
    assert unnamed == []
