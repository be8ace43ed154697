"""What an experiment keeps of its layers is counted, and fewer are kept where they do not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support.labs import lab_of, made

from attention_widget import Experiment
from attention_widget.experiments import EdgeOff, HeadOff


def limited(model: Any, n_layers: float) -> Experiment:
    """An experiment whose memory limit leaves room for so many layers beside its trace."""
    lab = lab_of(model)
    base = lab._passes._base
    heads = sum(each.nbytes for each in base.heads.values())
    layer = base.layers.nbytes // len(base.layers)
    lab.tracer.memory_limit = lab.trace.nbytes + heads + int(n_layers * layer)
    del vars(lab._passes)["_base"]
    return lab


def ran(lab: Experiment, layer: int) -> list[int]:
    """The layers that run when a head of one is off."""
    found: list[int] = []
    lab.without(HeadOff(layer, 1))
    handles = [
        each.mlp.register_forward_hook(lambda *_, index=index: found.append(index))
        for index, each in enumerate(lab.model.model.layers)
    ]
    lab.without(HeadOff(layer, 2))
    for handle in handles:
        handle.remove()
    return found


@pytest.mark.parametrize(
    ("room", "run"), [(-1.0, [0, 1, 2]), (0.5, [0, 1, 2]), (1.5, [1, 2]), (2.0, [2]), (3.0, [2])]
)
def test_a_pass_begins_earlier_where_fewer_layers_fit(room: float, run: list[int]) -> None:
    lab = limited(made("llama"), room)
    assert ran(lab, 2) == run
    assert lab._memory_left() >= 0 or not len(lab._passes._base.layers)


@pytest.mark.parametrize("family", ["llama", "albert", "mixtral", "T5ForConditionalGeneration"])
@pytest.mark.parametrize("room", [0.0, 1.0, 2.0])
def test_the_results_are_the_same_to_the_last_bit(family: str, room: float) -> None:
    model = made(family, "sdpa")
    few, all_of_them = limited(model, room), lab_of(model)
    for kind in few.trace.kinds:
        for layer in few.trace.layers_with_attention(kind):
            for edit in (HeadOff(layer, 1, kind), EdgeOff(layer=layer, query=3, key=2, kind=kind)):
                one, other = few.without(edit), all_of_them.without(edit)
                np.testing.assert_array_equal(one.after, other.after)
                np.testing.assert_array_equal(one.before, other.before)
    assert len(few._passes._base.layers) < len(all_of_them._passes._base.layers)


def test_the_end_of_the_model_keeps_one_layer() -> None:
    lab = lab_of(made("llama"))
    lab.lens(None)
    hidden = lab.trace.hidden[0].nbytes
    assert lab.tail._kept.nbytes == hidden
