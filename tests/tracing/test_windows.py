"""Long text: overlapping windows, each with a trace of its own, and stitched hidden states."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from support.models import TEXT, tiny, tokenizer
from support.toy_slow_tokenizers import slow_wordpiece
from support.toy_tokenizers import byte_level, wordpiece

from attention_widget import Trace, TraceTooLargeError, capture
from attention_widget.tracing.windows import owners_of_tokens, spans_of_windows

TOKENIZER = tokenizer()
LONG = " ".join([TEXT] * 4)  # 60 tokens


@st.composite
def cuts(draw: st.DrawFn) -> tuple[int, int, int]:
    length = draw(st.integers(1, 40))
    return draw(st.integers(1, 300)), length, draw(st.integers(1, length))


@given(cuts())
def test_windows_cover_the_text(cut: tuple[int, int, int]) -> None:
    n_tokens, length, stride = cut
    spans = spans_of_windows(n_tokens, length, stride)
    assert spans[0].start == 0
    assert spans[-1].stop == n_tokens
    assert all(len(span) == min(length, n_tokens) for span in spans)
    starts = [span.start for span in spans]
    apart = [b - a for a, b in itertools.pairwise(starts)]
    assert all(one == stride for one in apart[:-1])
    assert all(1 <= one <= stride for one in apart[-1:])


@given(cuts())
def test_each_token_is_owned_where_it_stands_farthest_from_a_cut(cut: tuple[int, int, int]) -> None:
    n_tokens, length, stride = cut
    spans = spans_of_windows(n_tokens, length, stride)
    owned = owners_of_tokens(spans, n_tokens)
    assert [token for own in owned for token in own] == list(range(n_tokens))

    def margin(token: int, span: range) -> float:
        if token not in span:
            return -1
        before = token - span[0] if span[0] > 0 else np.inf
        after = span[-1] - token if span[-1] < n_tokens - 1 else np.inf
        return float(min(before, after))

    for window, own in enumerate(owned):
        for token in own:
            margins = [margin(token, span) for span in spans]
            assert window == int(np.argmax(margins))  # the first of the largest


def by_hand(model: Any, tokenizer: Any, text: str, span: range) -> Any:
    """The model's own pass over some tokens of a text between its special tokens."""
    ids = tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"][
        span.start : span.stop
    ]
    whole = torch.tensor([[tokenizer.cls_token_id, *ids, tokenizer.sep_token_id]])
    with torch.no_grad():
        return model(whole, output_attentions=True, output_hidden_states=True)


def test_a_long_text_on_a_trained_model(minilm: Any, minilm_path: Any) -> None:
    import transformers

    model, tokenizer = minilm
    eager = transformers.AutoModel.from_pretrained(minilm_path, attn_implementation="eager")
    sentences = ("I read a good novel.", "Attention is a novel idea;", "colours are purple,")
    text = " ".join(f"{sentences[i % 3]} {i}" for i in range(240))
    own = tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
    assert len(own) >= 1500
    trace = capture(model, text, tokenizer=tokenizer, windows=True, stride=384)
    assert [token.id for token in trace.tokens] == own
    assert not any(token.special for token in trace.tokens)
    assert "".join(token.lead + token.text + token.trail for token in trace.tokens) == text
    assert len(trace.windows) == int(np.ceil((len(own) - 510) / 384)) + 1
    stitched = []
    for window in trace.windows:
        inside = [position for position in window.positions if position is not None]
        span = range(inside[0], inside[-1] + 1)
        assert inside == list(span)
        assert len(span) == 510
        expected = by_hand(eager, tokenizer, text, span)
        for layer in (0, 5):
            np.testing.assert_allclose(
                window.trace.attention(layer), expected.attentions[layer][0], atol=1e-5
            )
        states = expected.hidden_states[6][0, 1:-1]
        stitched.append(states[window.own.start - span.start : window.own.stop - span.start])
    np.testing.assert_allclose(trace.hidden_states(6), torch.cat(stitched), atol=1e-4)
    token = trace.windows[1].own.start
    assert trace.window(token) is trace.windows[1]
    with pytest.raises(LookupError, match=r"in \d+ windows, each with attention of its own"):
        trace.attention(0)


@pytest.mark.parametrize("family", ["bert", "llama"])
def test_a_text_that_fits_into_one_window_is_read_as_it_always_is(family: str) -> None:
    model = tiny(family)
    whole = capture(model, TEXT, tokenizer=TOKENIZER)
    trace = capture(model, TEXT, tokenizer=TOKENIZER, windows=64)
    [window] = trace.windows
    assert window.trace.tokens == whole.tokens
    assert window.trace.texts == whole.texts == trace.texts
    assert window.own == range(len(trace.tokens))
    for layer in range(4):
        np.testing.assert_array_equal(trace.hidden_states(layer), whole.hidden_states(layer)[1:-1])
    for layer in range(3):
        np.testing.assert_array_equal(window.trace.attention(layer), whole.attention(layer))
    for token, same in zip(trace.tokens, whole.tokens[1:-1], strict=True):
        assert (token.text, token.start, token.word) == (same.text, same.start, same.word)


@pytest.mark.parametrize("stride", [None, 1, 5, 10])
def test_tokens_of_windows_are_those_of_the_text(stride: int | None) -> None:
    trace = capture(tiny("bert"), LONG, tokenizer=TOKENIZER, windows=12, stride=stride)
    assert len(trace.tokens) == 60
    assert [token.index for token in trace.tokens] == list(range(60))
    for window in trace.windows:
        assert len(window.trace.tokens) == len(window.positions) == 12
        assert [token.index for token in window.trace.tokens] == list(range(12))
        [text] = window.trace.texts
        assert "".join(t.lead + t.text + t.trail for t in window.trace.tokens) == text
        words = [token.word for token in window.trace.tokens if token.word is not None]
        assert words == list(range(10))
        for token, position in zip(window.trace.tokens, window.positions, strict=True):
            if position is None:
                assert token.special
                continue
            assert token.id == trace.tokens[position].id
            assert token.text == trace.tokens[position].text == text[token.start : token.end]


def test_every_token_of_a_model_without_specials(tmp_path: Any) -> None:
    writer = byte_level()
    model = tiny("llama", vocab_size=len(writer))
    text = "🙂 novel idea, привет " * 6
    trace = capture(model, text, tokenizer=writer, windows=7, stride=3)
    assert "".join(token.lead + token.text + token.trail for token in trace.tokens) == text
    for window in trace.windows:
        assert len(window.trace.tokens) == 7
        assert None not in window.positions


def test_a_slow_tokenizer_and_token_types(tmp_path: Any) -> None:
    for writer in (wordpiece(), slow_wordpiece(tmp_path)):
        model = tiny("bert")
        trace = capture(model, "attention is a novel, " * 20, tokenizer=writer, windows=16)
        assert len(trace.tokens) == 20 * 6
        assert trace.hidden_states(3).shape == (120, 32)


def test_windows_of_a_model_whose_limit_is_named(minilm: Any) -> None:
    limited = capture(tiny("gpt2"), LONG, tokenizer=TOKENIZER, windows=True)
    assert len(limited.windows[0].trace.tokens) == 62
    longer = capture(tiny("gpt2"), f"{LONG} {LONG}", tokenizer=TOKENIZER, windows=True)
    assert len(longer.windows[0].trace.tokens) == 64  # the rows of its table of positions
    rotary = capture(tiny("llama"), f"{LONG} {LONG}", tokenizer=TOKENIZER, windows=True)
    assert len(rotary.windows[0].trace.tokens) == 64  # the length that its configuration names


def test_layers_of_windows() -> None:
    trace = capture(tiny("bert"), LONG, tokenizer=TOKENIZER, windows=20, layers=[2])
    whole = capture(tiny("bert"), LONG, tokenizer=TOKENIZER, windows=20)
    np.testing.assert_array_equal(trace.hidden_states(3), whole.hidden_states(3))
    assert trace.n_layers == 3
    assert trace.windows[0].trace.attention(2).shape == (4, 20, 20)
    with pytest.raises(LookupError, match=r"hidden_states\(1\) were not kept"):
        trace.hidden_states(1)


def test_all_windows_count_against_the_limit() -> None:
    one = capture(tiny("bert"), LONG, tokenizer=TOKENIZER, windows=20, stride=18)
    several = one.nbytes
    assert len(one.windows) > 2
    with pytest.raises(TraceTooLargeError):
        capture(tiny("bert"), LONG, tokenizer=TOKENIZER, windows=20, memory_limit=several // 2)
    kept = capture(tiny("bert"), LONG, tokenizer=TOKENIZER, windows=20, memory_limit=several * 4)
    assert isinstance(kept, Trace)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"windows": "long"}, TypeError, "windows must be a number of tokens, .* got str"),
        ({"windows": 2.0}, TypeError, "windows must be .* got float"),
        (
            {"windows": 2},
            ValueError,
            "windows must be at least 3 .the tokenizer adds 2 .* at most 64, got 2",
        ),
        ({"windows": 65}, ValueError, "windows must be at least 3 .* at most 64, got 65"),
        ({"windows": 0}, ValueError, "windows must be at least 3 .* got 0"),
        ({"windows": 12, "stride": 11}, ValueError, "stride, .* must be in 1–10 .* got 11"),
        ({"windows": 12, "stride": 0}, ValueError, "stride, .* got 0"),
        ({"windows": 12, "stride": "4"}, TypeError, "stride must be a number of tokens, got str"),
        ({"stride": 4}, ValueError, "stride must be left out without windows, got 4"),
        ({"windows": 12, "text_pair": "a"}, ValueError, "one string, got text_pair too"),
        ({"windows": 12, "truncation": True}, ValueError, "got truncation too"),
    ],
)
def test_wrong_windows(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        capture(tiny("bert"), LONG, tokenizer=TOKENIZER, **options)


def test_nothing_limits_the_model() -> None:
    model = tiny("bloom", "eager")
    with pytest.raises(
        ValueError, match=r"must be a number of tokens for BloomForCausalLM, .*, got True"
    ):
        capture(model, LONG, tokenizer=TOKENIZER, windows=True)
    assert len(capture(model, LONG, tokenizer=TOKENIZER, windows=31).windows) > 2
    assert len(capture(model, LONG, tokenizer=TOKENIZER, windows=False).blocks) == 3


@pytest.mark.parametrize("stride", [None, 30])
def test_the_estimate_counts_what_is_stitched(stride: int | None, minilm: Any) -> None:
    """Windows that do not overlap keep each token twice: in its window, and stitched."""
    model, tokenizer = minilm
    told: dict[str, Any] = {"tokenizer": tokenizer, "windows": 32, "stride": stride}
    text = "a novel idea " * 200
    trace = capture(model, text, **told)
    with pytest.raises(TraceTooLargeError, match="by an estimate before the pass") as caught:
        capture(model, text, **told, memory_limit=trace.nbytes - 1)
    assert trace.nbytes <= caught.value.needed <= 1.4 * trace.nbytes
