"""Two threads that work with one model: each gets what it would get alone."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from support.compared import same
from support.models import TEXT, tiny, tokenizer
from support.surroundings import assert_equal, deep

from attention_widget import Experiment, Trace, capture
from attention_widget.experiments import HeadOff, Logit

TOKENIZER = tokenizer()


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def asked(model: Any) -> Experiment:
    return Experiment(model, TEXT, tokenizer=TOKENIZER, progress=False)


def captured(model: Any) -> Trace:
    return capture(model, TEXT, tokenizer=TOKENIZER, progress=False)


WORK: dict[str, Callable[[Any], Any]] = {
    "looking for a head": lambda model: asked(model.bert).trace.attention(1),
    "an edit": lambda model: asked(model).without(HeadOff(1, 0)).after,
    "predictions": lambda model: asked(model).predictions().probabilities,
    "a gradient": lambda model: (
        asked(model).measure("gradient_attention", 1, metric=Logit(5)).values
    ),
    "removing words": lambda model: asked(model).removal(Logit(5), progress=False).values,
    "integrating": lambda model: asked(model).integrated_gradients(Logit(5), progress=False).values,
}


@pytest.mark.usefixtures("restless")
@pytest.mark.parametrize("name", WORK)
def test_a_capture_beside_other_work_with_its_model_is_what_it_is_alone(name: str) -> None:
    model: Any = tiny("bert_masked_lm")
    expected, alone, before = captured(model), WORK[name](model), deep(model)
    found: list[Any] = []
    failed: list[BaseException] = []
    ended = threading.Event()

    def work() -> None:
        try:
            while not ended.is_set():
                found.append(WORK[name](model))
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        traces = [captured(model) for _ in range(20)]
    finally:
        ended.set()
        thread.join()
    assert failed == []
    assert found
    for each in found:
        np.testing.assert_array_equal(each, alone)
    assert all(same(trace, expected) for trace in traces)
    assert_equal(deep(model), before)
