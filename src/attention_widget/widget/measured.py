"""What the views show in the place of attention: the values of a measure, a layer at a time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from attention_widget.errors import RefusedError
from attention_widget.experiments import (
    Experiment,
    Logit,
    LogitDifference,
    Metric,
)
from attention_widget.experiments.head import own_head, what_it_predicts
from attention_widget.experiments.measuring.facts import MEASURES
from attention_widget.experiments.measuring.kept_maps import Kept
from attention_widget.experiments.measuring.of_trace import OF_TRACE, measured_of_trace
from attention_widget.experiments.vocabulary import texts_of
from attention_widget.export.measured import Shown
from attention_widget.protocol.catalogue import Catalogue
from attention_widget.protocol.measured import (
    OF_LOGIT,
    MeasuredCatalogue,
    MeasuredDifferences,
    of_layer,
    special_of,
    with_maps,
)
from attention_widget.trace.block import Array
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace
from attention_widget.tracing.model.errors import UnsupportedModelError
from attention_widget.widget.about_measure import About, about_of, read_about, written
from attention_widget.widget.answers import labels_of
from attention_widget.widget.candidate import id_of

KEPT_BYTES: Final = 256 * 2**20
"""Of values, beside what is kept of the model: some thirty layers of 12 heads at 400 tokens."""

CATALOGUES: Final = 4
"""Measures, or logits that one is of, whose answers are kept: those asked for last."""

_CANDIDATES: Final = 10
_TRACES: Final = 3

NO_MODEL: Final = (
    "weights must be one of {known} where there is no model, got {name!r}; make "
    "AttentionWidget(model, text)"
)


class Measures:
    """Values of measures, each computed once it is asked for and kept as long as there is room.

    Args:
        trace: what is shown.
        experiment: gives the model with the text; None where there is none.
    """

    def __init__(self, trace: Trace, experiment: Callable[[], Experiment] | None) -> None:
        self._trace, self._experiment = trace, experiment
        self._lock = threading.Lock()
        self._values: OrderedDict[tuple[object, ...], Array] = OrderedDict()
        self._bytes = 0
        self._kept: list[tuple[Trace, Kept]] = []
        self._metrics: dict[About, Metric | None] = {}
        self._catalogues: OrderedDict[tuple[object, ...], Catalogue] = OrderedDict()

    def catalogue(
        self, about: str, shown: str = "before", edited: Trace | None = None
    ) -> Catalogue:
        """Answers about a measure in the pass that is shown, in the one with edits, or about the
        difference of both."""
        name = (about, shown, id(edited))
        with self._lock:
            known = self._catalogues.get(name)
            if known is not None:
                self._catalogues.move_to_end(name)
                return known
        asked = read_about(about)

        def values(trace: Trace, kind: Kind, layer: int) -> Array:
            return self.values(asked, kind, layer, trace)

        if shown == "difference" and edited is not None:
            made: Catalogue = MeasuredDifferences(self._trace, edited, asked.name, values)
        else:
            made = MeasuredCatalogue(edited or self._trace, asked.name, values)
        with self._lock:
            self._catalogues[name] = made
            while len(self._catalogues) > CATALOGUES:
                self._catalogues.popitem(last=False)
        return made

    def values(self, about: About, kind: Kind, layer: int, trace: Trace | None = None) -> Array:
        """Those of a layer, in the pass without edits unless another trace is named."""
        trace = self._trace if trace is None else trace
        key = (about, kind, layer, id(trace))
        with self._lock:
            known = self._values.get(key)
            if known is not None:
                self._values.move_to_end(key)
                return known
        found = self._computed(about, kind, layer, trace)
        with self._lock:
            self._values[key] = found
            self._bytes += found.nbytes
            while self._bytes > KEPT_BYTES and len(self._values) > 1:
                _, oldest = self._values.popitem(last=False)
                self._bytes -= oldest.nbytes
        return found

    def check(self, state: Mapping[str, Any]) -> None:
        """Computes what a state shows of its layer; it raises what says why there is none."""
        about = about_of(state, self._trace.target is not None)
        if about.name == "attention":
            return
        self._check_there(about.name, self._trace)
        part = self._trace.windows[0].trace if self._trace.windows else self._trace
        self.values(about, state["attention_kind"], state["layer"], part)

    def exported(self, state: Mapping[str, Any]) -> Shown | None:
        """What a page carries of a measure; None for attention, which it carries anyway."""
        about = about_of(state, self._trace.target is not None)
        if about.name == "attention":
            return None

        def values(trace: Trace, kind: Kind, layer: int) -> Array:
            return self.values(about, kind, layer, trace)

        return Shown(about.name, written(about), values, about.name in OF_TRACE)

    def in_place(self, trace: Trace, state: Mapping[str, Any]) -> tuple[Trace, Mapping[str, Any]]:
        """A trace with what a state shows in the place of its attention, in the layers that it
        shows, and the state in which that is read."""
        about = about_of(state, trace.target is not None)
        if about.name == "attention":
            return trace, state
        kind, pairs = state["attention_kind"], state["head_pairs"]
        layers = dict.fromkeys(layer for layer, _ in pairs) if pairs else {state["layer"]: None}

        def shown(part: Trace) -> Trace:
            values = {layer: self.values(about, kind, layer, part) for layer in layers}
            return with_maps(part, [of_layer(part, kind, *each) for each in values.items()])

        is_whole = MEASURES[about.name].per == "layer"
        special = special_of(about.name, state["special_tokens"])
        read = {**state, "special_tokens": special}
        if is_whole:  # each layer once
            read |= {
                "heads": (0,),
                "head_pairs": tuple((layer, 0) for layer in layers) if pairs else (),
            }
        if not trace.windows:
            return shown(trace), read
        window = trace.windows[0] if state["token"] is None else trace.window(state["token"])
        windows = [
            replace(each, trace=shown(each.trace)) if each is window else each
            for each in trace.windows
        ]
        return replace(trace, windows=tuple(windows)), read

    def _computed(self, about: About, kind: Kind, layer: int, trace: Trace) -> Array:
        self._check_there(about.name, trace)
        if about.name in OF_TRACE:
            name: Any = about.name
            return measured_of_trace(trace, name, layer, kind, self._kept_of(trace))
        assert self._experiment is not None
        lab = self._experiment()
        if about.name in OF_LOGIT and not predicts_logits(lab):
            raise UnsupportedModelError(
                lab.model,
                f"has no output head, so there is no logit that {about.name!r} could be of; load "
                f"the model with its head",
            )
        metric = self._metric(about, lab) if about.name in OF_LOGIT else None
        name = about.name
        found = lab.measure(name, layer, kind, metric=metric)
        values: Array = found.values
        return values

    def _kept_of(self, trace: Trace) -> Kept:
        """What layers of a trace can go on with; of few traces, those asked for last."""
        with self._lock:
            known = next((kept for one, kept in self._kept if one is trace), None) or Kept()
            others = [(one, kept) for one, kept in self._kept if one is not trace]
            self._kept = [*others, (trace, known)][-_TRACES:]
            return known

    def _check_there(self, name: str, trace: Trace) -> None:
        if name in OF_TRACE:
            return
        if self._experiment is None:
            raise RefusedError(NO_MODEL.format(known=", ".join(OF_TRACE), name=name))
        if trace.edits:
            raise RefusedError(
                f"weights must be one of {', '.join(OF_TRACE)} in a pass with edits, got {name!r}; "
                f"show the pass before them"
            )

    def logit_of(self, about: About) -> dict[str, Any]:
        """Of which prediction's logit a gradient is, as lists of tokens show it; empty for a
        measure without one, and for a model that predicts nothing."""
        if about.name not in OF_LOGIT or self._experiment is None:
            return {"label": "", "other": "", "position": None}
        lab = self._experiment()
        if not predicts_logits(lab):
            return {"label": "", "other": "", "position": None}
        is_class = what_it_predicts(lab.model) == "class"
        position = None if is_class else about.token
        if not is_class and position is None:
            position = len(lab.read_tokens) - 1
        best = lab.predictions(_CANDIDATES) if is_class else lab.predictions(_CANDIDATES, position)
        metric = self._metric(about, lab)
        other = metric.other if isinstance(metric, LogitDifference) else None
        said = [] if other is None else texts_of([int(other)], lab.tracer.tokenizer)
        labels = labels_of([*best.tokens[0], *said])
        return {
            "label": labels[0],
            "other": labels[-1] if said else "",
            "position": position,
        }

    def _metric(self, about: About, lab: Experiment) -> Metric | None:
        """The logit of the most likely prediction at the token, less that of another; None for the
        default, at the end of the text."""
        if about not in self._metrics:
            self._metrics[about] = _metric_of(about, lab)
        return self._metrics[about]


def predicts_logits(lab: Experiment) -> bool:
    """Whether there is an output head; without one the final states are compared."""
    is_class = what_it_predicts(lab.model) in ("class", "class of token")
    return is_class or lab.head is not None or own_head(lab.model) is not None


def _metric_of(about: About, lab: Experiment) -> Metric | None:
    predicts = what_it_predicts(lab.model)
    is_class = predicts == "class"
    position = None if is_class else about.token
    if about.other is None:
        return None if position is None else Logit(position=position)
    best = (
        lab.predictions(_CANDIDATES)
        if is_class
        else lab.predictions(
            _CANDIDATES, len(lab.read_tokens) - 1 if position is None else position
        )
    )
    classes = predicts not in ("next token", "token")
    ids = best.ids[0].tolist()
    other = id_of(about.other, lab, ids, best.tokens[0], classes)
    if other == ids[0]:
        return None if position is None else Logit(position=position)
    at = -1 if is_class else best.positions[0]
    return LogitDifference(ids[0], other, at)
