"""Layers that return again what they returned before."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from attention_widget._util.cleanup import Undo, guarded
from attention_widget.experiments.kept_layers import KeptLayers, with_states
from attention_widget.tracing.model.hooks import attached


def encoder() -> nn.TransformerEncoder:
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    return nn.TransformerEncoder(layer, 3, nn.LayerNorm(8), enable_nested_tensor=False).eval()


def test_torchs_own_layers_are_left_as_they_were() -> None:
    model = encoder()
    given = torch.randn(1, 5, 8)
    layers = KeptLayers(dict(model.named_modules()), None)
    with torch.no_grad(), attached(layers.watching()):
        before = model(given)
    assert len(layers) == 3

    def again(undo: Undo) -> Any:
        layers.stand_in({}, undo)
        assert all("forward" in vars(layer) for layer in model.layers)
        return model(torch.zeros(1, 5, 8))

    with torch.no_grad():
        assert torch.equal(guarded(again), before)
    assert not any("forward" in vars(module) for module in model.modules())
    assert not any(module._forward_hooks for module in model.modules())


def test_a_list_that_holds_the_head_is_none_of_layers() -> None:
    model = encoder()
    layers = KeptLayers(dict(model.named_modules()), model.layers[2].linear1)
    with torch.no_grad(), attached(layers.watching()):
        model(torch.randn(1, 5, 8))
    assert len(layers) == 2


STATES = torch.arange(40.0).reshape(5, 8)


@pytest.mark.parametrize("shape", [(1, 5, 8), (5, 1, 8), (5, 8)])
def test_states_take_the_place_of_a_layers_own(shape: tuple[int, ...]) -> None:
    own = torch.zeros(shape)
    maps = torch.ones(1, 2, 5, 5)
    changed = with_states((own, None, maps), 5, STATES)
    assert changed[0].shape == shape
    assert torch.equal(changed[0].reshape(5, 8), STATES)
    assert changed[1:] == (None, maps)
    assert torch.equal(with_states(own, 5, STATES), changed[0])


@pytest.mark.parametrize(
    "output",
    [
        (torch.zeros(1, 5, 8), torch.zeros(1, 5, 8)),  # two: which are they?
        (torch.zeros(1, 4, 8),),
        {"states": torch.zeros(1, 5, 8)},
        None,
    ],
)
def test_where_they_have_no_place_there_is_none(output: Any) -> None:
    assert with_states(output, 5, STATES) is None
