"""Rows of the table of word embeddings: those of the model's own table, or none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from support.media import picture
from support.models import FAMILIES, TEXT, has, tiny, tokenizer
from support.seeing import load as seeing
from support.seeing import processor
from support.seq2seq import tiny_seq2seq
from support.traces import trace

from attention_widget import AttentionWidget, Trace, capture, from_attentions, generate, measures

TOKENIZER = tokenizer()


@pytest.mark.parametrize("family", [name for name in FAMILIES if has(name)])
def test_they_are_the_rows_of_the_table_by_id(family: str) -> None:
    model: Any = tiny(family, "eager")
    made = capture(model, TEXT, tokenizer=TOKENIZER)
    table = model.get_input_embeddings().weight.detach().numpy()
    ids = [token.id for token in made.tokens]
    np.testing.assert_array_equal(made.word_embeddings(), table[ids])
    assert not made.word_embeddings().flags.writeable


@pytest.mark.parametrize("family", ["gemma", "gemma2", "gemma3"])
def test_a_scale_that_the_model_applies_is_not_in_them(family: str) -> None:
    model = tiny(family, "eager")
    made = capture(model, TEXT, tokenizer=TOKENIZER)
    scaled = made.word_embeddings() * np.sqrt(np.float32(made.word_embeddings().shape[1]))
    np.testing.assert_allclose(made.hidden_states(0), scaled, rtol=1e-5)


def test_norms_of_a_trained_bert_are_those_of_its_raw_table(minilm: Any) -> None:
    text = "The colour purple is a novel idea: algae fuel is of practical significance."
    made = capture(minilm[0], text, tokenizer=minilm[1])
    raw, entering = made.word_embeddings(), made.hidden_states(0)
    norms = measures.norms(raw)
    assert 0.8 < norms.min() < norms.max() < 1.6
    assert measures.norms(entering).min() > 5.8
    twice = capture(minilm[0], "novel idea, a novel", tokenizer=minilm[1])
    first, second = (twice.word_embeddings()[twice.index("novel", n)] for n in (1, 2))
    np.testing.assert_array_equal(first, second)  # wherever it stands


def test_both_stacks_have_theirs() -> None:
    model: Any = tiny_seq2seq("BartForConditionalGeneration")
    made = capture(model, TEXT, target="a good idea", tokenizer=TOKENIZER)
    table = model.get_input_embeddings().weight.detach().numpy()
    assert made.target is not None
    for kind, tokens in (("encoder", made.tokens), ("decoder", made.target.tokens)):
        found = made.word_embeddings(kind)  # type: ignore[arg-type]
        np.testing.assert_array_equal(found, table[[token.id for token in tokens]])
    with pytest.raises(ValueError, match="kind must be encoder or decoder, got 'cross'"):
        made.word_embeddings("cross")


def test_windows_words_and_written_tokens_have_them() -> None:
    model: Any = tiny("llama")
    table = model.get_input_embeddings().weight.detach().numpy()
    for made in (
        capture(model, TEXT * 3, tokenizer=TOKENIZER, windows=12),
        generate(model, "a good novel", tokenizer=TOKENIZER, max_new_tokens=3, do_sample=False),
        capture(model, TEXT, tokenizer=TOKENIZER, layers=[1]),
    ):
        ids = [token.id for token in made.tokens]
        np.testing.assert_array_equal(made.word_embeddings(), table[ids])
    words = made.words()
    assert words.word_embeddings().shape[0] == len(words.tokens)
    at = words.index("novel")
    expected = made.word_embeddings()[list(made.indices("novel"))].mean(0)
    np.testing.assert_allclose(words.word_embeddings()[at], expected, rtol=1e-6)


@pytest.mark.parametrize("family", ["llama", "gemma3"])
def test_of_an_offloaded_model_they_are_exact_or_not_known(family: str) -> None:
    accelerate = pytest.importorskip("accelerate", exc_type=ImportError)
    expected = capture(tiny(family), TEXT, tokenizer=TOKENIZER).word_embeddings()
    model = tiny(family)
    accelerate.cpu_offload(model)
    made = capture(model, TEXT, tokenizer=TOKENIZER)
    if family == "llama":
        np.testing.assert_array_equal(made.word_embeddings(), expected)
    else:  # its table gives out scaled rows, and is not there after the pass
        with pytest.raises(LookupError, match=r"word embeddings of .* are not known"):
            made.word_embeddings()


def test_half_precision_and_inference_mode_give_the_rows_as_they_are() -> None:
    with torch.inference_mode():
        model: Any = tiny("bert")
        model = model.to(torch.bfloat16)
    made = capture(model, TEXT, tokenizer=TOKENIZER)
    table = model.get_input_embeddings().weight.detach().float().numpy()
    np.testing.assert_array_equal(made.word_embeddings(), table[[t.id for t in made.tokens]])
    assert made.word_rows is not None
    assert not made.word_rows.requires_grad


def test_what_looks_up_no_words_has_none() -> None:
    image = capture(seeing("ViTModel"), picture(), processor=processor())
    for made in (image, from_attentions([[[[1, 0], [0.5, 0.5]]]], ["a", "novel"])):
        with pytest.raises(LookupError, match=r"word embeddings of .* are not known in this trace"):
            made.word_embeddings()
        with pytest.raises(ValueError, match="space must be embeddings or hidden_states where no"):
            AttentionWidget.from_trace(made, space="word_embeddings")


def test_a_file_keeps_them(tmp_path: Path) -> None:
    for model, target in ((tiny("llama"), None), (tiny_seq2seq("BartModel"), "a good idea")):
        made = capture(model, TEXT, target=target, tokenizer=TOKENIZER)
        made.save(tmp_path / "t")
        loaded = Trace.load(tmp_path / "t")
        for kind in ("encoder", "decoder"):
            np.testing.assert_array_equal(loaded.word_embeddings(kind), made.word_embeddings(kind))
        assert AttentionWidget.from_trace(loaded, space="word_embeddings").meta[
            "has_word_embeddings"
        ]
    assert not AttentionWidget.from_trace(trace()).meta["has_word_embeddings"]


def test_another_text_keeps_the_choice_while_it_is_known() -> None:
    widget = AttentionWidget(tiny("bert"), TEXT, tokenizer=TOKENIZER, space="word_embeddings")
    widget.run("a good novel")
    assert widget.space == "word_embeddings"
