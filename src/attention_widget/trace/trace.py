"""What one forward pass left behind: tokens, attention and hidden states.

Frozen data and array access only; nothing here knows a model or a widget.
"""

from __future__ import annotations

import os
import reprlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import torch

from attention_widget._util.sizes import in_words
from attention_widget.errors import InvalidValueError, NotFoundError
from attention_widget.trace import old_files, storage
from attention_widget.trace.block import Block, Maps
from attention_widget.trace.by_word import ByWord
from attention_widget.trace.calculations import WithCalculations
from attention_widget.trace.grouping import Grouped
from attention_widget.trace.heads import WithHeads
from attention_widget.trace.indices import index_of
from attention_widget.trace.lookup import Lookup
from attention_widget.trace.mask import Mask
from attention_widget.trace.passage import Passage
from attention_widget.trace.passage import flaw as passages_flaw
from attention_widget.trace.position_flaws import flaw as positions_flaw
from attention_widget.trace.positions import Positions
from attention_widget.trace.projections import OutputProjection, Projection, Projections, Stage
from attention_widget.trace.rows import WithRows
from attention_widget.trace.target import Target
from attention_widget.trace.token import Token
from attention_widget.trace.validation import (
    hidden_flaw,
    image_flaw,
    operation_flaw,
    projections_flaw,
    rows_flaw,
    window_flaw,
)


@dataclass(frozen=True, eq=False, repr=False)
class Window:
    """A stretch of a text that is longer than the model takes, read by a pass of its own.

    >>> long.window(20)
    Window(tokens 12–23, Trace('tiny', 18 tokens, encoder: 2 layers × 2 heads, 11 kB))
    """

    trace: Trace
    positions: tuple[int | None, ...]
    """For each token of this trace its index in the whole text; None for special tokens."""
    own: range
    """Tokens of the whole text whose hidden states are taken from this window."""

    def __repr__(self) -> str:
        return f"Window(tokens {self.own.start}–{self.own.stop - 1}, {self.trace!r})"


@dataclass(frozen=True, eq=False, repr=False)
class Trace(WithRows, WithCalculations, ByWord, WithHeads):
    """What one forward pass left behind.

    ``texts`` holds the text of each segment. ``hidden`` holds the hidden states; it is empty
    where only attention is known.

    The ``tokens``, ``hidden`` and ``texts`` of an encoder-decoder are those of its encoder, and
    ``target`` holds those of its decoder. Of a text read in ``windows`` the hidden states are
    stitched together, and each window has attention of its own (see :meth:`window`). ``edits`` says
    what an :class:`Experiment` changed in the pass.

    A trace does not change: :meth:`queries`, :meth:`keys`, :meth:`values`,
    :meth:`hidden_states` and ``image`` are read-only arrays, without a copy where they can be
    (take ``array.copy()`` to write into one), and :meth:`attention` is computed for each call.
    The tensors behind them (``hidden``, ``Block.query``, ...) cannot be locked: read them only.

    >>> from attention_widget import capture
    >>> trace = capture(model, "Attention is a novel idea", tokenizer=tokenizer)
    >>> trace
    Trace(..., 7 tokens, encoder: 6 layers × 12 heads, ... kB)
    >>> trace.attention(3).shape  # (head, query, key)
    (12, 7, 7)
    >>> trace.hidden_states(4).shape  # (token, hidden), what layer 3 gave out
    (7, 384)
    """

    windows: tuple[Window, ...] = ()

    @property
    def tensors(self) -> tuple[torch.Tensor, ...]:
        """All tensors that are kept, those of windows too. Read them only.

        >>> len(trace.tensors) > len(trace.hidden)
        True
        """
        windows = [tensor for window in self.windows for tensor in window.trace.tensors]
        return (*super().tensors, *windows)

    def window(self, token: int) -> Window:
        """The window that a token of the whole text takes its hidden states from.

        >>> long.window(20).own
        range(12, 24)
        >>> long.window(20).trace.attention(0).shape
        (2, 18, 18)

        Raises:
            IndexError: there is no such token.
            LookupError: the text was read in one pass.
        """
        if not self.windows:
            raise NotFoundError(f"{self.model_name} read this text in one pass; it has no windows")
        at = index_of("token", token, len(self.tokens))
        for window in self.windows:
            if at in window.own:
                return window
        raise NotFoundError(f"no window holds token {at}")

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the trace to one safetensors file, exactly: numbers and JSON, no code.

        A file of that name is replaced once all is written.

        >>> trace.save("novel.safetensors")
        >>> Trace.load("novel.safetensors").n_layers
        6
        """
        storage.write(path, self)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Trace:
        """The trace that :meth:`save` wrote, in this version or an earlier one.

        >>> trace.save("novel.safetensors")
        >>> Trace.load("novel.safetensors")
        Trace(..., 7 tokens, encoder: 6 layers × 12 heads, ... kB)

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: it is damaged, it holds no trace, or another version wrote it.
        """
        classes = (
            *(Trace, Token, Target, Window, Block, Maps, Grouped, Mask, Passage, Positions),
            *(Projections, Projection, Stage, OutputProjection),
        )
        trace = storage.read(path, Trace, classes, old_files.CONVERSIONS)
        problem = next(filter(None, _flaws(trace)), None)
        if problem:
            raise InvalidValueError(f"{os.fspath(path)!r} is damaged: {problem}")
        return trace

    def __repr__(self) -> str:
        target = "" if self.target is None else f" → {len(self.target.tokens)}"
        windows = f" in {len(self.windows)} windows" if self.windows else ""
        name, n_edits = self.model_name, len(self.edits)
        edits = f", {n_edits} edit{'s' * (n_edits != 1)}" if n_edits else ""
        return (
            f"Trace({reprlib.repr(name) if len(name) > 60 else repr(name)}, "
            f"{len(self.tokens)}{target} tokens{windows}, {self._lookup!r}{edits}, "
            f"{in_words(self.nbytes)})"
        )

    @cached_property
    def _lookup(self) -> Lookup:
        if not self.windows:
            return super()._lookup
        refusal = (
            f"{self.model_name} read this text in {len(self.windows)} windows, each with "
            f"attention of its own; ask trace.window(token).trace"
        )
        return self.windows[0].trace._lookup.refusing(refusal)

    def _refuse_windows(self, method: str) -> None:
        if self.windows:
            raise NotFoundError(
                f"{self.model_name} read this text in {len(self.windows)} windows; ask "
                f"trace.window(token).trace.{method}"
            )


def _flaws(trace: Trace) -> Iterator[str]:
    """What in a trace cannot be, as of a file that was changed; an empty string for what can."""
    if trace.roles and len(trace.roles) != len(trace.texts):
        yield f"{len(trace.roles)} roles of {len(trace.texts)} texts"
    yield image_flaw(trace.image)
    yield passages_flaw(trace.passages, len(trace.tokens), len(trace.texts))
    yield hidden_flaw(trace.hidden, len(trace.tokens))
    yield rows_flaw(trace.word_rows, len(trace.tokens))
    if trace.target is not None:
        yield hidden_flaw(trace.target.hidden, len(trace.target.tokens))
        yield rows_flaw(trace.target.word_rows, len(trace.target.tokens))
    for window in trace.windows:
        inside = window.trace
        yield window_flaw(window.positions, window.own, len(inside.tokens), len(trace.tokens))
        if inside.windows:
            yield "a window in a window"
        yield from _flaws(inside)
    if trace.windows and trace.operations:
        yield "it has windows, and attention beside theirs"
    for positions in trace.positions:
        tokens = trace.sides(positions.kind)[0]
        yield positions_flaw(positions, len(tokens), trace.count_layers(positions.kind))
    for known in trace.projections:
        queries, keys = map(len, trace.sides(known.kind))
        yield projections_flaw(known, trace.operations, queries, keys)
    for one in trace.operations:
        queries, keys = map(len, trace.sides(one.kind))
        yield operation_flaw(one, len(trace._states(one.kind)), queries, keys)
