"""What each word has to do with a prediction, as the text view colours it: a question in steps.

The browser's half is js/trace/influence.ts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, get_args

import numpy as np

from attention_widget._util.unicode import sendable
from attention_widget.experiments import (
    Experiment,
    Logit,
    LogitDifference,
    LogProbability,
    Metric,
    StateChange,
    TokenEffects,
)
from attention_widget.experiments.head import what_it_predicts
from attention_widget.experiments.mattering import MATTERS_FROM
from attention_widget.experiments.measure import measure_of
from attention_widget.experiments.measuring.sides import Rows
from attention_widget.experiments.measuring.token_effects import TokenMeasure
from attention_widget.protocol.checks import check_choice
from attention_widget.protocol.tensors import number
from attention_widget.trace.kind import Kind, check_kind
from attention_widget.widget.answers import check_integer, labels_of
from attention_widget.widget.candidate import Candidate, check_named, id_of
from attention_widget.widget.ranked import masked_or_last
from attention_widget.widget.steps import Answer, Asked, Progress, Steps

_CANDIDATES: Final = 10
_NAMES: Final[dict[type, str]] = {
    Logit: "logit",
    LogProbability: "log_probability",
    LogitDifference: "difference",
    StateChange: "states",
}


def influence(
    asked: Asked,
    measure: str,
    token: int | None,
    kind: Kind,
    rows: Rows = "tokens",
    other: Candidate = None,
) -> Steps:
    """What each word of the text that the keys of a kind are of has to do with what is predicted at
    a token of the queries, else at the end of the text or at the first masked token.

    ``measure`` is "removal" or "integrated_gradients"; ``other`` is another candidate, whose logit
    is taken away. Cancelled and asked again it goes on.
    """
    check_choice("measure", measure, get_args(TokenMeasure))
    check_kind(kind)
    if token is not None:
        check_integer("token", token)
    check_choice("rows", rows, get_args(Rows))
    check_named("other", other)
    lab = asked.experiment()
    metric, named = _metric(lab, measure, token, kind, other)
    side: Kind = "encoder" if kind == "cross" else kind
    going = asked.influence(measure, metric, rows, side)
    known: Answer = {}
    for found in going:
        known = {**named, **_known(found)}
        yield Progress(known["done"], known["total"], known)
    return known


def influencing(state: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the text view of a state asks, as js/trace/influence.ts writes it."""
    if "text" not in state["views"] or state["measure"] not in get_args(TokenMeasure):
        return []
    rows = "passages" if state["passage_rows"] else "words" if state["words"] else "tokens"
    question: dict[str, Any] = {
        "name": "influence",
        "measure": state["measure"],
        "token": state["token"],
        "kind": state["attention_kind"],
        "rows": rows,
    }
    other = state["compared_with"]
    return [question if other is None else {**question, "other": other}]


def _metric(
    lab: Experiment, measure: str, token: int | None, kind: Kind, other: Candidate
) -> tuple[Metric, Answer]:
    """What is measured, and how the browser names it."""
    if measure_of(None, lab).of_states:
        states: Metric = StateChange(token)
        return states, _named(states, "states", token, [], [])
    of = what_it_predicts(lab.model)
    is_whole, is_class = of == "class", of in ("class", "class of token")
    of_source = lab.trace.target is not None and kind == "encoder"
    at = masked_or_last(lab) if token is None or of_source else token
    [at] = measure_of(Logit(None, 0 if is_whole else at), lab).positions
    n = max(_CANDIDATES, lab.model.config.num_labels) if is_class else _CANDIDATES
    found = lab.predictions(n, None if is_whole else at)
    ids, texts = found.ids[0].tolist(), [sendable(each) for each in found.tokens[0]]
    best = int(ids[0])
    second = best if other is None else id_of(other, lab, ids, texts, is_class)
    metric: Metric = LogProbability(best, at) if measure == "removal" else Logit(best, at)
    chosen = [best]
    if second != best:
        metric, chosen = LogitDifference(best, second, at), [best, second]
    names = [
        texts[ids.index(each)] if each in ids else lab.predictions(1, at, follow=[each]).followed[0]
        for each in chosen
    ]
    return metric, _named(metric, of, None if is_whole else at, chosen, labels_of([*names, *texts]))


def _named(metric: Metric, of: str, position: int | None, ids: list[int], labels: Any) -> Answer:
    return {
        "of": of,
        "position": position,
        "metric": _NAMES[type(metric)],
        "label": labels[0] if ids else "",
        "other_label": labels[1] if len(ids) > 1 else "",
    }


def _known(found: TokenEffects) -> Answer:
    is_removal = found.measure == "removal"
    return {
        "measure": found.measure,
        "name": sendable(found.name),
        "unit": found.unit,
        "matters_from": MATTERS_FROM[found.unit],
        "before": number(found.before),
        "baseline": None if found.baseline is None else number(found.baseline),
        "gap": None if found.gap is None else number(found.gap),
        "steps": found.steps,
        "kind": found.kind,
        "rows": found.rows,
        "groups": [list(group) for group in found.groups],
        "apart": list(found.apart),
        "values": [
            None if np.isnan(each) else number(float(str(np.float32(each))))
            for each in found.values
        ],
        "done": found.n_done if is_removal else found.steps,
        "total": len(found.groups) if is_removal else max(32, found.steps),
    }
