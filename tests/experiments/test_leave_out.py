"""Leaving passages out: exact, of real models, and beside the share of attention."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from support.labs import TOKENIZER, lab_of, made

from attention_widget import Experiment, UnsupportedModelError, capture, measures
from attention_widget.errors import NotFoundError
from attention_widget.experiments import LogProbability, StateChange, TextLogProbability

ONE, TWO = "The password of the server is purple.", "The weather is cold and it will rain."
ASKED = "Question: What is the password?\nAnswer: The password of the server is"
AGREES = f"Notes.\n{ONE}\n{TWO}\n{ASKED}"
DOCS = ("Doc 1: Anna lives in Rome.", "Doc 2: Tom lives in Berlin.")
DIFFERS = "\n".join([*DOCS, "Question: Where does Tom live?", "Answer: Tom lives in"])


def places(text: str, *parts: str) -> dict[str, tuple[int, int]]:
    return {
        f"doc {place}": (text.index(part), text.index(part) + len(part))
        for place, part in enumerate(parts, 1)
    }


def by_hand(model: Any, lab: Experiment, hidden: tuple[int, ...]) -> torch.Tensor:
    """Log-probabilities (vocabulary) at the last token of a pass with a mask made by hand."""
    ids = lab.encoded.inputs["input_ids"]
    n = ids.shape[1]
    seen = torch.tril(torch.ones(n, n, dtype=torch.bool))
    seen[:, list(hidden)] = False
    seen |= torch.eye(n, dtype=torch.bool)  # a row of nothing would be NaN; nobody sees those
    seen[:, list(hidden)] &= torch.eye(n, dtype=torch.bool)[:, list(hidden)]
    mask = torch.where(seen, 0.0, torch.finfo(torch.float32).min)[None, None]
    with torch.no_grad():
        logits = model(input_ids=ids, attention_mask=mask, use_cache=False).logits
    found: torch.Tensor = logits[0, -1].float().log_softmax(-1)
    return found


def test_it_equals_a_mask_made_by_hand(smollm: tuple[Any, Any]) -> None:
    model, tokenizer = smollm
    lab = Experiment(model, DIFFERS, tokenizer=tokenizer, passages=places(DIFFERS, *DOCS))
    found = lab.leave_out(LogProbability(" Berlin"), progress=False)
    [berlin] = tokenizer(" Berlin", add_special_tokens=False)["input_ids"]
    plain = by_hand(model, lab, ())[berlin].item()
    assert found.before == pytest.approx(plain, abs=1e-3)
    for passage, effect in zip(found.passages, found.effects, strict=True):
        without = by_hand(model, lab, passage.tokens)[berlin].item()
        assert effect == pytest.approx(without - plain, abs=2e-3)
    assert (found.losses == -found.effects).all()


def test_share_and_leaving_out_may_agree(smollm: tuple[Any, Any]) -> None:
    model, tokenizer = smollm
    lab = Experiment(model, AGREES, tokenizer=tokenizer, passages=places(AGREES, ONE, TWO))
    shares = np.nanmean(measures.passage_shares(lab.trace), (0, 1))
    found = lab.leave_out(progress=False)
    assert "purple" in found.name
    assert found.most_important is not None
    assert found.most_important.name == "doc 1"
    assert found.effects[0] < -8 < -1 < found.effects[1]
    assert shares[0] > 2 * shares[1]


def test_share_and_leaving_out_may_contradict_each_other(smollm: tuple[Any, Any]) -> None:
    model, tokenizer = smollm
    lab = Experiment(model, DIFFERS, tokenizer=tokenizer, passages=places(DIFFERS, *DOCS))
    shares = np.nanmean(measures.passage_shares(lab.trace), (0, 1))
    found = lab.leave_out(progress=False)
    assert found.most_important is not None
    assert found.most_important.name == "doc 2"
    assert np.exp(found.before) > 0.6
    assert np.exp(found.before + found.effects[1]) < 0.01
    assert shares[0] > 3 * shares[1]


def test_what_changes_too_little_does_not_matter(smollm: tuple[Any, Any]) -> None:
    model, tokenizer = smollm
    parts = ("The weather is cold.", "Tea is hot.")
    text = "\n".join(["Notes.", *parts, "The capital of France is"])
    lab = Experiment(model, text, tokenizer=tokenizer, passages=places(text, *parts))
    found = lab.leave_out(progress=False)
    assert 0 < np.abs(found.effects).max() < found.matters_from == 0.1
    assert found.matters.tolist() == [False, False]
    assert found.most_important is None
    harmful = replace(found, effects=np.array([0.5, 0.01], np.float32))
    assert harmful.matters.tolist() == [True, False]  # the answer gains without it
    assert harmful.most_important is None
    untried = replace(found, effects=np.array([np.nan, -0.2], np.float32))
    assert untried.matters.tolist() == [False, True]
    assert untried.most_important is found.passages[1]


def test_the_answer_of_a_chat_is_what_the_assistant_says(smollm: tuple[Any, Any]) -> None:
    model, tokenizer = smollm
    chat = [
        {"role": "user", "content": "Tom lives in Berlin. Where does Tom live?"},
        {"role": "assistant", "content": "Berlin"},
    ]
    lab = Experiment(model, chat, tokenizer=tokenizer)
    answer = lab.encoded.passages[1].tokens
    found = lab.leave_out(TextLogProbability(answer), progress=False)
    logits = torch.from_numpy(lab.without().before).log_softmax(-1)
    expected = sum(logits[i - 1, lab.encoded.tokens[i].id or 0].item() for i in answer)
    assert found.before == pytest.approx(expected, abs=1e-3)
    assert found.effects[0] < -1
    queries = measures.answer_queries(lab.trace)
    assert queries == [index - 1 for index in answer]


def test_a_passage_in_which_the_answer_is_read_is_not_left_out() -> None:
    model = made("llama")
    text = "a good novel about purple is a good novel"
    passages = {"one": (0, 12), "two": (13, len(text))}
    lab = Experiment(model, text, tokenizer=TOKENIZER, passages=passages)
    found = lab.leave_out(LogProbability(position=-1))
    assert np.isnan(found.effects).tolist() == [
        False,
        lab.encoded.passages[1].tokens[-1] == len(lab.encoded.tokens) - 1,
    ]
    whole = Experiment(model, text, tokenizer=TOKENIZER, passages={"all": (0, len(text))})
    with pytest.raises(ValueError, match="must be read outside of some passage"):
        whole.leave_out(LogProbability(position=2))


def test_models_without_predictions_say_how_far_states_turn(minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    text = "Anna lives in Rome. Tom lives in Berlin. Who?"
    lab = Experiment(model, text, tokenizer=tokenizer, passages={"one": (0, 19), "two": (20, 40)})
    found = lab.leave_out()
    assert isinstance(found.metric, StateChange)
    assert found.unit == "1 − cosine"
    assert (found.effects > 0).all()
    assert (found.losses == found.effects).all()


@pytest.mark.parametrize(
    "family",
    ["bert", "gpt2", "llama", "T5ForConditionalGeneration", "BartForConditionalGeneration"],
)
def test_other_words_in_a_passage_that_is_left_out_change_nothing(family: str) -> None:
    """The check that each first pass makes, of many ways to attend."""
    model = made(family)
    text = "a good novel about purple is a good novel"
    plain = lab_of(model, text)
    lab = Experiment(
        model,
        text,
        tokenizer=TOKENIZER,
        head=plain.head,
        target="a good novel about purple" if model.config.is_encoder_decoder else None,
        passages={"one": (2, 12), "two": (13, 25)},
    )
    found = lab.leave_out()
    assert np.isfinite(found.effects).all()


def test_layers_without_attention_are_refused() -> None:
    model = made("jamba")
    text = "a good novel about purple is a good novel"
    lab = Experiment(model, text, tokenizer=TOKENIZER, passages={"one": (2, 12)})
    with pytest.raises(UnsupportedModelError, match="layers without attention"):
        lab.leave_out()


def test_a_text_without_passages_has_none_to_leave_out() -> None:
    with pytest.raises(NotFoundError, match=r"no passages to leave out; name some"):
        lab_of(made("llama")).leave_out()


def test_weights_of_heads_are_loaded_from_a_file_of_at2(
    tmp_path: Path, smollm: tuple[Any, Any]
) -> None:
    model, tokenizer = smollm
    trace = capture(model, DIFFERS, tokenizer=tokenizer, passages=places(DIFFERS, *DOCS))
    weights = np.zeros((30, 9), np.float32)
    weights[23, 4], weights[18, 6] = 0.75, -0.25
    file = tmp_path / "score_estimator.pt"
    row = torch.from_numpy(weights.reshape(1, -1))
    torch.save(
        {
            "class": "LinearScoreEstimator",
            "state_dict": {"linear.weight": row},
            "feature_extractor": {
                "class": "AttentionFeatureExtractor",
                "kwargs": {"num_layers": 30, "num_heads": 9, "model_type": "llama"},
            },
            "kwargs": {"normalize": True, "non_negative": False, "bias": False},
            "extras": {},
        },
        file,
    )  # as at2 0.0.1 does, in ScoreEstimator.save
    shares = measures.passage_shares(trace)
    expected = 0.75 * shares[23, 4] - 0.25 * shares[18, 6]
    for given in (file, weights, {(23, 4): 0.75, (18, 6): -0.25}):
        np.testing.assert_allclose(measures.weighted_shares(trace, given), expected, atol=1e-6)
    np.testing.assert_array_equal(measures.load_head_weights(file), weights)
    with pytest.raises(ValueError, match="30 layers and 9 heads, got"):
        measures.weighted_shares(trace, weights[:5])
    with pytest.raises(ValueError, match="layers 0–29 and heads 0–8"):
        measures.weighted_shares(trace, {(30, 0): 1.0})
    with_bias = torch.load(file, weights_only=True)
    with_bias["state_dict"]["linear.bias"] = torch.ones(1, dtype=torch.float32, device="cpu")
    torch.save(with_bias, file)
    with pytest.raises(ValueError, match="without a bias"):
        measures.load_head_weights(file)
    torch.save({"class": "Other", "state_dict": {}}, file)
    with pytest.raises(ValueError, match="must be a linear score estimator"):
        measures.load_head_weights(file)
    file.write_bytes(b"no file of torch")
    with pytest.raises(ValueError, match="cannot be read as numbers alone"):
        measures.load_head_weights(file)
