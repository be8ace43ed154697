"""The distances of a head's queries from a few sums, against their definition."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from attention_widget.corpus import row_sums
from attention_widget.corpus.knots import Knots
from attention_widget.corpus.row_sums import sum_products


def maps(n: int) -> torch.Tensor:
    """Heads that look anywhere, beside the token, to the first token, and to the last one alone."""
    torch.manual_seed(n)
    logits = torch.randn(4, n, n)
    away = (torch.arange(n)[:, None] - 1 - torch.arange(n)).abs()
    logits[1] -= 5 * away
    logits[2, :, 0] += 12
    logits[3, :, -1] += 60
    return logits.softmax(-1)


@pytest.mark.parametrize("n", [1, 2, 5, 22, 88, 131, 512, 600, 1024])
@pytest.mark.parametrize("height", [1, 3, 10_000])
def test_distances_are_those_of_their_definition(n: int, height: int) -> None:
    weights, knots = maps(n), Knots(n, torch.device("cpu"))
    bend = torch.zeros(weights.shape[:2])
    for start in range(0, n, knots.apart * height):  # chunks of rows begin at knots
        rows = slice(start, start + knots.apart * height)
        for own, factors, into in knots.stretches(weights[:, rows], start, bend[:, rows]):
            sum_products(own, factors, into)
    sums = (weights @ knots.columns).movedim(-1, 0).contiguous()
    distance, variance = knots.distances(sums, bend)

    exact = weights.double()
    away = (torch.arange(n)[:, None] - torch.arange(n)).abs().double()
    mean = (exact * away).sum(-1)
    spread = (exact * (away - mean[..., None]) ** 2).sum(-1)
    for found, wanted, near in ((distance, mean, 2e-7), (variance, spread, 5e-6)):
        off = (found.double() - wanted).mean(-1) / wanted.mean(-1).clamp(min=1)
        assert off.abs().max() <= near
    np.testing.assert_allclose(variance, spread, rtol=1e-4, atol=3e-4)


@pytest.mark.parametrize("by_numpy", [True, False])
def test_sums_of_products(by_numpy: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With NumPy's own function, and without it, as NumPy 1 and GPUs are."""
    if not by_numpy:
        monkeypatch.setattr(row_sums, "_vecdot", None)
    one, other = torch.rand(2, 5, 70)
    into = torch.zeros(3, 9)[:, 2:7]  # a part of something larger
    sum_products(one.expand(3, 5, 70), other, into)
    np.testing.assert_allclose(into, (one * other).sum(-1).expand(3, 5), rtol=1e-6)
