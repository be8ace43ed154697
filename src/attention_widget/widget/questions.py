"""What the browser may ask of a model that can be run again: a line in ``QUESTIONS`` for each.

A question is a JSON object with a name and its fields; its answer is one too. A function answers it
in steps, so that a kernel is free for other messages between them. The browser's half is
js/trace/questions.ts.
"""

from __future__ import annotations

import inspect
import reprlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from attention_widget._util.unicode import sendable
from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.experiments import Experiment, Predictions
from attention_widget.experiments.comparing import predictions_after
from attention_widget.experiments.head import what_it_predicts
from attention_widget.protocol.checks import either
from attention_widget.tokens.labels import label_of_candidate
from attention_widget.widget.answers import check_integer, labels_of, marks_blanks_in, numbers
from attention_widget.widget.explained import attributed, explained, explaining
from attention_widget.widget.ranked import ranked
from attention_widget.widget.steps import Answer, Asked, Progress, Steps

TOP_K: Final = 10
"""Candidates at each position that the view shows: PREDICTIONS in js/trace/questions.ts."""

_CHUNK: Final = 64  # positions in one step


def predictions(asked: Asked, top_k: int = TOP_K) -> Steps:
    """What the model predicts at every position."""
    check_integer("top_k", top_k)
    lab = asked.experiment()
    if what_it_predicts(lab.model) == "class":
        return _predicted([lab.predictions(top_k)], lab)
    count = len(lab.read_tokens)
    parts: list[Predictions] = []
    for start in range(0, count, _CHUNK):
        parts.append(lab.predictions(top_k, range(start, min(count, start + _CHUNK))))
        yield Progress(min(count, start + _CHUNK), count)
    return _predicted(parts, lab)


def edited(asked: Asked, edits: Any) -> Steps:
    """Runs the pass with some edits; the answer has them with all that was left out."""
    made = asked.edited(edits)
    yield Progress(1, 1)
    return {"edits": list(made.edits)}


def compared(asked: Asked, edits: Any, top_k: int = TOP_K) -> Steps:
    """What the model predicts with some edits, as ``predictions`` has it, and in ``kept`` the
    probabilities that are left to the candidates of the pass without them."""
    check_integer("top_k", top_k)
    made, lab = asked.edited(edits), asked.experiment()
    yield Progress(1, 3)
    before = lab.predictions(top_k)
    yield Progress(2, 3)
    after, kept = predictions_after(lab, made.outcome, before)
    return {**_predicted([after], lab), "kept": [numbers(row) for row in kept]}


def lens(asked: Asked, position: int) -> Steps:
    """What each layer's hidden state says of the prediction at a position."""
    check_integer("position", position)
    found = asked.experiment().lens(position, top_k=1)
    yield Progress(1, 1)
    answer, *best = labels_of(
        [found.followed[0][0], *(of_layer[0][0] for of_layer in found.tokens)]
    )
    return {
        "position": found.positions[0],
        "answer": answer,
        "best": best,
        "probabilities": numbers(found.followed_probabilities[:, 0, 0]),
        "ranks": found.followed_ranks[:, 0, 0].tolist(),
    }


def replaced(asked: Asked, tokens: list[int], by: str | int | None = None) -> Steps:
    """The text with something else in the place of some tokens: a text, the token of an id, or
    where nothing is named the mask."""
    if not isinstance(tokens, list):
        raise InvalidTypeError(f"tokens must be a list of integers, got {reprlib.repr(tokens)}")
    lab = asked.experiment()
    other = lab.mask(tokens) if by is None else lab.replace(tokens, by)
    texts = other.encoded.texts
    pair = sendable(texts[1]) if len(texts) > 1 else None
    yield Progress(1, 1)
    return {"text": sendable(lab.tracer.prepared.given(texts[0])), "text_pair": pair}


QUESTIONS: Final[dict[str, Callable[..., Steps]]] = {
    "predictions": predictions,
    "edited": edited,
    "compared": compared,
    "lens": lens,
    "replaced": replaced,
    "ranked": ranked,
    "attributed": attributed,
    "explained": explained,
}
"""What answers a question, of what it is about and of its fields by their names."""


def questions_of(state: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the views of a state ask, as js/trace/questions.ts writes it."""
    found: list[dict[str, Any]] = []
    if "predictions" in state["views"]:
        found.append({"name": "predictions", "top_k": TOP_K})
    if state["edits"]:
        found += [
            {"name": "predictions", "top_k": TOP_K},
            {"name": "compared", "edits": list(state["edits"]), "top_k": TOP_K},
        ]
    if "grid" in state["views"] and state["summary"] == "effect":
        found.append({"name": "ranked", "position": state["effect_position"]})
    return found + explaining(state)


def check_question(question: object) -> Mapping[str, Any]:
    """A question as it was asked; ValueError or TypeError if it is none."""
    if not isinstance(question, dict):
        raise InvalidTypeError(f"a question must be an object, got {reprlib.repr(question)}")
    name = question.get("name")
    if not isinstance(name, str) or name not in QUESTIONS:
        must = f"name of a question must be {either(list(QUESTIONS))}"
        raise InvalidValueError(f"{must}, got {reprlib.repr(name)}")
    parameters = list(inspect.signature(QUESTIONS[name]).parameters.values())[1:]
    known = [each.name for each in parameters]
    needed = [each.name for each in parameters if each.default is each.empty]
    fields = [field for field in question if field != "name"]
    if any(field not in known for field in fields) or any(one not in fields for one in needed):
        must = f"the question {name!r} must have {either(needed)}" if needed else ""
        may = f"the question {name!r} may have {either(known)}"
        raise InvalidValueError(f"{must or may}, got {reprlib.repr(fields)}")
    return question


def steps_of(asked: Asked, question: Mapping[str, Any]) -> Steps:
    """The steps to the answer of a question that was checked."""
    fields = {name: value for name, value in question.items() if name != "name"}
    return QUESTIONS[question["name"]](asked, **fields)


def _predicted(parts: Iterable[Predictions], lab: Experiment) -> Answer:
    rows = [(part, row) for part in parts for row in range(len(part))]
    first, _ = rows[0]
    masks = first.predicts == "token"
    tokens = [[sendable(each) for each in part.tokens[row]] for part, row in rows]
    marks_blanks = marks_blanks_in(each for row in tokens for each in row)
    return {
        "predicts": first.predicts,
        "positions": [part.positions[row] for part, row in rows if part.positions],
        "ids": [part.ids[row].tolist() for part, row in rows],
        "tokens": tokens,
        "labels": [[label_of_candidate(each, marks_blanks) for each in row] for row in tokens],
        "probabilities": [numbers(part.probabilities[row]) for part, row in rows],
        "actual_ids": [int(part.actual_ids[row]) for part, row in rows],
        "actual": [sendable(part.actual[row]) for part, row in rows],
        "log_probability": numbers(part.log_probability[row] for part, row in rows),
        "rank": [int(part.rank[row]) for part, row in rows],
        "entropy": numbers(part.entropy[row] for part, row in rows),
        "mask_id": getattr(lab.tracer.tokenizer, "mask_token_id", None) if masks else None,
    }
