"""Reads one text at a time, as capture does: right for every model that can be captured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from attention_widget.corpus.findings import TextFindings
from attention_widget.corpus.found import Found
from attention_widget.corpus.heads import Heads
from attention_widget.corpus.stretch import Stretch
from attention_widget.corpus.summaries import Wanted
from attention_widget.trace.trace import Trace
from attention_widget.tracing.model.errors import UnsupportedModelError
from attention_widget.tracing.model.one_at_a_time import ONE_AT_A_TIME
from attention_widget.tracing.tracer import Tracer


class SingleReader:
    """Gives the findings of stretches of texts."""

    def __init__(
        self,
        tracer: Tracer,
        heads: Heads,
        wanted: Wanted,
        heard: Callable[[Stretch, Trace], None] | None = None,
    ) -> None:
        self._tracer, self.heads, self._wanted = tracer, heads, wanted
        self._heard = heard

    def findings(self, stretches: Sequence[Stretch]) -> Iterator[TextFindings]:
        """Of each stretch, in order."""
        for stretch in stretches:
            found = Found(stretch, self.heads, self._wanted)
            with ONE_AT_A_TIME:
                trace, _ = self._tracer.trace(stretch.encoded, silent=True)
            layers = {one.layer: one.n_heads for one in trace.operations}
            expected = {
                layer: place.stop - place.start for layer, place in self.heads.of_layer.items()
            }
            if layers != expected:
                raise UnsupportedModelError(
                    self._tracer.model,
                    f"has attention in other layers in text {stretch.number:,} of the corpus than "
                    f"in the one that was read first, so that its heads cannot be added up",
                )
            for one in trace.operations:
                found.add(one, one.layer)
            if self._heard is not None:
                self._heard(stretch, trace)
            yield found.findings()
