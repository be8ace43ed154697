"""Batches and resumed passes give what whole passes give, one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from support.labs import lab_of, made

from attention_widget import Experiment
from attention_widget._util.cleanup import Undo
from attention_widget.experiments import EdgeOff, Edit, HeadOff, HeadScale
from attention_widget.experiments.placing import placed

FAMILIES = [
    *("bert_masked_lm", "albert", "gpt2", "llama", "mixtral", "gpt_neox", "opt", "modernbert"),
    *("jamba", "falcon", "T5ForConditionalGeneration", "BartForConditionalGeneration"),
]
EAGER = ["bloom", "mpt", "deberta_v2", "gemma2", "gpt_oss", "gpt_neo"]
MADE = [*((family, "sdpa") for family in FAMILIES), *((family, "eager") for family in EAGER)]


def rows_of(lab: Experiment) -> list[list[Edit]]:
    rows: list[list[Edit]] = []
    for kind in lab.trace.kinds:
        for layer in lab.trace.layers_with_attention(kind):
            rows += [[HeadOff(layer, head, kind)] for head in (0, 3)]
            rows.append([HeadScale(layer, 1, 0.3, kind, tokens=2)])
            rows.append([EdgeOff(layer=layer, query=3, key=2, kind=kind)])
    return rows


def whole(lab: Experiment) -> None:
    """Have passes run whole, one by one."""
    lab._passes._resumed = dict.fromkeys(range(100), False)
    vars(lab._passes)["_batches"] = False


@pytest.mark.parametrize(("family", "attn_implementation"), MADE)
def test_a_batch_gives_what_its_rows_give(family: str, attn_implementation: str) -> None:
    lab, slow = (lab_of(made(family, attn_implementation)) for _ in range(2))
    whole(slow)
    rows = rows_of(lab)
    outcomes = lab.without_each(rows, positions=[-1, 2, 3])
    assert lab._passes._batches
    for row, outcome in zip(rows, outcomes, strict=True):
        expected = slow.without(*row, positions=[-1, 2, 3])
        np.testing.assert_allclose(outcome.after, expected.after, atol=1e-5)
        np.testing.assert_array_equal(outcome.before, expected.before)
        assert outcome.edits == expected.edits
        assert np.abs(outcome.after - outcome.before).max() > 0


@pytest.mark.parametrize(("family", "attn_implementation"), MADE)
def test_a_resumed_pass_gives_what_a_whole_one_gives(family: str, attn_implementation: str) -> None:
    lab, slow = (lab_of(made(family, attn_implementation)) for _ in range(2))
    whole(slow)
    for row in rows_of(lab):
        found, expected = lab.without(*row), slow.without(*row)
        np.testing.assert_array_equal(found.after, expected.after)
    resumed = lab._passes._resumed
    assert len(resumed) == len(lab._passes._sites.places) - 1
    assert all(resumed.values())


def test_a_resumed_pass_runs_no_layer_below() -> None:
    model = made("llama")
    lab = lab_of(model)
    lab.without(HeadOff(2, 0))
    ran: list[int] = []
    for index, layer in enumerate(model.model.layers):
        layer.mlp.register_forward_hook(lambda *_, index=index: ran.append(index))
    lab.without(HeadOff(2, 1))
    assert ran == [2]
    ran.clear()
    lab.without(HeadOff(0, 1))
    assert ran == [0, 1, 2]


class Remembering(torch.nn.Module):
    """A layer that leaves something beside what it gives out, for the last one to use."""

    def __init__(self, inner: Any, memory: list[torch.Tensor], is_last: bool) -> None:
        super().__init__()
        self.inner, self.memory, self.is_last = inner, memory, is_last

    def forward(self, hidden: torch.Tensor, **kwargs: Any) -> Any:
        if self.is_last:
            seen = torch.stack(self.memory).sum(0)
            self.memory.clear()
            return self.inner(hidden, **kwargs) + seen
        given = self.inner(hidden, **kwargs)
        self.memory.append(given * 0.1)
        return given


def test_a_model_that_cannot_be_resumed_runs_whole() -> None:
    model = made("llama")
    memory: list[torch.Tensor] = []
    for index in range(3):
        layer = model.model.layers[index]
        model.model.layers[index] = Remembering(layer, memory, index == 2)
    lab, slow = lab_of(model), lab_of(model)
    whole(slow)
    found, expected = (each.without(HeadOff(2, 1)) for each in (lab, slow))
    assert lab._passes._resumed == {2: False}
    np.testing.assert_array_equal(found.after, expected.after)


def test_a_model_that_mixes_the_rows_of_a_batch_runs_one_by_one() -> None:
    model = made("gpt2")
    model.transformer.h[1].register_forward_hook(lambda *given: given[-1] - given[-1].mean(0) * 0.5)
    lab, slow = lab_of(model), lab_of(model)
    whole(slow)
    rows = rows_of(lab)
    outcomes = lab.without_each(rows)
    assert not lab._passes._batches
    for row, outcome in zip(rows, outcomes, strict=True):
        np.testing.assert_array_equal(outcome.after, slow.without(*row).after)


@pytest.mark.parametrize(("family", "attn_implementation"), MADE)
def test_a_few_positions_are_those_of_all(family: str, attn_implementation: str) -> None:
    lab = lab_of(made(family, attn_implementation))
    kind = lab.trace.kinds[-1]
    layer = lab.trace.layers_with_attention(kind)[-1]
    edit = HeadOff(layer, [0, 1], kind)
    few, every = lab.without(edit, positions=[-1, 2]), lab.without(edit)
    assert few.positions == (len(every.before) - 1, 2)
    np.testing.assert_allclose(few.after, every.after[[-1, 2]], atol=1e-5)
    np.testing.assert_allclose(few.before, every.before[[-1, 2]], atol=1e-5)
    same = lab.without(HeadScale(layer, 0, 1.0, kind), positions=2)
    np.testing.assert_array_equal(same.after, same.before)
    assert len(same.after) == 1


def test_the_output_head_reads_the_positions_alone() -> None:
    model = made("llama")
    lab = lab_of(model)
    lab.without(HeadOff(2, 0), positions=4)
    read: list[int] = []
    model.lm_head.register_forward_hook(lambda _, args, output: read.append(output.shape[1]))
    lab.without(HeadOff(2, 1), positions=4)
    assert read == [1]


def test_a_model_that_wants_all_positions_gets_them() -> None:
    model = made("llama")

    def whole_alone(_: Any, args: Any, output: torch.Tensor) -> torch.Tensor:
        if output.shape[1] != 17:
            raise ValueError("all positions are needed")
        return output - output.mean(1, keepdim=True)

    model.lm_head.register_forward_hook(whole_alone)
    lab = lab_of(model)
    few, every = lab.without(HeadOff(1, 0), positions=4), lab.without(HeadOff(1, 0))
    np.testing.assert_array_equal(few.after, every.after[[4]])


def test_a_context_in_which_the_next_pass_is_edited() -> None:
    """For those who run the model in their own way, such as from its last layer on."""
    lab = lab_of(made("gpt2"))
    edits = placed([HeadOff(1, 2), EdgeOff(layer=2, query=3, key=1)], lab.trace)
    opened = lab._passes.resumed(edits)
    expected = lab.without(*edits).after
    for _ in range(2):
        undo = Undo()
        with torch.no_grad(), opened(undo):
            output = lab.model(**lab.inputs())
        undo()
        np.testing.assert_array_equal(output.logits[0].numpy(), expected)
    with torch.no_grad():
        plain = lab.model(**lab.inputs()).logits[0].numpy()
    np.testing.assert_array_equal(plain, lab.without(*edits).before)
