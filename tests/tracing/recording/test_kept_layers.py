"""Layers that return again what they returned before."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from attention_widget._util.cleanup import Undo, guarded
from attention_widget.tracing.recording.kept_layers import Deaf, KeptLayers
from attention_widget.tracing.recording.layer_modules import outermost_layers

GIVEN = torch.arange(40.0).sin().reshape(1, 5, 8)


def encoder() -> nn.TransformerEncoder:
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    return nn.TransformerEncoder(layer, 3, nn.LayerNorm(8), enable_nested_tensor=False).eval()


def kept(model: nn.Module, layers: KeptLayers) -> Any:
    """What the model returns in the pass that is kept."""

    def work(undo: Undo) -> Any:
        layers.keeping(Deaf(), undo)
        with torch.no_grad():
            return model(GIVEN)

    return guarded(work)


def again(model: nn.Module, layers: KeptLayers, changed: Any = None) -> Any:
    """What it returns of zeros when no kept layer runs."""

    def work(undo: Undo) -> Any:
        layers.resuming(Deaf(), 0, 1, undo, changed)
        with torch.no_grad():
            return model(torch.zeros(1, 5, 8))

    return guarded(work)


def test_torchs_own_layers_are_left_as_they_were() -> None:
    model = encoder()
    layers = KeptLayers(outermost_layers(dict(model.named_modules()), None))
    before = kept(model, layers)
    assert len(layers) == 3
    assert torch.equal(again(model, layers), before)
    assert not any("forward" in vars(module) for module in model.modules())
    assert not any(module._forward_hooks for module in model.modules())


def test_the_shapes_are_enough_of_all_layers_but_the_last() -> None:
    model = encoder()
    layers = KeptLayers(outermost_layers(dict(model.named_modules()), None), last_alone=True)
    before = kept(model, layers)
    assert len(layers) == 3
    assert layers.nbytes == 4 * 40  # of one layer
    assert torch.equal(again(model, layers), before)
    other = torch.ones(1, 5, 8)
    assert torch.equal(again(model, layers, {2: other}), model.norm(other))  # type: ignore[misc]


class Twice(nn.Module):
    """The first layer, then the second twice, of which only the first time is read."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = encoder().layers[:2]

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        states: torch.Tensor = self.layers[1](self.layers[0](given))
        self.read(states)
        self.layers[1](states)
        return states

    def read(self, states: torch.Tensor) -> None:
        """What is done with the states that count."""


def test_what_is_pinned_stays_whatever_follows() -> None:
    model = Twice()
    layers = KeptLayers(outermost_layers(dict(model.named_modules()), None), last_alone=True)
    model.read = lambda states: layers.pin()  # type: ignore[method-assign]
    before = kept(model, layers)
    assert (layers.last, len(layers)) == (1, 3)
    assert torch.equal(layers.output(1), before)
    model.read = lambda states: None  # type: ignore[method-assign]
    assert torch.equal(again(model, layers), before)


def test_layers_that_do_not_fit_run_each_time() -> None:
    model = encoder()
    layers = KeptLayers(outermost_layers(dict(model.named_modules()), None), lambda nbytes: False)
    kept(model, layers)
    assert (len(layers), layers.nbytes, layers.complete) == (0, 0, False)
    layers = KeptLayers(
        outermost_layers(dict(model.named_modules()), None),
        lambda nbytes: layers.nbytes + nbytes <= 2 * 160,
    )
    before = kept(model, layers)
    assert (len(layers), layers.nbytes, layers.complete) == (2, 320, False)
    ran: list[int] = []
    for index, layer in enumerate(model.layers):
        layer.linear1.register_forward_hook(lambda *_, index=index: ran.append(index))
    assert torch.equal(again(model, layers), before)
    assert ran == [2]


def test_a_list_that_holds_the_head_is_none_of_layers() -> None:
    model = encoder()
    head = model.layers[2].linear1
    assert len(outermost_layers(dict(model.named_modules()), head)) == 2
