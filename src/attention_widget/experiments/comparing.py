"""What a model predicts with edits, beside what it predicts without them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import torch

from attention_widget.experiments.edits import Edit
from attention_widget.experiments.experiment import Experiment
from attention_widget.experiments.head import what_it_predicts
from attention_widget.experiments.lens import Lens
from attention_widget.experiments.placing import placed
from attention_widget.experiments.predicting import check_head, lens_at
from attention_widget.experiments.predictions import Floats, Predictions, measured
from attention_widget.experiments.tail import Tail
from attention_widget.experiments.vocabulary import texts_of
from attention_widget.trace.token import Token
from attention_widget.trace.trace import Trace
from attention_widget.tracing.model.one_at_a_time import ONE_AT_A_TIME
from attention_widget.tracing.tracer import Tracer


class Comparison:
    """An experiment's text in a pass with edits: what the model predicts, and the logit lens.

    The pass begins at the first layer that is changed, where it can be resumed there. Its output
    head reads the position that is asked for first, and any others a chunk at a time afterwards, so
    that no more logits are held than those of a chunk. Its trace takes a pass of its own, which
    runs once it is asked for.

    Raises:
        TypeError, ValueError, LookupError, IndexError: an edit names what there is not; said before
            any pass.
    """

    def __init__(self, lab: Experiment, edits: Sequence[Edit], trace: Trace | None = None) -> None:
        self._lab = lab
        self._edits = placed(edits, lab.trace if trace is None else trace)
        self._tail: Tail | None = None

    @property
    def tracer(self) -> Tracer:
        return self._lab.tracer

    @property
    def head(self) -> torch.nn.Module | None:
        return self._lab.head

    @property
    def read_tokens(self) -> Sequence[Token]:
        return self._lab.read_tokens

    @property
    def was(self) -> Mapping[int, int]:
        return self._lab.was

    @cached_property
    def trace(self) -> Trace:
        """Of the pass with the edits."""
        return self._lab.trace_of(*self._edits)

    @cached_property
    def output(self) -> Any:
        """What the model returns in that pass."""
        with ONE_AT_A_TIME:
            [(_, output)] = self._lab._passes.edited([self._edits])
            return output

    @property
    def tail(self) -> Tail:
        return self._tail_at(None)

    def check(self) -> None:
        """Runs what has to run once before the model can be run with edits; it raises what the
        pass with them would."""
        with ONE_AT_A_TIME:
            self._lab._passes.resumed(self._edits)

    def after(self, before: Predictions) -> tuple[Predictions, Floats]:
        """The predictions at the positions of those without edits, and the probabilities
        (position, k) that are left to the candidates from there."""
        k = before.ids.shape[1]
        config = self.tracer.model.config
        found = measured(
            self._logits(before),
            k,
            before.actual_ids.tolist(),
            before.ids.tolist(),
            apart=getattr(config, "problem_type", None) == "multi_label_classification",
        )
        ids = found.ids.reshape(-1).tolist()
        if before.predicts in ("class", "class of token"):
            labels = config.id2label or {}
            names = [str(labels.get(id, id)) for id in ids]
        else:
            names = texts_of(ids, self.tracer.tokenizer)
        after = replace(
            before,
            ids=found.ids,
            tokens=tuple(tuple(names[i : i + k]) for i in range(0, len(names), k)),
            probabilities=found.probabilities,
            log_probability=found.log_probability,
            rank=found.rank,
            entropy=found.entropy,
        )
        return after, found.followed_probabilities

    def lens(self, position: int, *, top_k: int = 5, follow: Sequence[str | int] = ()) -> Lens:
        """The logit lens of the pass with edits, as :meth:`Experiment.lens` has it."""
        return lens_at(self, position, top_k, follow)

    def _logits(self, before: Predictions) -> Iterator[torch.Tensor]:
        at = list(before.positions)
        if before.predicts == "next token" or before.predicts == "token":
            return self._tail_at(at[0]).logits(at)
        rows = self.output.logits.float()  # of a classifier (1, class), or (1, token, class)
        return iter([rows[0][at] if before.predicts == "class of token" else rows])

    def _tail_at(self, probe: int | None) -> Tail:
        """The end of the model in this pass, which runs once: its output head reads the position
        that is named then."""
        with ONE_AT_A_TIME:
            if self._tail is None:
                lab = self._lab
                self._tail = Tail(
                    lab.model,
                    lab.tracer.modules,
                    lab.inputs(),
                    len(lab.read_tokens),
                    lab.head,
                    lab._passes.resumed(self._edits),
                    probe,
                    lab._layers,
                    lab._memory_left,
                )
            return self._tail


def before_edits(lab: Experiment, top_k: int, positions: Sequence[int] | None) -> Predictions:
    """The predictions of the pass without edits: of one position from what the passes with edits
    left already, where the end of the model was not kept yet, which takes a pass."""
    of_tokens = what_it_predicts(lab.model) in ("next token", "token")
    if positions is None or len(positions) != 1 or "tail" in vars(lab) or not of_tokens:
        return lab.predictions(top_k, positions)
    check_head(lab)
    with ONE_AT_A_TIME:
        logits, _ = lab._passes.scores([], positions)
    return lab.predictions_from(logits, top_k, positions)
