"""Integers are taken from Python, NumPy and PyTorch alike; truth values are none."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from attention_widget._util.integers import as_integer


@pytest.mark.parametrize(
    "value", [3, np.int64(3), np.uint8(3), np.array(3), torch.tensor(3), torch.tensor([3])]
)
def test_an_integer_is_one_wherever_it_comes_from(value: object) -> None:
    found = as_integer(value)
    assert (found, type(found)) == (3, int)


@pytest.mark.parametrize(
    "value",
    [
        *(True, np.True_, np.array(True), torch.tensor(True)),
        *(3.0, torch.tensor(3.0), "3", None, [3], np.array([3, 4]), torch.tensor([3, 4])),
    ],
)
def test_anything_else_is_none(value: object) -> None:
    assert as_integer(value) is None
