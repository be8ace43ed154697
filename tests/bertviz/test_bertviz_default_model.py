"""A model loaded by default reports no attention: the error says what to do."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from support import models
from support.reported import GOOD, N
from support.seq2seq import tiny_seq2seq

from attention_widget.bertviz import head_view, model_view


@pytest.mark.parametrize("view", [head_view, model_view])
@pytest.mark.parametrize("none", [(), [], (None, None), None])
def test_a_model_loaded_by_default_reports_none_and_it_is_said(view: Any, none: Any) -> None:
    """The advice is not what was done already: to ask for the attention."""
    forms: list[dict[str, Any]] = [
        {"attention": none, "tokens": N},
        {"encoder_attention": none, "encoder_tokens": N},
        {"decoder_attention": none, "decoder_tokens": N},
        {
            "encoder_attention": none,
            "decoder_attention": none,
            "cross_attention": none,
            "encoder_tokens": N,
            "decoder_tokens": N,
        },
    ]
    for form in forms:
        with pytest.raises(ValueError, match=r'attn_implementation="eager"') as caught:
            view(**form)
        assert "AttentionWidget(model, text) shows it all the same" in str(caught.value)


def test_the_outputs_of_a_model_loaded_by_default(displayed: list[Any]) -> None:
    with torch.no_grad():
        bert = models.tiny("bert", "sdpa")(torch.tensor([[1, 2, 3]]), output_attentions=True)
        marian = tiny_seq2seq("MarianMTModel", "sdpa")(
            input_ids=torch.tensor([[1, 2, 3]]),
            decoder_input_ids=torch.tensor([[1, 2, 3]]),
            output_attentions=True,
        )
    given = {
        "encoder_attention": marian.encoder_attentions,
        "decoder_attention": marian.decoder_attentions,
        "cross_attention": marian.cross_attentions,
        "encoder_tokens": N,
        "decoder_tokens": N,
    }
    for view in (head_view, model_view):
        for attention in (bert.attentions, bert[-1]):
            with pytest.raises(ValueError, match='attn_implementation="eager"'):
                view(attention, N)
        with pytest.raises(ValueError, match='attn_implementation="eager"'):
            view(**given)
    assert not displayed


@pytest.mark.parametrize("view", [head_view, model_view])
def test_the_empty_last_place_of_an_output_is_refused_with_advice(view: Any) -> None:
    # as BERT's and GPT-2's of transformers 5; the right one is a variable here
    outputs = {"last_hidden_state": 1, "attentions": tuple(GOOD), "cross_attentions": ()}
    with pytest.raises(ValueError, match=r"for each layer, .*; got none") as refused:
        view([*outputs.values()][-1], N)
    for advice in ("pass outputs.attentions", 'attn_implementation="eager"', "AttentionWidget("):
        assert advice in str(refused.value)
