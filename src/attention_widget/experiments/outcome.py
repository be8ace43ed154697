"""What came of edits: the model's output before and after them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from attention_widget.experiments.edits import Edit
from attention_widget.trace.block import Array
from attention_widget.trace.trace import Trace


class Outcome:
    """The logits before and after some edits, at the positions that were asked for.

    ``before`` and ``after`` are (position, vocabulary), float32, of the pass in which nothing is
    changed and of the one with the edits; of a classifier (1, class). ``positions`` are the tokens
    that the rows stand at, ``edits`` what was changed, with every number from 0, and ``sentences``
    say it in words. ``experiment`` is the one that was run.

    >>> from attention_widget.experiments import HeadOff
    >>> outcome = lab.without(HeadOff(1, 0))
    >>> outcome.before.shape == outcome.after.shape
    True
    >>> outcome.sentences
    ('Layer 1, head 0 is switched off: it gives out zero.',)
    """

    def __init__(
        self,
        edits: Sequence[Edit],
        sentences: Sequence[str],
        positions: Sequence[int],
        before: Array,
        after: Array,
        run: Callable[[], Trace],
        experiment: Any = None,
    ) -> None:
        self.edits = tuple(edits)
        self.sentences = tuple(sentences)
        self.positions = tuple(positions)
        self.before = before
        self.after = after
        self._run = run
        self.experiment = experiment

    @cached_property
    def trace(self) -> Trace:
        """The trace of the pass with the edits, which runs once, when it is first asked for.

        Its records are checked against what the attention gave out before each edit; a blocked edge
        has probability 0. ``trace.edits`` says what was changed.

        >>> lab.without(HeadOff(1, 0)).trace.edits
        ('Layer 1, head 0 is switched off: it gives out zero.',)
        """
        return self._run()

    def __repr__(self) -> str:
        return f"Outcome({' '.join(self.sentences) or 'no edits'})"
