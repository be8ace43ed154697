"""Heads that are known to do something are found by a probe, and the model is left as it was."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
import torch
from support import models
from support.labs import made
from support.surroundings import assert_equal, deep, surroundings
from transformers import GPT2Config, GPT2Model, PreTrainedModel

from attention_widget import UnsupportedModelError, capture
from attention_widget.errors import NotFoundError
from attention_widget.experiments import detect_heads
from attention_widget.experiments.random_texts import RandomTexts
from attention_widget.measures import DETECTORS, HEAD_SUMMARIES
from attention_widget.tracing.tracer import Tracer

POSITIONS, VOCABULARY = 40, 32


def planted() -> PreTrainedModel:
    """Two layers of one head each: the first attends to the previous token and writes which one it
    is beside the token itself; the second looks there for its own token."""
    width = POSITIONS + 2 * VOCABULARY
    place, token = slice(0, POSITIONS), slice(POSITIONS, POSITIONS + VOCABULARY)
    before = slice(POSITIONS + VOCABULARY, width)
    config = GPT2Config(
        vocab_size=VOCABULARY, n_positions=POSITIONS, n_embd=width, n_layer=2, n_head=1
    )
    model: Any = GPT2Model(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.wpe.weight[:, place] = torch.eye(POSITIONS)
        model.wte.weight[:, token] = torch.eye(VOCABULARY)
        first, second = model.h
        for layer in (first, second):
            layer.ln_1.weight.fill_(1)
        query, key, value = (slice(start, start + width) for start in (0, width, 2 * width))
        joint = first.attn.c_attn.weight  # (in, out)
        joint[place, query][1:, place][:, :-1] = 30 * torch.eye(POSITIONS - 1)
        joint[place, key][:, place] = torch.eye(POSITIONS)
        joint[token, value][:, before] = torch.eye(VOCABULARY)
        first.attn.c_proj.weight[before, before] = torch.eye(VOCABULARY)
        joint = second.attn.c_attn.weight
        joint[token, query][:, token] = 30 * torch.eye(VOCABULARY)
        joint[before, key][:, token] = torch.eye(VOCABULARY)
    planted: PreTrainedModel = model
    return planted


def test_a_planted_previous_token_and_induction_head_are_found() -> None:
    found = detect_heads(planted(), tokenizer=models.tokenizer(), n_tokens=9, n_texts=2)
    assert found.columns["label"].tolist() == ["previous", "induction"]
    for layer, name in enumerate(("previous", "induction")):
        [(kind, *place, score)] = found.best(name, 1)
        assert (kind, place) == ("decoder", [layer, 0])
        assert score == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("family", ["llama", "bert_masked_lm", "gemma3", "albert", "deberta_v2"])
def test_any_causal_or_masked_model_is_asked_and_left_as_it_was(family: str) -> None:
    model = made(family, "eager").train()
    before, around = deep(model), surroundings()
    asked: dict[str, Any] = {"tokenizer": models.tokenizer(), "n_tokens": 8, "n_texts": 2}
    found = detect_heads(model, **asked)
    assert_equal(deep(model), before)
    assert surroundings() == around
    again = detect_heads(model, **asked)
    n_heads = len(found.columns["head"])
    assert list(found.columns) == ["kind", "layer", "head", *HEAD_SUMMARIES, "label"]
    for name, column in found.columns.items():
        assert len(column) == n_heads
        np.testing.assert_array_equal(column, again.columns[name])
    other = detect_heads(model, **asked, seed=1)
    assert (found.columns["entropy"] != other.columns["entropy"]).any()


def test_the_scores_are_means_over_texts_that_repeat() -> None:
    model, tokenizer = made("llama"), models.tokenizer()
    texts = RandomTexts(Tracer(model, tokenizer), 8)
    random = np.random.default_rng(0)
    scores = []
    for _ in range(3):
        encoded = texts.draw(random)
        ids = encoded.inputs["input_ids"][0].tolist()
        text = [token.id for token in encoded.tokens if not token.special]
        assert ids == [token.id for token in encoded.tokens]
        assert text == [*text[:8], *text[:8]]
        assert len(set(text)) == 8
        assert not set(text) & set(tokenizer.all_special_ids)
        trace, _ = Tracer(model, tokenizer).trace(encoded)
        start = ids.index(text[0])
        second = np.arange(start + 8, start + 16)
        scores.append(trace.attention(1)[:, second, second - 7].mean(-1))
    found = detect_heads(model, tokenizer=tokenizer, n_tokens=8, n_texts=3)
    rows = found.columns["layer"] == 1
    np.testing.assert_allclose(found.columns["induction"][rows], np.mean(scores, 0), atol=1e-6)
    assert np.isnan(found.columns["same_word"]).all()
    assert np.isnan(found.columns["delimiter"]).all()


def test_the_best_come_in_order_and_as_a_data_frame(minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    found = detect_heads(model, tokenizer=tokenizer, n_tokens=12, n_texts=1)
    scores = [score for *_, score in found.best("first", 9)]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == 9
    assert found.best("same_word") == []
    frame = found.heads()
    assert frame.shape == (72, len(found.columns))
    assert frame[frame.label == "previous"]["layer"].tolist() == [0]
    with pytest.raises(NotFoundError, match=r"detector must be one of entropy, .*, got 'copying'"):
        found.best("copying")


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"n_tokens": 3}, ValueError, "n_tokens must be 4 or more, got 3"),
        ({"n_tokens": 2.5}, TypeError, r"n_tokens must be a whole number, got 2\.5"),
        ({"n_texts": 0}, ValueError, "n_texts must be 1 or more, got 0"),
        ({"seed": -1}, ValueError, "seed must be 0 or more, got -1"),
        ({"n_tokens": 500}, ValueError, r"n_tokens must be at most 1?[0-9]: .* got 500"),
        ({"tokenizer": "bert"}, TypeError, "tokenizer must be a transformers tokenizer"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_a_pass(
    wrong: dict[str, Any], error: type[Exception], message: str
) -> None:
    model = made("gpt2")
    given: dict[str, Any] = {"tokenizer": models.tokenizer(), "n_tokens": 8, **wrong}

    def hook(*_: Any) -> None:
        raise AssertionError("it ran")

    handle = model.register_forward_pre_hook(hook)
    try:
        with pytest.raises(error, match=message):
            detect_heads(model, **given)
    finally:
        handle.remove()


def test_models_of_two_stacks_and_of_pictures_are_refused_by_name() -> None:
    from transformers import BartConfig, BartModel, ViTConfig, ViTModel

    small: dict[str, Any] = {
        "d_model": 16,
        "encoder_layers": 1,
        "decoder_layers": 1,
        "vocab_size": 32,
    }
    bart = BartModel(
        BartConfig(**small, encoder_attention_heads=2, decoder_attention_heads=2)
    ).eval()
    with pytest.raises(UnsupportedModelError, match=r"detect_heads\(model\.get_encoder\(\)"):
        detect_heads(bart, tokenizer=models.tokenizer())
    found = detect_heads(bart.get_encoder(), tokenizer=models.tokenizer(), n_tokens=8)
    assert set(found.columns["kind"].tolist()) == {"encoder"}
    config = ViTConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, image_size=32)
    with pytest.raises(ValueError, match="model must take text, got ViTModel"):
        detect_heads(ViTModel(config).eval(), tokenizer=models.tokenizer())


def test_a_trace_gives_its_heads_as_a_data_frame(minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    heads = capture(model, "Attention is a novel idea", tokenizer=tokenizer).heads()
    assert list(heads.columns) == ["kind", "layer", "head", *DETECTORS, "label"]
    assert len(heads) == 72
    [row] = heads[heads.label == "previous"].query("layer == 0").to_dict("records")
    assert (row["head"], round(row["previous"], 2)) == (2, 1.0)


def test_without_pandas_it_is_said_what_to_install(
    monkeypatch: pytest.MonkeyPatch, minilm: tuple[Any, Any]
) -> None:
    model, tokenizer = minilm
    made = capture(model, "a novel idea", tokenizer=tokenizer)
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ModuleNotFoundError, match=r"^trace\.heads\(\) .*: pip install pandas$"):
        made.heads()
