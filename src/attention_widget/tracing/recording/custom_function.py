"""Follow the operations inside an attention function that is not transformers' own.

Its arguments do not say what it does with them: it may block an edge, change the temperature or
write other probabilities (attention knockout, Geva et al. 2023, https://arxiv.org/abs/2304.14767).
So its operations are followed while it runs, and what explains them must give the function's
output in every row. The attention that is shown is then the one that was used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from attention_widget._util.torch_settings import exact
from attention_widget.trace.block import Block
from attention_widget.tracing.recording.calls import CallMode, Listener, mixed_of, sdpa_record
from attention_widget.tracing.recording.checks import Checks
from attention_widget.tracing.recording.expected_output import unit
from attention_widget.tracing.recording.explicit import WrittenOutMode
from attention_widget.tracing.recording.masks import Masks
from attention_widget.tracing.recording.records import (
    Alternatives,
    AnyRecord,
    Record,
    copied,
    map_record,
)
from attention_widget.tracing.recording.value_products import Mixture, explains, identical


class Inside(Listener):
    """A listener in place of the recorder while the function runs: it keeps what it is told.

    MultiheadAttention does more than attention, so it explains nothing here.
    """

    def __init__(self, path: str, masks: Masks, checks: Checks) -> None:
        self._path, self._masks, self._checks = path, masks, checks
        self._mixtures: list[Mixture] = []
        self._calls: list[tuple[Record, torch.Tensor]] = []

    def calling(self) -> str:
        return self._path

    def follow(self, attend: Callable[[], Any]) -> Any:
        """Call the function."""
        with CallMode(self), WrittenOutMode(self):
            return attend()

    def mixture(self, rows: Sequence[Mixture]) -> None:
        self._mixtures.extend(rows)

    def sdpa(self, output: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
        record = sdpa_record(self._path, self._masks, *args, **kwargs)
        if record is not None:
            self._calls.append((record, mixed_of(output)))
        return output

    def explained(
        self, given: Record, output: torch.Tensor, weights: Any, alternatives: Alternatives
    ) -> AnyRecord | None:
        """The attention of the call: ``given`` by its arguments where they explain the output
        (query, head, dim), else what was seen, or the ``weights`` that it returned beside the
        output; None where nothing explains it."""
        for mixture in reversed(self._mixtures):
            if mixture.gave(output):
                return self._of(mixture, given, alternatives)
        for record, mixed in reversed(self._calls):
            same = identical(mixed.to(output.dtype), output)
            if same and self._checks.fits(record, output):
                return record
        returned = _returned(weights, given.parts, output)
        if returned is not None:
            return self._of(returned, given, alternatives)
        return given if self._checks.fits(given, output, alternatives) else None

    def _of(self, mixture: Mixture, given: Record, alternatives: Alternatives) -> AnyRecord:
        """The attention with queries and keys if they give the probabilities, else the
        probabilities alone."""
        for record in (given, *alternatives()):
            if explains(record.parts, mixture.probabilities):
                if mixture.mixes(record.parts.value):
                    return record
                value = copied(mixture.value)
                query, key = record.parts.query, record.parts.key
                if len(value) % len(key) == 0 and len(query) % len(value) == 0:
                    key = key.repeat_interleave(len(value) // len(key), 0)
                    return record.changed(key=key, value=value)
                break
        found = mixture.record(self._path)
        return found or map_record(self._path, mixture.probabilities, "followed maps")


@exact
def _returned(weights: Any, given: Block, output: torch.Tensor) -> Mixture | None:
    """The weights (batch, head, query, key) that a function returned, if weights × values give its
    output. Weights and output are each rounded once."""
    n_heads, n_queries = given.query.shape[:2]
    if not isinstance(weights, torch.Tensor) or not weights.is_floating_point():
        return None
    if weights.shape != (1, n_heads, n_queries, given.n_keys):
        return None
    probabilities = weights[0].to("cpu")
    groups = n_heads // len(given.value)
    value = given.value.repeat_interleave(groups, 0)
    found = output.transpose(0, 1).to("cpu", torch.float32)
    u = unit(weights.dtype, output.dtype, value.dtype)
    for head in range(n_heads):
        p, v = probabilities[head].float(), value[head].float()
        off = (p @ v - found[head]).abs() > 4 * max(u, 2.0**-22) * (p.abs() @ v.abs())
        if bool((off & found[head].isfinite()).any()):
            return None
    return Mixture(probabilities, value, output.transpose(0, 1))
