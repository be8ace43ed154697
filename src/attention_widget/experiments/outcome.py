"""What came of edits: the model's output before and after them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from attention_widget._util.integers import as_integer
from attention_widget.errors import OutOfRangeError
from attention_widget.experiments.edits import Edit
from attention_widget.experiments.head import what_it_predicts
from attention_widget.experiments.predictions import Predictions
from attention_widget.experiments.predictor import Predictor
from attention_widget.trace.block import Array
from attention_widget.trace.indices import index_of
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
        experiment: Predictor,
    ) -> None:
        self.edits = tuple(edits)
        self.sentences = tuple(sentences)
        self.positions = tuple(positions)
        self.before = before
        self.after = after
        self._run = run
        self.experiment: Any = experiment
        self._predictor = experiment

    @cached_property
    def trace(self) -> Trace:
        """The trace of the pass with the edits, which runs once, when it is first asked for.

        Its records are checked against what the attention gave out before each edit; a blocked edge
        has probability 0. ``trace.edits`` says what was changed.

        >>> from attention_widget.experiments import HeadOff
        >>> lab.without(HeadOff(1, 0)).trace.edits
        ('Layer 1, head 0 is switched off: it gives out zero.',)
        """
        return self._run()

    def predictions(self, top_k: int = 10, *, follow: Sequence[str | int] = ()) -> Predictions:
        """What the model predicts with the edits, at the positions that were asked for;
        :meth:`Experiment.predictions` is without them, with the same arguments.

        >>> from attention_widget import Experiment
        >>> from attention_widget.experiments import HeadOff
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> lab.without(HeadOff(1, 0), positions=-1).predictions(top_k=2).probabilities.shape
        (1, 2)
        """
        at = self.positions if self._has_positions else None
        return self._predictor.predictions_from(self.after, top_k, at, follow=follow)

    def probability(self, token: str | int, position: int | None = None) -> float:
        """The probability of a token, or class, with the edits; :meth:`Experiment.probability` is
        without them. ``position`` is one of those that were asked for, the last of them if None.

        >>> from attention_widget import Experiment
        >>> from attention_widget.experiments import HeadOff
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> lab.without(HeadOff(1, 0)).probability("idea") == lab.probability("idea")
        False

        Raises:
            TypeError, ValueError, IndexError: as in :meth:`Experiment.probability`; or the logits
                of this position were not asked for.
        """
        row = self._row(position)
        at = [self.positions[row]] if self._has_positions else None
        found = self._predictor.predictions_from(self.after[[row]], 1, at, follow=[token])
        return float(found.followed_probabilities[0, 0])

    @property
    def _has_positions(self) -> bool:
        return what_it_predicts(self._predictor.model) != "class"

    def _row(self, position: int | None) -> int:
        if position is None:
            return len(self.after) - 1
        size = len(self._predictor.read_tokens) if self._has_positions else 1
        index = index_of("position", position, size)
        if index not in self.positions:
            known = ", ".join(map(str, self.positions))
            raise OutOfRangeError(
                f"position must be one whose logits were asked for ({known}), got "
                f"{as_integer(position)}; ask for it too: without(..., positions=[...])"
            )
        return self.positions.index(index)

    def __repr__(self) -> str:
        return f"Outcome({' '.join(self.sentences) or 'no edits'})"
