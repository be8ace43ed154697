"""What a key stands for, and how much is kept of it."""

from __future__ import annotations

import contextlib
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.traces import as_maps, encoder_decoder, picture, trace, windowed

from attention_widget.measures import attention_received, count_nan
from attention_widget.measures.edges import Edges, strongest_edges
from attention_widget.protocol import catalogue, tensors
from attention_widget.protocol.catalogue import COMPUTED, Catalogue, compute
from attention_widget.protocol.keys import TENSORS
from attention_widget.trace.block import Array, Maps
from attention_widget.trace.kind import KINDS, Kind
from attention_widget.trace.trace import Trace

EDGES = "edges/encoder/0/each/0,1/0.95/0/all"


def softmax(logits: Array) -> Array:
    weights: Array = np.exp(logits - logits.max(-1, keepdims=True))
    weights /= weights.sum(-1, keepdims=True)
    return weights


@pytest.fixture(params=[False, True], ids=["full", "causal"])
def made(request: pytest.FixtureRequest) -> Trace:
    return trace(heads=(4, 0, 4), kv_heads=2, causal=request.param)


def test_attention_comes_whole_and_by_row(made: Trace) -> None:
    attention = made.attention(2)
    np.testing.assert_array_equal(compute(made, f"attention/{made.kinds[0]}/2"), attention)
    np.testing.assert_allclose(
        compute(made, f"attention_row/{made.kinds[0]}/2/3"), attention[:, 3], atol=1e-7
    )
    mean = attention[:, [1, 4]].mean(1)
    rows = compute(made, f"attention_row/{made.kinds[0]}/2/1,4")
    np.testing.assert_allclose(rows, mean, atol=1e-7)


def test_measures_come_by_layer(made: Trace) -> None:
    received = attention_received(made, 0)
    np.testing.assert_array_equal(compute(made, f"attention_received/{made.kinds[0]}/0"), received)


def test_edges_come_as_they_are_asked_for(made: Trace, monkeypatch: pytest.MonkeyPatch) -> None:
    left_out, *lines = compute(made, f"edges/{made.kinds[0]}/2/each/3,1/0.75/1e-3/all")
    expected = strongest_edges(made, 2, [3, 1], top_p=0.75, threshold=1e-3)
    np.testing.assert_array_equal(lines, expected.lines)
    assert left_out.tolist() == pytest.approx([2 * 6, 0, 0, 0])
    for combine in ("mean", "maximum"):
        _, *lines = compute(made, f"edges/{made.kinds[0]}/2/{combine}/0,2/1/0/a_a")
        expected = strongest_edges(made, 2, [0, 2], combine=combine, segments="a_a")
        np.testing.assert_array_equal(lines, expected.lines)
    of_many = Edges(np.ones((1, 4), np.float32), 123_456_789, 4.5, 6.0)
    monkeypatch.setattr(catalogue, "strongest_edges", lambda *_, **__: of_many)
    edges = compute(made, f"edges/{made.kinds[0]}/0/each/0/1/0/all")
    assert edges.tolist() == [[6, 123, 456_789, 4.5], [1, 1, 1, 1]]


@pytest.mark.parametrize("head", range(4))
def test_a_neuron_view_agrees_with_the_attention(made: Trace, head: int) -> None:
    token = 4
    query = compute(made, f"query/{made.kinds[0]}/2/{head}")
    key = compute(made, f"key/{made.kinds[0]}/2/{head}")  # the key head that this query head shares
    scores, logits = compute(made, f"scores/{made.kinds[0]}/2/{head}/{token}")
    np.testing.assert_allclose(key @ query[token] * 8**-0.5, scores, atol=1e-6)
    np.testing.assert_allclose(softmax(logits), made.attention(2)[head, token], atol=1e-6)


def test_the_mask_comes_in_runs(made: Trace) -> None:
    runs = compute(made, f"mask/{made.kinds[0]}/2")
    assert runs.dtype == np.int32
    seen = made.attention(2)[0] > 0
    assert runs.tolist() == [[-1, query, 0, seen[query].sum()] for query in range(6)]


def test_of_weights_alone_the_mask_is_where_there_are_any() -> None:
    maps = as_maps(trace(heads=(2,), causal=True))
    known = maps.maps[0]
    assert isinstance(known, Maps)
    known.probabilities[1, 4, 2] = 0  # the other head sees it
    known.probabilities[:, 5, 2] = 0
    runs = compute(maps, "mask/decoder/0")
    assert runs.tolist() == [
        *([-1, query, 0, query + 1] for query in range(5)),
        [-1, 5, 0, 2],
        [-1, 5, 3, 6],
    ]


def test_words_have_no_mask() -> None:
    with pytest.raises(LookupError, match="between the model's own tokens"):
        compute(trace(), "grouped/words/show/mask/encoder/0")


def test_hidden_states_start_with_the_embeddings(made: Trace) -> None:
    for index in range(4):
        expected = made.hidden_states(index)
        np.testing.assert_array_equal(compute(made, f"hidden_states/encoder/{index}"), expected)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("", "a tensor's key must be attention/{kind}/{layer}, "),
        ("values/0", "a tensor's key must be attention/{kind}/{layer}"),
        ("attention", "a tensor's key must be attention/{kind}/{layer}"),
        (
            "attention/encoder/0/1",
            "a tensor's key must be attention/{kind}/{layer}",
        ),
        (
            "attention/encoder/-1",
            "a tensor's key must be attention/{kind}/{layer}",
        ),
        ("attention/encoder/ 1", "a tensor's key must be attention/{kind}/{layer}"),
        ("attention/encoder/١", "a tensor's key must be attention/{kind}/{layer}"),
        ("attention/encoder/1.0", "a tensor's key must be attention/{kind}/{layer}"),
        (
            "query/encoder/0/1,2",
            "a tensor's key must be query/{kind}/{layer}/{head}",
        ),
        (
            "attention_row/encoder/0/",
            "a tensor's key must be attention_row/{kind}/",
        ),
        (
            "edges/encoder/0/mean/1,/1/0/all",
            "a tensor's key must be edges/",
        ),
        *(
            (f"edges/encoder/0/{rest}", "a tensor's key must be edges/{kind}/{layer}/{combine}/")
            for rest in (
                "each/0/1/0",
                "sum/0/1/0/all",
                "each/0/1/0/b_c",
                "each/0/1.5/0/all",
                "each/0/nan/0/all",
                "each/0/-0.1/0/all",
                "each/0/1_0/0/all",
                "each/0/1/1e1/all",
                "each/0/1/.5/all",
            )
        ),
        ("attention/0", "a tensor's key must be attention/{kind}/{layer}"),
        (
            "attention/x/0",
            "a tensor's key must be attention/{kind}/{layer},",
        ),
        ("hidden_states/cross/0", "kind must be encoder or decoder, got 'cross'; cross-attention"),
        ("attention/cross/0", "kind must be encoder, got 'cross'; tiny has no other attention"),
        ("count_nan/encoder/1", "layer 1 of tiny has no encoder attention; layers that have: 0, 2"),
        ("window/0/image", "a tensor's key must be attenti"),
        ("image", "tiny was given no image"),
        ("image/0", "a tensor's key must be image"),
        ("attention/encoder/3", "layer must be in 0–2, got 3; the encoder of tiny has 3 layers"),
        ("attention/encoder/1", "layer 1 of tiny has no encoder attention; layers that have: 0, 2"),
        ("attention/" + 5000 * "9", "a tensor's key must be"),
        ("attention_row/encoder/0/6", "query must be in 0–5, got 6"),
        ("query/encoder/0/4", "head must be in 0–3, got 4"),
        ("key/encoder/0/4", "head must be in 0–3, got 4"),
        ("scores/encoder/0/4/0", "head must be in 0–3, got 4"),
        ("scores/encoder/0/0/6", "query must be in 0–5, got 6"),
        ("edges/encoder/0/mean/1,4/1/0/all", "head must be in 0–3, got 4"),
        (
            "hidden_states/encoder/4",
            "index must be in 0–3, got 4; 0 is the token embeddings",
        ),
    ],
)
def test_a_key_that_stands_for_nothing_is_refused(key: str, message: str) -> None:
    with pytest.raises((ValueError, LookupError)) as caught:
        compute(trace(heads=(4, 0, 4)), key)
    assert str(caught.value).startswith(message)
    assert not isinstance(caught.value, KeyError)


def test_each_key_has_what_makes_its_tensor() -> None:
    assert list(COMPUTED) == list(TENSORS)


@given(
    st.text() | st.builds(lambda *parts: "/".join(parts), st.sampled_from(list(TENSORS)), st.text())
)
def test_any_key_gives_an_array_or_a_refusal(key: str) -> None:
    with contextlib.suppress(ValueError, LookupError):
        assert compute(trace(heads=(2,)), key).dtype in (np.float32, np.int32, np.uint8)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_attention_comes_from_its_own_blocks(kind: Kind) -> None:
    made = encoder_decoder(kv_heads=1)
    attention = made.attention(0, kind)
    np.testing.assert_array_equal(compute(made, f"attention/{kind}/0"), attention)
    row = compute(made, f"attention_row/{kind}/0/1,2")
    np.testing.assert_allclose(row, attention[:, 1:3].mean(1), atol=1e-7)
    received = compute(made, f"attention_received/{kind}/0")
    np.testing.assert_allclose(received, attention.mean(1), atol=1e-7)
    edges = compute(made, f"edges/{kind}/0/each/0,1/1/0/all")[1:]
    head, query, key = edges[:, :3].astype(int).T
    assert len(edges) == np.count_nonzero(attention[:2])
    np.testing.assert_allclose(attention[head, query, key], edges[:, 3], atol=1e-7)
    of_mean = compute(made, f"edges/{kind}/0/mean/0,1/1/0/all")[1:]
    query, key = of_mean[:, 1:3].astype(int).T
    np.testing.assert_allclose(attention[:2].mean(0)[query, key], of_mean[:, 3], atol=1e-7)
    q, k = compute(made, f"query/{kind}/0/1"), compute(made, f"key/{kind}/0/1")
    scores, logits = compute(made, f"scores/{kind}/0/1/2")
    np.testing.assert_allclose(k @ q[2] * 8**-0.5, scores, atol=1e-6)
    np.testing.assert_allclose(softmax(logits), attention[1, 2], atol=1e-6)


def test_hidden_states_are_those_of_the_stack() -> None:
    made = encoder_decoder()
    for kind in KINDS[:2]:
        expected = made.hidden_states(2, kind)
        np.testing.assert_array_equal(compute(made, f"hidden_states/{kind}/2"), expected)
    assert compute(made, "hidden_states/decoder/3").shape == (6, 16)
    with pytest.raises(IndexError, match="index must be in 0–2, got 3"):
        compute(made, "hidden_states/encoder/3")


def test_a_window_is_asked_by_its_number() -> None:
    made = windowed()
    inner = made.windows[2].trace
    expected = inner.attention(1)
    np.testing.assert_array_equal(compute(made, "window/2/attention/encoder/1"), expected)
    expected = made.hidden_states(1)
    np.testing.assert_array_equal(compute(made, "hidden_states/encoder/1"), expected)
    with pytest.raises(LookupError, match="window must be in 0–2, got 3"):
        compute(made, "window/3/attention/encoder/1")
    with pytest.raises(ValueError, match=r"key must be window/\{window\}/\.\.\., got 'window/x/"):
        compute(made, "window/x/attention/encoder/1")
    with pytest.raises(LookupError, match="read this text in 3 windows"):
        compute(made, "attention/encoder/1")


def test_finished_maps_give_their_attention_and_no_vectors() -> None:
    made, whole = as_maps(trace()), trace()
    for key in ("attention/encoder/0", "attention_row/encoder/0/2", EDGES):
        np.testing.assert_allclose(compute(made, key), compute(whole, key), atol=1e-7)
    for key in ("query/encoder/0/0", "key/encoder/0/0", "scores/encoder/0/0/0"):
        with pytest.raises(LookupError, match="there are no queries, keys and values"):
            compute(made, key)
    with pytest.raises(LookupError, match="left no hidden states, only attention"):
        compute(made, "hidden_states/encoder/0")


def test_an_image_comes_as_it_is() -> None:
    made = picture()
    assert made.image is not None
    np.testing.assert_array_equal(compute(made, "image"), made.image)


def test_weights_that_are_nan_are_counted_by_head() -> None:
    made = trace()
    made.blocks[0].query[2, 1] = float("nan")
    assert compute(made, "count_nan/encoder/0").tolist() == [0, 0, 6, 0]
    np.testing.assert_array_equal(compute(made, "count_nan/encoder/1"), count_nan(made, 1))


def test_attention_too_large_to_send_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tensors, "MAX_BYTES", 100)
    message = r"must take at most .* MiB, got .*; ask for attention_row/encoder/0/{token}"
    with pytest.raises(ValueError, match=message):
        compute(trace(), "attention/encoder/0")


def test_an_answer_is_kept_for_a_second_asking() -> None:
    answers = Catalogue(trace())
    assert answers.answer(EDGES) is answers.answer(EDGES)


@given(
    st.lists(
        st.sampled_from([f"hidden_states/encoder/{i}" for i in range(4)] + ["attention/encoder/0"])
    ),
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
    kept, forgotten = (
        answers.answer("hidden_states/encoder/0"),
        answers.answer("hidden_states/encoder/1"),
    )
    answers.answer("hidden_states/encoder/0")
    answers.answer("hidden_states/encoder/2")
    assert answers.answer("hidden_states/encoder/0") is kept
    assert answers.answer("hidden_states/encoder/1") is not forgotten


def test_threads_may_ask_at_once() -> None:
    made = trace()
    answers = Catalogue(made, cache_bytes=1000)
    wrong: list[str] = []

    def ask() -> None:
        for turn in range(100):
            key = f"hidden_states/encoder/{turn % 4}"
            if answers.answer(key)[1] != made.hidden_states(turn % 4).tobytes():
                wrong.append(key)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert answers.nbytes <= 1000


def test_a_text_of_special_tokens_alone_has_nothing_left_when_they_are_hidden() -> None:
    made = trace(labels=("[CLS]", "[SEP]"))
    assert [len(states) for states in made.without_special().hidden] == [0, 0, 0, 0]
    for key in ("attention", "attention_received", "count_nan", "thumbnails"):
        assert not compute(made, f"grouped/tokens/hide/{key}/encoder/0").any()
    edges = compute(made, "grouped/tokens/hide/edges/encoder/0/each/0,1/0.95/0/all")
    assert edges[:, 1:].tolist() == [[0, 0, 0]]  # none, and none left out
