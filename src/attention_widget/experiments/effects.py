"""What comes of switching off each head by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from attention_widget.errors import NotFoundError
from attention_widget.experiments.edits import Value
from attention_widget.experiments.metric import Metric
from attention_widget.trace.block import Array
from attention_widget.trace.kind import Kind


@dataclass(frozen=True, eq=False, repr=False)
class HeadEffects:
    """The effect of each head on a metric, exact for those that were tried.

    Attributes:
        metric: what was measured, and ``name`` in words.
        unit: "logit", "nats" or "1 − cosine".
        before: the metric of the pass in which nothing is changed.
        edit: "zero" or "mean": what a head that is switched off gives out.
        tokens: the queries at which heads were switched off, by kind.
        first_left_alone: the kinds in which the first token keeps what heads give it. A causal
            model parks attention there (a sink), and heads that write into it move everything.
        effects_by_kind: (layer, head) the metric without the head less ``before``; NaN where a
            head was not tried, or a layer has no such head.
        order_by_kind: (layer, head) the size of a head's share in the gradient, which says in
            which order heads are tried, and nothing else: it is no effect. NaN where the model
            gives no gradient.

    >>> from attention_widget import Experiment
    >>> from attention_widget.experiments import Logit
    >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
    >>> found = lab.rank_heads(Logit("idea"))
    >>> found.effects.shape, found.n_done  # (layer, head)
    ((3, 4), 12)
    """

    metric: Metric
    name: str
    unit: str
    before: float
    edit: Value
    tokens: Mapping[Kind, tuple[int, ...]]
    first_left_alone: tuple[Kind, ...]
    effects_by_kind: Mapping[Kind, Array]
    order_by_kind: Mapping[Kind, Array]
    counts: Mapping[Kind, int]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of attention whose heads are ranked.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> lab.rank_heads().kinds
        ('decoder',)
        """
        return tuple(self.effects_by_kind)

    @property
    def effects(self) -> Array:
        """(layer, head) of the one kind that there is; NaN where only the order is known.

        Raises:
            LookupError: there are several kinds; :meth:`of` takes one.
        """
        return self.effects_by_kind[self._only()]

    @property
    def order(self) -> Array:
        """(layer, head) of the one kind that there is; no effect, see above.

        Raises:
            LookupError: there are several kinds; :meth:`of` takes one.
        """
        return self.order_by_kind[self._only()]

    def of(self, kind: Kind) -> HeadEffects:
        """Those of the heads of one kind.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> lab.rank_heads().of("decoder").kinds
        ('decoder',)

        Raises:
            LookupError: heads of this kind were not ranked.
        """
        if kind not in self.effects_by_kind:
            raise NotFoundError(f"kind must be {' or '.join(self.kinds)}, got {kind!r}")
        return replace(
            self,
            effects_by_kind={kind: self.effects_by_kind[kind]},
            order_by_kind={kind: self.order_by_kind[kind]},
            counts={kind: self.counts[kind]},
        )

    @property
    def n_heads(self) -> int:
        """How many heads there are.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> lab.rank_heads(first=0).n_heads
        12
        """
        return sum(self.counts.values())

    @property
    def n_done(self) -> int:
        """How many heads have an exact effect, of ``n_heads``."""
        return sum(int((~np.isnan(each)).sum()) for each in self.effects_by_kind.values())

    @property
    def note(self) -> str:
        """What was done, in a sentence or two.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> print(lab.rank_heads().note)  # doctest: +ELLIPSIS
        Each head is switched off by itself: it gives out zero. The first token keeps ...
        """
        given = "zero" if self.edit == "zero" else "its mean over the text"
        said = f"Each head is switched off by itself: it gives out {given}."
        if self.first_left_alone:
            said += (
                " The first token keeps what heads write into it, as all attention that has no "
                "better place goes there."
            )
        return said

    def table(self) -> list[dict[str, Any]]:
        """A row for each head, for ``pandas.DataFrame``: the largest effects first, then the heads
        that were not tried, by their order.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> rows = lab.rank_heads().table()
        >>> sorted(rows[0])
        ['after', 'effect', 'head', 'kind', 'layer', 'order']
        """
        rows: list[dict[str, Any]] = []
        for kind, effects in self.effects_by_kind.items():
            order = self.order_by_kind[kind]
            for layer, head in np.argwhere(~(np.isnan(effects) & np.isnan(order))).tolist():
                effect = _number(effects[layer, head])
                rows.append(
                    {
                        "kind": kind,
                        "layer": layer,
                        "head": head,
                        "effect": effect,
                        "after": None if effect is None else self.before + effect,
                        "order": _number(order[layer, head]),
                    }
                )
        rows.sort(key=_most_first)
        return rows

    def _only(self) -> Kind:
        if len(self.effects_by_kind) > 1:
            raise NotFoundError(
                f"there are heads of several kinds ({', '.join(self.kinds)}): name one, such as "
                f"of({self.kinds[0]!r}).effects"
            )
        return self.kinds[0]

    def __repr__(self) -> str:
        best = self.table()[:1]
        most = ""
        if best and best[0]["effect"] is not None:
            [row] = best
            of = f"{row['kind']} " if len(self.kinds) > 1 else ""
            most = f"; most: {of}layer {row['layer']}, head {row['head']} ({row['effect']:+.3g})"
        return f"HeadEffects({self.name}; {self.n_done} of {self.n_heads} heads{most})"


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _most_first(row: Mapping[str, Any]) -> tuple[bool, float]:
    known = row["effect"] is not None
    return not known, -abs(row["effect"] if known else (row["order"] or 0.0))
