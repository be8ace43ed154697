"""Give a model's output head only the positions that are read, which saves the other logits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import torch
from torch.utils.hooks import RemovableHandle

from attention_widget.experiments.head import own_head
from attention_widget.experiments.measure import Measure
from attention_widget.experiments.passes import Hooks, Passes
from attention_widget.experiments.subject import Subject
from attention_widget.experiments.tail import same


def feeding(lab: Subject, passes: Passes, measure: Measure) -> Hooks | None:
    """Hooks that do so; None where the model would not give the same logits then, or where it
    saves nothing."""
    head = own_head(lab.tracer.model)
    n_tokens = len(lab.read_tokens)
    if head is None or measure.of_states or len(measure.positions) == n_tokens:
        return None
    at = list(measure.positions)
    running = [threading.get_ident()]  # the thread of the pass

    def feed(module: torch.nn.Module, args: tuple[Any, ...]) -> Any:
        if threading.get_ident() != running[0] or not args or not isinstance(args[0], torch.Tensor):
            return None
        states = args[0]
        if states.ndim != 3 or states.shape[1] != n_tokens:
            return None
        return (states[:, at], *args[1:])

    def hooks() -> Iterator[RemovableHandle]:
        running[0] = threading.get_ident()
        yield head.register_forward_pre_hook(feed)

    try:
        with torch.no_grad():
            whole = measure.read(lab.output, lab.head)[0]
            fed = measure.read(passes.unchanged(hooks), lab.head, fed=True)[0]
        return hooks if same(fed.float(), whole.float()) else None
    except Exception:  # of the model's code after the head, which wants all positions
        return None
