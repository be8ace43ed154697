"""The logit lens at many positions: a plane of layer and position, made layer by layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from attention_widget._util.cleanup import Undo, guarded
from attention_widget._util.integers import as_integer
from attention_widget._util.progress import Progress
from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.experiments.head import what_it_predicts
from attention_widget.experiments.predicting import check_head
from attention_widget.experiments.predictions import Floats, Integers, Measured, measured
from attention_widget.experiments.subject import Subject
from attention_widget.experiments.tail import Tail, same
from attention_widget.experiments.vocabulary import ids_of, texts_of
from attention_widget.trace.indices import Indices, indices_of
from attention_widget.tracing.model.errors import UnsupportedModelError

Answer = str | int | Sequence[str | int]
"""A token by its text or id: one for all positions, or one for each."""


@dataclass(frozen=True, eq=False, repr=False)
class LensPlane:
    """The logit lens of :class:`Lens` at many positions, with the likeliest token alone.

    The last layer's row has the numbers of :meth:`Experiment.predictions` at these positions, to
    the last bit; it is checked that its states give them through the lens. The other rows are those
    of :meth:`Experiment.lens`, up to the rounding of products of other shapes. Layers are read from
    the last to the first, so a plane that was interrupted has the upper ones.

    Attributes:
        predicts: as :class:`Predictions` has it.
        positions: indices of tokens, and ``read`` their labels.
        layers: those that were read, in ascending order. Rows of the arrays are these.
        n_layers: how many layers the model has.
        ids, tokens, probabilities: (layer, position) the likeliest token.
        answer_ids, answers: (position,) the token whose way through the layers is told: what the
            model predicts there, unless another one was asked for.
        answer_probabilities, answer_ranks: (layer, position).

    >>> from attention_widget import Experiment
    >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
    >>> plane = lab.lens_plane()
    >>> plane.probabilities.shape  # (layer, position)
    (3, 5)
    >>> plane.answer_ranks[-1].tolist()  # of what is predicted, after the last layer
    [1, 1, 1, 1, 1]
    """

    predicts: str
    positions: tuple[int, ...]
    read: tuple[str, ...]
    layers: tuple[int, ...]
    n_layers: int
    ids: Integers
    tokens: tuple[tuple[str, ...], ...]
    probabilities: Floats
    answer_ids: Integers
    answers: tuple[str, ...]
    answer_probabilities: Floats
    answer_ranks: Integers

    def table(self) -> list[dict[str, Any]]:
        """A row for each layer and position, for ``pandas.DataFrame``.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> len(lab.lens_plane(positions=[1, 2]).table())
        6
        """
        return [
            {
                "layer": layer,
                "position": position,
                "read": self.read[i],
                "prediction": self.tokens[row][i],
                "id": int(self.ids[row, i]),
                "probability": float(self.probabilities[row, i]),
                "answer": self.answers[i],
                "answer_rank": int(self.answer_ranks[row, i]),
                "answer_probability": float(self.answer_probabilities[row, i]),
            }
            for row, layer in enumerate(self.layers)
            for i, position in enumerate(self.positions)
        ]

    def __repr__(self) -> str:
        done = len(self.layers)
        layers = f"{done} layers" if done == self.n_layers else f"{done} of {self.n_layers} layers"
        return f"LensPlane({layers}, {len(self.positions)} positions)"


class LensInterruptedError(KeyboardInterrupt):
    """A plane was interrupted. ``plane`` has the layers that were read until then, from the last;
    None where there is none yet.

    >>> LensInterruptedError(None).plane is None
    True
    """

    def __init__(self, plane: LensPlane | None) -> None:
        done = "no layers" if plane is None else f"{len(plane.layers)} of {plane.n_layers} layers"
        super().__init__(f"{done} are read: see .plane")
        self.plane = plane


def planes_of(
    lab: Subject, positions: Indices | None = None, answer: Answer | None = None
) -> Iterator[LensPlane]:
    """The plane as it grows, by some layers each time, from the last layer to the first. What is
    asked for is checked before the first; the model is as it was between two.

    Raises:
        UnsupportedModelError, TypeError, ValueError, IndexError: as :meth:`Experiment.lens_plane`.
    """
    check_head(lab)
    at = indices_of("position", positions, len(lab.read_tokens))
    if not at:
        raise InvalidValueError("positions must name one token or more, got none")
    tail = lab.tail
    answers = ids_of(_one_each(answer, len(at)), lab.tracer.tokenizer, tail.n_entries)
    return _growing(lab, tail, at, answers)


def _one_each(answer: Answer | None, count: int) -> list[str | int]:
    if answer is None:
        return []
    if isinstance(answer, str) or as_integer(answer) is not None:
        return [answer] * count  # type: ignore[list-item]
    if not isinstance(answer, Sequence | np.ndarray):
        raise InvalidTypeError(
            f"answer must be a token (' Paris' or its id), or a list of one for each position, got "
            f"{type(answer).__name__}"
        )
    if len(answer) != count:
        raise InvalidValueError(
            f"answer must be one token, or a list of one for each of the {count} positions, got "
            f"a list of {len(answer)}"
        )
    return list(answer)


def _growing(lab: Subject, tail: Tail, at: list[int], answers: list[int]) -> Iterator[LensPlane]:
    trace, tokenizer = lab.trace, lab.tracer.tokenizer
    hidden = (trace.hidden if trace.target is None else trace.target.hidden)[1:]
    if not hidden:
        raise UnsupportedModelError(
            lab.tracer.model,
            "does not hand on one hidden state for each token from layer to layer, so its layers "
            "have no logit lens; what it predicts is there: predictions()",
        )
    own = _last_row(tail, hidden[-1], at, answers)
    followed = answers or own.ids[:, 0].tolist()
    read = tuple(lab.read_tokens[index].label for index in at)
    written: dict[int, str] = {}  # decoding takes time, and layers share most of their tokens

    def texts(ids: Sequence[int]) -> tuple[str, ...]:
        new = [id for id in dict.fromkeys(ids) if id not in written]
        written.update(zip(new, texts_of(new, tokenizer), strict=True))
        return tuple(written[id] for id in ids)

    def plane(rows: Sequence[Measured]) -> LensPlane:
        return LensPlane(
            predicts=what_it_predicts(lab.tracer.model),
            positions=tuple(at),
            read=read,
            layers=tuple(range(len(hidden) - len(rows), len(hidden))),
            n_layers=len(hidden),
            ids=np.stack([row.ids[:, 0] for row in rows]),
            tokens=tuple(texts(row.ids[:, 0].tolist()) for row in rows),
            probabilities=np.stack([row.probabilities[:, 0] for row in rows]),
            answer_ids=np.array(followed, np.int64),
            answers=texts(followed),
            answer_probabilities=np.stack([row.followed_probabilities[:, 0] for row in rows]),
            answer_ranks=np.stack([row.followed_ranks[:, 0] for row in rows]),
        )

    rows = [own]
    yield plane(rows)
    at_once = max(1, min(tail.chunk, tail.n_tokens) // len(at))
    for end in range(len(hidden) - 1, 0, -at_once):
        part = range(max(0, end - at_once), end)
        states = torch.cat([hidden[layer][at] for layer in part])
        wanted = [[id] for id in followed] * len(part)
        found = measured(tail.of_states(states), 1, [-1] * len(wanted), wanted)
        rows = [*_split(found, len(at)), *rows]
        yield plane(rows)


def _last_row(
    tail: Tail, states: torch.Tensor, at: Sequence[int], answers: Sequence[int]
) -> Measured:
    """The model's own numbers, once the states of its last layer give them too."""
    most = min(tail.chunk, tail.n_tokens)
    for start in range(0, len(at), most):
        part = list(at[start : start + most])
        [rows] = tail.of_states(states[part], part)
        made, own = rows[: -len(part)], rows[-len(part) :]
        if not same(made, own, tail.dtype):
            raise UnsupportedModelError(
                tail.model,
                f"does not make its logits of what its last layer gave out alone (they differ by "
                f"{float((made - own).abs().max()):.1g}), so its layers have no logit lens",
            )
    unknown = [-1] * len(at)
    if answers:
        return measured(tail.logits(at), 1, unknown, [[id] for id in answers])
    found = measured(tail.logits(at), 1, unknown, [[]] * len(at))
    ranks = np.ones_like(found.ids)
    return Measured(
        **{
            **vars(found),
            "followed_probabilities": found.probabilities,
            "followed_ranks": ranks,
        }
    )


def _split(found: Measured, size: int) -> list[Measured]:
    """Rows of several layers, layer by layer."""
    return [
        Measured(**{name: value[start : start + size] for name, value in vars(found).items()})
        for start in range(0, len(found.ids), size)
    ]


def plane_of(
    lab: Subject, positions: Indices | None, answer: Answer | None, progress: bool
) -> LensPlane:
    """See :meth:`Experiment.lens_plane`."""
    growing = planes_of(lab, positions, answer)
    found: LensPlane | None = None

    def work(undo: Undo) -> LensPlane:
        nonlocal found
        found = next(growing)
        bar = Progress("reading layers", "layer", found.n_layers, wanted=progress)
        undo.then(bar.close)
        for found in growing:
            bar.reach(len(found.layers))
        return found

    try:
        return guarded(work)
    except KeyboardInterrupt as error:
        raise LensInterruptedError(found) from error
