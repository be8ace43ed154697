"""Another text: all of it is shown, or nothing changes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from support.front_end import Browser
from support.in_step import OTHER, TEXT, assert_in_step, nothing_changes
from traitlets import TraitError

from attention_widget import AttentionWidget, capture
from attention_widget.widget.requests import Once


@contextmanager
def during_forward(model: Any, act: Callable[[], object]) -> Iterator[None]:
    handle = model.register_forward_pre_hook(lambda *_: act() and None)
    try:
        yield
    finally:
        handle.remove()


# ---------------------------------------------------------------- another text


def test_assigning_text_runs_the_model(live: AttentionWidget, minilm: tuple[Any, Any]) -> None:
    live.token, live.pinned, live.key_token = 6, (1, 6), 5
    browser = Browser(live)
    live.text = "a novel"
    expected = capture(minilm[0], "a novel", tokenizer=minilm[1])
    np.testing.assert_array_equal(live.trace.attention(5), expected.attention(5))
    assert (live.text, live.meta["run"]) == ("a novel", 2)
    assert [live.token, live.pinned, live.key_token] == [None, (1,), None]
    busy, rest = browser.updates
    assert busy == {"busy": True}
    assert rest.keys() == {"text", "meta", "token", "pinned", "key_token", "busy"}
    assert browser.state == {**browser.state, "text": "a novel", "token": None, "busy": False}
    assert browser.state["meta"] == live.meta


def test_run_takes_both_texts(live: AttentionWidget) -> None:
    live.run(TEXT, OTHER)
    assert (live.text, live.text_pair, live.meta["run"]) == (TEXT, OTHER, 2)
    assert {token["segment"] for token in live.meta["tokens"]} == {0, 1, None}
    live.text = "a novel"
    assert (live.text_pair, live.meta["run"]) == (OTHER, 3)
    live.text_pair = None
    assert (live.text, live.meta["run"]) == ("a novel", 4)
    live.run("a novel")
    assert live.meta["run"] == 5  # asked for, so run, though nothing is new


def test_assigning_the_same_text_changes_nothing(live: AttentionWidget) -> None:
    with nothing_changes(live):
        live.text = TEXT


@pytest.mark.parametrize("text", ["", " ", "a " * 600, "\ud800"])
def test_a_text_that_cannot_be_read_changes_nothing(live: AttentionWidget, text: str) -> None:
    live.token = 3
    with nothing_changes(live):
        with pytest.raises(TraitError, match=r"text must"):
            live.text = text
        reply, _ = Browser(live).ask("run", text="a " * 600, text_pair=None)
        assert "600" in reply["error"] or "602" in reply["error"]


@pytest.mark.parametrize("error", [RuntimeError("out of memory"), ZeroDivisionError(), KeyError(3)])
def test_a_forward_pass_that_fails_changes_nothing(
    live: AttentionWidget, minilm: tuple[Any, Any], error: Exception
) -> None:
    def fail() -> None:
        assert live.busy
        raise error

    with nothing_changes(live), during_forward(minilm[0], fail):
        with pytest.raises(TraitError, match=type(error).__name__) as caught:
            live.text = OTHER
        assert caught.value.__cause__ is error
        reply, _ = Browser(live).ask("run", text=OTHER, text_pair=None)
        assert type(error).__name__ in reply["error"]
    live.text = OTHER
    assert live.meta["run"] == 2


def test_an_interrupt_ends_busy(live: AttentionWidget, minilm: tuple[Any, Any]) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with (
        nothing_changes(live),
        during_forward(minilm[0], interrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        live.text = OTHER
    browser = Browser(live)
    with during_forward(minilm[0], interrupt), pytest.raises(KeyboardInterrupt):
        browser.ask("run", text=OTHER, text_pair=None)
    assert browser.replies == [({"id": 1, "error": "KeyboardInterrupt"}, [])]
    assert (live.busy, browser.state["busy"]) == (False, False)


def test_the_browser_runs_another_text(live: AttentionWidget) -> None:
    browser = Browser(live)
    texts_at_reply: list[str] = []
    receive = browser._receive

    def watch(data: Any, buffers: Any = None) -> None:
        if data["method"] == "custom":
            texts_at_reply.append(browser.state["text"])
        receive(data, buffers)

    live.comm.send = watch
    reply, buffers = browser.ask("run", text=OTHER, text_pair=TEXT)
    assert (list(reply), buffers) == (["id"], [])
    assert texts_at_reply == [OTHER]  # the state comes first
    assert (live.text, live.text_pair, live.busy) == (OTHER, TEXT, False)
    assert browser.state["meta"]["run"] == 2


def test_a_text_that_is_too_long_is_refused_with_what_a_button_can_do(
    live: AttentionWidget,
) -> None:
    """The browser says it in the reader's language, and offers to cut the text."""
    with nothing_changes(live):
        reply, _ = Browser(live).ask("run", text="a " * 600, text_pair=None)
    browser = Browser(live)
    browser._id = 1
    assert reply["reason"] == {"code": "too_long", "tokens": 602, "limit": 512}
    assert "got 602" in reply["error"]
    reply, _ = browser.ask("run", text="a " * 600, text_pair=None, truncation=True)
    assert reply.keys() == {"id"}
    assert (len(live.trace.tokens), live.text) == (512, "a " * 600)
    # It was asked for once: the next text is not cut.
    reply, _ = browser.ask("run", text="a " * 601, text_pair=None)
    assert reply["reason"]["tokens"] == 603
    reply, _ = browser.ask("run", text=" ", text_pair=None)
    assert "reason" not in reply
    reply, _ = browser.ask("run", text=OTHER, text_pair=None, truncation="yes")
    assert reply["error"].startswith("truncation of a message must be bool, got 'yes'")


def test_a_text_that_is_asked_for_again_is_read_once(live: AttentionWidget) -> None:
    browser = Browser(live)
    request = {"id": 7, "kind": "run", "text": OTHER, "text_pair": None}
    assert browser.send(request) == [({"id": 7}, [])]
    browser.updates.clear()
    assert browser.send(request) == [({"id": 7}, [])]  # where the first reply was lost
    assert (live.meta["run"], browser.updates) == (2, [])
    refused = {**request, "id": 8, "text": 5}
    assert browser.send(refused) == browser.send(refused)
    assert browser.replies[-1][0]["error"].startswith("text of a message must be str, got 5")
    assert browser.send({**request, "id": 9}) == [({"id": 9}, [])]
    assert live.meta["run"] == 3


def test_a_text_that_is_asked_for_again_while_it_is_read_has_one_reply(
    live: AttentionWidget, minilm: tuple[Any, Any]
) -> None:
    browser = Browser(live)
    request = {"id": 7, "kind": "run", "text": OTHER, "text_pair": None}
    again: list[Any] = []
    with during_forward(minilm[0], lambda: again.append(browser.send(request))):
        assert browser.send(request) == [({"id": 7}, [])]
    assert again == [[]]
    assert live.meta["run"] == 2


def test_only_some_requests_are_remembered() -> None:
    once = Once()
    for ident in range(1000):
        assert once.begin(ident)
        once.end(ident, {"id": ident})
    once.end(1000, {"id": 1000})  # never begun
    assert [once.reply(ident) for ident in (983, 984, 999, 1000)] == [
        None,
        {"id": 984},
        {"id": 999},
        None,
    ]


def test_a_widget_of_a_trace_says_that_it_has_no_model(made: AttentionWidget) -> None:
    assert made.meta["read_only"] == "trace"
    with nothing_changes(made):
        reply, _ = Browser(made).ask("run", text=OTHER, text_pair=None)
    assert reply["error"].startswith("this widget was made from a trace and has no model")


def test_observers_see_one_consistent_state(live: AttentionWidget) -> None:
    live.token = 6
    seen: list[Any] = []

    def look(_: object) -> None:
        seen.append((live.text, len(live.meta["tokens"]), len(live.trace.tokens), live.token))

    live.observe(look, ["text", "meta", "token"])
    live.text = "a novel"
    assert seen == [("a novel", 4, 4, None)] * 3


def test_an_observer_that_fails_leaves_both_sides_in_step(
    live: AttentionWidget, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object) -> None:
        raise ZeroDivisionError

    browser = Browser(live)
    live.observe(fail, "text")
    with pytest.raises(ZeroDivisionError):
        live.text = OTHER
    assert (live.text, live.meta["run"], live.busy) == (OTHER, 2, False)
    assert browser.state == {**browser.state, "text": OTHER, "busy": False, "meta": live.meta}
    reply, _ = browser.ask("run", text="a novel", text_pair=None)
    assert reply.keys() == {"id"}  # the run went well
    assert browser.state["meta"]["run"] == 3
    assert "ZeroDivisionError" in caplog.text  # and the observer's error is not lost


def test_an_observer_may_run_another_text(live: AttentionWidget) -> None:
    browser = Browser(live)
    live.observe(lambda change: live.run(f"token {change['new']}"), "token")
    browser.select(token=2)
    assert (live.text, browser.state["text"]) == ("token 2", "token 2")
    assert (live.meta["run"], browser.state["meta"]["run"], live.busy) == (2, 2, False)


def test_a_run_that_could_not_be_taken_back_is_refused(live: AttentionWidget) -> None:
    with (
        nothing_changes(live),
        pytest.raises(TraitError, match="hold_trait_notifications"),
        live.hold_trait_notifications(),
    ):
        live.text = OTHER


def test_while_the_model_runs_the_old_trace_is_served(
    live: AttentionWidget, minilm: tuple[Any, Any]
) -> None:
    browser, model = Browser(live), minilm[0]
    started, finish = threading.Event(), threading.Event()

    def wait() -> None:
        started.set()
        assert finish.wait(30)

    def read() -> None:
        live.text = OTHER

    with during_forward(model, wait):
        thread = threading.Thread(target=read)
        thread.start()
        assert started.wait(30)
        try:
            assert browser.state["busy"] is True
            expected = live.trace.attention(2)
            np.testing.assert_array_equal(browser.tensor("attention/encoder/2"), expected)
            browser.select(layer=4, heads=[1])
            live.token = 3
            assert (live.layer, live.heads, live.text) == (4, (1,), TEXT)
            message = "the model is reading another text; try again when busy is False"
            with pytest.raises(TraitError, match=message):
                live.run("a novel")
            reply, _ = browser.ask("run", text="a novel", text_pair=None)
            assert reply["error"] == message
            assert live.busy
        finally:
            finish.set()
            thread.join(30)
    assert (live.text, live.busy, live.layer, live.token) == (OTHER, False, 4, 3)
    assert browser.tensor("attention/encoder/2", run=1) == "run 1 is over; the widget shows run 2"
    np.testing.assert_array_equal(browser.tensor("attention/encoder/2"), live.trace.attention(2))


def test_who_is_told_that_a_pass_is_over_can_have_the_next(live: AttentionWidget) -> None:
    """The pass of the one thread has some last steps before it, when the other one is told."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            live.run("a novel")
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run)

    def told(change: Any) -> None:
        if not change["new"] and thread.ident is None:
            thread.start()
            thread.join(0.2)  # which is long enough to be refused

    live.observe(told, "busy")
    live.text = OTHER
    thread.join()
    assert failed == []
    assert (live.text, live.busy) == ("a novel", False)


def test_clicks_and_runs_on_two_threads_leave_both_sides_in_step(live: AttentionWidget) -> None:
    browser = Browser(live)
    failed: list[BaseException] = []

    def click() -> None:
        try:
            for turn in range(200):
                browser.select(layer=turn % 6, token=turn % 4)
                live.heads = (turn % 12,)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=click)
    thread.start()
    while thread.is_alive():
        live.text = TEXT if live.text == OTHER else OTHER
    thread.join()
    assert failed == []
    assert_in_step(live, browser)
