"""A calculation of a pass with edits ends with what its heads gave out, as the model had it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from support.labs import lab_of, made, projection

from attention_widget import Trace
from attention_widget.experiments import EdgeOff, Experiment, HeadOff, HeadPatch, HeadScale
from attention_widget.experiments.edits import Edit
from attention_widget.trace.calculation_steps import StepName

LAYER = 1
WAYS = [("bert", "sdpa"), ("gpt2", "eager"), ("llama", "sdpa"), ("gpt_oss", "eager")]


@contextmanager
def heard(lab: Experiment) -> Iterator[list[torch.Tensor]]:
    """What the output projection is given (token, head · dim), pass by pass."""
    given: list[torch.Tensor] = []

    def hear(_: Any, args: tuple[torch.Tensor]) -> None:
        given.append(args[0][0].detach().clone())

    handle = lab.model.get_submodule(projection(lab, LAYER)).register_forward_pre_hook(hear)
    try:
        yield given
    finally:
        handle.remove()


@pytest.mark.parametrize(("family", "way"), WAYS)
def test_the_last_step_is_what_the_output_projection_is_given(family: str, way: str) -> None:
    lab = lab_of(made(family, way))
    edits: list[Edit] = [
        HeadOff(LAYER, 0),
        HeadOff(LAYER, 1, tokens=[1, 2], value="mean"),
        HeadScale(LAYER, 2, -1.5, tokens=0),
        HeadPatch(LAYER, 3, source=lab, tokens=[0], source_tokens=[2]),
    ]
    for edit in [*edits, edits]:
        with heard(lab) as given:
            trace = lab.trace_of(*(edit if isinstance(edit, list) else [edit]))
        heads = given[-1].reshape(len(lab.trace.tokens), lab.trace.count_heads(LAYER), -1)
        for head in range(heads.shape[1]):
            found = trace.calculation(LAYER, head)
            np.testing.assert_array_equal(found["edited"].values, heads[:, head].float().numpy())
        assert "edited" not in trace.calculation(0, 0)
    off = lab.trace_of(edits[0]).calculation(LAYER, 0)
    assert not off["edited"].values.any()
    assert off["output"].values.any()
    assert "edits" in off.reason


def test_a_blocked_edge_is_in_the_weights_themselves() -> None:
    lab = lab_of(made("gpt2", "sdpa"))
    with heard(lab) as given:
        trace = lab.trace_of(EdgeOff(layer=LAYER, heads=1, query=3, key=1))
    found = trace.calculation(LAYER, 1)
    heads = given[-1].reshape(len(lab.trace.tokens), lab.trace.count_heads(LAYER), -1)
    assert found["weights"].values[3, 1] == 0
    np.testing.assert_allclose(found["output"].values, heads[:, 1].numpy(), rtol=0, atol=1e-5)
    assert "edited" not in found


def test_every_layer_says_to_ask_the_pass_before_the_edits() -> None:
    """The layers that nothing was changed in too: no pass with edits keeps weights."""
    lab = lab_of(made("gpt2", "sdpa"))
    for edit in (HeadOff(LAYER, 0), EdgeOff(layer=LAYER, heads=1, query=3, key=1)):
        trace = lab.trace_of(edit)
        reasons = {trace.calculation(layer, 0).reason for layer in range(trace.n_layers)}
        assert len(reasons) == 1
        assert "ask the pass before them" in reasons.pop()


def test_a_file_keeps_it(tmp_path: Path) -> None:
    lab = lab_of(made("bert", "sdpa"))
    trace = lab.trace_of(HeadScale(LAYER, 2, 0.5))
    trace.save(tmp_path / "edited.trace")
    loaded = Trace.load(tmp_path / "edited.trace").calculation(LAYER, 2)
    name: StepName
    for name in ("output", "edited"):
        kept = trace.calculation(LAYER, 2)[name].values
        np.testing.assert_array_equal(loaded[name].values, kept)
