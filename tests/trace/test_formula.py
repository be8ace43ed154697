"""One formula of attention, for what a trace shows and for what a capture checks."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from attention_widget import Block
from attention_widget.trace.formula import to_logits, to_probabilities
from attention_widget.trace.mask import Mask
from attention_widget.tracing.recording.expected_output import all_rows, expected
from attention_widget.tracing.recording.records import Record

HEADS, QUERIES, KEYS = 4, 5, 7


@pytest.mark.parametrize("softcap", [None, 3.0])
@pytest.mark.parametrize("bias", [None, (HEADS, QUERIES), (1, 1), (1, QUERIES), (HEADS, 1)])
@pytest.mark.parametrize("sinks", [None, (HEADS,), (HEADS, QUERIES)])
@pytest.mark.parametrize("hides", [False, True])
def test_a_capture_is_checked_by_the_attention_that_is_shown(
    softcap: float | None,
    bias: tuple[int, int] | None,
    sinks: tuple[int, ...] | None,
    hides: bool,
) -> None:
    draw = torch.Generator().manual_seed(0)
    visible = torch.rand(1, QUERIES, KEYS, generator=draw) < 0.6
    visible[:, 2] = False  # a row that sees no key
    record = Record(
        path="attention",
        query=torch.randn(HEADS, QUERIES, 8, generator=draw),
        key=torch.randn(HEADS // 2, KEYS, 8, generator=draw),
        value=torch.randn(HEADS // 2, KEYS, 8, generator=draw),
        scale=0.7,
        mask=Mask.from_visible(visible) if hides else Mask.full(QUERIES, KEYS),
        softcap=softcap,
        bias=None if bias is None else torch.randn(*bias, KEYS, generator=draw),
        sinks=None if sinks is None else torch.randn(*sinks, generator=draw),
    )
    block = record.block(0)
    assert isinstance(block, Block)
    shown = torch.from_numpy(block.attention())
    rows = all_rows(HEADS, QUERIES)
    checked = expected([record, replace(record)], [rows, rows]).weights

    torch.testing.assert_close(checked[0], shown, rtol=1e-6, atol=1e-7)
    torch.testing.assert_close(checked[1], checked[0], rtol=0, atol=0)
    sums = shown.sum(-1)
    assert bool((sums[:, 2] == 0).all()) == hides
    assert bool((sums < 1 - 1e-4).any()) == (hides or sinks is not None)


def test_the_soft_cap_comes_before_the_bias_and_the_mask() -> None:
    hidden = torch.tensor([[[False, False, True]]])
    logits = to_logits(
        torch.tensor([[[4.0, -1.0, 9.0]]]), 2.0, torch.tensor([[[10.0, 0.0, 5.0]]]), hidden
    )
    torch.testing.assert_close(
        logits, torch.tensor([[[2 * math.tanh(2) + 10, 2 * math.tanh(-0.5), -math.inf]]])
    )


def test_a_sink_takes_its_share_and_a_row_without_keys_is_zero() -> None:
    logits = torch.tensor([[[0.0, 0.0], [-math.inf, -math.inf]]])
    empty = torch.tensor([[False, True]])
    torch.testing.assert_close(
        to_probabilities(logits, empty=empty), torch.tensor([[[0.5, 0.5], [0.0, 0.0]]])
    )
    torch.testing.assert_close(
        to_probabilities(logits, torch.zeros(1, 1)), torch.tensor([[[1 / 3, 1 / 3], [0.0, 0.0]]])
    )
