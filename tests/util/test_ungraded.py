"""Gradients are as they were after work without them, whatever ends it."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import pytest
import torch
from support.repository import ROOT

from attention_widget._util.ungraded import ungraded


def leaf() -> bool:
    return torch.is_grad_enabled()


def test_work_runs_without_gradients_and_leaves_them_as_they_were() -> None:
    assert ungraded(leaf) is False
    assert torch.is_grad_enabled()
    with torch.no_grad():
        assert ungraded(leaf) is False
        assert not torch.is_grad_enabled()
    with pytest.raises(ZeroDivisionError):
        ungraded(lambda: 1 // 0)
    assert torch.is_grad_enabled()


def test_an_interrupt_at_any_line_leaves_gradients_on() -> None:
    """Raised at the n-th line of the package's code, for every n that there is."""
    seen, raised = 0, 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal seen
        if "attention_widget" not in frame.f_code.co_filename:
            return None
        if event == "line" and frame.f_code.co_name in ("prepared", "ungraded"):
            seen += 1
            if seen == at:
                raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    for at in range(1, 50):
        seen = 0
        sys.settrace(trace)
        try:
            ungraded(leaf)
        except KeyboardInterrupt:
            raised += 1
        finally:
            sys.settrace(before)
        assert torch.is_grad_enabled(), at
        if seen < at:
            break
    assert raised > 4


def test_the_package_uses_nothing_else() -> None:
    package = ROOT / "src" / "attention_widget"
    texts = {each: each.read_text() for each in package.rglob("*.py") if each.stem != "ungraded"}
    assert len(texts) > 200
    assert not [str(each) for each, text in texts.items() if "torch.no_grad()" in text]
