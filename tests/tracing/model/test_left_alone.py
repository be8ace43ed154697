"""A model that others train or change meanwhile, and interrupts at any moment."""

from __future__ import annotations

import ctypes
import logging
import random
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from support.compared import same
from support.interrupts import from_another_thread, heeding_ctrl_c
from support.models import TEXT, tiny, tokenizer
from support.seq2seq import tiny_seq2seq
from support.surroundings import assert_equal, deep, surroundings
from torch._dynamo import eval_frame

from attention_widget import Trace, capture, generate
from attention_widget.tracing.recording.seam import active

TOKENIZER = tokenizer()
DROPOUT: dict[str, Any] = {"attn_pdrop": 0.5, "resid_pdrop": 0.5, "embd_pdrop": 0.5}


def flags(model: Any) -> dict[str, bool]:
    return {path: module.training for path, module in model.named_modules()}


def captured(model: Any) -> Trace:
    return capture(model, TEXT, tokenizer=TOKENIZER)


def written(model: Any) -> Trace:
    return generate(model, "a good novel", tokenizer=TOKENIZER, max_new_tokens=3, do_sample=False)


# Modes


def trained(model: Any) -> None:
    model.train()


def half_trained(model: Any) -> None:
    model.train()
    model.transformer.h[1].eval()


def evaluated(model: Any) -> None:
    model.eval()


def turned(model: Any) -> None:
    model.train(not model.training)


def set_by_hand(model: Any) -> None:
    for module in model.modules():
        module.training = True


@pytest.mark.parametrize("work", [captured, written])
@pytest.mark.parametrize("change", [trained, evaluated, turned, set_by_hand])
@pytest.mark.parametrize("start", [trained, half_trained, evaluated])
@pytest.mark.parametrize("way", ["hook", "pre hook", "on a layer of torch's", "global", "forward"])
def test_code_of_the_users_that_changes_the_mode(
    way: str,
    start: Callable[[Any], None],
    change: Callable[[Any], None],
    work: Callable[[Any], Trace],
) -> None:
    """The pass is one in evaluation mode throughout, and afterwards each flag is as it was."""
    expected = work(tiny("gpt2", **DROPOUT))
    model: Any = tiny("gpt2", **DROPOUT)
    block = model.transformer.h[0]
    remove: Callable[[], object] = int
    if way == "global":
        hook = torch.nn.modules.module.register_module_forward_hook
        remove = hook(lambda module, *_: change(model) if module is block else None).remove
    elif way == "forward":
        forward = block.forward

        def changing(*args: Any, **kwargs: Any) -> Any:
            change(model)
            return forward(*args, **kwargs)

        block.forward = changing
    elif way == "pre hook":
        block.register_forward_pre_hook(lambda *_: change(model))
    else:
        place = block if way == "hook" else block.ln_1
        place.register_forward_hook(lambda *_: change(model))
    start(model)
    before = flags(model)
    try:
        trace = work(model)
    finally:
        remove()
    assert flags(model) == before
    assert "training" not in vars(torch.nn.Module)
    assert same(trace, expected)


def test_options_that_change_the_mode_while_it_writes() -> None:
    model: Any = tiny("gpt2", **DROPOUT)

    def change(ids: Any, scores: Any) -> Any:
        model.train()
        return scores

    expected = written(model)
    trace = generate(
        model,
        "a good novel",
        tokenizer=TOKENIZER,
        max_new_tokens=3,
        do_sample=False,
        logits_processor=[change],
    )
    assert not any(flags(model).values())
    assert same(trace, expected)


class Scripted(torch.nn.Module):
    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        return torch.dropout(hidden, 0.5, self.training)


def test_modules_that_are_no_python() -> None:
    model: Any = tiny("llama")
    expected = captured(model)
    script: Any = torch.jit.script(Scripted())
    model.model.layers[1].mlp.extra = script
    forward = model.model.layers[1].mlp.act_fn.forward
    model.model.layers[1].mlp.act_fn.forward = lambda hidden: (script(hidden), forward(hidden))[1]
    model.train()
    trace = captured(model)
    assert script.training
    assert all(flags(model).values())
    assert same(trace.tokens, expected.tokens)
    for layer in range(trace.n_layers):
        assert same(trace.attention(layer), expected.attention(layer))


def test_another_thread_sets_the_mode_meanwhile() -> None:
    """It is its own, during the capture and afterwards."""
    model: Any = tiny("llama").train()
    seen: list[bool] = []

    def elsewhere() -> None:
        seen.append(model.training)
        model.eval()
        seen.append(model.training)

    def meanwhile(*_: Any) -> None:
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        seen.append(model.training)

    handle = model.model.layers[1].register_forward_hook(meanwhile)
    model.train()
    captured(model)
    handle.remove()
    assert seen == [True, False, False]
    assert not any(flags(model).values())


@pytest.mark.slow
@pytest.mark.parametrize("work", [captured, written])
def test_every_training_pass_beside_captures_drops_out(work: Callable[[Any], Trace]) -> None:
    model: Any = tiny("gpt2", **DROPOUT)
    ids = TOKENIZER(TEXT, return_tensors="pt")["input_ids"]
    expected = work(model)
    with torch.no_grad():
        undropped = model(ids).logits
    model.train()
    ended = threading.Event()
    passes: list[bool] = []
    failed: list[BaseException] = []

    def train() -> None:
        try:
            while not ended.is_set() or len(passes) < 50:
                logits = model(ids, labels=ids).logits
                logits.sum().backward()
                model.zero_grad()
                passes.append(not torch.allclose(logits, undropped, atol=1e-3))
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=train)
    thread.start()
    traces = [work(model) for _ in range(100)]
    ended.set()
    thread.join()
    assert failed == []
    assert all(passes)
    assert all(same(trace, expected) for trace in traces)
    assert all(flags(model).values())


# Interrupts

KINDS: dict[str, tuple[Callable[[], Any], Callable[[Any], Trace]]] = {
    "capture": (lambda: tiny("gpt2"), captured),
    "written out": (lambda: tiny("bloom", "eager"), captured),
    "generate": (lambda: tiny("llama"), written),
    "windows": (
        lambda: tiny("bert"),
        lambda model: capture(model, TEXT, tokenizer=TOKENIZER, windows=9),
    ),
    "target": (lambda: tiny_seq2seq("BartForConditionalGeneration"), captured),
}


class Events:
    """Counts what the interpreter does (calls and returns of Python, returns of C), and at the one
    asked for does what it is told, as if at that moment something came from outside. Nothing does
    just before a C function begins: the interpreter looks for signals after one has returned."""

    def __init__(self, at: int = -1, act: Callable[[], object] = int) -> None:
        self.count = 0
        self._at, self._act = at, act

    def __call__(self, frame: Any, event: str, _: Any) -> None:
        if event == "c_call":
            return
        self.count += 1
        if self.count == self._at:
            sys.setprofile(None)
            del frame  # what comes from outside holds nothing, and this is in its traceback
            self._act()


@contextmanager
def profiled(events: Events) -> Iterator[None]:
    sys.setprofile(events)
    try:
        yield
    finally:
        sys.setprofile(None)


def by_signal() -> None:
    signal.raise_signal(signal.SIGINT)


def by_thread() -> None:
    thread = ctypes.c_ulong(threading.get_ident())
    ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, ctypes.py_object(KeyboardInterrupt))


def around(model: Any) -> dict[str, Any]:
    backend = TOKENIZER.backend_tokenizer
    return {
        **surroundings(),
        "class": "training" in vars(torch.nn.Module),
        "functional": dict(vars(torch.nn.functional)),
        "globals": dict(torch.nn.modules.module._global_forward_hooks),
        "recorder": active(),
        "stance": eval_frame._stance,
        "autocast": torch.is_autocast_enabled("cpu"),
        "filters": {
            name: list(logger.filters)
            for name, logger in logging.Logger.manager.loggerDict.items()
            if isinstance(logger, logging.Logger) and name.startswith("transformers")
        },
        "tokenizer": (backend.truncation, backend.padding),
    }


@pytest.fixture
def heeded() -> Iterator[None]:
    """Also where pytest's workers ignore SIGINT."""
    with heeding_ctrl_c():
        yield


@pytest.mark.slow
@pytest.mark.usefixtures("heeded")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # in a __del__
@pytest.mark.parametrize("interrupt", [by_signal, by_thread])
@pytest.mark.parametrize("kind", KINDS)
def test_an_interrupt_at_any_moment(
    kind: str, interrupt: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred for each kind and way: a thousand."""
    # A bar has a thread, which stays.
    monkeypatch.setattr("attention_widget._util.progress.DELAY_S", 1e9)
    make, work = KINDS[kind]
    model = make().train()
    list(model.modules())[-1].eval()
    model.register_forward_hook(lambda *_: None)
    expected = work(model)
    events = Events()
    with profiled(events):
        work(model)
    before, outside = deep(model), around(model)
    drawn = random.Random(0)
    interrupted = 0
    for _ in range(100):
        at = drawn.randint(1, events.count - 20)
        state = random.getstate()
        try:
            with profiled(Events(at, interrupt)):
                work(model)
        except KeyboardInterrupt:
            interrupted += 1
        random.setstate(state)
        assert_equal(around(model), outside, f"event {at}")
        assert_equal(deep(model), before, f"event {at}")
    assert interrupted > 80
    assert same(from_another_thread(lambda: work(model)), expected)


@pytest.mark.slow
@pytest.mark.usefixtures("heeded")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # in a __del__
def test_an_interrupt_while_it_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the end of the pass on, at 50 of the interpreter's steps."""
    monkeypatch.setattr("attention_widget._util.progress.DELAY_S", 1e9)
    model = tiny("bert", num_hidden_layers=1).train()
    expected = captured(model)
    began: list[int] = []
    events = Events()
    model.register_forward_hook(lambda *_: began.append(events.count))
    with profiled(events):
        captured(model)
    total = events.count
    before, outside = deep(model), around(model)
    interrupted = 0
    for at in random.Random(0).sample(range(began[-1], total), 50):
        events = Events(at, by_signal)
        try:
            with profiled(events):
                captured(model)
        except KeyboardInterrupt:
            interrupted += 1
        assert_equal(around(model), outside, f"event {at}")
        assert_equal(deep(model), before, f"event {at}")
    assert interrupted
    assert same(from_another_thread(lambda: captured(model)), expected)
