"""Questions to the model of a widget, asked as the browser asks them."""

from __future__ import annotations

from typing import Any

from attention_widget import AttentionWidget
from support.front_end import Browser


def asked(widget: AttentionWidget, question: Any, run: int = 1) -> list[dict[str, Any]]:
    """All replies: how far it is, each time that it is told, and last the answer or the error."""
    replies = Browser(widget).send({"kind": "ask", "id": 5, "run": run, "question": question})
    assert all(reply["id"] == 5 and buffers == [] for reply, buffers in replies)
    return [reply for reply, _ in replies]


def answer_to(widget: AttentionWidget, question: Any) -> Any:
    return asked(widget, question)[-1]["answer"]
