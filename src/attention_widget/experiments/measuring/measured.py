"""The values of a measure, of one layer or of the tokens of the text."""

from __future__ import annotations

from dataclasses import dataclass

from attention_widget.experiments.measuring.facts import MEASURES, MeasureFacts, MeasureName
from attention_widget.trace.block import Array
from attention_widget.trace.kind import Kind


@dataclass(frozen=True, eq=False, repr=False)
class Measured:
    """What a measure gave.

    Attributes:
        name: the measure, a key of ``MEASURES``.
        layer, kind: whose attention it is of; None for a measure of the tokens of the text.
        values: float32, (head, query, key) for a measure of heads, (query, key) for one of a whole
            layer, (token,) for one of the text.
        is_exact: whether they are exact parts of what the model computed, or an estimate.
        passes: what it costs for all layers together, in passes of the model.

    >>> from attention_widget import Experiment
    >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
    >>> lab.measure("value_weighted", 2)
    Measured(value_weighted, layer 2, decoder, 4 × 5 × 5, exact)
    """

    name: MeasureName
    layer: int | None
    kind: Kind | None
    values: Array
    is_exact: bool
    passes: float

    @property
    def facts(self) -> MeasureFacts:
        """What is known of the measure.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> lab.measure("value_weighted", 2).facts.meaning
        "Attention times how long the key's value vector is."
        """
        return MEASURES[self.name]

    def __repr__(self) -> str:
        place = "" if self.layer is None else f", layer {self.layer}, {self.kind}"
        sizes = " × ".join(map(str, self.values.shape))
        sure = "exact" if self.is_exact else "an estimate"
        return f"Measured({self.name}{place}, {sizes}, {sure})"
