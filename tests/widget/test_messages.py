"""Messages of the browser: each gets one reply, whatever it says."""

from __future__ import annotations

import math
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.front_end import Browser
from support.in_step import SELECTIONS, all_of, assert_in_step, nothing_changes
from support.traces import trace

from attention_widget import AttentionWidget
from attention_widget.protocol.catalogue import Catalogue
from attention_widget.widget.asking import Asking
from attention_widget.widget.requests import Requests


def test_tensors_come_by_key(live: AttentionWidget) -> None:
    browser = Browser(live)
    for layer in (0, 5):
        np.testing.assert_array_equal(
            browser.tensor(f"attention/encoder/{layer}"), live.trace.attention(layer)
        )
    edges = browser.tensor("edges/encoder/1/each/0,3/0.95/0/all")[1:]
    head, query, key = (edges[:, column].astype(int) for column in range(3))
    np.testing.assert_allclose(live.trace.attention(1)[head, query, key], edges[:, 3], atol=1e-7)


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (
            {"kind": "tensors", "run": 1},
            "wishes of a message must be a list of at least one, got None",
        ),
        (
            {"kind": "tensors", "run": 1, "wishes": []},
            "wishes of a message must be a list of at least one, got []",
        ),
        (
            {"kind": "tensors", "run": 1, "wishes": {"id": 5, "key": "mask/encoder/0"}},
            "wishes of a message must be a list of at least one, got {'id': 5, ",
        ),
        ({"kind": "run"}, "text of a message must be str, got None"),
        ({"kind": "run", "text": "a", "text_pair": 3}, "text_pair must be a string or None, got 3"),
        (
            {"kind": "dance"},
            "kind of a message must be ready, tensors, run, ask or cancel, got 'dance'",
        ),
        (
            {"kind": "d" * 999},
            "kind of a message must be ready, tensors, run, ask or cancel, got "
            "'dddddddddddd...ddddddddddddd'",
        ),
        ({}, "kind of a message must be str, got None"),
    ],
)
def test_what_cannot_be_answered_is_said(
    made: AttentionWidget, message: dict[str, Any], error: str
) -> None:
    with nothing_changes(made):
        ((reply, buffers),) = Browser(made).send({"id": 5, **message})
    assert (reply["id"], buffers) == (5, [])
    assert reply["error"].startswith(error)


GOOD = "count_nan/encoder/0"


@pytest.mark.parametrize(
    ("run", "key", "error"),
    [
        (2, GOOD, "run 2 is over; the widget shows run 1"),
        (1, "x", "a tensor's key must be attention/"),
        (1, "count_nan/encoder/9", "layer must be in 0–2, got 9"),
        (1, None, "key of a message must be str, got None"),
        (None, GOOD, "run of a message must be int, got None"),
        (True, GOOD, "run of a message must be int, got True"),
    ],
)
def test_a_wish_that_cannot_be_granted_is_said(
    made: AttentionWidget, run: Any, key: Any, error: str
) -> None:
    with nothing_changes(made):
        ((reply, buffers),) = Browser(made).send(
            {"kind": "tensors", "run": run, "wishes": [{"id": 5, "key": key}]}
        )
    assert (reply["id"], buffers) == (5, [])
    assert reply["error"].startswith(error)


def test_each_wish_of_a_message_has_a_reply_of_its_own_in_their_order(
    made: AttentionWidget,
) -> None:
    keys = [GOOD, "count_nan/encoder/9", "mask/encoder/1", "attention/encoder/0"]
    wishes: list[Any] = [{"id": 10 + place, "key": key} for place, key in enumerate(keys)]
    wishes[2:2] = ["nonsense", {"key": GOOD}]
    replies = Browser(made).send({"kind": "tensors", "run": 1, "wishes": wishes})
    assert [reply["id"] for reply, _ in replies] == [10, 11, None, None, 12, 13]
    errors = ["error" in reply for reply, _ in replies]
    assert errors == [False, True, True, True, False, False]
    assert [len(buffers) for _, buffers in replies] == [1, 0, 0, 0, 1, 1]
    assert replies[2][0]["error"] == replies[3][0]["error"]


def test_an_interrupt_answers_all_wishes_and_is_an_interrupt(
    made: AttentionWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("attention_widget.trace.trace.Block.attention", interrupted)
    keys = [GOOD, "attention/encoder/0", GOOD]
    sent: list[dict[str, Any]] = []
    requests = Requests(
        lambda header, _: sent.append(header),
        heard=lambda: None,
        tensor=lambda _, key: Catalogue(made.trace).answer(key),
        run=lambda *_: None,
        held=lambda _: nullcontext(),
        asking=Asking(
            sent.append, lambda run, asked, _: made._session.steps(run, asked), lambda _: False
        ),
    )
    wishes = [{"id": place, "key": key} for place, key in enumerate(keys)]
    with pytest.raises(KeyboardInterrupt):
        requests.receive({"kind": "tensors", "run": 1, "wishes": wishes})
    assert [reply["id"] for reply in sent] == [0, 1, 2]
    assert ["error" in reply for reply in sent] == [False, True, True]


def test_an_error_while_computing_is_said(
    made: AttentionWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no memory left")

    monkeypatch.setattr("attention_widget.trace.trace.Block.attention", fail)
    assert Browser(made).tensor("attention/encoder/0") == "RuntimeError: no memory left"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)

NEARLY = st.fixed_dictionaries(
    {},
    optional={
        "id": st.integers() | JSON,
        "kind": st.sampled_from(["tensors", "run", "ask"]) | JSON,
        "run": st.integers(0, 2) | JSON,
        "wishes": st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    "id": st.integers() | JSON,
                    "key": st.sampled_from([GOOD, "attention/encoder/9", "query/encoder/0/0"])
                    | JSON,
                },
            )
            | JSON
        )
        | JSON,
        "question": st.fixed_dictionaries({"name": st.just("predictions")}) | JSON,
        "text": JSON,
        "text_pair": JSON,
    },
)

FUZZED = AttentionWidget.from_trace(trace(heads=(2,)))

BROWSER = Browser(FUZZED)


@settings(deadline=None)
@given(NEARLY | JSON)
def test_any_message_gets_exactly_one_reply_and_so_does_any_wish(message: Any) -> None:
    before = all_of(FUZZED)
    replies = BROWSER.send(message)
    assert all_of(FUZZED) == before
    assert BROWSER.updates == []
    asked = message if isinstance(message, dict) else {}
    wishes = asked.get("wishes") if asked.get("kind") == "tensors" else None
    expected = wishes if isinstance(wishes, list) and wishes else [asked]
    for (reply, buffers), of in zip(replies, expected, strict=True):
        if "error" in reply:
            assert reply["error"]
            assert buffers == []
        else:
            assert math.prod(reply["shape"]) * 4 == len(buffers[0])
            assert reply["id"] == of["id"]


@pytest.mark.parametrize(("said", "kept"), [(1, [1]), ({}, [])])
def test_the_browser_gets_what_is_stored_of_what_it_said(said: Any, kept: list[int]) -> None:
    made = AttentionWidget.from_trace(trace(heads=(2,)), heads=kept)
    browser = Browser(made)
    browser.select(heads=said)
    assert browser.state["heads"] == kept


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*SELECTIONS, "text", "busy", "meta", "kept"]), JSON))
def test_whatever_the_browser_sets_both_sides_stay_in_step(state: dict[str, Any]) -> None:
    BROWSER.select(**state)
    BROWSER.updates.clear()
    assert_in_step(FUZZED, BROWSER)
    assert FUZZED.meta["run"] == 1
    assert FUZZED.busy is False
