"""The head of a model's predictions: its own, a tied one, or one that is given."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
import transformers
from support.models import TEXT, tiny, tokenizer
from support.seq2seq import tiny_seq2seq
from torch import nn
from transformers import PreTrainedModel

from attention_widget import Experiment
from attention_widget.errors import InvalidValueError
from attention_widget.experiments import TextLoss

TARGET = "a good novel"


def asked(model: Any, **options: Any) -> Experiment:
    return Experiment(model, TEXT, tokenizer=tokenizer(), **options)


@pytest.mark.parametrize("family", ["gpt2", "bloom", "llama"])
def test_a_bare_model_with_tied_weights_has_an_exact_head(family: str) -> None:
    whole = tiny(family, "eager", tie_word_embeddings=True)
    bare: Any = whole.base_model
    modules = [(name, module) for name, module in bare.named_modules()]
    config = copy.deepcopy(bare.config.to_dict())
    lab = asked(bare)
    expected = asked(whole).predictions()
    np.testing.assert_array_equal(lab.predictions().probabilities, expected.probabilities)
    assert [(name, module) for name, module in bare.named_modules()] == modules
    assert bare.config.to_dict() == config


def test_a_bare_encoder_decoder_with_tied_weights_has_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = tiny_seq2seq("T5ForConditionalGeneration", "eager", tie_word_embeddings=True)
    bare = transformers.T5Model(cast(Any, copy.deepcopy(whole.config)))
    bare.load_state_dict(whole.state_dict(), strict=False)
    found = asked(bare.eval(), target=TARGET).predictions()
    expected = asked(whole, target=TARGET).predictions()
    np.testing.assert_allclose(found.probabilities, expected.probabilities, rtol=1e-6)


def test_a_head_with_weights_of_its_own_has_to_be_given() -> None:
    whole = tiny("llama", tie_word_embeddings=False)
    lab = asked(whole.model)
    assert lab.model is whole.model
    message = "output head for predictions, got LlamaModel, which has none; .*AutoModelForCausalLM"
    for ask in (lab.predictions, lab.lens):
        with pytest.raises(ValueError, match=message):
            ask()
    assert lab.trace.n_layers == 3  # all else is there


@pytest.mark.parametrize("form", ["module", "model"])
def test_a_given_head_is_used(form: str) -> None:
    whole = tiny("llama", tie_word_embeddings=False)
    head = whole.lm_head if form == "module" else whole
    found, expected = asked(whole.model, head=head), asked(whole)
    for one, other in (
        (found.predictions(), expected.predictions()),
        (found.lens(None), expected.lens(None)),
    ):
        np.testing.assert_allclose(one.probabilities, other.probabilities, rtol=1e-5)
        np.testing.assert_array_equal(one.followed_ids, other.followed_ids)


def test_the_bare_model_takes_the_place_of_the_one_within_the_given_head() -> None:
    whole: Any = tiny("bert_masked_lm")
    other: Any = tiny("bert_masked_lm")
    with torch.no_grad():
        for parameter in other.bert.encoder.parameters():
            parameter.mul_(0.5)
    found = asked(whole.bert, head=other).predictions()
    np.testing.assert_allclose(found.probabilities, asked(whole).predictions().probabilities)
    own = asked(other).predictions().probabilities
    assert not np.allclose(found.probabilities, own)  # and the other model has its own still


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("lm_head", "head must be a torch.nn.Module .*, got str"),
        (tiny("gpt2"), "output head around a LlamaModel, got GPT2LMHeadModel"),
        (tiny("llama").model, "output head around a LlamaModel, got LlamaModel"),
    ],
)
def test_another_head_is_refused(head: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        asked(tiny("llama", tie_word_embeddings=False).model, head=head)


@pytest.mark.parametrize("form", ["module", "model"])
def test_a_head_with_too_few_entries_is_refused_before_a_pass(form: str) -> None:
    bare = tiny("llama", tie_word_embeddings=False).model
    head: Any = nn.Linear(32, 9) if form == "module" else tiny("llama", vocab_size=9)
    ran: list[int] = []
    bare.register_forward_hook(lambda *_: ran.append(1))
    lab = asked(bare, head=head)
    message = r"entry for each token of the text, whose ids go up to 1\d, got Linear with 9 entries"
    for ask in (lab.predictions, lab.lens):
        with pytest.raises(InvalidValueError, match=message):
            ask()
    assert not ran
    with pytest.raises(InvalidValueError, match=message):
        lab.rank_heads(TextLoss())
    assert lab.rank_heads(first=1).n_done == 1  # of an entry that it has


def test_a_head_of_which_only_its_logits_say_how_many_entries_it_has() -> None:
    bare = tiny("llama", tie_word_embeddings=False).model
    lab = asked(bare, head=nn.Sequential(nn.Linear(32, 9)))
    for ask in (lab.predictions, lab.lens):
        with pytest.raises(InvalidValueError, match="got Sequential with 9 entries; pass"):
            ask()


def test_a_word_that_the_head_lacks_is_refused_too() -> None:
    bare = tiny("llama", tie_word_embeddings=False).model
    lab = asked(bare, head=nn.Linear(32, 20))
    with pytest.raises(InvalidValueError, match="whose ids go up to 25, got Linear with 20"):
        lab.replace(3, 25).predictions()
    assert len(lab.predictions()) == 17


def test_a_model_with_a_head_takes_no_other() -> None:
    with pytest.raises(ValueError, match="left out with GPT2LMHeadModel, which has its own"):
        asked(tiny("gpt2"), head=nn.Linear(32, 32))


@pytest.mark.parametrize("family", ["gpt2", "bert_masked_lm"])
def test_a_folder_is_loaded_with_the_head_that_it_was_saved_with(
    family: str, tmp_path: Path
) -> None:
    model = tiny(family)
    model.save_pretrained(tmp_path)
    tokenizer().save_pretrained(tmp_path)
    lab = Experiment(str(tmp_path), TEXT)
    assert type(lab.model) is type(model)
    expected = asked(model).predictions()
    np.testing.assert_allclose(lab.predictions().probabilities, expected.probabilities, rtol=1e-6)


def test_a_folder_of_a_bare_model_is_loaded_as_it_is(tmp_path: Path) -> None:
    model: PreTrainedModel = tiny("bert")
    model.save_pretrained(tmp_path)
    tokenizer().save_pretrained(tmp_path)
    assert type(Experiment(str(tmp_path), TEXT).model) is type(model)
