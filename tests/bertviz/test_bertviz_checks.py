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
        ({}, ValueError, "no attention is given; allowed: attention with tokens, or one at least"),
        ({"tokens": N}, ValueError, "no attention is given"),
        ({"attention": GOOD}, ValueError, "attention is given without tokens"),
        (
            {"attention": GOOD, "tokens": N, "decoder_tokens": N, "cross_attention": GOOD},
            ValueError,
            "attention is given together with cross_attention, decoder_tokens; allowed",
        ),
        (
            {"encoder_attention": GOOD, "decoder_tokens": N},
            ValueError,
            "encoder_tokens is None; allowed: a string for each token",
        ),
        (
            {"decoder_attention": GOOD, "encoder_tokens": N},
            ValueError,
            "decoder_tokens is None",
        ),
        ({"cross_attention": GOOD, "decoder_tokens": N}, ValueError, "encoder_tokens is None"),
        ({"cross_attention": GOOD, "encoder_tokens": N}, ValueError, "decoder_tokens is None"),
        (
            {"attention": [layer[0] for layer in GOOD], "tokens": N},
            ValueError,
            r"layer 0 of attention has shape \(4, 3, 3\); allowed: .*output_attentions=True",
        ),
        (
            {"attention": torch.zeros(1, 384), "tokens": N},
            ValueError,
            r"layer 0 of attention has shape \(384,\); allowed: .*outputs\.attentions",
        ),
        (
            {"attention": GOOD, "tokens": [*N, "d"]},
            ValueError,
            r"shape \(4, 3, 3\); allowed: \(head, query = 4, key = 4\), one for each token",
        ),
        (
            {"cross_attention": GOOD, "encoder_tokens": N, "decoder_tokens": N[:2]},
            ValueError,
            r"cross_attentions of layer 0 has shape .* \(head, query = 2, key = 3\)",
        ),
        (
            {"attention": GOOD, "tokens": N, "html_action": "show"},
            ValueError,
            "html_action is 'show'; allowed: 'view', .* or 'return'",
        ),
        (
            {"attention": GOOD, "tokens": N, "include_layers": [2]},
            IndexError,
            "include_layers names 2, which does not exist; allowed: any of 0 to 1, each once",
        ),
        # What BertViz lets pass.
        (
            {"attention": heads_of(1, 3, 3, 3)[0].repeat(1, 2, 1, 1, 1), "tokens": N},
            ValueError,
            "a batch of 2; allowed: a batch of one",
        ),
        (
            {"attention": GOOD, "tokens": N, "include_layers": []},
            ValueError,
            r"include_layers is \[\]; allowed: one at least",
        ),
        (
            {"attention": GOOD, "tokens": N, "include_layers": [-1]},
            IndexError,
            "include_layers names -1",
        ),
        (
            {"attention": GOOD, "tokens": N, "include_layers": ["0"]},
            TypeError,
            r"include_layers is \['0'\]; allowed: integers",
        ),
        (
            {"attention": GOOD, "tokens": N, "sentence_b_start": 3},
            ValueError,
            "sentence_b_start is 3; allowed: 1 to 2",
        ),
        (
            {"encoder_attention": GOOD, "encoder_tokens": N, "sentence_b_start": 1},
            ValueError,
            "sentence_b_start is given for an encoder-decoder",
        ),
        ({"attention": GOOD, "tokens": "abc"}, TypeError, "tokens is a single string"),
        ({"attention": {"a": 1}, "tokens": N}, TypeError, "attention is a dict; allowed"),
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
        ({"layer": 2}, "layer is 2; allowed: a layer that is included: 0, 1"),
        (
            {"layer": 0, "include_layers": [1]},
            "layer is 0; allowed: a layer that is included: 1",
        ),
        ({"heads": [4]}, "heads names 4, which does not exist; allowed: any of 0 to 3"),
        ({"heads": [1, 1]}, r"heads is \[1, 1\]; allowed: one at least"),
    ],
)
def test_the_head_views_selection_is_checked(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        head_view(GOOD, N, **given)


def test_the_model_views_selection_is_checked() -> None:
    with pytest.raises(IndexError, match="include_heads names 4"):
        model_view(GOOD, N, include_heads=[4])
    with pytest.raises(ValueError, match="display_mode is 'sepia'; allowed: 'dark' or 'light'"):
        model_view(GOOD, N, display_mode="sepia")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"model_type": "brt"}, "model_type is 'brt'; allowed: bert, gpt2, xlnet, roberta, llama"),
        ({"sentence_a": ""}, "sentence_a is ''; allowed: a text"),
        ({"model_type": "gpt2", "sentence_b": "two"}, "gpt2 takes no pair of sentences"),
        ({"html_action": None}, "html_action is None; allowed"),
        ({"display_mode": ""}, "display_mode is ''; allowed: 'dark' or 'light'"),
        ({"layer": 3}, "layer is 3; allowed: a layer that is included: 0, 1, 2"),
        ({"head": 4}, "head names 4, which does not exist; allowed: any of 0 to 3"),
    ],
)
def test_the_neuron_views_arguments_are_checked(given: dict[str, Any], words: str) -> None:
    model, tokenizer = models.tiny("llama"), models.tokenizer()
    options = {"model_type": "llama", "sentence_a": "a novel", **given}
    with pytest.raises(ValueError, match=words):
        show(model, tokenizer=tokenizer, **options)
