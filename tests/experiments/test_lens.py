"""Experiment.lens: each layer's hidden state, read by the model's own tail."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import transformers
from support.models import TEXT, tiny, tokenizer
from support.reactions import REACTION

from attention_widget import Experiment, UnsupportedModelError
from attention_widget.experiments import tail
from attention_widget.experiments.placed_states import with_states


def test_each_layer_is_read_by_the_models_own_norm_and_head() -> None:
    model = tiny("gemma2", "eager")
    lab = Experiment(model, TEXT, tokenizer=tokenizer())
    lens = lab.lens([2, -1], top_k=4, follow=["novel"])
    novel = tokenizer().convert_tokens_to_ids("novel")
    last = len(lab.encoded.tokens) - 1
    for layer in range(3):
        states = torch.from_numpy(lab.trace.hidden_states(layer + 1)[[2, last]].copy())
        with torch.no_grad():
            logits = model.lm_head(model.model.norm(states))
            logits = 30 * torch.tanh(logits / 30)  # Gemma 2 caps its logits
        chances = logits.softmax(-1)
        np.testing.assert_array_equal(lens.ids[layer], logits.topk(4).indices)
        np.testing.assert_allclose(lens.probabilities[layer], chances.topk(4).values, rtol=1e-4)
        np.testing.assert_allclose(
            lens.followed_logits[layer, :, 1], logits[:, novel], rtol=1e-4, atol=1e-5
        )
        entropy = torch.distributions.Categorical(logits=logits).entropy()
        np.testing.assert_allclose(lens.entropy[layer], entropy, rtol=1e-4)
    answers = lab.predictions(1, [2, -1]).ids[:, 0]
    np.testing.assert_array_equal(lens.followed_ids, [[answers[0], novel], [answers[1], novel]])
    assert lens.followed[1][1] == "novel"
    assert lens.positions == (2, last)


def test_the_table_is_for_a_data_frame() -> None:
    lab = Experiment(tiny("gpt2"), TEXT, tokenizer=tokenizer())
    lens = lab.lens([0, 1], top_k=2)
    rows = lens.table()
    assert len(rows) == 3 * 2 * 2
    assert rows[-1]["layer"] == 2
    assert rows[-1]["position"] == 1
    assert rows[-2]["prediction"] == rows[-2]["answer"]
    assert rows[-1]["answer_rank"] == 1


def test_a_masked_model_has_one_too(reactions: tuple[Any, Any]) -> None:
    model, own = reactions
    lab = Experiment(model, REACTION, tokenizer=own).mask(9)
    lens = lab.lens(9)
    assert lens.n_layers == 12  # of which ALBERT has one set of weights
    assert lens.predicts == "token"
    np.testing.assert_allclose(
        lens.probabilities[-1], lab.predictions(5, 9).probabilities, rtol=1e-4
    )
    assert lens.followed_ranks[0, 0, 0] > lens.followed_ranks[-1, 0, 0] == 1


def test_a_lens_that_does_not_end_in_the_prediction_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lab = Experiment(tiny("gpt2"), TEXT, tokenizer=tokenizer())
    own = with_states

    def off(output: Any, n_tokens: int, states: torch.Tensor) -> Any:
        return own(output, n_tokens, states.roll(1, -1))

    monkeypatch.setattr(tail, "with_states", off)
    with pytest.raises(UnsupportedModelError, match=r"GPT2LMHeadModel .*what its last layer gave"):
        lab.lens()


def test_more_positions_than_tokens_may_be_asked_for() -> None:
    lab = Experiment(tiny("gpt2"), "novel", tokenizer=tokenizer())
    lens = lab.lens([0, 1, 2, 0, 1, 2, 0])
    np.testing.assert_array_equal(lens.ids[:, [0, 1, 2, 0, 1, 2, 0]], lens.ids)


def test_positions_beyond_the_text_are_refused() -> None:
    lab = Experiment(tiny("gpt2"), TEXT, tokenizer=tokenizer())
    with pytest.raises(IndexError, match="position must be in 0–16, got 40"):
        lab.lens(40)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_halves_are_read_as_they_are(dtype: torch.dtype) -> None:
    model: Any = tiny("llama")
    model.to(dtype)
    lab = Experiment(model, TEXT, tokenizer=tokenizer())
    with torch.no_grad():
        chances = model(**lab.inputs()).logits[0].float().softmax(-1)
    found, lens = lab.predictions(top_k=3), lab.lens(None, top_k=3)
    np.testing.assert_allclose(found.probabilities, chances.topk(3).values, rtol=0.05)
    np.testing.assert_allclose(lens.probabilities[-1], found.probabilities, rtol=0.05)


def test_a_model_in_which_more_goes_on_between_its_layers_keeps_them_all() -> None:
    torch.manual_seed(0)
    config = transformers.XLMConfig(
        vocab_size=64, emb_dim=32, n_layers=3, n_heads=4, dropout=0.0, attention_dropout=0.0
    )
    lab = Experiment(transformers.XLMWithLMHeadModel(config).eval(), TEXT, tokenizer=tokenizer())
    lens = lab.lens(None)
    assert lens.n_layers == 3
    assert lab.tail._whole is None
    assert lab.tail._kept.nbytes > lab.trace.hidden[0].nbytes
