"""What comes of leaving each passage out: a question, answered passage by passage.

The browser's half is js/trace/left_out.ts.
"""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attention_widget._util.unicode import sendable
from attention_widget.errors import InvalidTypeError
from attention_widget.experiments import (
    Experiment,
    LogProbability,
    Metric,
    StateChange,
    TextLogProbability,
)
from attention_widget.experiments.head import what_it_predicts
from attention_widget.experiments.measure import measure_of
from attention_widget.experiments.vocabulary import texts_of
from attention_widget.protocol.tensors import number
from attention_widget.widget.answers import labels_of, numbers
from attention_widget.widget.steps import Answer, Asked, Progress, Steps


@dataclass(frozen=True)
class _About:
    metric: Metric | None
    """None: what the experiment measures by itself."""
    of: str
    position: int | None = None
    label: str = ""
    n_tokens: int = 0


def left_out(asked: Asked, position: int | None = None) -> Steps:
    """What leaving each passage out does to the log-probability of the answer: of the last message
    of a chat where the assistant speaks there, else of what is predicted at a position, or at the
    end of the text. Models that predict nothing: how far the other states turn."""
    if position is not None and type(position) is not int:
        must = "position must be a whole number or null"
        raise InvalidTypeError(f"{must}, got {reprlib.repr(position)}")
    about = _about(asked.experiment(), position)
    leaving = asked.leaving_out(about.metric)
    answer: Answer = {}
    for done, found in enumerate(leaving):
        answer = {
            "of": about.of,
            "position": about.position,
            "label": about.label,
            "n_tokens": about.n_tokens,
            "unit": found.unit,
            "before": number(found.before),
            "names": [sendable(each.name) for each in found.passages],
            "effects": numbers(found.effects),
            "losses": numbers(found.losses),
            "matters_from": found.matters_from,
        }
        yield Progress(done, leaving.n_passages, answer)
    return answer


def left_out_question(state: Mapping[str, Any]) -> dict[str, Any]:
    """What the passages of a state ask, as js/trace/left_out.ts writes it."""
    at = state["token"] if state["share_of"] == "token" else None
    return {"name": "left_out", "position": at}


def _about(lab: Experiment, position: int | None) -> _About:
    if measure_of(None, lab).of_states:
        if position is None:
            return _About(None, "states")
        return _About(StateChange(position), "states", position)
    of = what_it_predicts(lab.tracer.model)
    if position is None and of == "next token" and (answer := _answer_in(lab)):
        return _About(TextLogProbability(answer), "text", n_tokens=len(answer))
    at = 0 if of == "class" else position
    if at is None:
        at = min(lab.was, default=len(lab.read_tokens) - 1)
    found = lab.predictions(1, None if of == "class" else at)
    best = int(found.ids[0, 0])
    metric = LogProbability(best, at)
    [at] = measure_of(metric, lab).positions
    is_class = of in ("class", "class of token")
    text = sendable(found.tokens[0][0] if is_class else texts_of([best], lab.tracer.tokenizer)[0])
    return _About(metric, of, None if of == "class" else at, labels_of([text])[0])


def _answer_in(lab: Experiment) -> tuple[int, ...]:
    """The tokens of the last message of a chat, where the assistant speaks there."""
    encoded = lab.encoded
    if encoded.roles[-1:] != ("assistant",) or lab.read_tokens is not encoded.tokens:
        return ()
    last = len(encoded.roles) - 1
    return tuple(i for i, token in enumerate(encoded.tokens) if token.segment == last and i)
