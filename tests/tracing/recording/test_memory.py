"""What a capture holds on to, counted in tensors that are alive."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from support.models import TEXT, tiny
from support.practice import TOKENIZER, traced

from attention_widget import capture, generate
from attention_widget.trace.mask import Mask
from attention_widget.tracing.recording import calls, checks, recorder
from attention_widget.tracing.recording.records import Record


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    """What is freed is freed by counting: nobody has to come and look for circles."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def the_logits(model: Any) -> list[Any]:
    """Weak references to what its language-model head gives out."""
    found: list[Any] = []
    model.lm_head.register_forward_hook(lambda *given: found.append(weakref.ref(given[2])))
    return found


@pytest.mark.parametrize("family", ["llama", "gpt2", "gpt_neo"])
@pytest.mark.parametrize("layers", [None, [1]])
def test_the_logits_are_let_go(family: str, layers: Any) -> None:
    model = tiny(family, "eager")
    logits = the_logits(model)
    trace = capture(model, TEXT, tokenizer=TOKENIZER, layers=layers)
    assert logits
    assert [one() for one in logits] == [None] * len(logits)
    del trace


def test_the_logits_of_a_generation_are_let_go() -> None:
    model = tiny("llama")
    logits = the_logits(model)
    trace = generate(model, "a novel", tokenizer=TOKENIZER, max_new_tokens=3)
    assert logits
    assert [one() for one in logits] == [None] * len(logits)
    del trace


@pytest.mark.parametrize("family", ["bert", "llama", "gpt_neo", "t5_encoder", "albert"])
def test_a_trace_that_nobody_needs_is_gone(family: str) -> None:
    trace = traced(tiny(family, "eager"))
    parts = [weakref.ref(part) for block in trace.operations for part in block.tensors]
    parts += [weakref.ref(state) for state in trace.hidden]
    assert all(part() is not None for part in parts)
    del trace
    assert [part() for part in parts] == [None] * len(parts)


@pytest.fixture
def alive(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Bytes of the queries that were recorded and are still there."""
    made: list[Any] = []

    def make(**parts: Any) -> Record:
        one = Record(**parts)
        made.append(weakref.ref(one.query))
        return one

    for module in (recorder, calls):
        monkeypatch.setattr(module, "Record", make)

    def count() -> int:
        return sum(query.nbytes for one in made if (query := one()) is not None)

    return count


def test_layers_that_are_not_kept_go_as_soon_as_they_are_checked(
    monkeypatch: pytest.MonkeyPatch, alive: Callable[[], int]
) -> None:
    model: Any = tiny("bert", num_hidden_layers=12)
    most: list[int] = []
    for layer in model.encoder.layer:
        layer.register_forward_hook(lambda *_: most.append(alive()))
    one = len(TOKENIZER(TEXT)["input_ids"]) * 32 * 4  # bytes of the queries of a layer
    monkeypatch.setattr(checks, "_MOST_PENDING", 8 * one)
    trace = capture(model, TEXT, tokenizer=TOKENIZER, layers=[0])
    assert trace.blocks[0].query.nbytes == one
    assert max(most) <= 4 * one  # of the kept one, the one under way and what waits
    assert len(most) == 12


def test_queries_and_masks_count_among_what_waits() -> None:
    n = 600
    query = torch.randn(2, n, 8)
    visible = torch.rand(1, n, n) < 0.5
    one = Record("a", query, query, query, 1.0, Mask.from_visible(visible))
    found = checks.Checks()
    found.add(one, torch.zeros(n, 2, 8))
    assert found._bytes >= 3 * query.nbytes + visible.nbytes
    assert checks._MOST_PENDING <= 16 * 2**20  # what a layer of a long text takes
