"""One address for attention, layer and kind, and indices as Python has them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from support.traces import as_maps, encoder_decoder, picture, trace, windowed

from attention_widget import AttentionWidget, Block, Maps, Trace, from_attentions, measures
from attention_widget.trace.kind import KINDS
from attention_widget.trace.mask import Mask


@pytest.mark.parametrize("made", [trace(), trace(causal=True), encoder_decoder()])
def test_what_the_widget_says_can_be_asked_of_the_trace(made: Trace) -> None:
    widget = AttentionWidget.from_trace(made)
    for kind in made.kinds:
        widget.attention_kind = kind
        found = widget.trace.attention(widget.layer, widget.attention_kind)
        np.testing.assert_array_equal(found, made.attention(widget.layer, kind))
    widget.close()


def test_without_a_kind_the_first_is_meant() -> None:
    assert trace().kinds == ("encoder",)
    assert trace(causal=True).kinds == ("decoder",)
    made = encoder_decoder()
    assert made.kinds == KINDS
    np.testing.assert_array_equal(made.attention(1), made.attention(1, "encoder"))
    cross = replace(made, blocks=tuple(one for one in made.blocks if one.kind == "cross"))
    assert cross.attention(2).shape == (2, 6, 4)
    assert trace(causal=True).attention(1).shape == (4, 6, 6)


def test_another_word_is_answered_by_what_to_write() -> None:
    calls: list[Callable[[Any], object]] = [
        lambda kind: trace().attention(0, kind),
        lambda kind: trace().queries(0, kind),
        lambda kind: trace().hidden_states(0, kind),
        lambda kind: trace().sides(kind),
        lambda kind: trace().count_heads(0, kind),
        lambda kind: measures.head_summaries(trace(), 0, kind),
        lambda kind: Maps(0, kind, torch.ones(1, 1, 1)),
    ]
    said = r"""kind must be encoder, decoder or cross, got 'self'; .*"encoder" or "decoder"$"""
    for call in calls:
        with pytest.raises(ValueError, match=said):
            call("self")
        with pytest.raises(ValueError, match=r"kind must be encoder, decoder or cross, got 3$"):
            call(3)


def test_a_kind_that_a_model_lacks_is_named_with_those_it_has() -> None:
    with pytest.raises(LookupError, match="kind must be encoder, got 'cross'; tiny has no other"):
        trace().attention(0, "cross")
    made = encoder_decoder()
    two = replace(made, blocks=tuple(one for one in made.blocks if one.kind != "encoder"))
    with pytest.raises(LookupError, match="kind must be decoder or cross, got 'encoder'"):
        two.attention(0, "encoder")
    with pytest.raises(LookupError, match="tiny left no attention"):
        replace(trace(), blocks=()).attention(0)


def test_layers_heads_and_tokens_are_counted() -> None:
    made = trace(heads=(4, 0, 2))
    assert made.count_layers() == made.n_layers == 3
    assert made.layers_with_attention() == (0, 2)
    assert [made.count_heads(layer) for layer in range(4)] == [4, 0, 2, 0]
    two = encoder_decoder()
    assert [two.count_layers(kind) for kind in KINDS] == [2, 3, 3]
    assert two.layers_with_attention("cross") == (0, 2)
    assert [tuple(map(len, two.sides(kind))) for kind in KINDS] == [(4, 4), (6, 6), (6, 4)]
    assert made.count_layers("decoder") == made.count_heads(0, "decoder") == 0
    assert made.layers_with_attention("decoder") == ()
    alone = as_maps(trace(heads=(4, 2)))
    assert (alone.count_layers(), alone.n_layers) == (2, 2)
    assert replace(made, kept=(0,)).count_layers() == 3


def test_of_windows_a_window_is_counted_and_its_attention_asked_for() -> None:
    made = windowed()
    assert made.kinds == ("encoder",)
    assert (made.count_layers(), made.count_heads(1), made.layers_with_attention()) == (
        2,
        2,
        (0, 1),
    )
    assert tuple(map(len, made.sides())) == (40, 40)
    with pytest.raises(LookupError, match="3 windows, each with attention of its own"):
        made.attention(0)
    assert made.window(-1) is made.windows[-1]


def test_negative_indices_count_from_the_end() -> None:
    made = trace(heads=(4, 4, 2))
    np.testing.assert_array_equal(made.attention(-1), made.attention(2))
    np.testing.assert_array_equal(made.attention(-3), made.attention(0))
    np.testing.assert_array_equal(made.attention(0, heads=[-1, 0]), made.attention(0)[[3, 0]])
    np.testing.assert_array_equal(made.attention(0, queries=[-2]), made.attention(0)[:, [-2]])
    np.testing.assert_array_equal(made.hidden_states(-1), made.hidden_states(3))
    np.testing.assert_array_equal(made.queries(-1), made.queries(2))
    two = encoder_decoder()
    np.testing.assert_array_equal(two.attention(-1, "cross"), two.attention(2, "cross"))
    words = made.words()
    whole = words.attention(0)
    np.testing.assert_array_equal(words.attention(0, heads=-1, queries=-1), whole[[-1]][:, [-1]])
    summaries = measures.head_summaries(made, 0, queries=[-1])
    np.testing.assert_array_equal(summaries, measures.head_summaries(made, 0, queries=[5]))


@pytest.mark.parametrize("made", [trace(), as_maps(trace()), trace().words()])
def test_one_index_keeps_its_axis(made: Trace) -> None:
    whole = made.attention(0)
    np.testing.assert_array_equal(made.attention(0, heads=3), whole[[3]])
    np.testing.assert_array_equal(made.attention(0, heads=3, queries=4), whole[[3]][:, [4]])
    one = made.attention(0, heads=np.int64(3), queries=np.array([1, 4]))  # type: ignore[arg-type]
    np.testing.assert_array_equal(one, whole[[3]][:, [1, 4]])
    np.testing.assert_array_equal(made.attention(0, heads=torch.tensor(3)), whole[[3]])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda t: t.attention(9), "layer must be in 0–2, got 9; the encoder of tiny has 3 layers"),
        (lambda t: t.attention(-4), "layer must be in 0–2, got -4"),
        (lambda t: t.attention(0, heads=4), "head must be in 0–3, got 4"),
        (lambda t: t.attention(0, heads=[0, -5]), "head must be in 0–3, got -5"),
        (lambda t: t.attention(0, queries=6), "query must be in 0–5, got 6"),
        (lambda t: t.block(0).logits(heads=9), "head must be in 0–3, got 9"),
        (lambda t: t.words().attention(0, queries=5), "query must be in 0–4, got 5"),
        (lambda t: t.hidden_states(4), "index must be in 0–3, got 4; 0 is the token embeddings"),
        (lambda t: t.hidden_states(-5), "index must be in 0–3, got -5"),
        (lambda _: windowed().window(40), "token must be in 0–39, got 40"),
    ],
)
def test_what_is_not_there_is_an_index_error(call: Callable[[Trace], object], said: str) -> None:
    with pytest.raises(IndexError) as caught:
        call(trace(heads=(4, 4, 2)))
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize("value", [True, 1.0, "1", None, np.True_])
def test_what_is_no_index_is_a_type_error(value: Any) -> None:
    with pytest.raises(TypeError, match="layer must be an integer, got "):
        trace().attention(value)
    with pytest.raises(TypeError, match="head must be an integer, got "):
        trace().attention(0, heads=[value])


def test_a_head_by_a_mask_of_truth_values_is_refused() -> None:
    with pytest.raises(TypeError, match="head must be an integer, got "):
        trace().attention(0, heads=[True, False, True, False])


def test_hidden_states_of_cross_attention_are_those_of_neither_side() -> None:
    made = encoder_decoder()
    assert made.hidden_states(3, "decoder").shape == (6, 16)
    with pytest.raises(ValueError, match="kind must be encoder or decoder, got 'cross'"):
        made.hidden_states(0, "cross")


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: trace(), "Trace('tiny', 6 tokens, encoder: 3 layers × 2–4 heads, 7 kB)"),
        (
            lambda: trace(heads=(0, 2), causal=True),
            "Trace('tiny', 6 tokens, decoder: 1 of 2 layers × 2 heads, 2 kB)",
        ),
        (
            encoder_decoder,
            "Trace('tiny-translator', 4 → 6 tokens, encoder: 2 layers × 4 heads, decoder: 3 layers "
            "× 2 heads, cross: 2 of 3 layers × 2 heads, 11 kB)",
        ),
        (
            windowed,
            "Trace('tiny-reader', 40 tokens in 3 windows, encoder: 2 layers × 2 heads, 40 kB)",
        ),
        (
            lambda: trace(heads=(1,)).words(),
            "Trace('tiny', 5 tokens, encoder: 1 layer × 1 head, 1 kB)",
        ),
        (lambda: replace(trace(), blocks=()), "Trace('tiny', 6 tokens, no attention, 2 kB)"),
        (
            lambda: trace(heads=(4,), kv_heads=2).block(0),
            "Block(layer 0, encoder, 4 heads (2 of keys), 6 × 6 tokens, 2 kB)",
        ),
        (
            lambda: as_maps(trace(heads=(4,))).maps[0],
            "Maps(layer 0, encoder, 4 heads, 6 × 6 tokens, 576 bytes)",
        ),
        (
            lambda: trace().words().maps[0],
            "Grouped(layer 0, encoder, 4 heads, 5 × 5 groups of 6 × 6 tokens)",
        ),
        (lambda: encoder_decoder().target, "Target(6 tokens, 3 layers)"),
        (lambda: as_maps(encoder_decoder()).target, "Target(6 tokens, no hidden states)"),
        (lambda: Mask.causal(6, 6), "Mask(6 × 6 tokens, causal)"),
        (lambda: Mask.full(6, 4), "Mask(6 × 4 tokens, hides nothing)"),
        (
            lambda: Mask.from_visible(torch.eye(6, dtype=torch.bool).flip(0)[None]),
            "Mask(6 × 6 tokens, other)",
        ),
        (
            lambda: windowed().windows[1],
            "Window(tokens 12–23, Trace('tiny', 18 tokens, encoder: 2 layers × 2 heads, 11 kB))",
        ),
    ],
)
def test_a_repr_is_one_short_line(made: Callable[[], object], said: str) -> None:
    assert repr(made()) == said


def test_a_repr_stays_short_whatever_the_trace() -> None:
    name = "a/very/long/path\n" * 100
    one = from_attentions([np.full((1, 300, 300), 1 / 300)], ["a"] * 300, model_name=name)
    for made in (one, picture(), one.words()):
        assert len(repr(made)) < 200
        assert "\n" not in repr(made)


def test_a_block_says_which_kinds_there_are() -> None:
    part = torch.zeros(1, 2, 2)
    with pytest.raises(ValueError, match="kind must be encoder, decoder or cross, got 'self'"):
        Block(0, "self", part, part, part, 1.0, Mask.full(2, 2))  # type: ignore[arg-type]
