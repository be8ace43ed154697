"""All heads ranked: what comes of switching off each of them, as the grid and the table show it."""

from __future__ import annotations

import reprlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from attention_widget._util.unicode import sendable
from attention_widget.errors import InvalidTypeError
from attention_widget.experiments import Experiment, HeadEffects, Logit, Metric, StateChange
from attention_widget.experiments.head import what_it_predicts
from attention_widget.experiments.measure import measure_of
from attention_widget.experiments.ranking import Head
from attention_widget.protocol.tensors import number
from attention_widget.tokens.labels import label_of_candidate
from attention_widget.trace.block import Array
from attention_widget.widget.steps import Answer, Asked, Progress, Steps

_CANDIDATES: Final = 10  # which tell whether the vocabulary marks the blank before a word

Of = Literal["next token", "token", "class of token", "class", "states"]


@dataclass(frozen=True)
class _About:
    """What effects are of: the logit of a candidate, or how far final states turn."""

    metric: Metric
    of: Of
    position: int | None
    """Of a token; None for the whole input, or for the states of all tokens."""
    id: int | None = None
    label: str = ""


def ranked(asked: Asked, position: int | None = None, token: int | None = None) -> Steps:
    """The effect of switching off each head on the logit of what the model predicts at a position,
    or of another candidate, the likeliest heads first. Cancelled and asked again it goes on."""
    for name, value in (("position", position), ("token", token)):
        if value is not None and type(value) is not int:
            must = f"{name} must be a whole number or null"
            raise InvalidTypeError(f"{must}, got {reprlib.repr(value)}")
    about = _about(asked.experiment(), position, token)
    ranking = asked.ranking(about.metric)
    known: Answer = {}
    for found in ranking:
        known = _known(about, found, ranking.queue)
        yield Progress(found.n_done, found.n_heads, known)
    return known


def _about(lab: Experiment, position: int | None, token: int | None) -> _About:
    """Where nothing is named it is what the model predicts at the end of the text, or of the first
    token that is masked."""
    if measure_of(None, lab).of_states:
        return _About(StateChange(position), "states", position)
    of = what_it_predicts(lab.model)
    is_whole, is_class = of == "class", of in ("class", "class of token")
    at = 0 if is_whole else _masked(lab) if position is None else position
    [at] = measure_of(Logit(token, at), lab).positions
    follow = () if token is None or is_class else (token,)
    n = max(_CANDIDATES, lab.model.config.num_labels) if is_class else _CANDIDATES
    found = lab.predictions(n, None if is_whole else at, follow=follow)
    ids, texts = found.ids[0].tolist(), [sendable(each) for each in found.tokens[0]]
    if follow:
        ids, texts = [token, *ids], [sendable(found.followed[0]), *texts]
    chosen = ids.index(token) if token is not None else 0
    marks_blanks = any(each[:1].isspace() for each in texts)
    label = label_of_candidate(texts[chosen], marks_blanks)
    metric = Logit(int(ids[chosen]), at)
    return _About(metric, of, None if is_whole else at, int(ids[chosen]), label)


def _masked(lab: Experiment) -> int:
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
        "id": about.id,
        "label": about.label,
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
