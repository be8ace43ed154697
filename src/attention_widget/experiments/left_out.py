"""What comes of leaving each passage of a text out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attention_widget.experiments.mattering import MATTERS_FROM, mattering
from attention_widget.experiments.metric import Metric, StateChange, TextLoss
from attention_widget.trace.block import Array
from attention_widget.trace.passage import Passage


@dataclass(frozen=True, eq=False)
class LeftOut:
    """What is measured with each passage left out, less what it is with all of them.

    ``effects`` (passage,) are in ``unit`` (log-probabilities in nats); NaN for a passage that was
    not tried, or that the answer itself stands in. ``before`` is what is measured with all.

    >>> from attention_widget import Experiment
    >>> lab = Experiment(gpt2, "a good novel about purple", tokenizer=gpt2_tokenizer,
    ...                  passages={"one": (0, 6), "two": (7, 12)})
    >>> found = lab.leave_out()
    >>> found.effects.shape
    (2,)
    """

    metric: Metric
    name: str
    unit: str
    passages: tuple[Passage, ...]
    before: float
    effects: Array

    @property
    def losses(self) -> Array:
        """How much worse the answer is without each passage: effects that count down for
        log-probabilities and logits, and up for a loss or a change of states.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel about purple", tokenizer=gpt2_tokenizer,
        ...                  passages={"one": (0, 6), "two": (7, 12)})
        >>> found = lab.leave_out()
        >>> bool((found.losses == -found.effects).all())
        True
        """
        up = isinstance(self.metric, TextLoss | StateChange)
        found: Array = self.effects if up else -self.effects
        return found

    @property
    def most_important(self) -> Passage | None:
        """The passage without which the answer loses most; None where it loses less than
        :attr:`matters_from` without any, and where none was tried.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel about purple", tokenizer=gpt2_tokenizer,
        ...                  passages={"one": (0, 6), "two": (7, 12)})
        >>> found = lab.leave_out()
        >>> (found.most_important is None) == (not (found.losses >= found.matters_from).any())
        True
        """
        found = self.losses
        if not (found >= self.matters_from).any():
            return None
        return self.passages[int(np.nanargmax(found))]

    @property
    def matters_from(self) -> float:
        """The smallest effect that matters, in ``unit``: 0.1 nats (a tenth of a probability), 0.1
        in a logit, 0.01 in 1 − cosine.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel about purple", tokenizer=gpt2_tokenizer,
        ...                  passages={"one": (0, 6), "two": (7, 12)})
        >>> lab.leave_out().matters_from
        0.1
        """
        return MATTERS_FROM[self.unit]

    @property
    def matters(self) -> np.ndarray:
        """Of each passage whether leaving it out matters, for better or worse: (passage,) bool.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel about purple", tokenizer=gpt2_tokenizer,
        ...                  passages={"one": (0, 6), "two": (7, 12)})
        >>> lab.leave_out().matters.shape
        (2,)
        """
        return mattering(self.effects, self.unit)

    def __repr__(self) -> str:
        parts = ", ".join(
            f"{passage.name!r}: {effect:+.3g}"
            for passage, effect in zip(self.passages, self.effects, strict=True)
        )
        return f"LeftOut({self.name}, {self.before:.3g} {self.unit}; {parts})"
