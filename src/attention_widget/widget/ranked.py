"""All heads ranked: what comes of switching off each of them, as the grid and the table show it."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np

from attention_widget._util.unicode import sendable
from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.experiments import (
    Experiment,
    HeadEffects,
    Logit,
    LogitDifference,
    Metric,
    StateChange,
    TextLoss,
)
from attention_widget.experiments.head import what_it_predicts
from attention_widget.experiments.measure import measure_of
from attention_widget.experiments.ranking import Head
from attention_widget.experiments.vocabulary import texts_of
from attention_widget.protocol.checks import check_choice
from attention_widget.protocol.options import values_of
from attention_widget.protocol.tensors import number
from attention_widget.tokens.labels import label_of_candidate
from attention_widget.trace.block import Array
from attention_widget.widget.answers import labels_of
from attention_widget.widget.candidate import Candidate, check_named, id_of
from attention_widget.widget.steps import Answer, Asked, Progress, Steps

_CANDIDATES: Final = 10  # which tell whether the vocabulary marks the blank before a word

_METRICS: Final[dict[type, str]] = {LogitDifference: "difference", TextLoss: "loss"}

Of = Literal["next token", "token", "class of token", "class", "states"]


@dataclass(frozen=True)
class _About:
    """What effects are of: the logit of a candidate, how far it lies above another, the loss of the
    text, or how far final states turn."""

    metric: Metric
    of: Of
    position: int | None
    """Of a token; None for the whole input, the whole text, or the states of all tokens."""
    ids: tuple[int, ...] = ()
    """Of the candidate, and of the other one."""
    labels: tuple[str, ...] = ()
    candidates: Answer = field(default_factory=lambda: {"ids": [], "labels": []})
    """What the model predicts there, the likeliest first."""


def ranked(
    asked: Asked,
    position: int | None = None,
    token: Candidate = None,
    of: str = "logit",
    other: Candidate = None,
) -> Steps:
    """The effect of switching off each head on the logit of what the model predicts at a position,
    or of another candidate, the likeliest heads first. Cancelled and asked again it goes on.

    ``of`` "difference" takes the logit of ``other`` away, and "loss" is that of the text.
    """
    if position is not None and type(position) is not int:
        must = "position must be a whole number or null"
        raise InvalidTypeError(f"{must}, got {reprlib.repr(position)}")
    check_named("token", token)
    check_named("other", other)
    check_choice("of", of, values_of("effect_of"))
    about = _about(asked.experiment(), position, token, of, other)
    ranking = asked.ranking(about.metric)
    known: Answer = {}
    for found in ranking:
        known = _known(about, found, ranking.queue)
        yield Progress(found.n_done, found.n_heads, known)
    return known


def ranking_question(state: Mapping[str, Any]) -> dict[str, Any]:
    """What the grid of a state asks, as js/trace/questions.ts writes it."""
    of, token, other = (state[f"effect_{each}"] for each in ("of", "token", "other"))
    if of == "loss":
        return {"name": "ranked", "position": None, "of": of}
    question: dict[str, Any] = {"name": "ranked", "position": state["effect_position"]}
    if token is not None:
        question["token"] = token
    if of != "logit":
        question["of"] = of
        if other is not None:
            question["other"] = other
    return question


def _about(
    lab: Experiment, position: int | None, token: Candidate, metric: str, other: Candidate
) -> _About:
    """Where nothing is named it is what the model predicts at the end of the text, or of the first
    token that is masked."""
    if measure_of(None, lab).of_states:
        if metric != "logit":
            raise InvalidValueError(
                f'effect_of must be "logit" with {type(lab.model).__name__}, which predicts '
                f"nothing: effects are then how far its final states turn; got {metric!r}"
            )
        return _About(StateChange(position), "states", position)
    of = what_it_predicts(lab.model)
    if metric == "loss":
        return _About(TextLoss(), of, None)
    is_whole, is_class = of == "class", of in ("class", "class of token")
    at = 0 if is_whole else masked_or_last(lab) if position is None else position
    [at] = measure_of(Logit(None, at), lab).positions
    n = max(_CANDIDATES, lab.model.config.num_labels) if is_class else _CANDIDATES
    found = lab.predictions(n, None if is_whole else at)
    ids, texts = found.ids[0].tolist(), [sendable(each) for each in found.tokens[0]]
    candidates = {"ids": ids, "labels": labels_of(texts)}
    best = int(ids[0]) if token is None else id_of(token, lab, ids, texts, is_class)
    chosen: tuple[int, ...] = (best,)
    if metric == "difference":
        second = next((int(each) for each in ids if each != best), best)
        chosen += (second if other is None else id_of(other, lab, ids, texts, is_class),)
    named: Metric = Logit(best, at)
    if len(chosen) == 2:
        named = LogitDifference(*chosen, at)
    measure_of(named, lab)  # refuses an id outside the vocabulary before a label is looked up
    marks_blanks = any(each[:1].isspace() for each in texts)
    known = dict(zip(ids, texts, strict=True))
    names = [
        known[each] if each in known else sendable(texts_of([each], lab.tracer.tokenizer)[0])
        for each in chosen
    ]
    labels = tuple(label_of_candidate(each, marks_blanks) for each in names)
    return _About(named, of, None if is_whole else at, chosen, labels, candidates)


def masked_or_last(lab: Experiment) -> int:
    """The first token that is masked, else the last."""
    mask = getattr(lab.tracer.tokenizer, "mask_token_id", None)
    if mask is None or what_it_predicts(lab.model) != "token":
        return -1
    return next((token.index for token in lab.read_tokens if token.id == mask), -1)


def _known(about: _About, found: HeadEffects, queue: Sequence[Head]) -> Answer:
    places = {head: place for place, head in enumerate(queue, 1)}
    return {
        "of": about.of,
        "position": about.position,
        "metric": _METRICS.get(type(about.metric), "logit"),
        "id": about.ids[0] if about.ids else None,
        "label": about.labels[0] if about.labels else "",
        "other": about.ids[1] if len(about.ids) > 1 else None,
        "other_label": about.labels[1] if len(about.labels) > 1 else "",
        "candidates": about.candidates,
        "name": sendable(found.name),
        "unit": found.unit,
        "before": number(found.before),
        "edit": found.edit,
        "left_alone": list(found.first_left_alone),
        "done": found.n_done,
        "total": found.n_heads,
        "effects": {kind: _effects(each) for kind, each in found.effects_by_kind.items()},
        "order": {
            kind: [
                [places.get((kind, layer, head)) for head in range(each.shape[1])]
                for layer in range(each.shape[0])
            ]
            for kind, each in found.effects_by_kind.items()
        },
    }


def _effects(effects: Array) -> list[list[Any]]:
    """(layer, head) in as few digits as tell a float32 from the next; None where there is none."""
    return [
        [None if np.isnan(each) else number(float(str(np.float32(each)))) for each in row]
        for row in effects
    ]
