"""The largest numbers of long rows are those that PyTorch finds."""

from __future__ import annotations

import pytest
import torch

from attention_widget.experiments.largest import largest


@pytest.mark.parametrize("size", [30, 191, 5_000, 49_152, 50_257])
@pytest.mark.parametrize("k", [1, 5, 30])
def test_they_are_those_of_a_whole_sort(size: int, k: int) -> None:
    torch.manual_seed(0)
    rows = torch.randn(3, size)
    best, at = largest(rows, k)
    expected = rows.sort(-1, descending=True)
    assert torch.equal(best, expected.values[:, :k])
    assert torch.equal(at, expected.indices[:, :k])


def test_they_may_lie_in_one_block_in_the_rest_and_beside_infinities() -> None:
    rows = torch.full((2, 5_003), float("-inf"))
    rows[0, 400:410] = torch.arange(10.0)
    rows[1, -3:] = torch.tensor([1.0, 3.0, 2.0])
    best, at = largest(rows, 3)
    assert best.tolist() == [[9.0, 8.0, 7.0], [3.0, 2.0, 1.0]]
    assert at.tolist() == [[409, 408, 407], [5_001, 5_002, 5_000]]


def test_of_equal_numbers_each_is_named_once() -> None:
    _, at = largest(torch.zeros(1, 50_000), 10)
    assert len(set(at[0].tolist())) == 10
