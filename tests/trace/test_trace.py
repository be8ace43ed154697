"""attention_widget.Trace: exact attention from the recorded parts, and access that says no."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attention_widget import Block, Maps, Target, Token, Trace, Window
from attention_widget.trace.mask import Mask

N, DIM = 7, 5


def block(heads: int = 4, kv_heads: int = 2, seed: int = 0, **parts: Any) -> Block:
    torch.manual_seed(seed)
    given: dict[str, Any] = {
        "query": torch.randn(heads, N, DIM),
        "key": torch.randn(kv_heads, N, DIM),
        "value": torch.randn(kv_heads, N, DIM),
        "scale": 0.4,
        "mask": Mask.full(N, N),
    }
    return Block(layer=0, kind="decoder", **{**given, **parts})


def trace(*blocks: Block, layers: int = 1) -> Trace:
    tokens = tuple(Token(index=i, id=i, label=str(i), text=str(i)) for i in range(N))
    hidden = tuple(torch.full((N, 3), float(i)) for i in range(layers + 1))
    return Trace(tokens=tokens, blocks=blocks, hidden=hidden, texts=("",), model_name="Toy")


def by_hand(block: Block, visible: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Softmax attention written out, weight by weight."""
    weights = np.zeros((block.n_heads, N, N))
    for head in range(block.n_heads):
        key = block.key[head // (block.n_heads // block.n_kv_heads)].double().numpy()
        for query in range(N):
            vector = block.query[head, query].double().numpy()
            powers = {}
            for k in np.flatnonzero(visible[query]):
                logit = vector @ key[k] * block.scale
                if block.softcap is not None:
                    logit = np.tanh(logit / block.softcap) * block.softcap
                if block.bias is not None:
                    bias = block.bias[min(head, block.bias.shape[0] - 1)]
                    logit += float(bias[min(query, bias.shape[0] - 1), k])
                powers[k] = np.exp(logit)
            total = sum(powers.values())
            if block.sinks is not None:
                own = block.sinks[head]
                total += np.exp(float(own if own.ndim == 0 else own[query]))
            for k, power in powers.items():
                weights[head, query, k] = power / total
    return weights


CAUSAL = np.tril(np.ones((N, N), bool))
WINDOW = CAUSAL & ~np.tril(np.ones((N, N), bool), -3)


@given(
    heads=st.sampled_from([(1, 1), (4, 4), (4, 2), (4, 1)]),
    mask=st.sampled_from(["full", "causal", "window"]),
    softcap=st.sampled_from([None, 0.7]),
    bias=st.sampled_from([None, (1, 1), (1, N), ("heads", 1), ("heads", N)]),
    sinks=st.sampled_from([None, (), (N,)]),
    seed=st.integers(0, 99),
)
def test_attention_is_the_formula(
    heads: tuple[int, int], mask: str, softcap: float | None, bias: Any, sinks: Any, seed: int
) -> None:
    masks = {"full": Mask.full(N, N), "causal": Mask.causal(N, N), "window": Mask.causal(N, N, 3)}
    visible = {"full": np.ones((N, N), bool), "causal": CAUSAL, "window": WINDOW}[mask]
    torch.manual_seed(seed)
    parts: dict[str, Any] = {"mask": masks[mask], "softcap": softcap}
    if bias is not None:
        rows = heads[0] if bias[0] == "heads" else 1
        parts["bias"] = torch.randn(rows, bias[1], N)
    if sinks is not None:
        parts["sinks"] = torch.randn(heads[0], *sinks)
    made = block(*heads, seed=seed, **parts)
    expected = by_hand(made, visible)
    np.testing.assert_allclose(made.attention(), expected, atol=1e-6)
    sums = made.attention().sum(-1)
    assert (sums < 1).all() if sinks is not None else np.allclose(sums, 1)


@pytest.mark.parametrize("sinks", [(4,), (4, N)])
def test_a_part_of_the_attention_is_part_of_the_whole(sinks: tuple[int, ...]) -> None:
    made = block(mask=Mask.causal(N, N), bias=torch.randn(4, N, N), sinks=torch.randn(sinks))
    chosen = made.attention(heads=[3, 1], queries=[6, 0, 2])
    np.testing.assert_allclose(chosen, made.attention()[[3, 1]][:, [6, 0, 2]], atol=1e-7)
    assert made.attention(heads=[]).shape == (0, N, N)


def test_scores_are_the_scaled_dot_products_and_logits_what_enters_the_softmax() -> None:
    made = block(mask=Mask.causal(N, N), softcap=0.5, bias=torch.randn(1, N, N))
    key = made.key.repeat_interleave(2, 0)
    scores = (made.query @ key.transpose(1, 2) * 0.4).numpy()
    np.testing.assert_allclose(made.scores(), scores, atol=1e-6)
    assert made.bias is not None
    logits = np.tanh(scores / 0.5) * 0.5 + made.bias.numpy()
    np.testing.assert_allclose(made.logits()[:, CAUSAL], logits[:, CAUSAL], atol=1e-6)
    assert np.isneginf(made.logits()[:, ~CAUSAL]).all()


def test_a_query_that_sees_no_key_attends_to_nothing() -> None:
    visible = torch.ones(1, N, N, dtype=torch.bool)
    visible[0, 2] = False
    made = block(mask=Mask.from_visible(visible))
    attention = made.attention()
    assert (attention[:, 2] == 0).all()
    np.testing.assert_allclose(attention[:, [0, 1, 3, 4, 5, 6]].sum(-1), 1, atol=1e-6)


def test_nan_stays_to_be_seen() -> None:
    made = block()
    made.query[1, 3] = float("nan")
    attention = made.attention()
    assert np.isnan(attention[1, 3]).all()
    assert np.isnan(attention).sum() == N


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_arrays_are_float32_whatever_the_model_is(dtype: torch.dtype) -> None:
    made = block()
    made = replace(
        made, query=made.query.to(dtype), key=made.key.to(dtype), value=made.value.to(dtype)
    )
    kept = trace(made)
    arrays = [
        kept.attention(0),
        kept.queries(0),
        kept.keys(0),
        kept.values(0),
        kept.hidden_states(0),
    ]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}
    assert [array.shape for array in arrays[:4]] == [
        (4, N, N),
        (4, N, DIM),
        (2, N, DIM),
        (2, N, DIM),
    ]


def test_hidden_states_are_numbered_from_the_embeddings() -> None:
    kept = trace(block(), layers=2)
    assert [kept.hidden_states(i)[0, 0] for i in range(3)] == [0, 1, 2]
    assert kept.n_layers == 2
    with pytest.raises(IndexError, match=r"index must be in 0–2, got 3; 0 is the token embeddings"):
        kept.hidden_states(3)


def test_a_layer_without_attention_names_those_that_have_it() -> None:
    kept = trace(replace(block(), layer=1), replace(block(), layer=3), layers=4)
    with pytest.raises(LookupError, match=r"layer 2 of Toy has no decoder attention; .*: 1, 3$"):
        kept.attention(2)
    for kind in ("encoder", "cross"):
        with pytest.raises(LookupError, match=f"kind must be decoder, got '{kind}'; Toy has no"):
            kept.attention(1, kind)


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"heads": [4]}, "head must be in 0–3, got 4"),
        ({"heads": -5}, "head must be in 0–3, got -5"),
        ({"queries": [N]}, f"query must be in 0–{N - 1}, got {N}"),
    ],
)
def test_what_does_not_exist_is_refused(chosen: Any, words: str) -> None:
    with pytest.raises(IndexError, match=words):
        trace(block()).attention(0, **chosen)


def test_nbytes_counts_shared_memory_once() -> None:
    shared = torch.randn(2, N, DIM)
    mask = Mask.full(N, N)
    alone = trace(block(2, 2, key=shared, value=torch.randn(2, N, DIM), mask=mask)).nbytes
    assert trace(block(2, 2, key=shared, value=shared, mask=mask)).nbytes == alone - shared.nbytes


def test_a_trace_cannot_be_changed() -> None:
    kept = trace(block())
    with pytest.raises(FrozenInstanceError):
        kept.model_name = "other"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        kept.tokens[0].text = "other"  # type: ignore[misc]


def two_stacks() -> Trace:
    """An encoder of N tokens beside a decoder of 3."""
    source = tuple(Token(index=i, id=i, label=str(i)) for i in range(N))
    target = tuple(Token(index=i, id=i, label=f"t{i}") for i in range(3))
    decoder = replace(block(), query=torch.randn(4, 3, DIM), key=torch.randn(2, 3, DIM))
    decoder = replace(decoder, value=torch.randn(2, 3, DIM), mask=Mask.causal(3, 3))
    cross = replace(block(), kind="cross", query=torch.randn(4, 3, DIM), mask=Mask.full(3, N))
    return Trace(
        tokens=source,
        blocks=(replace(block(), kind="encoder"), decoder, cross),
        hidden=(torch.zeros(N, 3), torch.ones(N, 3)),
        texts=("source",),
        model_name="Toy",
        target=Target(target, (torch.zeros(3, 3), torch.full((3, 3), 2.0)), ("target",)),
    )


def test_each_kind_of_attention_has_its_own_tokens() -> None:
    trace = two_stacks()
    encoder, decoder, cross = trace.blocks
    assert trace.target is not None
    assert trace.sides("encoder") == (trace.tokens, trace.tokens)
    assert trace.sides("decoder") == (trace.target.tokens, trace.target.tokens)
    assert trace.sides("cross") == (trace.target.tokens, trace.tokens)
    assert trace.block(0) is encoder
    assert trace.block(0, "decoder") is decoder
    assert trace.block(0, "cross") is cross
    assert trace.attention(0, "cross").shape == (4, 3, N)
    with pytest.raises(IndexError, match="layer must be 0, got 1"):
        trace.block(1, "cross")


def test_each_stack_has_its_own_hidden_states() -> None:
    trace = two_stacks()
    assert trace.target is not None
    assert (trace.n_layers, trace.target.n_layers) == (1, 1)
    assert trace.hidden_states(1).shape == (N, 3)
    assert trace.hidden_states(1, "decoder")[0, 0] == 2.0


def test_finished_maps_are_handed_out_as_they_are() -> None:
    maps = torch.rand(2, N, N)
    maps[1, 0, 0] = torch.nan
    given = Trace(
        tokens=(),
        blocks=(),
        hidden=(),
        texts=(),
        model_name="Toy",
        maps=(Maps(layer=3, kind="decoder", probabilities=maps),),
    )
    np.testing.assert_array_equal(given.attention(3), maps.numpy())
    np.testing.assert_array_equal(given.attention(3, heads=[1], queries=[2]), maps[1:, 2:3])
    assert given.n_layers == 4
    with pytest.raises(LookupError, match="no queries, keys and values"):
        given.queries(3)
    with pytest.raises(LookupError, match="no hidden states"):
        given.hidden_states(0)


def test_a_text_in_windows_names_the_window_of_a_token() -> None:
    part = trace(block())
    places = (None, *range(5), None)
    windows = (
        Window(part, places, range(0, 4)),
        Window(part, tuple(p if p is None else p + 3 for p in places), range(4, 8)),
    )
    whole = replace(part, tokens=(*part.tokens, part.tokens[0]), blocks=(), windows=windows)
    assert [whole.window(token) for token in (0, 3, 4, 7)] == [windows[i] for i in (0, 0, 1, 1)]
    assert whole.nbytes == part.nbytes  # one storage each, however many windows hold it
    with pytest.raises(LookupError, match="2 windows"):
        whole.attention(0)
    with pytest.raises(IndexError, match="token must be in 0–7, got 8"):
        whole.window(8)
    with pytest.raises(LookupError, match="in one pass"):
        part.window(0)
