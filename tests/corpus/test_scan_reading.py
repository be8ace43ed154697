"""A scan gives each text the numbers that it has when it is captured alone."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from support.models import TEXT, has, tiny, tokenizer
from support.seq2seq import tiny_seq2seq
from transformers import MambaConfig, MambaModel

from attention_widget import HeadAtlas, UnsupportedModelError, capture, measures, scan
from attention_widget.demo import demo_language_model, demo_model

WORDS = TEXT.split()
TEXTS = [
    "attention is a novel idea",
    f"{TEXT} and {TEXT} about a novel",
    "novel",
    "read a good novel and read a good novel",
    "a b",
]
EAGER = ("gemma2", "gpt_oss", "gpt_neo", "mpt", "bloom", "deberta_v2")
FAMILIES = ("bert", "albert_groups", "modernbert", "gpt2", "llama", "mistral", "gemma3", "falcon")
OTHERS = ("t5_encoder", "jamba")


def expected(model: Any, texts: list[str], tokens: Any) -> dict[str, NDArray[np.float64]]:
    """The means over all queries of a corpus, from the trace of each text."""
    names = measures.HEAD_SUMMARIES
    total: Any = 0.0
    count: Any = 0
    for text in texts:
        trace = capture(model, text, tokenizer=tokens, progress=False)
        sums, counts = [], []
        for one in sorted(trace.operations, key=lambda each: each.layer):
            each_sums = np.zeros((len(names), one.n_heads))
            each_counts = np.zeros_like(each_sums)
            for query in range(one.n_queries):
                row = _of_query(trace, one.layer, query)
                known = ~np.isnan(row)
                each_sums += np.where(known, row, 0)
                each_counts += known
            sums.append(each_sums)
            counts.append(each_counts)
        total, count = total + np.concatenate(sums, 1), count + np.concatenate(counts, 1)
    least = np.array([3 if name in measures.detectors.CASES else 1 for name in names])[:, None]
    means = np.where(count >= least, total / np.maximum(count, 1), np.nan)
    return dict(zip(names, means, strict=True))


def _of_query(trace: Any, layer: int, query: int) -> NDArray[np.float64]:
    """What one query adds: of a single one no case is left out for being rare."""
    from attention_widget.measures.key_sets import key_sets
    from attention_widget.measures.summaries import summary_sums

    block = trace.operation(layer)
    sets = key_sets(trace.tokens, trace.kinds[0])
    sums, counts = summary_sums(block, sets, np.array([query]))
    return np.where(counts > 0, sums, np.nan)


def assert_alike(atlas: HeadAtlas, means: dict[str, NDArray[np.float64]], near: float) -> None:
    for name, wanted in means.items():
        found = atlas.columns[name]
        assert (np.isnan(found) == np.isnan(wanted)).all(), name
        off = np.abs(found - wanted) / np.maximum(1, np.abs(wanted))
        assert np.nan_to_num(off).max() <= near, (name, np.nanmax(off))


@pytest.mark.parametrize("family", [*FAMILIES, *EAGER, *OTHERS])
def test_batches_give_what_texts_give_alone(family: str) -> None:
    """Of every way to attend: padding changes nothing, and no model is read one by one."""
    if not has(family):
        pytest.skip("this transformers has no such model")
    torch.manual_seed(1)
    model = tiny(family, "eager" if family in EAGER else "sdpa")
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*one text at a time.*")
        atlas = scan(model, TEXTS, tokenizer(), progress=False)
    # what the model computes is rounded otherwise in a batch than alone, by some 1e-7 a layer
    assert_alike(atlas, expected(model, TEXTS, tokenizer()), 3e-6)


def test_batches_of_any_size_give_the_same() -> None:
    model = tiny("bert").double()
    alone = scan(model, TEXTS, tokenizer(), batch_tokens=1, progress=False)
    together = scan(model, TEXTS, tokenizer(), progress=False)
    for name in measures.HEAD_SUMMARIES:
        wanted = alone.columns[name]
        np.testing.assert_allclose(together.columns[name], wanted, rtol=2e-7, atol=2e-7)


@pytest.mark.slow
@pytest.mark.parametrize("which", ["sentences", "language"])
def test_real_models(which: str) -> None:
    texts = [
        "I read a good novel, and she read a good paper.",
        "The cat sat on the mat; the cat sat on the mat again, because the mat was warm.",
        "Nothing.",
    ]
    model: Any
    model, tokens = (demo_model(), None) if which == "sentences" else demo_language_model()
    atlas = scan(model, texts, tokens, progress=False)
    assert_alike(atlas, expected(model, texts, tokens), 5e-6)


@pytest.mark.parametrize("family", ["bert", "gpt2", "llama", "mistral"])
def test_texts_of_one_token_are_read_with_others(family: str) -> None:
    """Of one token alone nothing is hidden, in a causal model too; a language model whose tokenizer
    adds no special tokens meets such texts, and the last part of a long one may have one token."""
    texts = [[5], [5, 6, 7, 8], [9], [4, 5, 6, 7, 8, 9, 10, 11, 12], [6]]
    together = scan(tiny(family), texts, tokenizer(), progress=False)
    alone = scan(tiny(family), texts, tokenizer(), batch_tokens=1, progress=False)
    assert together.fingerprint == alone.fingerprint
    for name in together.names:
        np.testing.assert_array_equal(together.counts(name), alone.counts(name))
        np.testing.assert_allclose(
            together.columns[name], alone.columns[name], rtol=0, atol=2e-6, err_msg=name
        )


def test_an_example_is_what_the_trace_has() -> None:
    model = tiny("llama")
    atlas = scan(model, TEXTS, tokenizer(), progress=False)
    for layer, head in ((0, 0), (2, 3)):
        for example in atlas.examples(layer, head):
            trace = capture(model, TEXTS[example.number], tokenizer=tokenizer(), progress=False)
            row = trace.attention(layer, heads=head, queries=example.query)[0, 0]
            np.testing.assert_allclose(example.row, row, atol=1e-5)
            assert abs(row[example.key] - example.weight) < 1e-5
            whole = trace.attention(layer, heads=head)[0].copy()
            plain = [not token.special for token in trace.tokens]
            whole[~np.array(plain)] = 0
            whole[:, ~np.array(plain)] = 0
            whole[:, 0] = 0
            np.fill_diagonal(whole, 0)
            assert whole.max() <= example.weight + 1e-5


def test_the_encoder_of_two_stacks_is_scanned() -> None:
    atlas = scan(tiny_seq2seq("T5Model"), TEXTS[:2], tokenizer(), progress=False)
    assert set(atlas.columns["kind"]) == {"encoder"}


def test_a_long_text_is_read_in_parts() -> None:
    model = tiny("bert")  # takes 64 tokens
    long = " ".join(WORDS * 10)
    parts = scan(model, [long], tokenizer(), progress=False)
    assert parts.n_texts == 1
    assert parts.n_tokens == 150 + 3 * 2
    cut = scan(model, [long], tokenizer(), too_long="truncate", progress=False)
    assert cut.n_tokens == 64
    with pytest.raises(ValueError, match=r"text 1 of the corpus: .*at most 64 tokens, got 152"):
        scan(model, ["novel", long], tokenizer(), too_long="refuse", progress=False)


def test_own_summaries() -> None:
    def largest(block: Any) -> Any:
        return block.attention().max(-1)

    model = tiny("llama")
    asked: list[Any] = ["entropy", {"largest": largest}]
    atlas = scan(model, TEXTS, tokenizer(), summaries=asked, progress=False)
    assert atlas.names == ("entropy", "largest")
    rows = [
        capture(model, text, tokenizer=tokenizer(), progress=False).attention(1).max(-1)
        for text in TEXTS
    ]
    wanted = np.concatenate(rows, 1).mean(1)
    found = atlas.columns["largest"][atlas.columns["layer"] == 1]
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_the_model_is_left_as_it_was() -> None:
    model = tiny("bert").train()
    before = {name: value.clone() for name, value in model.state_dict().items()}

    def stop(block: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan(model, TEXTS, tokenizer(), summaries={"stop": stop}, progress=False)
    assert model.training
    assert all(not module._forward_hooks for module in model.modules())
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name])


def test_bad_input_is_refused_before_the_work() -> None:
    model, tokens = tiny("bert"), tokenizer()

    def refused(match: str, error: type[Exception] = ValueError, **given: Any) -> None:
        dataset = given.pop("dataset", TEXTS)
        with pytest.raises(error, match=match):
            scan(given.pop("model", model), dataset, tokens, progress=False, **given)

    refused("model must be", TypeError, model=7)
    refused("a corpus must have a text", dataset=[])
    refused("dataset must hold a text that is not blank", dataset=["", "  "])
    refused("dataset must be", TypeError, dataset=7)
    refused("max_tokens must be at most 64", max_tokens=65)
    refused("max_tokens must be 2 or more", max_tokens=1)
    refused("too_long must be", too_long="cut")
    refused("batch_tokens must be 1 or more", batch_tokens=0)
    refused("summaries must be", summaries=["entropie"])
    refused("a name that is taken", summaries={"entropy": len})
    refused("for each head and query", summaries={"one": lambda block: np.zeros(3)})
    refused(r"shard must be", shard=(2, 2))
    refused(r"shard must be", TypeError, shard=3)
    refused("examples must be", TypeError, examples="many")
    refused(r"token ids .* must be below", dataset=[[1, 2, 999]])


def test_a_model_without_attention_is_refused() -> None:
    model = MambaModel(MambaConfig(hidden_size=8, num_hidden_layers=1, vocab_size=32))
    with pytest.raises(UnsupportedModelError, match="has no attention"):
        scan(model, TEXTS, tokenizer(), progress=False)


def test_blank_texts_are_left_out_and_said() -> None:
    with pytest.warns(UserWarning, match="1 text of the corpus"):
        atlas = scan(tiny("bert"), ["novel idea", " ", "idea"], tokenizer(), progress=False)
    assert atlas.n_texts == 2
