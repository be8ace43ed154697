"""What the measures of an experiment need of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from torch import nn

from attention_widget.experiments.tail import Tail
from attention_widget.trace.token import Token
from attention_widget.trace.trace import Trace
from attention_widget.tracing.tracer import Tracer


class Subject(Protocol):
    """A model with one input. Experiments are such, and so are their edited passes."""

    @property
    def tracer(self) -> Tracer: ...
    @property
    def head(self) -> nn.Module | None: ...
    @property
    def read_tokens(self) -> Sequence[Token]:
        """The tokens that the logits stand at: those of the decoder where there is one."""
        ...

    @property
    def was(self) -> Mapping[int, int]:
        """The ids that stood where tokens are masked, by index."""
        ...

    @property
    def trace(self) -> Trace: ...
    @property
    def output(self) -> Any: ...
    @property
    def tail(self) -> Tail: ...
