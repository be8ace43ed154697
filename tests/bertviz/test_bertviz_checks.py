"""Arguments are checked, and the errors say what to do."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from support import models
from support.reported import GOOD, N, heads_of

from attention_widget.bertviz import head_view, model_view
from attention_widget.bertviz.neuron_view import show


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        (
            {},
            ValueError,
            "give attention with tokens, or one at least of encoder_attention, .*, got none",
        ),
        ({"tokens": N}, ValueError, "give attention with tokens"),
        ({"attention": GOOD}, ValueError, "tokens must be a string for each token, got None"),
        (
            {"attention": GOOD, "tokens": N, "decoder_tokens": N, "cross_attention": GOOD},
            ValueError,
            "cross_attention, decoder_tokens must be None beside attention; give",
        ),
        (
            {"encoder_attention": GOOD, "decoder_tokens": N},
            ValueError,
            "encoder_tokens must be a string for each token, got None",
        ),
        (
            {"decoder_attention": GOOD, "encoder_tokens": N},
            ValueError,
            "decoder_tokens must be a string for each token",
        ),
        (
            {"cross_attention": GOOD, "decoder_tokens": N},
            ValueError,
            "encoder_tokens must be a str",
        ),
        (
            {"cross_attention": GOOD, "encoder_tokens": N},
            ValueError,
            "decoder_tokens must be a str",
        ),
        (
            {"attention": [layer[0] for layer in GOOD], "tokens": N},
            ValueError,
            r"attention must be .*output_attentions=True.*, got shape \(4, 3, 3\) in layer 0",
        ),
        (
            {"attention": torch.zeros(1, 384), "tokens": N},
            ValueError,
            r"attention must be .*outputs\.attentions.*, got shape \(384,\) in layer 0",
        ),
        (
            {"attention": GOOD, "tokens": [*N, "d"]},
            ValueError,
            r"must have shape \(head, query = 4, key = 4\), one for each token, got \(4, 3, 3\)",
        ),
        (
            {"cross_attention": GOOD, "encoder_tokens": N, "decoder_tokens": N[:2]},
            ValueError,
            r"cross_attentions of layer 0 must have shape \(head, query = 2, key = 3\)",
        ),
        (
            {"attention": GOOD, "tokens": N, "html_action": "show"},
            ValueError,
            "html_action must be 'view', .* or 'return', .* got 'show'",
        ),
        (
            {"attention": GOOD, "tokens": N, "include_layers": [2]},
            IndexError,
            "include_layers must be in 0–1, one or more, each once, got 2",
        ),
        # What BertViz lets pass.
        (
            {"attention": heads_of(1, 3, 3, 3)[0].repeat(1, 2, 1, 1, 1), "tokens": N},
            ValueError,
            "must be a batch of one, got a batch of 2",
        ),
        (
            {"attention": GOOD, "tokens": N, "include_layers": []},
            ValueError,
            r"include_layers must be in 0–1, one or more, each once, got \[\]",
        ),
        (
            {"attention": GOOD, "tokens": N, "include_layers": [-1]},
            IndexError,
            "include_layers must be in 0–1, .* got -1",
        ),
        (
            {"attention": GOOD, "tokens": N, "include_layers": ["0"]},
            TypeError,
            r"include_layers must be in 0–1, .* got \['0'\]",
        ),
        (
            {"attention": GOOD, "tokens": N, "sentence_b_start": 3},
            ValueError,
            "sentence_b_start must be in 1–2, the index of a token, got 3",
        ),
        (
            {"encoder_attention": GOOD, "encoder_tokens": N, "sentence_b_start": 1},
            ValueError,
            "sentence_b_start must be None for an encoder-decoder, got 1",
        ),
        ({"attention": GOOD, "tokens": "abc"}, TypeError, "tokens must be a list of strings"),
        ({"attention": {"a": 1}, "tokens": N}, TypeError, "attention must be .*, got dict"),
        ({"attention": [layer - 1 for layer in GOOD], "tokens": N}, ValueError, "none negative"),
    ],
)
@pytest.mark.parametrize("view", [head_view, model_view])
def test_arguments_are_checked(
    view: Any, given: dict[str, Any], error: type[Exception], words: str, displayed: list[Any]
) -> None:
    with pytest.raises(error, match=words):
        view(**given)
    assert not displayed


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"layer": 2}, "layer must be 0 or 1, a layer that is included, got 2"),
        ({"layer": 0, "include_layers": [1]}, "layer must be 1, a layer that is included, got 0"),
        ({"heads": [4]}, "heads must be in 0–3, one or more, each once, got 4"),
        ({"heads": [1, 1]}, r"heads must be in 0–3, one or more, each once, got \[1, 1\]"),
    ],
)
def test_the_head_views_selection_is_checked(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        head_view(GOOD, N, **given)


def test_the_model_views_selection_is_checked() -> None:
    with pytest.raises(IndexError, match=r"include_heads must be in 0–3, .* got 4"):
        model_view(GOOD, N, include_heads=[4])
    with pytest.raises(ValueError, match="display_mode must be 'dark' or 'light', got 'sepia'"):
        model_view(GOOD, N, display_mode="sepia")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"model_type": "brt"}, "must be bert, gpt2, xlnet, roberta or llama, got 'brt'"),
        ({"sentence_a": ""}, "sentence_a must be a text, got ''"),
        (
            {"model_type": "gpt2", "sentence_b": "two"},
            "sentence_b must be None for gpt2, got 'two'",
        ),
        ({"html_action": None}, "html_action must be .* got None"),
        ({"display_mode": ""}, "display_mode must be 'dark' or 'light', got ''"),
        ({"layer": 3}, "layer must be 0, 1 or 2, a layer that is included, got 3"),
        ({"head": 4}, "head must be in 0–3, one or more, each once, got 4"),
    ],
)
def test_the_neuron_views_arguments_are_checked(given: dict[str, Any], words: str) -> None:
    model, tokenizer = models.tiny("llama"), models.tokenizer()
    options = {"model_type": "llama", "sentence_a": "a novel", **given}
    with pytest.raises(ValueError, match=words):
        show(model, tokenizer=tokenizer, **options)
