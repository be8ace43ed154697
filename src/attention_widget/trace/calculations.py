"""How the heads of a trace come by their attention and their output."""

from __future__ import annotations

from attention_widget.trace.calculation import Calculation
from attention_widget.trace.calculation_plans import calculation_of
from attention_widget.trace.kind import Kind
from attention_widget.trace.projections import Projections
from attention_widget.trace.recorded import Recorded


class WithCalculations(Recorded):
    """How the steps of a head are asked for, and the weights that make them."""

    def calculation(self, layer: int, head: int, kind: Kind | None = None) -> Calculation:
        """How a head comes by its attention and its output, as a matrix for each step: queries and
        keys, scores, scale, mask, softmax, values, output (Vaswani et al. 2017, section 3.2).

        Where the weights were kept (``capture(..., keep_weights=True)``, or arrays with ``x`` and
        ``w_q``) it goes from the hidden input to what the attention block gives out.

        >>> found = trace.calculation(3, 7)
        >>> [step.name for step in found.steps]
        ['q', 'k', 'v', 'scores', 'scaled', 'masked', 'weights', 'output']
        >>> bool((found["weights"].values == trace.attention(3)[7]).all())
        True

        Raises:
            IndexError: the layer has no such head.
        """
        one = self.operation(layer, kind)
        known = self.projections_of(one.layer, one.kind)
        return calculation_of(
            one,
            head,
            known,
            self._states(one.kind),
            self.positions,
            is_edited=bool(self.edits),
        )

    def projections_of(self, layer: int, kind: Kind | None = None) -> Projections | None:
        """What makes queries, keys and values of a layer; None where the weights were not kept.

        >>> trace.projections_of(0) is None
        True
        """
        one = self.operation(layer, kind)
        wanted = one.kind, one.layer
        return next((p for p in self.projections if (p.kind, p.layer) == wanted), None)
