"""Ask a model what it predicts, of its last layer and of each layer."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from attention_widget._util.cleanup import Undo, guarded
from attention_widget._util.integers import as_integer
from attention_widget._util.progress import Progress
from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.experiments.head import check_entries, own_head, what_it_predicts
from attention_widget.experiments.lens import Lens, lens_of
from attention_widget.experiments.predictions import Predictions, measured
from attention_widget.experiments.subject import Subject
from attention_widget.experiments.vocabulary import ids_of, texts_of
from attention_widget.trace.indices import Indices, indices_of
from attention_widget.trace.token import Token
from attention_widget.tracing.model.errors import HeadlessError, UnsupportedModelError

_LOADED = {
    "next token": "AutoModelForCausalLM, or AutoModelForSeq2SeqLM for an encoder-decoder",
    "token": "AutoModelForMaskedLM",
}


def predictions_of(
    lab: Subject, top_k: int, positions: Indices | None, follow: Iterable[str | int]
) -> Predictions:
    """See :meth:`Experiment.predictions`."""
    model = lab.tracer.model
    n_best = checked_top_k(top_k)
    predicts = what_it_predicts(model)
    if predicts == "class" or predicts == "class of token":
        return _classes(lab, n_best, positions, follow)
    check_head(lab)
    tokens, tokenizer = lab.read_tokens, lab.tracer.tokenizer
    at = _positions(positions, tokens)
    followed = ids_of(follow, tokenizer, _n_entries(lab))
    return named(lab, lab.tail.logits(at), at, n_best, followed)


def named(
    lab: Subject,
    logits: Iterable[torch.Tensor],
    positions: Sequence[int],
    top_k: int,
    followed: Sequence[int] = (),
) -> Predictions:
    """The predictions that logits (position, vocabulary) make, which come a chunk of positions at
    a time: those of a pass in which something was changed, say."""
    tokens, tokenizer = lab.read_tokens, lab.tracer.tokenizer
    predicts = what_it_predicts(lab.tracer.model)
    actual = [actual_id(tokens, index, predicts == "next token", lab.was) for index in positions]
    found = measured(logits, top_k, actual, [followed] * len(positions))
    names = texts_of([*found.ids.reshape(-1).tolist()], tokenizer)
    width = found.ids.shape[1]
    return Predictions(
        predicts=predicts,
        positions=tuple(positions),
        read=tuple(tokens[index].label for index in positions),
        tokens=tuple(tuple(names[i : i + width]) for i in range(0, len(names), width)),
        actual_ids=np.array(actual, np.int64),
        actual=tuple("" if id < 0 else texts_of([id], tokenizer)[0] for id in actual),
        followed=tuple(texts_of(followed, tokenizer)),
        followed_ids=np.array(followed, np.int64),
        **vars(found),
    )


def lens_at(
    lab: Subject, positions: Indices | None, top_k: int, follow: Iterable[str | int]
) -> Lens:
    """See :meth:`Experiment.lens`."""
    n_best = checked_top_k(top_k)
    check_head(lab)
    tokens, tokenizer = lab.read_tokens, lab.tracer.tokenizer
    at = _positions(positions, tokens)
    followed = ids_of(follow, tokenizer, _n_entries(lab))
    trace = lab.trace
    hidden = (trace.hidden if trace.target is None else trace.target.hidden)[1:]
    if not hidden:
        raise UnsupportedModelError(
            lab.tracer.model,
            "does not hand on one hidden state for each token from layer to layer, so its layers "
            "have no logit lens; what it predicts is there: predictions()",
        )

    def work(undo: Undo) -> Lens:
        bar = Progress("reading layers", "position", len(at), wanted=lab.tracer.progress)
        undo.then(bar.close)
        return lens_of(
            lab.tail,
            hidden,
            tokenizer,
            what_it_predicts(lab.tracer.model),
            at,
            [tokens[index].label for index in at],
            n_best,
            followed,
            bar.reach,
        )

    return guarded(work)


def _n_entries(lab: Subject) -> int:
    """How many entries the vocabulary has; ValueError where a token of the text is none."""
    found = lab.tail.n_entries
    check_text(lab, found)
    return found


def check_text(lab: Subject, n_entries: int | None = None) -> None:
    """ValueError for an output head that lacks a token of the text."""
    ids = [*(token.id for token in lab.read_tokens), *lab.was.values()]
    check_entries(lab.head or own_head(lab.tracer.model), ids, n_entries)


def check_head(lab: Subject) -> None:
    """ValueError for a model that predicts no tokens, or lacks one of the text."""
    model = lab.tracer.model
    if lab.head is None and own_head(model) is None:
        how = _LOADED.get(what_it_predicts(model))
        if how is None:
            raise HeadlessError(
                model,
                f"model must predict tokens for this, got {type(model).__name__}, which predicts "
                f"classes",
            )
        raise HeadlessError(
            model,
            f"model must have an output head for predictions, got {type(model).__name__}, which "
            f"has none; load it with one ({how}), or pass the head or the headed model as head=...",
            re.findall(r"Auto\w+", how),
        )
    check_text(lab)


def checked_top_k(value: Any) -> int:
    """``top_k`` as an integer from 1."""
    top_k = as_integer(value)
    if top_k is None:
        raise InvalidTypeError(f"top_k must be a whole number, got {reprlib.repr(value)}")
    if top_k < 1:
        raise InvalidValueError(f"top_k must be 1 or more, got {top_k}")
    return top_k


def actual_id(tokens: Sequence[Token], index: int, is_next: bool, was: Mapping[int, int]) -> int:
    """The id that a prediction at a position is about; -1 where there is none."""
    at = index + is_next
    if at in was:
        return was[at]
    id = tokens[at].id if at < len(tokens) else None
    return -1 if id is None else id


def _positions(positions: Indices | None, tokens: Sequence[Token]) -> list[int]:
    at = indices_of("position", positions, len(tokens))
    if not at:
        raise InvalidValueError("positions must name one token or more, got none")
    return at


def predictions_from(
    lab: Subject,
    logits: Any,
    top_k: int,
    positions: Indices | None,
    follow: Iterable[str | int],
) -> Predictions:
    """See :meth:`Experiment.predictions_from`."""
    n_best = checked_top_k(top_k)
    predicts = what_it_predicts(lab.tracer.model)
    rows = torch.as_tensor(logits).float()
    at = [] if predicts == "class" else _positions(positions, lab.read_tokens)
    n_rows = len(at) if at else 1
    if rows.ndim != 2 or len(rows) != n_rows:
        raise InvalidValueError(
            f"logits must have shape ({n_rows}, vocabulary), a row for each position, got "
            f"{tuple(rows.shape)}"
        )
    if predicts == "class" or predicts == "class of token":
        return _named_classes(lab, rows, at, n_best, follow)
    followed = ids_of(follow, lab.tracer.tokenizer, rows.shape[1])
    return named(lab, [rows], at, n_best, followed)


def _classes(
    lab: Subject, top_k: int, positions: Indices | None, follow: Iterable[str | int]
) -> Predictions:
    model, tokens = lab.tracer.model, lab.read_tokens
    predicts = what_it_predicts(model)
    logits = getattr(lab.output, "logits", None)
    rows = logits[0] if predicts == "class of token" and logits is not None else logits
    at = _positions(positions, tokens) if predicts == "class of token" else []
    if rows is None or rows.ndim != 2 or len(rows) != (len(tokens) if at else 1):
        raise UnsupportedModelError(model, "returns no logits of its classes")
    if positions is not None and not at:
        raise InvalidValueError(
            f"positions must be left out with {type(model).__name__}, which gives the whole input "
            f"one class, got {reprlib.repr(positions)}"
        )
    if rows.shape[1] == 1:
        raise InvalidValueError(
            f"model must tell classes apart for predictions, got {type(model).__name__} with one "
            f"output, which is a number and no probability: experiment.output.logits"
        )
    return _named_classes(lab, (rows[at] if at else rows).float(), at, top_k, follow)


def _named_classes(
    lab: Subject,
    logits: torch.Tensor,
    at: Sequence[int],
    top_k: int,
    follow: Iterable[str | int],
) -> Predictions:
    model, n_rows = lab.tracer.model, len(logits)
    labels: Mapping[Any, str] = dict(model.config.id2label or {})
    names = [str(labels.get(i, i)) for i in range(logits.shape[1])]
    followed = [_class_id(one, names) for one in follow]
    apart = getattr(model.config, "problem_type", None) == "multi_label_classification"
    found = measured([logits], top_k, [-1] * n_rows, [followed] * n_rows, apart=apart)
    return Predictions(
        predicts=what_it_predicts(model),
        positions=tuple(at),
        read=tuple(lab.read_tokens[index].label for index in at),
        tokens=tuple(tuple(names[i] for i in row) for row in found.ids),
        actual_ids=np.full(n_rows, -1, np.int64),
        actual=("",) * n_rows,
        followed=tuple(names[i] for i in followed),
        followed_ids=np.array(followed, np.int64),
        **vars(found),
    )


def _class_id(given: Any, names: Sequence[str]) -> int:
    if given in names:
        return names.index(given)
    index = as_integer(given)
    if index is None or not 0 <= index < len(names):
        raise InvalidValueError(
            f"follow must name classes ({reprlib.repr(list(names))}) or their numbers, got "
            f"{reprlib.repr(given)}"
        )
    return index
