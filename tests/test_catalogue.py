"""What a key stands for, and how much is kept of it."""

from __future__ import annotations

import contextlib
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from traces import trace

from attention_widget import catalogue
from attention_widget.block import Array
from attention_widget.catalogue import TENSORS, Catalogue, compute
from attention_widget.measures import attention_received, strongest_edges
from attention_widget.trace import Trace


def softmax(logits: Array) -> Array:
    weights: Array = np.exp(logits - logits.max(-1, keepdims=True))
    weights /= weights.sum(-1, keepdims=True)
    return weights


@pytest.fixture(params=[False, True], ids=["full", "causal"])
def made(request: pytest.FixtureRequest) -> Trace:
    return trace(heads=(4, 0, 4), kv_heads=2, causal=request.param)


def test_attention_comes_whole_and_by_row(made: Trace) -> None:
    attention = made.attention(2)
    np.testing.assert_array_equal(compute(made, "attention/2"), attention)
    np.testing.assert_allclose(compute(made, "attention_row/2/3"), attention[:, 3], atol=1e-7)
    mean = attention[:, [1, 4]].mean(1)
    np.testing.assert_allclose(compute(made, "attention_row/2/1,4"), mean, atol=1e-7)


def test_measures_come_by_layer(made: Trace) -> None:
    received = attention_received(made, 0)
    np.testing.assert_array_equal(compute(made, "attention_received/0"), received)
    np.testing.assert_array_equal(compute(made, "edges/0"), strongest_edges(made, 0))
    mean = strongest_edges(made, 2, [3, 1], average=True)
    np.testing.assert_array_equal(compute(made, "edges_mean/2/3,1"), mean)
    assert (compute(made, "edges_mean/2/0")[:, 0] == -1).all()


@pytest.mark.parametrize("head", range(4))
def test_a_neuron_view_agrees_with_the_attention(made: Trace, head: int) -> None:
    token = 4
    query = compute(made, f"query/2/{head}")
    key = compute(made, f"key/2/{head}")  # the key head that this query head shares
    scores, logits = compute(made, f"scores/2/{head}/{token}")
    np.testing.assert_allclose(key @ query[token] * 8**-0.5, scores, atol=1e-6)
    np.testing.assert_allclose(softmax(logits), made.attention(2)[head, token], atol=1e-6)


def test_hidden_states_start_with_the_embeddings(made: Trace) -> None:
    for index in range(4):
        expected = made.hidden_states(index)
        np.testing.assert_array_equal(compute(made, f"hidden_states/{index}"), expected)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("", "unknown tensor ''; allowed: attention/{layer}, attention_row/"),
        ("values/0", "unknown tensor 'values/0'; allowed: attention/{layer}"),
        ("attention", "malformed tensor key 'attention'; allowed: attention/{layer}"),
        ("attention/0/1", "malformed tensor key 'attention/0/1'; allowed: attention/{layer}"),
        ("attention/-1", "malformed tensor key 'attention/-1'; allowed: attention/{layer}"),
        ("attention/ 1", "malformed tensor key 'attention/ 1'; allowed"),
        ("attention/١", "malformed tensor key 'attention/١'; allowed"),
        ("attention/1.0", "malformed tensor key 'attention/1.0'; allowed"),
        ("query/0/1,2", "malformed tensor key 'query/0/1,2'; allowed: query/{layer}/{head}"),
        ("edges_mean/0/", "malformed tensor key 'edges_mean/0/'; allowed: edges_mean/{layer}/{he"),
        ("edges_mean/0/1,", "malformed tensor key 'edges_mean/0/1,'; allowed: edges_mean/"),
        ("attention/3", "layer 3 has no self-attention in tiny; layers that have: 0, 2"),
        ("attention/1", "layer 1 has no self-attention in tiny; layers that have: 0, 2"),
        ("attention/" + 5000 * "9", "malformed tensor key"),
        ("attention_row/0/6", "query token 6 does not exist; allowed: 0 to 5"),
        ("query/0/4", "head 4 does not exist; allowed: 0 to 3"),
        ("key/0/4", "head 4 does not exist; allowed: 0 to 3"),
        ("scores/0/4/0", "head 4 does not exist; allowed: 0 to 3"),
        ("scores/0/0/6", "query token 6 does not exist; allowed: 0 to 5"),
        ("edges_mean/0/1,4", "head 4 does not exist; allowed: 0 to 3"),
        ("hidden_states/4", "hidden_states(4) does not exist; tiny has 0 (token embeddings) to 3"),
    ],
)
def test_a_key_that_stands_for_nothing_is_refused(key: str, message: str) -> None:
    with pytest.raises((ValueError, LookupError)) as caught:
        compute(trace(heads=(4, 0, 4)), key)
    assert str(caught.value).startswith(message)
    assert not isinstance(caught.value, KeyError | IndexError)


NAMES = [pattern.split("/")[0] for pattern in TENSORS]


@given(st.text() | st.builds(lambda *parts: "/".join(parts), st.sampled_from(NAMES), st.text()))
def test_any_key_gives_an_array_or_a_refusal(key: str) -> None:
    with contextlib.suppress(ValueError, LookupError):
        assert compute(trace(heads=(2,)), key).dtype == np.float32


def test_attention_too_large_to_send_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "MAX_BYTES", 100)
    message = r"the attention of layer 0 takes .* MiB; .* ask for edges/0 or attention_row/0/"
    with pytest.raises(ValueError, match=message):
        compute(trace(), "attention/0")


def test_an_answer_is_kept_for_a_second_asking() -> None:
    answers = Catalogue(trace())
    assert answers.answer("edges/1") is answers.answer("edges/1")


@given(
    st.lists(st.sampled_from([f"hidden_states/{i}" for i in range(4)] + ["attention/0"])),
    st.integers(0, 2000),
)
def test_the_kept_answers_stay_within_their_bound(keys: list[str], bound: int) -> None:
    made = trace()
    answers = Catalogue(made, bound)
    for key in keys:
        header, data = answers.answer(key)
        assert header["shape"] == list(compute(made, key).shape)
        assert answers.nbytes <= bound
        assert (answers.answer(key)[1] is data) == (len(data) <= bound)


def test_the_answer_used_longest_ago_is_forgotten_first() -> None:
    answers = Catalogue(trace(), cache_bytes=2 * 6 * 16 * 4)  # two of these
    kept, forgotten = answers.answer("hidden_states/0"), answers.answer("hidden_states/1")
    answers.answer("hidden_states/0")
    answers.answer("hidden_states/2")
    assert answers.answer("hidden_states/0") is kept
    assert answers.answer("hidden_states/1") is not forgotten


def test_threads_may_ask_at_once() -> None:
    made = trace()
    answers = Catalogue(made, cache_bytes=1000)
    wrong: list[str] = []

    def ask() -> None:
        for turn in range(100):
            key = f"hidden_states/{turn % 4}"
            if answers.answer(key)[1] != made.hidden_states(turn % 4).tobytes():
                wrong.append(key)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert answers.nbytes <= 1000
