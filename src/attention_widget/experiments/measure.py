"""Metrics checked against an experiment: where they are read, and how."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from attention_widget._util.integers import as_integer
from attention_widget._util.ungraded import ungraded
from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.experiments.head import own_head, what_it_predicts
from attention_widget.experiments.metric import (
    Logit,
    LogitDifference,
    LogProbability,
    Metric,
    StateChange,
    TextLogProbability,
    TextLoss,
)
from attention_widget.experiments.predicting import actual_id, check_text
from attention_widget.experiments.subject import Subject
from attention_widget.experiments.vocabulary import ids_of, texts_of
from attention_widget.trace.indices import index_of, indices_of
from attention_widget.tracing.model.errors import UnsupportedModelError


@dataclass(frozen=True, eq=False)
class Measure:
    """A metric that is checked against an experiment.

    ``name`` says what it is, ``unit`` in what it is counted, and ``positions`` where it is read,
    of logits or of final states. ``value`` gives a number for each row of those, (row, position,
    vocabulary or hidden). ``slope`` is what stands in its place for a gradient, as that of a cosine
    is 0 at the start. ``ids`` are the tokens that it is about, of the vocabulary.
    """

    metric: Metric
    name: str
    unit: str
    positions: tuple[int, ...]
    value: Callable[[torch.Tensor], torch.Tensor]
    slope: Callable[[torch.Tensor], torch.Tensor]
    of_states: bool = False
    ids: tuple[int, ...] = ()

    def read(self, output: Any, head: torch.nn.Module | None, fed: bool = False) -> torch.Tensor:
        """What it is read from (row, position, vocabulary or hidden) in what a model returned;
        ``fed`` says that the output head was given its positions only."""
        if self.of_states:
            states: torch.Tensor = states_of(output)
            return states[:, list(self.positions)]
        if head is not None:
            return head(states_of(output)[:, list(self.positions)])  # type: ignore[no-any-return]
        logits: torch.Tensor = _named(output, "logits", "prediction_logits")
        if logits.ndim == 2:  # a class of the whole input
            return logits[:, None]
        return logits if fed else logits[:, list(self.positions)]


def measure_of(metric: Metric | None, lab: Subject) -> Measure:
    """A metric checked against an experiment; None stands for the logit of what it predicts last,
    or for the change of its states where it predicts nothing.

    Raises:
        TypeError, ValueError, IndexError: there is no such token or position, or the model has no
            head to predict with.
    """
    predicts = what_it_predicts(lab.tracer.model)
    is_class = predicts in ("class", "class of token")
    headless = lab.head is None and not is_class and own_head(lab.tracer.model) is None
    if metric is None:
        metric = StateChange() if headless else Logit()
    if not isinstance(metric, Metric):
        raise InvalidTypeError(
            f"metric must be Logit, LogitDifference, LogProbability, TextLogProbability, "
            f"TextLoss or StateChange, got "
            f"{type(metric).__name__}"
        )
    if isinstance(metric, StateChange):
        return _of_states(metric, lab)
    if headless:
        raise InvalidValueError(
            f"metric must be StateChange() with {type(lab.tracer.model).__name__}, which has no "
            f"output head, got {type(metric).__name__}; or pass the head, or load the model with it"
        )
    if isinstance(metric, TextLoss | TextLogProbability):
        if is_class:
            raise InvalidValueError(
                f"metric must be about classes with {type(lab.tracer.model).__name__}, such as "
                f"Logit('{_classes(lab)[0]}'), got {type(metric).__name__}"
            )
        if isinstance(metric, TextLogProbability):
            return _of_answer(metric, lab, is_next=predicts == "next token")
        return _of_text(metric, lab, is_next=predicts == "next token")
    return _of_token(metric, lab, whole=predicts == "class", of_classes=is_class)


def _of_token(
    metric: Logit | LogitDifference | LogProbability, lab: Subject, whole: bool, of_classes: bool
) -> Measure:
    tokens = lab.read_tokens
    at = index_of("position", metric.position, 1 if whole else len(tokens))
    where = "" if whole else f" at token {at} {reprlib.repr(tokens[at].label)}"
    logits = _base(lab, at)
    first = _id(metric.token, lab, logits, of_classes)
    ids: tuple[int, ...] = (first,)
    name = _text(first, lab, of_classes)
    if isinstance(metric, Logit):

        def value(read: torch.Tensor) -> torch.Tensor:
            return read[:, 0, first].float()

        said = f"logit of {name}{where}"
    elif isinstance(metric, LogProbability):

        def value(read: torch.Tensor) -> torch.Tensor:
            return read[:, 0].float().log_softmax(-1)[:, first]

        said = f"log-probability of {name}{where}"
    else:
        second = _id(metric.other, lab, logits, of_classes)
        ids = (first, second)
        if first == second:
            raise InvalidValueError(f"token and other must be two tokens, got {name} for both")

        def value(read: torch.Tensor) -> torch.Tensor:
            return (read[:, 0, first] - read[:, 0, second]).float()

        said = f"logit of {name} less that of {_text(second, lab, of_classes)}{where}"
    unit = "nats" if isinstance(metric, LogProbability) else "logit"
    about = () if of_classes else ids
    return Measure(metric, said, unit, (at,), value, value, ids=about)


def _of_text(metric: TextLoss, lab: Subject, is_next: bool) -> Measure:
    tokens = lab.read_tokens
    chosen = indices_of("position", metric.positions, len(tokens))
    if not is_next and metric.positions is None:
        chosen = [index for index in chosen if index in lab.was]
        if not chosen:
            raise InvalidValueError(
                f"TextLoss needs masked tokens with {type(lab.tracer.model).__name__}, which sees "
                f"the others, got none; mask some first: lab.mask([3])"
            )
    ids = {at: actual_id(tokens, at, is_next, lab.was) for at in chosen}
    at = tuple(index for index in chosen if ids[index] >= 0)
    if not at:
        raise InvalidValueError(
            "positions must have a token that is predicted there, got the last one alone"
        )
    check_text(lab)
    actual = torch.tensor([ids[index] for index in at], dtype=torch.long, device="cpu")

    def value(read: torch.Tensor) -> torch.Tensor:
        logs = read.float().log_softmax(-1)
        there = actual.to(logs.device).expand(len(logs), -1)[..., None]
        return -logs.gather(-1, there)[..., 0].mean(-1)

    said = f"loss of the text, mean of {len(at)} tokens"
    return Measure(metric, said, "nats", at, value, value)


def _of_answer(metric: TextLogProbability, lab: Subject, is_next: bool) -> Measure:
    if not is_next:
        raise InvalidValueError(
            f"metric must be LogProbability() with {type(lab.tracer.model).__name__}, which "
            f"predicts no next token, got TextLogProbability"
        )
    tokens = lab.read_tokens
    chosen = indices_of("token", metric.tokens, len(tokens))
    if not chosen or min(chosen) < 1:
        raise InvalidValueError(
            f"tokens must be some that stand after others, got {reprlib.repr(chosen)}"
        )
    at = tuple(index - 1 for index in chosen)
    actual = torch.tensor(
        [tokens[index].id or 0 for index in chosen], dtype=torch.long, device="cpu"
    )

    def value(read: torch.Tensor) -> torch.Tensor:
        logs = read.float().log_softmax(-1)
        there = actual.to(logs.device).expand(len(logs), -1)[..., None]
        return logs.gather(-1, there)[..., 0].sum(-1)

    said = f"log-probability of {len(chosen)} tokens of the text"
    return Measure(metric, said, "nats", at, value, value)


def _of_states(metric: StateChange, lab: Subject) -> Measure:
    tokens = lab.read_tokens
    at = tuple(indices_of("position", metric.positions, len(tokens)))
    if not at:
        raise InvalidValueError("positions must name one token or more, got none")
    if lab.head is None and _named(lab.output, "logits", "prediction_logits") is not None:
        raise InvalidValueError(
            f"StateChange needs a model that returns its final hidden states, got "
            f"{type(lab.tracer.model).__name__}, which returns logits; take Logit() or TextLoss(), "
            f"or make the experiment with model.base_model"
        )
    states = states_of(lab.output)
    if states is None or states.ndim != 3 or states.shape[:2] != (1, len(tokens)):
        raise UnsupportedModelError(
            lab.tracer.model,
            "returns no final hidden state for each token, so nothing tells how far they turn",
        )
    before = states[:, list(at)].float()
    given = torch.Generator(device="cpu").manual_seed(0)
    way = torch.randn(before.shape, generator=given, dtype=torch.float32, device="cpu")
    way = way.to(before.device)
    unit = torch.nn.functional.normalize(before, dim=-1)
    across = torch.nn.functional.normalize(way - (way * unit).sum(-1, keepdim=True) * unit, dim=-1)

    def value(read: torch.Tensor) -> torch.Tensor:
        return 1 - torch.cosine_similarity(read.float(), before, dim=-1).mean(-1)

    def slope(read: torch.Tensor) -> torch.Tensor:
        return (read.float() * across).sum(-1).mean(-1)

    where = f"token {at[0]} {reprlib.repr(tokens[at[0]].label)}"
    of = where if len(at) == 1 else f"{len(at)} tokens, on average"
    said = f"1 − cosine of the final state of {of}"
    return Measure(metric, said, "1 − cosine", at, value, slope, True)


def _base(lab: Subject, at: int) -> torch.Tensor:
    """Logits (vocabulary) at a position in the pass in which nothing is changed."""
    probe = Measure(Logit(), "", "", (at,), torch.clone, torch.clone)
    try:
        return ungraded(lambda: probe.read(lab.output, lab.head)[0, 0])
    except (AttributeError, TypeError, IndexError) as error:
        model = lab.tracer.model
        raise UnsupportedModelError(model, "returns no logits for each token") from error


def _id(token: Any, lab: Subject, logits: torch.Tensor, of_classes: bool) -> int:
    if token is None:
        return int(logits.argmax())
    if not of_classes:
        return ids_of([token], lab.tracer.tokenizer, len(logits))[0]
    names, index = _classes(lab), as_integer(token)
    if token in names:
        return names.index(token)
    if index is None or not 0 <= index < len(logits):
        raise InvalidValueError(
            f"token must be a class ({reprlib.repr(names)}) or its number, got "
            f"{reprlib.repr(token)}"
        )
    return index


def _text(id: int, lab: Subject, of_classes: bool) -> str:
    return repr(_classes(lab)[id] if of_classes else texts_of([id], lab.tracer.tokenizer)[0])


def _classes(lab: Subject) -> Sequence[str]:
    names: dict[Any, str] = dict(lab.tracer.model.config.id2label or {})
    return [str(name) for name in names.values()]


def states_of(output: Any) -> Any:
    found = _named(output, "last_hidden_state")
    return output[0] if found is None else found


def _named(output: Any, *names: str) -> Any:
    for name in names:
        found = output.get(name) if isinstance(output, dict) else getattr(output, name, None)
        if found is not None:
            return found
    return None
