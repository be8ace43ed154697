"""A model with one encoded input, asked how a head comes by its attention, from the hidden input
to what it writes."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace

from attention_widget.errors import NotFoundError
from attention_widget.experiments.explainer import Explainer
from attention_widget.trace.block import Block
from attention_widget.trace.calculation import Calculation
from attention_widget.trace.kind import Kind
from attention_widget.trace.projections import Projections
from attention_widget.trace.trace import Trace
from attention_widget.tracing.assemble import Traced
from attention_widget.tracing.model.one_at_a_time import ONE_AT_A_TIME
from attention_widget.tracing.projecting import find_projections


class Calculator(Explainer):
    """What an :class:`Experiment` says of the steps of a head: see there."""

    @property
    @abstractmethod
    def _traced(self) -> Traced:
        """The pass in which nothing is changed."""

    @abstractmethod
    def _memory_left(self) -> int:
        """The bytes that may still be taken."""

    def calculation(self, layer: int, head: int, kind: Kind | None = None) -> Calculation:
        """How a head comes by its attention and its output, as a matrix for each step: from the
        hidden input and the model's weights to what the attention block gives out (Vaswani et al.
        2017, https://arxiv.org/abs/1706.03762, section 3.2).

        The weights are fetched by running the model up to the layer; every step is checked
        against what the model's own modules gave. Where a model makes its queries in another way
        than by one linear map, the steps begin behind that, and ``reason`` says why.

        >>> found = lab.calculation(3, 7)
        >>> found["w_q"].values.shape, found["block"].values.shape
        ((384, 32), (7, 384))
        >>> made = found["input"].values @ found["w_q"].values + found["b_q"].values
        >>> bool(abs(made - found["q"].values).max() < 1e-5)
        True

        Raises:
            IndexError, LookupError: there is no such layer, head or kind.
        """
        known = self.projections(layer, kind)
        trace = replace(self.trace, projections=(known,))
        return trace.calculation(known.layer, head, known.kind)

    def projections(self, layer: int, kind: Kind | None = None) -> Projections:
        """What makes queries, keys and values of a layer of its hidden input, and what writes what
        its heads give out. The model is run up to the layer, and left as it was.

        >>> lab.projections(3)
        Projections(layer 3, encoder: query, key, value, output)
        >>> lab.projections(3).query.weight.shape  # (head, hidden, dim)
        torch.Size([12, 384, 32])

        Raises:
            LookupError: the layer is known by its attention alone.
        """
        one = self.trace.operation(layer, kind)
        if not isinstance(one, Block):
            raise NotFoundError(
                f"layer {one.layer} of {self.trace.model_name} is known by its attention alone: "
                f"there are no queries, keys and values to make"
            )
        with ONE_AT_A_TIME:
            [found] = find_projections(self._passes.runnable, self._traced, [(one.kind, one.layer)])
            return found

    def with_weights(self) -> Trace:
        """The trace, with the weights of all its layers kept in it: :meth:`Trace.calculation`
        then begins at the hidden input, also of a trace that was saved and loaded.

        >>> kept = lab.with_weights()
        >>> kept.calculation(0, 0).steps[0].name
        'input'

        Raises:
            TraceTooLargeError: the weights take more memory than there may be taken.
        """
        with ONE_AT_A_TIME:
            limit = self._memory_left()
            places = list(self._traced.sites)
            found = find_projections(self._passes.runnable, self._traced, places, limit)
            return replace(self.trace, projections=found)
