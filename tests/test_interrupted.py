"""Ctrl-C at any stage leaves nothing behind, and what comes next works as if it had not been."""

from __future__ import annotations

import functools
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from support.compared import same
from support.interrupts import Calls, from_another_thread, heeding_ctrl_c
from support.models import TEXT, tiny, tokenizer
from support.repository import ROOT
from support.seq2seq import tiny_seq2seq
from support.surroundings import assert_equal, deep, surroundings
from support.traces import trace
from survey import survey
from tqdm.auto import tqdm

from attention_widget import AttentionWidget, Trace, capture, generate
from attention_widget.export.page import SCRIPT
from attention_widget.protocol.option_values import VIEWS

TOKENIZER = tokenizer()
OTHER = "i read a good novel about the colour purple"

Work = Callable[[], Any]


@pytest.fixture(autouse=True)
def bars(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every piece of work has its bar, which must be gone afterwards."""
    monkeypatch.setattr("attention_widget._util.progress.DELAY_S", 0)
    yield
    assert not list(tqdm._instances)


def functions_of(work: Work) -> dict[Any, str]:
    work()  # what is only done once is done
    with Calls() as calls:
        work()
    return calls.seen


def interrupted_everywhere(
    work: Work,
    check: Callable[[str], None],
    prepare: Work = lambda: None,
    known: Collection[Any] = (),
) -> int:
    """Interrupt some work at the first call of each function in turn, but of those that are known;
    how many there were."""
    prepare()
    functions = {code: name for code, name in functions_of(work).items() if code not in known}
    for code, name in functions.items():
        prepare()
        calls = Calls(code)
        with pytest.raises(KeyboardInterrupt), calls:
            work()
        assert calls.raised, name
        check(name)
    return len(functions)


CAPTURES: dict[str, tuple[Callable[[], Any], Callable[[Any], Trace]]] = {
    "interface": (lambda: tiny("bert"), lambda model: capture(model, TEXT, tokenizer=TOKENIZER)),
    "written out": (
        lambda: tiny("bloom", "eager"),
        lambda model: capture(model, TEXT, tokenizer=TOKENIZER),
    ),
    "windows": (
        lambda: tiny("bert"),
        lambda model: capture(model, TEXT, tokenizer=TOKENIZER, windows=9),
    ),
    "layers": (
        lambda: tiny("bert"),
        lambda model: capture(model, TEXT, tokenizer=TOKENIZER, layers=[1]),
    ),
    "generate": (
        lambda: tiny("llama"),
        lambda model: generate(model, "a good novel", tokenizer=TOKENIZER, max_new_tokens=3),
    ),
    "target": (
        # room for five tokens, which it reads and writes
        lambda: tiny_seq2seq("BartForConditionalGeneration", max_position_embeddings=6),
        lambda model: capture(model, "a good novel", tokenizer=TOKENIZER),
    ),
}


@pytest.mark.parametrize("name", CAPTURES)
def test_a_capture(name: str) -> None:
    make, run = CAPTURES[name]
    model = make().train()
    expected = run(model)
    before, around = deep(model), surroundings()

    def check(where: str) -> None:
        assert surroundings() == around, where
        assert_equal(deep(model), before, where)

    # What is done of a text before it is parted, and of a layer, is done here as it is there.
    parts = name in ("windows", "layers")
    known = functions_of(lambda: CAPTURES["interface"][1](model)) if parts else ()
    assert interrupted_everywhere(lambda: run(model), check, known=known) > (0 if parts else 40)
    assert same(from_another_thread(lambda: run(model)), expected)


def test_a_widget_shows_what_it_did() -> None:
    model = tiny("bert")
    widget = AttentionWidget(model, "a novel", tokenizer=TOKENIZER, layer=2, heads=(1, 3), token=2)
    before = deep(model)

    def check(where: str) -> None:
        """What is shown is all of one text, the earlier one until the other is there."""
        shown = widget.trace.texts[0]
        assert (widget.text, widget.text_pair, widget.busy) == (shown, None, False), where
        labels = [token["label"] for token in widget.meta["tokens"]]
        assert labels == [token.label for token in widget.trace.tokens], where
        assert (widget.layer, widget.heads, widget.token) == (2, (1, 3), 2), where
        assert_equal(deep(model), before, where)
        late.append(shown == OTHER)

    late: list[bool] = []
    # Within a capture nothing has happened to the widget yet: at every tenth of its functions.
    captures = functions_of(lambda: capture(model, OTHER, tokenizer=TOKENIZER))
    known = [code for place, code in enumerate(captures) if place % 10]
    count = interrupted_everywhere(
        lambda: widget.run(OTHER), check, prepare=lambda: widget.run("a novel"), known=known
    )
    assert count > 40
    assert late.count(True) < 5  # nothing but what tells of it is left to be interrupted
    from_another_thread(functools.partial(widget.run, OTHER))
    check("afterwards")
    assert widget.text == OTHER


@pytest.mark.parametrize("assets", ["inline", "beside"])
def test_an_export(assets: Any, tmp_path: Path) -> None:
    widget = AttentionWidget.from_trace(trace(), views=VIEWS)
    path = tmp_path / "page.html"
    mine = {"page.html": b"mine", SCRIPT: b"mine too"}
    shown = widget.get_state()

    def check(where: str) -> None:
        assert files(tmp_path) == mine, where
        assert widget.get_state() == shown, where

    def prepare() -> None:
        for each in tmp_path.iterdir():
            each.unlink()
        for name, data in mine.items():
            (tmp_path / name).write_bytes(data)

    export = functools.partial(widget.export_html, path, assets=assets)
    assert interrupted_everywhere(export, check, prepare) > 20


def files(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir()}


@pytest.mark.parametrize("stage", ["save_file", "replace"])
def test_a_trace_is_saved_whole_or_not(
    stage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "trace"
    trace().save(path)
    before = files(tmp_path)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    if stage == "replace":
        monkeypatch.setattr(Path, "replace", stop)
    else:
        monkeypatch.setattr("attention_widget.trace.storage.save_file", stop)
    with pytest.raises(KeyboardInterrupt):
        trace(seed=1).save(path)
    assert files(tmp_path) == before


def test_a_survey_is_interrupted_while_it_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of its threads has a process, the other is not started yet."""
    start = threading.Thread.start
    started: list[threading.Thread] = []

    def stop(thread: threading.Thread) -> None:
        if thread.daemon or threading.current_thread() is not threading.main_thread():
            start(thread)  # the bar's own, a timer
            return
        if started:
            raise KeyboardInterrupt
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", stop)
    before = psutil.Process().children(recursive=True)  # of other tests
    with pytest.raises(KeyboardInterrupt):
        survey(["bert", "llama"], jobs=2, seconds=300)
    [thread] = started
    assert not thread.is_alive()
    assert set(psutil.Process().children(recursive=True)) <= set(before)


def test_a_survey_ends_its_processes() -> None:
    """Interrupted for good while a model is examined, as by a person at a terminal."""
    page = ROOT / "docs" / "models.md"
    before = page.read_bytes()
    with heeding_ctrl_c():
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "tools" / "survey.py"), "bert", "llama"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    children: list[psutil.Process] = []
    while not children and process.poll() is None:
        time.sleep(0.1)
        children = psutil.Process(process.pid).children(recursive=True)
    assert children
    process.send_signal(signal.SIGINT)
    out, said = process.communicate(timeout=60)
    assert (out, process.returncode) == ("", 130)
    assert said.splitlines()[-1] == "interrupted"
    assert psutil.wait_procs(children, timeout=60)[1] == []
    assert page.read_bytes() == before
