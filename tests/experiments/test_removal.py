"""Removal of a token is what blocking every edge to it does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from support.labs import Blocking, lab_of, logits_of, made

from attention_widget import Experiment
from attention_widget.experiments import (
    EdgeOff,
    Logit,
    LogProbability,
    RemovalInterruptedError,
    StateChange,
)

FAMILIES = ["bert_masked_lm", "gpt2", "llama", "gemma", "bloom", "BartForConditionalGeneration"]


def built(family: str) -> Any:
    return made(family, "eager" if family == "bloom" else "sdpa")


@pytest.mark.parametrize("family", FAMILIES)
def test_it_is_what_single_passes_with_the_edges_off_give(family: str) -> None:
    lab, slow = lab_of(built(family)), lab_of(built(family))
    found = lab.removal(Logit(5))
    assert found.is_exact
    assert found.values.shape == (len(lab.encoded.tokens),)
    for token in (0, 3, len(found.values) - 1):
        kinds = [kind for kind in lab.trace.kinds if kind != "decoder" or lab.decoder is None]
        edits = [EdgeOff(key=token, kind=kind) for kind in kinds]
        outcome = slow.without(*edits, positions=-1)
        expected = outcome.after[0, 5] - outcome.before[0, 5]
        assert found.values[token] == pytest.approx(expected, abs=2e-5)
    assert np.abs(found.values).max() > 1e-3
    np.testing.assert_array_equal(lab.measure("removal", metric=Logit(5)).values, found.values)


@pytest.mark.parametrize("family", ["bert_masked_lm", "gpt2", "llama"])
def test_it_is_what_a_plain_pass_with_the_column_hidden_gives(family: str) -> None:
    lab = lab_of(made(family))
    found = lab.removal(Logit(5)).values
    n_tokens = len(found)
    eager = made(family, "eager")
    before = logits_of(lab, eager)[-1, 5]
    first = 1 if lab.trace.kinds == ("decoder",) else 0  # without it its own query sees nothing
    for token in range(first, n_tokens, 4):
        mode = Blocking((n_tokens, n_tokens), slice(None), token)
        after = logits_of(lab, eager, mode)[-1, 5]
        assert found[token] == pytest.approx(after - before, abs=2e-5)


def test_the_tokens_of_a_decoder_have_their_own() -> None:
    lab = lab_of(made("T5ForConditionalGeneration"))
    found = lab.removal(Logit(5), kind="decoder")
    assert lab.decoder is not None
    assert found.labels == tuple(token.label for token in lab.decoder.tokens)
    outcome = lab.without(EdgeOff(key=2, kind="decoder"), positions=-1)
    assert found.values[2] == pytest.approx(outcome.after[0, 5] - outcome.before[0, 5], abs=2e-5)
    assert lab.removal(Logit(5)).labels == tuple(token.label for token in lab.encoded.tokens)


def test_what_a_later_token_is_changes_nothing_before_it() -> None:
    lab = lab_of(made("gpt2"))
    found = lab.removal(Logit(5, position=4)).values
    np.testing.assert_allclose(found[5:], 0, atol=1e-6)
    assert np.abs(found[:5]).min() > 1e-4


def test_words_go_as_a_whole() -> None:
    tokenizer = lab_of(made("gpt2")).tracer.tokenizer
    lab = Experiment(made("gpt2"), "a good novel idea", tokenizer=tokenizer)
    found = lab.removal(Logit(5), rows="words")
    assert found.groups == tuple((index,) for index in range(len(lab.encoded.tokens)))
    assert "once for each word" in found.note
    pairs = lab.removing(Logit(5))
    pairs._side = replace(pairs._side, groups=((0,), (1, 2), (3, 4, 5)), labels=("a", "b", "c"))
    pairs._values = np.full(3, np.nan, np.float32)
    both = pairs.run()
    outcome = lab.without(EdgeOff(key=(1, 2)), positions=-1)
    assert both.values[1] == pytest.approx(outcome.after[0, 5] - outcome.before[0, 5], abs=2e-5)


def test_the_default_is_the_log_probability_of_what_is_predicted_last() -> None:
    lab = lab_of(made("llama"))
    found = lab.removal()
    assert found.unit == "nats"
    assert found.name.startswith("log-probability of")
    best = lab.predictions(1, -1).ids[0, 0]
    expected = lab.removal(LogProbability(int(best))).values
    np.testing.assert_array_equal(found.values, expected)


def test_a_model_that_predicts_nothing_has_its_states_turned() -> None:
    tokenizer = lab_of(made("gpt2")).tracer.tokenizer
    lab = Experiment(made("bert"), "a good novel idea", tokenizer=tokenizer)
    found = lab.removal()
    assert found.metric == StateChange()
    assert found.values.min() > 0


def test_the_first_token_is_set_apart_where_attention_is_causal() -> None:
    found = lab_of(made("gpt2")).removal(Logit(5))
    assert found.apart == (0,)
    assert "goes to the first token" in found.note
    other = lab_of(made("bert_masked_lm")).removal(Logit(5))
    assert other.apart == ()
    assert "first token" not in other.note


def test_layers_without_attention_are_told_of() -> None:
    found = lab_of(made("jamba")).removal(Logit(5))
    assert found.others_carry
    assert "Layers without attention may still hand it on." in found.note
    assert not lab_of(made("gpt2")).removal(Logit(5)).others_carry


def test_it_goes_on_where_it_was_left() -> None:
    model = made("gpt2")
    lab = lab_of(model, "a novel idea " * 16)
    expected = lab_of(made("gpt2"), "a novel idea " * 16).removal(Logit(5))
    removing = lab.removing(Logit(5))
    counts = [removing.result.n_done]
    for partial in removing:
        counts.append(partial.n_done)
        if partial.n_done >= 10:
            break
    assert 10 <= counts[-1] < removing.n_groups
    done = removing.result
    known = ~np.isnan(done.values)
    np.testing.assert_allclose(done.values[known], expected.values[known], atol=1e-6)
    ran: list[int] = []
    model.transformer.h[-1].register_forward_hook(lambda *_: ran.append(1))
    np.testing.assert_allclose(removing.run().values, expected.values, atol=1e-6)
    assert 0 < len(ran) <= removing.n_groups - done.n_done
    assert repr(done).startswith("TokenEffects(removal, logit of 'attention' at token")
    assert f"{done.n_done} of {removing.n_groups}" in repr(done)


def test_an_interrupt_loses_nothing() -> None:
    lab = lab_of(made("gpt2"), "a novel idea " * 16)
    expected = lab.removal(Logit(5))
    removing = lab.removing(Logit(5))
    calls = [0]

    def hook(*_: Any) -> None:
        calls[0] += 1
        if calls[0] == 3:
            raise KeyboardInterrupt

    handle = lab.model.transformer.h[-1].mlp.register_forward_hook(hook)
    with pytest.raises(RemovalInterruptedError, match="of 50 are removed") as raised:
        removing.run()
    handle.remove()
    kept = raised.value.removing.result
    assert 0 < kept.n_done < 50
    np.testing.assert_array_equal(raised.value.removing.run().values, expected.values)


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        (
            {"rows": "lines"},
            ValueError,
            "rows must be .tokens., .words. or .passages., got 'lines'",
        ),
        ({"kind": "cross"}, ValueError, "kind must be 'decoder', whose tokens are meant"),
        ({"kind": "self"}, ValueError, "kind must be encoder, decoder or cross"),
        ({"metric": 5}, TypeError, "metric must be Logit"),
        ({"metric": Logit(5, position=99)}, IndexError, "position must be in"),
    ],
)
def test_bad_requests_are_refused_before_a_pass(
    wrong: Any, error: type[Exception], words: str
) -> None:
    lab = lab_of(made("gpt2"))
    with pytest.raises(error, match=words):
        lab.removing(**wrong)
    assert "_base" not in vars(lab._passes)


def test_the_table_has_the_largest_first() -> None:
    found = lab_of(made("llama")).removal(Logit(5))
    rows = found.table()
    sizes = [abs(row["value"]) for row in rows]
    assert sizes == sorted(sizes, reverse=True)
    assert rows[0]["tokens"] == [int(np.abs(found.values).argmax())]


@pytest.mark.slow
def test_without_the_country_the_capital_is_not_known(smollm: Any) -> None:
    model, tokenizer = smollm
    lab = Experiment(model, "The capital of France is", tokenizer=tokenizer)
    found = lab.removal()
    assert found.name == "log-probability of ' Paris' at token 4 'is'"
    by_label = dict(zip(found.labels, found.values, strict=True))
    assert by_label["France"] < -4
    assert by_label["capital"] < -4
    assert abs(by_label["is"]) < 0.5
    outcome = lab.without(EdgeOff(key=3), positions=-1)
    paris = tokenizer.encode(" Paris")[0]
    after, before = (
        torch.tensor(each[0]).log_softmax(-1)[paris] for each in (outcome.after, outcome.before)
    )
    assert by_label["France"] == pytest.approx(float(after - before), abs=1e-3)
