"""The passes of an experiment: the model is run again on one input, with edits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import torch

from attention_widget.experiments.base import Keeping, same_output
from attention_widget.experiments.editing import Edited, Sites
from attention_widget.experiments.edits import Edit, HeadPatch, described
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace
from attention_widget.tracing.assemble import Traced
from attention_widget.tracing.decoder_input import DecoderInput, lengths_of, model_inputs
from attention_widget.tracing.inputs.text import Encoded
from attention_widget.tracing.model.errors import UnsupportedModelError
from attention_widget.tracing.recording.edited_pass import run_edited
from attention_widget.tracing.recording.seam import Changes
from attention_widget.tracing.tracer import Tracer


class Passes:
    """Runs one input of a model with edits that are placed. Call it only under the lock."""

    def __init__(
        self, tracer: Tracer, encoded: Encoded, decoder: DecoderInput | None, traced: Traced
    ) -> None:
        self._tracer = tracer
        self._encoded, self._decoder = encoded, decoder
        self._traced = traced
        self._sites = Sites(tracer.model, traced)

    def edited(self, rows: Sequence[Sequence[Edit]]) -> Iterator[Any]:
        """What the model returns with each list of edits."""
        for edits in rows:
            self._check(edits)
        for edits in rows:
            yield self._run(Edited(self._sites, [edits]))

    def traced(self, edits: Sequence[Edit]) -> Trace:
        """The trace of a pass with edits."""
        self._check(edits)
        changed = (self._traced.way, Edited(self._sites, [edits]))
        found = self._tracer.traced(self._encoded, self._decoder, changed).trace
        return replace(found, edits=described(edits, self._traced.trace))

    def heads_output(self, kind: Kind, layer: int) -> torch.Tensor:
        """What heads give out without edits (query, head, dim), of several calls side by side."""
        self._sites.check(())
        site = self._traced.sites[kind, layer]
        return torch.cat([self._base[site.path, call] for call in site.calls], -1)

    def _check(self, edits: Sequence[Edit]) -> None:
        """UnsupportedModelError for what cannot be edited; what other texts give is at hand."""
        self._sites.check(edits)
        _ = self._base
        for edit in edits:
            if isinstance(edit, HeadPatch):
                edit.source.heads_output(edit.layer, edit.kind)

    @cached_property
    def _base(self) -> dict[tuple[str, int], torch.Tensor]:
        keeping = Keeping()
        output = self._run(keeping)
        model = self._tracer.model
        missing = self._sites.places.keys() - keeping.kept.keys()
        if missing:
            path, call = min(missing)
            raise UnsupportedModelError(
                model,
                f"cannot be run with its attention changed: call {call} of module {path!r} was "
                f"recorded, and is not reached when the model runs again",
            )
        if not same_output(output, self._traced.output):
            raise UnsupportedModelError(
                model,
                "cannot be run with its attention changed: an edit that changes nothing changes "
                "its output",
            )
        return keeping.kept

    def _run(self, changes: Changes) -> Any:
        model, modules = self._tracer.model, self._tracer.modules
        return run_edited(
            model,
            modules,
            model_inputs(model, self._encoded, self._decoder),
            lengths_of(self._encoded, self._decoder),
            self._traced.way,
            changes,
        )
