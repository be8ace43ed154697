"""A row of a step is that of the whole step, and made without the other rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support.loaded import TOKENIZER, load
from support.models import TEXT

from attention_widget import capture
from attention_widget.protocol.calculation_tensors import STEPS_BY_ROW
from attention_widget.protocol.catalogue import compute
from attention_widget.trace.block import Block


@pytest.mark.parametrize("family", ["gpt_oss", "gemma2", "mpt"])
def test_a_row_is_that_of_the_whole(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    trace = capture(load(family, "eager"), TEXT, tokenizer=TOKENIZER, keep_weights=True)
    kind = trace.kinds[0]
    steps = {step.name for step in trace.calculation(1, 2).steps}
    assert ("sunk" in steps) == (family == "gpt_oss")
    wanted = [name for name in STEPS_BY_ROW if name in steps]
    assert len(wanted) >= 6
    whole = {name: compute(trace, f"calculation/{kind}/1/2/{name}") for name in wanted}
    asked: list[Any] = []
    logits = Block._logits

    def heard(self: Block, heads: Any, queries: Any) -> Any:
        asked.append(queries.tolist())
        return logits(self, heads, queries)

    monkeypatch.setattr(Block, "_logits", heard)
    for name in wanted:
        for row in (0, 4):
            line = compute(trace, f"calculation_line/{kind}/1/2/{name}/row/{row}")
            np.testing.assert_allclose(line, whole[name][row], rtol=2e-6, atol=1e-6)
    assert asked
    assert all(len(queries) == 1 for queries in asked)
