"""Experiment.predictions: the numbers, and what each kind of model predicts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from support import models
from support.models import TEXT, tiny, tokenizer
from support.reactions import REACTION
from support.seq2seq import tiny_seq2seq
from tiny_models import random_model
from torch import nn
from transformers import PreTrainedModel

from attention_widget import Experiment, errors
from attention_widget.experiments import HeadOff


def own_logits(lab: Experiment) -> torch.Tensor:
    with torch.no_grad():
        logits: torch.Tensor = lab.model(**lab.inputs()).logits[0].float()
    return logits


@pytest.fixture(scope="module")
def causal() -> Experiment:
    return Experiment(tiny("gpt2"), TEXT, tokenizer=tokenizer())


def test_a_causal_model_predicts_the_next_token(causal: Experiment) -> None:
    found = causal.predictions(top_k=4, follow=["novel", 7])
    logits = own_logits(causal)
    chances = logits.softmax(-1)
    ids = [token.id for token in causal.encoded.tokens]
    assert found.predicts == "next token"
    assert found.actual_ids.tolist() == [*ids[1:], -1]
    assert found.actual[0] == "attention"
    assert found.actual[-1] == ""
    np.testing.assert_array_equal(found.ids, logits.topk(4).indices)
    np.testing.assert_allclose(found.probabilities, chances.topk(4).values, rtol=1e-5)
    rows = range(len(ids) - 1)
    expected = [math.log(chances[i, ids[i + 1]]) for i in rows]
    np.testing.assert_allclose(found.log_probability[:-1], expected, rtol=1e-4)
    assert math.isnan(found.log_probability[-1])
    order = [logits[i].argsort(descending=True).tolist().index(ids[i + 1]) + 1 for i in rows]
    assert found.rank.tolist() == [*order, 0]
    entropy = torch.distributions.Categorical(logits=logits).entropy()
    np.testing.assert_allclose(found.entropy, entropy, rtol=1e-5)
    novel = tokenizer().convert_tokens_to_ids("novel")
    assert found.followed == ("novel", tokenizer().convert_ids_to_tokens(7))
    assert found.followed_ids.tolist() == [novel, 7]
    np.testing.assert_allclose(found.followed_logits, logits[:, [novel, 7]], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found.followed_probabilities, chances[:, [novel, 7]], rtol=1e-4)
    ranks = 1 + (logits[:, None] > logits[:, [novel, 7], None]).sum(-1)
    np.testing.assert_array_equal(found.followed_ranks, ranks)


def test_the_arrays_have_the_types_that_are_promised(causal: Experiment) -> None:
    found = causal.predictions(follow=[3])
    for name in ("probabilities", "log_probability", "entropy", "followed_probabilities"):
        assert getattr(found, name).dtype == np.float32
    for name in ("ids", "rank", "actual_ids", "followed_ids", "followed_ranks"):
        assert getattr(found, name).dtype == np.int64


def test_more_candidates_than_the_vocabulary_has_are_all_of_it(causal: Experiment) -> None:
    found = causal.predictions(top_k=1000, positions=0)
    assert found.ids.shape == (1, 32)
    assert found.probabilities.sum() == pytest.approx(1)


def test_positions_keep_their_order_and_count_from_the_end(causal: Experiment) -> None:
    found = causal.predictions(positions=[-1, 2])
    n_tokens = len(causal.encoded.tokens)
    assert found.positions == (n_tokens - 1, 2)
    assert found.read == (causal.encoded.tokens[-1].label, causal.encoded.tokens[2].label)
    assert found.row(2) == 1
    with pytest.raises(IndexError):
        found.row(5)


def test_chunks_change_nothing(causal: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = causal.predictions()
    monkeypatch.setattr("attention_widget.experiments.tail._CHUNK", 3)
    np.testing.assert_array_equal(causal.predictions().ids, whole.ids)
    np.testing.assert_allclose(causal.predictions().probabilities, whole.probabilities, rtol=1e-5)


def test_the_table_is_for_a_data_frame(causal: Experiment) -> None:
    found = causal.predictions(top_k=2, positions=[0, -1])
    rows = found.table()
    assert [row["candidate"] for row in rows] == [1, 2, 1, 2]
    assert rows[0]["prediction"] == found.tokens[0][0]
    assert rows[0]["probability"] == found.probabilities[0, 0]
    assert rows[0]["actual"] == "attention"
    assert rows[2]["actual"] is rows[2]["rank"] is None


def test_the_model_is_left_as_it_was(causal: Experiment) -> None:
    model = tiny("gpt2").train()
    before = {name: dict(vars(module)) for name, module in model.named_modules()}
    torch.manual_seed(3)
    state = torch.get_rng_state()
    lab = Experiment(model, TEXT, tokenizer=tokenizer())
    lab.predictions()
    lab.lens(None)
    for name, module in model.named_modules():
        assert vars(module).keys() == before[name].keys()
        assert all(vars(module)[key] is value for key, value in before[name].items())
        assert not module._forward_hooks
        assert not module._forward_pre_hooks
    assert model.training
    assert torch.equal(state, torch.get_rng_state())
    np.testing.assert_array_equal(lab.predictions().ids, causal.predictions().ids)


def test_an_interrupt_leaves_the_model_as_it_was() -> None:
    lab = Experiment(tiny("gpt2"), TEXT, tokenizer=tokenizer())
    head = lab.model.lm_head
    _ = lab.tail

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    handle = head.register_forward_hook(interrupted)
    with pytest.raises(KeyboardInterrupt):
        lab.predictions()
    handle.remove()
    assert all("forward" not in vars(module) for module in lab.model.modules())
    np.testing.assert_allclose(
        lab.predictions().probabilities, own_logits(lab).softmax(-1).topk(10).values, rtol=1e-5
    )


def test_hooks_of_the_user_take_part_once(causal: Experiment) -> None:
    model = tiny("gpt2")
    last: Any = model.get_submodule("transformer.h.2")

    def mixed(module: Any, args: Any, output: Any) -> Any:
        states = output[0] if isinstance(output, tuple) else output
        states = states + states.roll(1, -1)
        return (states, *output[1:]) if isinstance(output, tuple) else states

    last.register_forward_hook(mixed)
    lab = Experiment(model, TEXT, tokenizer=tokenizer())
    chances = own_logits(lab).softmax(-1).topk(10).values
    np.testing.assert_allclose(lab.predictions().probabilities, chances, rtol=1e-4)
    assert not np.allclose(lab.predictions().entropy, causal.predictions().entropy)


def test_a_masked_model_predicts_the_token_itself(reactions: tuple[Any, Any]) -> None:
    model, own = reactions
    lab = Experiment(model, REACTION, tokenizer=own)
    ids = [token.id for token in lab.encoded.tokens]
    found = lab.predictions(top_k=2)
    assert found.predicts == "token"
    assert found.actual_ids.tolist() == ids
    inside = slice(1, -1)
    assert (found.rank[inside] == 1).all()  # it sees them


def test_masked_tokens_are_filled_in(reactions: tuple[Any, Any]) -> None:
    model, own = reactions
    lab = Experiment(model, REACTION, tokenizer=own)
    ids = [token.id for token in lab.encoded.tokens]
    at = [9, 20, 45]
    found = lab.predictions(mask=at, top_k=3)
    assert found.positions == tuple(at)
    assert found.read == ("[MASK]",) * 3
    assert found.actual_ids.tolist() == [ids[index] for index in at]
    read = torch.tensor([ids])
    read[0, at] = own.mask_token_id
    with torch.no_grad():
        logits = model(input_ids=read, attention_mask=torch.ones_like(read)).logits[0, at]
    np.testing.assert_allclose(found.probabilities, logits.softmax(-1).topk(3).values, rtol=1e-4)
    assert found.rank.tolist() == [1, 1, 1]
    assert lab.predictions(mask=at, positions=0).positions == (0,)
    assert lab.encoded.tokens[9].label != "[MASK]"  # the experiment itself stays as it was


def test_an_encoder_decoder_predicts_each_step() -> None:
    model = tiny_seq2seq("T5ForConditionalGeneration", "eager")
    lab = Experiment(model, TEXT, target="a good novel", tokenizer=tokenizer())
    found = lab.predictions(top_k=2)
    assert lab.decoder is not None
    labels = [token.id for token in lab.decoder.tokens]
    assert found.read == tuple(token.label for token in lab.decoder.tokens)
    assert found.actual_ids.tolist() == [*labels[1:], -1]
    expected = own_logits(lab).softmax(-1).topk(2).values
    np.testing.assert_allclose(found.probabilities, expected, rtol=1e-5)


def bert(name: str, **settings: Any) -> PreTrainedModel:
    given: dict[str, Any] = {**models._ENCODER, **settings}
    config = transformers.BertConfig(**given)
    return random_model(getattr(transformers, name), config)


def test_a_classifier_gives_one_class() -> None:
    model = bert("BertForSequenceClassification", num_labels=3, id2label={0: "a", 1: "b", 2: "c"})
    lab = Experiment(model, TEXT, tokenizer=tokenizer())
    found = lab.predictions(top_k=2, follow=["c"])
    with torch.no_grad():
        logits = model(**lab.inputs()).logits
    assert found.predicts == "class"
    assert found.positions == ()
    assert found.read == ()
    np.testing.assert_allclose(found.probabilities, logits.softmax(-1).topk(2).values, rtol=1e-5)
    assert found.tokens[0][0] == "abc"[int(logits.argmax())]
    assert found.followed_probabilities[0, 0] == pytest.approx(float(logits.softmax(-1)[0, 2]))
    assert [row["position"] for row in found.table()] == [None, None]
    with pytest.raises(ValueError, match="positions must be left out"):
        lab.predictions(positions=0)
    with pytest.raises(ValueError, match="head must be left out"):
        Experiment(model, TEXT, tokenizer=tokenizer(), head=nn.Linear(32, 3))


def test_several_labels_at_a_time_are_told_apart() -> None:
    problem = "multi_label_classification"
    model = bert("BertForSequenceClassification", num_labels=3, problem_type=problem)
    lab = Experiment(model, TEXT, tokenizer=tokenizer())
    with torch.no_grad():
        logits = model(**lab.inputs()).logits
    found = lab.predictions()
    np.testing.assert_allclose(found.probabilities, logits.sigmoid().topk(3).values, rtol=1e-5)
    entropy = torch.distributions.Bernoulli(logits=logits).entropy().sum(-1)
    np.testing.assert_allclose(found.entropy, entropy, rtol=1e-5)


def test_one_number_is_no_class() -> None:
    model = bert("BertForSequenceClassification", num_labels=1)
    with pytest.raises(ValueError, match="with one output, which is a number"):
        Experiment(model, TEXT, tokenizer=tokenizer()).predictions()


def test_a_token_classifier_gives_each_token_a_class() -> None:
    model = bert("BertForTokenClassification", num_labels=5)
    lab = Experiment(model, TEXT, tokenizer=tokenizer())
    found = lab.predictions(top_k=2, positions=[3, 1])
    assert found.predicts == "class of token"
    expected = own_logits(lab)[[3, 1]].softmax(-1).topk(2)
    np.testing.assert_allclose(found.probabilities, expected.values, rtol=1e-5)
    assert found.tokens[0][0] == f"LABEL_{int(expected.indices[0, 0])}"
    with pytest.raises(ValueError, match="must predict tokens for this, got BertForTokenCl"):
        lab.lens()


def test_a_model_of_neither_says_so() -> None:
    lab = Experiment(bert("BertForQuestionAnswering"), TEXT, tokenizer=tokenizer())
    with pytest.raises(ValueError, match=r"output head .* BertForQuestionAnswering"):
        lab.predictions()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"top_k": 0}, "top_k must be 1 or more, got 0"),
        ({"top_k": "3"}, "top_k must be a whole number, got '3'"),
        ({"positions": []}, "positions must name one token or more"),
        ({"positions": 99}, "position must be in 0–16, got 99"),
        ({"follow": [99]}, "the id of a token must be in 0–31, got 99"),
        ({"follow": ["a novel"]}, "one entry of the vocabulary, got 'a novel', which is 2"),
        ({"follow": "novel"}, "follow must be a list of tokens"),
        ({"follow": [1.5]}, "a token must be its text"),
    ],
)
def test_what_cannot_be_is_said(causal: Experiment, options: dict[str, Any], message: str) -> None:
    with pytest.raises(errors.AttentionWidgetError, match=message):
        causal.predictions(**options)


def test_logits_from_elsewhere_are_measured_alike(causal: Experiment) -> None:
    expected = causal.predictions(top_k=3, positions=[4, 2], follow=["novel"])
    logits = own_logits(causal)[[4, 2]]
    for given in (logits, logits.numpy()):
        found = causal.predictions_from(given, 3, [4, 2], follow=["novel"])
        assert found.tokens == expected.tokens
        assert found.actual == expected.actual
        np.testing.assert_allclose(found.probabilities, expected.probabilities, rtol=1e-5)
        np.testing.assert_allclose(found.log_probability, expected.log_probability, rtol=1e-5)
        np.testing.assert_array_equal(found.followed_ranks, expected.followed_ranks)
    with pytest.raises(ValueError, match=r"shape \(1, vocabulary\), .* got \(2, 32\)"):
        causal.predictions_from(logits, positions=0)


def test_logits_of_classes_from_elsewhere() -> None:
    model = bert("BertForSequenceClassification", num_labels=3)
    lab = Experiment(model, TEXT, tokenizer=tokenizer())
    found = lab.predictions_from(lab.output.logits)
    np.testing.assert_array_equal(found.probabilities, lab.predictions().probabilities)


def test_an_entry_that_cannot_be_has_no_part_in_the_entropy(causal: Experiment) -> None:
    logits = own_logits(causal)
    logits[:, 5] = -torch.inf
    found = causal.predictions_from(logits, follow=[5])
    expected = torch.distributions.Categorical(probs=logits.softmax(-1)).entropy()
    np.testing.assert_allclose(found.entropy, expected, rtol=1e-4)
    assert (found.followed_probabilities == 0).all()
    assert (found.followed_ranks == 32).all()


def test_a_class_has_a_probability_too() -> None:
    lab = Experiment(
        bert("BertForSequenceClassification", num_labels=2), TEXT, tokenizer=tokenizer()
    )
    outcome = lab.without(HeadOff(1, 1))
    for logits, found in (
        (outcome.before, [lab.probability(name) for name in (0, 1)]),
        (outcome.after, [outcome.probability(name) for name in (0, "LABEL_1")]),
    ):
        shares = np.exp(logits[0].astype(np.float64))
        np.testing.assert_allclose(found, shares / shares.sum(), rtol=1e-5)
    assert outcome.predictions(2).probabilities.shape == (1, 2)
    with pytest.raises(IndexError, match="position"):
        outcome.probability(0, 3)
