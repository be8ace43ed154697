"""Texts too long are refused or cut, and the tokenizer is left as it was."""

from __future__ import annotations

import copy
import logging
import os
from pathlib import Path
from typing import Any

import pytest
import torch
from support.encoded import encode
from support.models import tokenizer as tiny_tokenizer
from support.seq2seq import tiny_seq2seq
from support.small import SMALL, bert, llama
from support.toy_slow_tokenizers import slow_wordpiece
from support.toy_tokenizers import byte_level, metaspace_bpe, wordpiece
from transformers import (
    AutoTokenizer,
    BertConfig,
    BertForMaskedLM,
    BertModel,
    GPT2Config,
    GPT2Model,
    RobertaConfig,
    RobertaModel,
    T5Config,
    T5Model,
)

from attention_widget import capture
from attention_widget.tracing.model.find import find_model
from attention_widget.tracing.model.limits import token_limit

LONG = "a " * 20


@pytest.mark.parametrize("slow", [False, True])
def test_a_text_too_long_names_both_lengths(slow: bool, tmp_path: Path) -> None:
    tokenizer = slow_wordpiece(tmp_path) if slow else wordpiece()
    message = r"at most 16 tokens, as many as BertModel takes, got 22; .*truncation=True"
    with pytest.raises(ValueError, match=message):
        encode(bert(), LONG, None, tokenizer)
    encoded = encode(bert(), LONG, None, tokenizer, truncation=True)
    assert encoded.inputs["input_ids"].shape == (1, 16)
    assert "".join(t.lead + t.text + t.trail for t in encoded.tokens) == "a " * 13 + "a"
    assert encoded.texts == (LONG,)
    with torch.no_grad():
        bert()(**encoded.inputs)


def test_what_helps_a_text_too_long_is_named() -> None:
    """Windows too, where they can be read: they take a text by itself, and one stack."""
    with pytest.raises(ValueError, match=r"windows=True to read all of it in windows"):
        capture(bert(), LONG, tokenizer=wordpiece())
    assert capture(bert(), LONG, tokenizer=wordpiece(), windows=True).windows
    cut = r"shorten it or pass truncation=True to cut it$"
    with pytest.raises(ValueError, match=cut):
        capture(bert(), LONG, text_pair=LONG, tokenizer=wordpiece())
    bart = tiny_seq2seq("BartForConditionalGeneration")
    with pytest.raises(ValueError, match=cut):
        capture(bart, "novel " * 99, target="novel", tokenizer=tiny_tokenizer())


def test_a_text_that_fits_is_not_cut() -> None:
    encoded = encode(bert(), "a " * 14, None, wordpiece(), truncation=True)
    assert len(encoded.tokens) == 16
    assert "".join(t.lead + t.text + t.trail for t in encoded.tokens) == "a " * 14


def test_of_a_pair_only_what_was_cut_is_left_out() -> None:
    encoded = encode(bert(), "novel ", LONG, wordpiece(), truncation=True)
    texts = [
        "".join(t.lead + t.text + t.trail for t in encoded.tokens if t.segment == s) for s in (0, 1)
    ]
    assert texts == ["novel ", ("a " * 11).strip()]


@pytest.mark.parametrize(
    ("model", "limit"),
    [
        (bert(), 16),
        (BertForMaskedLM(BertConfig(**SMALL, vocab_size=40)), 16),
        (RobertaModel(RobertaConfig(**SMALL, vocab_size=40, pad_token_id=1)), 14),
        (GPT2Model(GPT2Config(vocab_size=40, n_positions=16, n_embd=8, n_layer=1, n_head=2)), 16),
        (llama(), None),
        (
            T5Model(T5Config(vocab_size=40, d_model=8, d_kv=4, d_ff=8, num_layers=1, num_heads=2)),
            None,
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_limit_is_what_the_positions_allow(model: Any, limit: int | None) -> None:
    assert token_limit(model) == limit
    if isinstance(model, T5Model):
        model = model.get_encoder()
    model.eval()
    with torch.no_grad():
        model(input_ids=torch.full((1, limit or 99), 5))
        if limit is not None:
            with pytest.raises((IndexError, RuntimeError)):
                model(input_ids=torch.full((1, limit + 1), 5))


def test_rotary_positions_set_no_limit_and_truncation_goes_by_the_config() -> None:
    model = llama()
    assert len(encode(model, LONG, None, metaspace_bpe()).tokens) > 16
    assert len(encode(model, LONG, None, metaspace_bpe(), truncation=True).tokens) == 16
    tokenizer = metaspace_bpe()
    tokenizer.model_max_length = 9
    assert len(encode(model, LONG, None, tokenizer, truncation=True).tokens) == 9


# The tokenizer is left as it was


def test_settings_of_the_tokenizer_are_kept(minilm: Any, minilm_path: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(minilm_path)
    backend = tokenizer.backend_tokenizer
    backend.enable_truncation(max_length=7, stride=1, direction="left")
    backend.enable_padding(length=9, pad_id=5, pad_token="x")
    before = copy.deepcopy((backend.truncation, backend.padding, dict(tokenizer.init_kwargs)))
    assert len(encode(minilm[0], "a novel " * 10, None, tokenizer).tokens) == 22
    assert (backend.truncation, backend.padding, tokenizer.init_kwargs) == before
    with pytest.raises(ValueError, match="at most 512 tokens"):
        encode(minilm[0], "a novel " * 400, None, tokenizer)
    encode(minilm[0], "a novel " * 400, None, tokenizer, truncation=True)
    assert (backend.truncation, backend.padding, tokenizer.init_kwargs) == before


def test_a_tokenizer_without_settings_gets_none() -> None:
    tokenizer = wordpiece()
    encode(bert(), LONG, None, tokenizer, truncation=True)
    assert tokenizer.backend_tokenizer.truncation is None
    assert tokenizer.backend_tokenizer.padding is None


@pytest.mark.parametrize("slow", [False, True])
def test_the_tokenizer_says_nothing_on_its_own(
    slow: bool, tmp_path: Path, capfd: Any, caplog: Any
) -> None:
    tokenizer = slow_wordpiece(tmp_path) if slow else wordpiece()
    tokenizer.model_max_length = 4
    logging.getLogger("transformers").addHandler(caplog.handler)
    try:
        encode(bert(), "a a a a a a", "a", tokenizer)
        encode(bert(), LONG, LONG, tokenizer, truncation=True)
        with pytest.raises(ValueError, match="must have at most"):
            encode(bert(), LONG, LONG, tokenizer)
        assert caplog.records == []
        tokenizer(LONG)  # its own warnings still come, to others
        assert any("longer than" in record.getMessage() for record in caplog.records)
    finally:
        logging.getLogger("transformers").removeHandler(caplog.handler)
    assert "longer than" not in capfd.readouterr().out


def test_byte_level_through_and_through() -> None:
    encoded = encode(llama(), "🙂 novel", None, byte_level())
    assert [token.label for token in encoded.tokens] == ["🙂", "‹9F›", "‹99›", "‹82›", "novel"]


def test_path_likes_are_paths(minilm_path: Path) -> None:
    class Folder(os.PathLike[str]):
        def __fspath__(self) -> str:
            return str(minilm_path)

    assert isinstance(find_model(Folder())[0], BertModel)
