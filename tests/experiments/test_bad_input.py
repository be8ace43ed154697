"""What cannot be done is said in clear words, before the model runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from examine_edits import examine_edits
from support.labs import TARGET, TOKENIZER, lab_of, made
from support.models import TEXT
from support.surroundings import assert_equal, deep

from attention_widget import Experiment, Trace, TraceTooLargeError, UnsupportedModelError
from attention_widget.experiments import EdgeOff, HeadOff, HeadPatch, HeadScale

BAD: list[tuple[Any, type[Exception], str]] = [
    (HeadOff(3, 0), IndexError, "layer must be in 0–2, got 3"),
    (HeadOff(1, 4), IndexError, "head must be in 0–3, got 4"),
    (HeadOff(1, [0, -5]), IndexError, "head must be in 0–3, got -5"),
    (HeadOff(1, []), ValueError, "head must be one or more of 0–3, got none"),
    (HeadOff(1, "all"), TypeError, "head must be an integer or several, got 'all'"),  # type: ignore[arg-type]
    (HeadOff(1, 0.5), TypeError, "head must be an integer, got 0.5"),  # type: ignore[arg-type]
    (HeadOff("1", 0), TypeError, "layer must be an integer, got '1'"),  # type: ignore[arg-type]
    (HeadOff(1, 0, tokens=17), IndexError, "token must be in 0–16, got 17"),
    (HeadOff(1, 0, kind="cross"), LookupError, "kind must be decoder, got 'cross'"),
    (HeadOff(1, 0, kind="self"), ValueError, "kind must be encoder, decoder or cross, got 'self'"),  # type: ignore[arg-type]
    (HeadOff(1, 0, value="none"), ValueError, 'value must be "zero" or "mean", got \'none\''),  # type: ignore[arg-type]
    (HeadScale(1, 0, float("nan")), ValueError, "factor must be a finite number, got nan"),
    (HeadScale(1, 0, "2"), TypeError, "factor must be a number, got '2'"),  # type: ignore[arg-type]
    (HeadPatch(1, 0, "text"), TypeError, "source must be an Experiment with the other text, got"),  # type: ignore[arg-type]
    (EdgeOff(key=17), IndexError, "key must be in 0–16, got 17"),
    (EdgeOff(query=99, key=0), IndexError, "query must be in 0–16, got 99"),
    (EdgeOff(layer=7, key=0), IndexError, "layer must be in 0–2, got 7"),
    (EdgeOff(heads=9, key=0), IndexError, "head must be in 0–3, got 9"),
    (EdgeOff(query=2, key=5), ValueError, "got token 5, which the mask hides from token 2 already"),
    (None, TypeError, "edits must be HeadOff, HeadScale, HeadPatch or EdgeOff, got NoneType"),
    ([HeadOff(1, 0)], TypeError, "edits must be HeadOff, HeadScale, HeadPatch or EdgeOff, got lis"),
]


@pytest.mark.parametrize(("edit", "error", "message"), BAD)
def test_a_bad_edit(edit: Any, error: type[Exception], message: str) -> None:
    model = made("llama")
    lab = lab_of(model)
    assert lab.trace.n_layers == 3
    ran: list[int] = []
    model.register_forward_hook(lambda *_: ran.append(1))
    before = deep(model)
    for work in (lab.without, lab.trace_of):
        with pytest.raises(error, match=re.escape(message)):
            work(edit)
    with pytest.raises(error, match=re.escape(message)):
        lab.without_each([[HeadOff(0, 0)], [edit]])
    assert not ran
    assert_equal(deep(model), before)


def test_texts_of_other_lengths() -> None:
    model = made("llama")
    lab, other = lab_of(model), lab_of(model, "a good novel")
    with pytest.raises(ValueError, match="tokens and source_tokens must be equally many, got 17"):
        lab.without(HeadPatch(1, 0, other))
    assert lab.without(HeadPatch(1, 0, other, tokens=[1, 2], source_tokens=[2, 1])).edits
    narrow = lab_of(made("llama", num_attention_heads=2))
    with pytest.raises(ValueError, match="source must have as many heads in layer 1 as the model"):
        lab.without(HeadPatch(1, 0, narrow))
    wide = lab_of(made("llama", head_dim=16))
    with pytest.raises(ValueError, match=r"heads of the model's shape in layer 1, \(4, 8\), got"):
        lab.without(HeadPatch(1, 0, wide))


def test_a_position_that_is_not_there() -> None:
    lab = lab_of(made("llama"))
    with pytest.raises(IndexError, match="position must be in 0–16, got 40"):
        lab.without(HeadOff(1, 0), positions=40)


def test_an_experiment_is_checked_as_a_capture_is() -> None:
    model = made("llama")
    with pytest.raises(TypeError, match=r"head must be a torch\.nn\.Module"):
        Experiment(model, TEXT, tokenizer=TOKENIZER, head=3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="target must be left out with LlamaForCausalLM"):
        Experiment(model, TEXT, tokenizer=TOKENIZER, target=TARGET)
    with pytest.raises(TypeError, match="model must be"):
        Experiment(object(), TEXT)
    with pytest.raises(ValueError, match=r"pass truncation=True to cut it: an experiment runs one"):
        Experiment(made("bert"), "novel " * 80, tokenizer=TOKENIZER)
    lab = Experiment(made("bert"), "novel " * 80, tokenizer=TOKENIZER, truncation=True)
    assert len(lab.trace.tokens) == 64


def test_a_model_without_a_head_says_what_to_do() -> None:
    lab = Experiment(made("bert"), TEXT, tokenizer=TOKENIZER)
    with pytest.raises(ValueError, match=r"must have a head that gives logits, got BertModel"):
        lab.without(HeadOff(1, 0))
    assert lab.trace_of(HeadOff(1, 0)).edits
    headed = Experiment(made("bert"), TEXT, tokenizer=TOKENIZER, head=torch.nn.Linear(32, 5))
    assert headed.without(HeadOff(1, 0), positions=[2]).after.shape == (1, 5)
    with pytest.raises(ValueError, match="head must be left out with LlamaForCausalLM"):
        Experiment(made("llama"), TEXT, tokenizer=TOKENIZER, head=torch.nn.Linear(32, 5))


def test_a_model_whose_output_is_another_each_time() -> None:
    model = made("llama")

    def noisy(_: Any, args: Any, output: torch.Tensor) -> torch.Tensor:
        calls.append(1)
        return output + 1e-6 * len(calls)

    calls: list[int] = []
    model.lm_head.register_forward_hook(noisy)
    lab = lab_of(model)
    with pytest.raises(UnsupportedModelError, match="an edit that changes nothing changes its out"):
        lab.without(HeadOff(1, 0))


def test_a_classifier_has_one_row() -> None:
    config = made("bert").config
    torch.manual_seed(0)
    model = transformers.BertForSequenceClassification(config).eval()
    outcome = Experiment(model, TEXT, tokenizer=TOKENIZER).without(HeadOff(1, [0, 1]))
    assert outcome.after.shape == (1, 2)
    assert outcome.positions == (0,)
    assert np.abs(outcome.after - outcome.before).max() > 0


def test_a_model_that_only_reports_its_maps() -> None:
    finding = examine_edits("cpmant")
    assert "its attention changed: that of encoder layer 0 is known by the maps" in finding.refusal
    assert finding.columns is finding.edge is None


def test_a_trace_has_no_model_to_run_again(tmp_path: Path) -> None:
    trace = lab_of(made("llama")).trace
    trace.save(tmp_path / "novel.safetensors")
    for given in (trace, Trace.load(tmp_path / "novel.safetensors"), trace.attention(0)):
        with pytest.raises(TypeError, match=f"model must be .*, got .*{type(given).__name__}"):
            Experiment(given, TEXT, tokenizer=TOKENIZER)


def test_a_trace_that_would_be_too_large_is_refused_before_the_pass() -> None:
    model = made("llama")
    ran: list[int] = []
    model.register_forward_hook(lambda *_: ran.append(1))
    before = deep(model)
    lab = Experiment(model, TEXT, tokenizer=TOKENIZER, memory_limit=1000)
    for work in (lambda: lab.without(HeadOff(1, 0)), lambda: lab.rank_heads(progress=False)):
        with pytest.raises(TraceTooLargeError, match=r"memory_limit"):
            work()
    assert not ran
    assert_equal(deep(model), before)


def test_rows_that_do_not_fit_into_memory_together_run_one_by_one() -> None:
    model = made("llama")
    rows = [[HeadOff(2, head)] for head in range(4)]
    expected = [outcome.after for outcome in lab_of(model).without_each(rows)]
    sizes: list[int] = []

    def hook(_: Any, args: Any) -> None:
        sizes.append(len(args[0]))
        if len(args[0]) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")

    model.model.layers[2].mlp.register_forward_pre_hook(hook)
    before = deep(model)
    found = [outcome.after for outcome in lab_of(model).without_each(rows)]
    assert max(sizes) == 4
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    assert_equal(deep(model), before)
