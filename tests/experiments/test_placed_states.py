"""Hidden states in the place of those that a layer gave out."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from attention_widget.experiments.placed_states import with_states

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
