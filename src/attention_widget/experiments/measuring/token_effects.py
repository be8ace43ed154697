"""What each token of a text, or each word, has to do with a metric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from attention_widget.experiments.measuring.sides import Rows
from attention_widget.experiments.metric import Metric
from attention_widget.trace.block import Array
from attention_widget.trace.kind import Kind

TokenMeasure = Literal["removal", "integrated_gradients"]


@dataclass(frozen=True, eq=False, repr=False)
class TokenEffects:
    """A number for each token or word, of removal or of integrated gradients.

    Attributes:
        measure: "removal" or "integrated_gradients".
        metric: what was measured, and ``name`` in words.
        unit: "logit", "nats" or "1 − cosine".
        before: the metric of the pass in which nothing is changed.
        kind: the side of the text: that of "encoder", or of "decoder".
        rows: "tokens", "words" or "passages": what each number is of.
        groups: the tokens that each number stands for, one each, or those of a word.
        labels: their text.
        values: (group,) float32. Of removal the metric without it less ``before``; of integrated
            gradients its share of ``before`` − ``baseline``. NaN where it is not known yet.
        is_exact: removal is; integrated gradients are an estimate, see ``gap``.
        apart: groups that say little by themselves: the first token of a causal model, where
            attention goes that has no better place. Scales and ranks leave them out.
        others_carry: whether the model has layers without attention, which hand tokens on in ways
            of their own: removal leaves those.
        baseline: the metric where nothing of the text is there, of integrated gradients.
        gap: by how much the sum of the values misses ``before`` − ``baseline``, as a share of it.
        steps: gradients that integrated gradients took.

    >>> from attention_widget import Experiment
    >>> from attention_widget.experiments import Logit
    >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
    >>> found = lab.removal(Logit("idea"))
    >>> found.values.shape, found.is_exact, found.n_done
    ((5,), True, 5)
    """

    measure: TokenMeasure
    metric: Metric
    name: str
    unit: str
    before: float
    kind: Kind
    rows: Rows
    groups: tuple[tuple[int, ...], ...]
    labels: tuple[str, ...]
    values: Array
    is_exact: bool
    apart: tuple[int, ...]
    others_carry: bool = False
    baseline: float | None = None
    gap: float | None = None
    steps: int = 0

    @property
    def n_done(self) -> int:
        """How many groups have a number."""
        return int((~np.isnan(self.values)).sum())

    @property
    def note(self) -> str:
        """What was done, in some sentences.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> print(lab.removal().note)  # doctest: +ELLIPSIS
        Exact: the model ran once for each token, which no token could see any more, ...
        """
        each = self.rows[:-1]
        if self.measure == "removal":
            said = (
                f"Exact: the model ran once for each {each}, which no token could see any more, "
                f"itself included, in all layers and heads; what a token is itself goes on from "
                f"layer to layer."
            )
            if self.others_carry:
                said += " Layers without attention may still hand it on."
            if self.apart:
                said += (
                    " Attention that has no better place goes to the first token, so its number "
                    "says little of what it means."
                )
            return said
        said = (
            "An estimate: gradients at the embeddings, summed on the way from a text of which only "
            "the first token is there, the rest being the mean embedding."
        )
        if self.gap is not None:
            said += f" The sum misses the difference of both ends by {self.gap:.1%}."
        return said

    def table(self) -> list[dict[str, Any]]:
        """A row for each group, for ``pandas.DataFrame``: the largest first.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> sorted(lab.removal().table()[0])
        ['label', 'tokens', 'value']
        """
        rows: list[dict[str, Any]] = [
            {"tokens": list(group), "label": label, "value": None if np.isnan(one) else float(one)}
            for group, label, one in zip(self.groups, self.labels, self.values, strict=True)
        ]
        rows.sort(key=lambda row: (row["value"] is None, -abs(row["value"] or 0.0)))
        return rows

    def __repr__(self) -> str:
        best = self.table()[:1]
        most = ""
        if best and best[0]["value"] is not None:
            most = f"; most: {best[0]['label']!r} ({best[0]['value']:+.3g})"
        done = f"{self.n_done} of {len(self.groups)}"
        return f"TokenEffects({self.measure}, {self.name}; {done}{most})"
