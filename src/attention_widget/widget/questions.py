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
from attention_widget.experiments.head import what_it_predicts
from attention_widget.experiments.predictions import Floats
from attention_widget.protocol.checks import check_flag, either
from attention_widget.tokens.labels import label_of_candidate
from attention_widget.trace.indices import indices_of
from attention_widget.trace.kind import Kind, check_kind
from attention_widget.widget.about_measure import measuring, read_about
from attention_widget.widget.answers import check_integer, labels_of, marks_blanks_in, numbers
from attention_widget.widget.calculated import calculation
from attention_widget.widget.explained import attributed, explained, explaining
from attention_widget.widget.influence import influence, influencing
from attention_widget.widget.left_out import left_out, left_out_question
from attention_widget.widget.lens_plane import lens_plane
from attention_widget.widget.ranked import ranked, ranking_question
from attention_widget.widget.steps import Answer, Asked, Progress, Steps

TOP_K: Final = 10
"""Candidates at each position that the view shows: PREDICTIONS in js/trace/questions.ts."""

_CHUNK: Final = 64  # positions in one step


def predictions(asked: Asked, top_k: int = TOP_K) -> Steps:
    """What the model predicts at every position."""
    check_integer("top_k", top_k)
    lab = asked.experiment()
    if what_it_predicts(lab.model) == "class":
        return predicted([lab.predictions(top_k)], lab)
    count = len(lab.read_tokens)
    parts: list[Predictions] = []
    for start in range(0, count, _CHUNK):
        parts.append(lab.predictions(top_k, range(start, min(count, start + _CHUNK))))
        yield Progress(min(count, start + _CHUNK), count)
    return predicted(parts, lab)


def edited(asked: Asked, edits: Any) -> Steps:
    """Whether the model can be run with some edits; the answer has them with all that was left
    out."""
    made, lab = asked.edited(edits), asked.experiment()
    _ = lab.trace
    yield Progress(1, 2)
    made.comparison.check()
    yield Progress(2, 2)
    return {"edits": list(made.edits)}


def compared(
    asked: Asked, edits: Any, top_k: int = TOP_K, positions: list[int] | None = None
) -> Steps:
    """What the model predicts with some edits, as ``predictions`` has it, and of the candidates of
    the pass without them in ``kept`` the probabilities that are left to them, and in ``first`` and
    ``before`` the likeliest and its probability then. At ``positions`` alone, where there are any.
    """
    check_integer("top_k", top_k)
    if positions is not None and not isinstance(positions, list):
        raise InvalidTypeError(f"positions must be a list of integers, got {positions!r:.80}")
    made, lab = asked.edited(edits), asked.experiment()
    is_whole = what_it_predicts(lab.model) == "class"
    at = None if is_whole else indices_of("position", positions, len(lab.read_tokens))
    parts: list[tuple[Predictions, Predictions, Floats]] = []
    for start in range(0, 1 if at is None else len(at), _CHUNK):
        before = asked.before(top_k, None if at is None else at[start : start + _CHUNK])
        yield Progress(start, 1 if at is None else len(at))
        parts.append((before, *made.comparison.after(before)))
        yield Progress(start + len(before), 1 if at is None else len(at))
    rows = [tokens for before, _, _ in parts for tokens in before.tokens]
    marks_blanks = marks_blanks_in(text for row in rows for text in row)
    return {
        **predicted([after for _, after, _ in parts], lab),
        "kept": [numbers(row) for _, _, kept in parts for row in kept],
        "first": [label_of_candidate(sendable(row[0]), marks_blanks) for row in rows],
        "before": numbers(row[0] for before, _, _ in parts for row in before.probabilities),
    }


def lens(asked: Asked, position: int, edits: Any = None) -> Steps:
    """What each layer's hidden state says of the prediction at a position; with edits in the pass
    that has them, of what is predicted without them."""
    check_integer("position", position)
    made, lab = asked.edited(edits) if edits else None, asked.experiment()
    found = lab.lens(position, top_k=1)
    yield Progress(1, 2)
    place, answer = 0, found.followed[0][0]
    if made is not None:
        follow = [int(found.followed_ids[0, 0])]
        found = made.comparison.lens(position, top_k=1, follow=follow)
        place = 1  # the answer without edits comes second now
    named, *best = labels_of([answer, *(of_layer[0][0] for of_layer in found.tokens)])
    return {
        "position": found.positions[0],
        "answer": named,
        "best": best,
        "probabilities": numbers(found.followed_probabilities[:, 0, place]),
        "ranks": found.followed_ranks[:, 0, place].tolist(),
    }


def replaced(
    asked: Asked, tokens: list[int], by: str | int | None = None, of_target: bool = False
) -> Steps:
    """The text with something else in the place of some tokens: a text, the token of an id, or
    where nothing is named the mask. Or the target of an encoder-decoder, beside the same text."""
    if not isinstance(tokens, list):
        raise InvalidTypeError(f"tokens must be a list of integers, got {reprlib.repr(tokens)}")
    check_flag("of_target", of_target)
    lab = asked.experiment()
    if by is None:
        other = lab.mask(tokens, of_target=of_target)
    else:
        other = lab.replace(tokens, by, of_target=of_target)
    texts = other.encoded.texts
    pair = sendable(texts[1]) if len(texts) > 1 else None
    yield Progress(1, 1)
    answer = {"text": sendable(lab.tracer.prepared.given(texts[0])), "text_pair": pair}
    if of_target and other.decoder is not None:
        answer["target"] = sendable(other.decoder.texts[0])
    return answer


def measured(asked: Asked, about: str, kind: Kind, layer: int) -> Steps:
    """Whether the model has a measure of a layer; of a gradient, of which logit it is."""
    check_kind(kind)
    check_integer("layer", layer)
    if not isinstance(about, str):
        raise InvalidTypeError(f"about must be a string, got {reprlib.repr(about)}")
    wanted = read_about(about)
    asked.measures.values(wanted, kind, layer)
    yield Progress(1, 1)
    return asked.measures.logit_of(wanted)


QUESTIONS: Final[dict[str, Callable[..., Steps]]] = {
    "predictions": predictions,
    "edited": edited,
    "compared": compared,
    "lens": lens,
    "lens_plane": lens_plane,
    "replaced": replaced,
    "ranked": ranked,
    "influence": influence,
    "attributed": attributed,
    "explained": explained,
    "measured": measured,
    "left_out": left_out,
    "calculation": calculation,
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
        found.append(ranking_question(state))
    has_passages = any(token["passage"] is not None for token in state["meta"]["tokens"])
    if "passages" in state["views"] and has_passages:
        found.append(left_out_question(state))
    return found + influencing(state) + explaining(state) + measuring(state)


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


def predicted(parts: Iterable[Predictions], lab: Experiment) -> Answer:
    """Predictions as they are sent."""
    rows = [(part, row) for part in parts for row in range(len(part))]
    first, _ = rows[0]
    masks = first.predicts == "token" or (
        first.predicts == "next token" and lab.decoder is not None
    )
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
