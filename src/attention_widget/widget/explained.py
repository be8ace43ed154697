"""Why the model says what it says, and why a head looks where it looks: two questions.

The browser's half is js/trace/explained.ts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final

import numpy as np

from attention_widget.experiments import (
    DirectAttribution,
    Experiment,
    Logit,
    LogitDifference,
    Predictions,
    ScoreTerms,
    Term,
)
from attention_widget.experiments.backup import (
    backup_of,
    largest_parts,
    leaves_first,
    switched_off,
)
from attention_widget.experiments.head import what_it_predicts
from attention_widget.experiments.vocabulary import texts_of
from attention_widget.protocol.tensors import number
from attention_widget.trace.block import Array, Block
from attention_widget.trace.kind import Kind, check_kind
from attention_widget.tracing.model.errors import UnsupportedModelError
from attention_widget.widget.answers import check_integer, labels_of
from attention_widget.widget.candidate import Candidate, check_named, id_of
from attention_widget.widget.steps import Answer, Asked, Progress, Steps

CANDIDATES: Final = 10
"""Predictions that another may be compared with."""

TRIED: Final = 8
"""Heads whose effect stands beside what they write."""

SHOWN: Final = 8
"""Terms, and pairs of them, that are sent of a score; the others as their sum."""


def attributed(asked: Asked, token: int | None, kind: Kind, other: Candidate = None) -> Steps:
    """What wrote the logit of the likeliest token, at a token of the queries of a kind of attention
    (else at the last), and then what comes of switching off the heads that wrote most.

    ``other`` is a token of the vocabulary whose logit is taken away from it, if it is another.
    """
    check_kind(kind)
    if token is not None:
        check_integer("token", token)
    check_named("other", other)
    lab = asked.experiment()
    trace = lab.trace
    if token is None or (trace.target is not None and kind == "encoder"):
        token = len(lab.read_tokens) - 1
    predicts = what_it_predicts(lab.model)
    if predicts == "class":
        raise UnsupportedModelError(
            lab.model,
            "predicts a class of the whole input, so no logit is a sum of what was written at one "
            "token",
        )
    best = lab.predictions(CANDIDATES, token)
    likeliest = int(best.ids[0, 0])
    second = None if other is None else _other(other, lab, best)
    metric = (
        Logit(likeliest, token)
        if second is None or second == likeliest
        else LogitDifference(likeliest, second, token)
    )
    direct = lab.direct_attribution(metric)
    heads = largest_parts(direct, TRIED)
    answer = {
        "predicts": predicts,
        "position": direct.position,
        "ids": best.ids[0].tolist(),
        "labels": labels_of(best.tokens[0]),
        **_named(second if isinstance(metric, LogitDifference) else None, lab, best),
        "logit": number(direct.logit),
        "sum": number(direct.logit - direct.gap),
        "capped": direct.capped,
        "leaves_first": any(leaves_first(each, direct.position) for each, _, _ in heads),
        "terms": _terms(direct.terms, direct.values),
        "tried": [{"kind": each, "layer": layer, "head": head} for each, layer, head in heads],
        "effects": [],
    }
    yield Progress(0, len(heads), answer)
    found: dict[tuple[Kind, int, int], float] = {}
    by_layer = sorted(heads, key=lambda head: (head[0], -head[1]))
    for _, group in groupby(by_layer, key=lambda head: head[:2]):
        found |= _effects(lab, direct, [*group])
        answer = {**answer, "effects": _told(direct, heads, found)}
        yield Progress(len(found), len(heads), answer)
    return answer


def explained(asked: Asked, layer: int, head: int, query: int, key: int, kind: Kind) -> Steps:
    """What wrote the score that a head gives to a query and a key."""
    check_kind(kind)
    for name, value in {"layer": layer, "head": head, "query": query, "key": key}.items():
        check_integer(name, value)
    lab = asked.experiment()
    split = lab.explain_score(layer, head, query, key, kind=kind)
    yield Progress(1, 1)
    return {
        "score": number(split.score),
        **_softmax(lab, split),
        "query_side": _largest(split.terms, split.query_side),
        "key_side": _largest(split.terms, split.key_side),
        "pairs": _pairs(split),
    }


def explaining(state: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the view ``attribution`` of a state asks, as js/trace/explained.ts writes it."""
    if "attribution" not in state["views"]:
        return []
    token, kind = state["token"], state["attention_kind"]
    question: dict[str, Any] = {"name": "attributed", "token": token, "kind": kind}
    other = state["compared_with"]
    found = [question if other is None else {**question, "other": other}]
    key, heads = state["key_token"], state["heads"]
    if token is not None and key is not None and heads:
        place = {"layer": state["layer"], "head": heads[0], "query": token, "key": key}
        found.append({"name": "explained", **place, "kind": kind})
    return found


def _other(other: str | int, lab: Experiment, best: Predictions) -> int:
    is_class = best.predicts != "next token" and best.predicts != "token"
    return id_of(other, lab, best.ids[0].tolist(), best.tokens[0], is_class)


def _named(other: int | None, lab: Experiment, best: Predictions) -> Answer:
    if other is None:
        return {"other": None, "other_label": ""}
    ids = best.ids[0].tolist()
    text = best.tokens[0][ids.index(other)] if other in ids else None
    [said] = texts_of([other], lab.tracer.tokenizer) if text is None else [text]
    return {"other": other, "other_label": labels_of([*best.tokens[0], said])[-1]}


def _effects(
    lab: Experiment, direct: DirectAttribution, heads: Sequence[tuple[Kind, int, int]]
) -> dict[tuple[Kind, int, int], float]:
    rows = [[switched_off(lab, *each, direct.position)] for each in heads]
    metric = direct.metric

    def value(logits: Array) -> float:
        assert isinstance(metric.token, int)
        if isinstance(metric, Logit):
            return float(logits[0, metric.token])
        assert isinstance(metric.other, int)
        return float(logits[0, metric.token] - logits[0, metric.other])

    outcomes = lab.without_each(rows, positions=[direct.position])
    return {
        each: value(outcome.after) - value(outcome.before)
        for each, outcome in zip(heads, outcomes, strict=True)
    }


def _told(
    direct: DirectAttribution,
    heads: Sequence[tuple[Kind, int, int]],
    effects: Mapping[tuple[Kind, int, int], float],
) -> list[Answer]:
    parts = {each: float(direct.heads_by_kind[each[0]][each[1:]]) for each in heads}
    largest = max(map(abs, parts.values()))
    return [
        {
            "kind": kind,
            "layer": layer,
            "head": head,
            "effect": number(effects[kind, layer, head]),
            # a soft cap shrinks every change of a large logit, which would pass for backup
            "backup": None
            if direct.capped
            else backup_of(parts[kind, layer, head], effects[kind, layer, head], largest),
        }
        for kind, layer, head in heads
        if (kind, layer, head) in effects
    ]


def _term(term: Term, value: float) -> Answer:
    named = {"what": term.what, "layer": term.layer, "head": term.head, "kind": term.kind}
    return {**named, "value": number(float(value))}


def _terms(terms: Sequence[Term], values: Array) -> list[Answer]:
    """The largest first."""
    order = np.argsort(-np.abs(values), kind="stable")
    return [_term(terms[index], values[index]) for index in order.tolist()]


def _largest(terms: Sequence[Term], values: Array) -> Answer:
    shown, rest = _split(values)
    return {"terms": [_term(terms[index], values[index]) for index in shown], "others": rest}


def _pairs(split: ScoreTerms) -> Answer:
    flat, n = split.values.reshape(-1), len(split.terms)
    shown, rest = _split(flat)
    pairs = [
        {
            "query": _term(split.terms[index // n], flat[index]),
            "key": _term(split.terms[index % n], flat[index]),
        }
        for index in shown
    ]
    return {"pairs": pairs, "others": rest}


def _split(values: Array) -> tuple[list[int], Answer]:
    """Which are the largest, and how many others sum to what."""
    order = np.argsort(-np.abs(values), kind="stable").tolist()
    rest = values[order[SHOWN:]].astype(float)
    return order[:SHOWN], {"count": len(rest), "value": number(math.fsum(rest.tolist()))}


def _softmax(lab: Experiment, split: ScoreTerms) -> Answer:
    """The score before its scale, and what becomes of it."""
    block = lab.trace.operation(split.layer, split.kind)
    assert isinstance(block, Block)  # whose score was split
    group = block.n_heads // block.n_kv_heads
    query = block.query[split.head, split.query].float()
    dot = float(query @ block.key[split.head // group, split.key].float())
    return {
        "dot": number(dot),
        "scale": number(block.scale),
        "entered": number(float(block.logits(split.head, split.query)[0, 0, split.key])),
        "weight": number(float(block.attention(split.head, split.query)[0, 0, split.key])),
    }
