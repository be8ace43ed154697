"""The logit lens: what each layer's hidden states say of the prediction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import torch

from attention_widget.experiments.predictions import (
    Floats,
    Integers,
    Measured,
    measured,
)
from attention_widget.experiments.tail import Tail, same
from attention_widget.experiments.vocabulary import texts_of
from attention_widget.tracing.model.errors import UnsupportedModelError


@dataclass(frozen=True, eq=False, repr=False)
class Lens:
    """The logit lens (nostalgebraist 2020): the hidden state after each layer, read by the
    model's own final norm and output head as if it were the last layer's.

    The last layer's row is the model's own prediction: this is checked for each position. Early
    rows may mean little, for early layers do not write in the terms of the output.

    Attributes:
        predicts: as :class:`Predictions` has it.
        positions: indices of tokens, and ``read`` their labels.
        ids, tokens, probabilities: (layer, position, k) the likeliest tokens, as in
            :class:`Predictions`.
        entropy: (layer, position) in nats.
        followed_ids, followed: (position, followed) the tokens whose way through the layers is
            told: the model's own answer at that position, then those that were asked for.
        followed_probabilities, followed_ranks, followed_logits: (layer, position, followed).

    >>> from attention_widget import Experiment
    >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
    >>> lens = lab.lens(position=-1)
    >>> lens.followed_ranks[:, 0, 0].shape  # of the answer, by layer
    (3,)
    >>> int(lens.followed_ranks[-1, 0, 0])
    1
    """

    predicts: str
    positions: tuple[int, ...]
    read: tuple[str, ...]
    ids: Integers
    tokens: tuple[tuple[tuple[str, ...], ...], ...]
    probabilities: Floats
    entropy: Floats
    followed_ids: Integers
    followed: tuple[tuple[str, ...], ...]
    followed_probabilities: Floats
    followed_ranks: Integers
    followed_logits: Floats

    @property
    def n_layers(self) -> int:
        """How many layers there are.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> lab.lens().n_layers
        3
        """
        return len(self.ids)

    def table(self) -> list[dict[str, Any]]:
        """A row for each layer, position and candidate, for ``pandas.DataFrame``.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> [row["layer"] for row in lab.lens(top_k=1).table()]
        [0, 1, 2]
        """
        rows = []
        for layer, of_layer in enumerate(self.tokens):
            for i, of_position in enumerate(of_layer):
                for j, token in enumerate(of_position):
                    rows.append(
                        {
                            "layer": layer,
                            "position": self.positions[i],
                            "read": self.read[i],
                            "candidate": j + 1,
                            "prediction": token,
                            "id": int(self.ids[layer, i, j]),
                            "probability": float(self.probabilities[layer, i, j]),
                            "answer": self.followed[i][0],
                            "answer_rank": int(self.followed_ranks[layer, i, 0]),
                            "answer_probability": float(self.followed_probabilities[layer, i, 0]),
                        }
                    )
        return rows

    def __repr__(self) -> str:
        n_layers, n_positions, k = self.ids.shape
        return f"Lens({n_layers} layers, {n_positions} positions, top {k})"


def lens_of(
    tail: Tail,
    hidden: Sequence[torch.Tensor],
    tokenizer: Any,
    predicts: str,
    positions: Sequence[int],
    read: Sequence[str],
    top_k: int,
    follow: Sequence[int],
    on_position: Callable[[int], None] = lambda done: None,
) -> Lens:
    """The lens of hidden states: those after each layer (token, hidden).

    Raises:
        UnsupportedModelError: the model's tail takes no other states, or does not make its own
            logits of those that its last layer gave out.
    """
    n_layers, at = len(hidden), list(positions)
    blocks = []
    most = min(tail.chunk, tail.n_tokens)
    for start in range(0, len(at), most):
        part = at[start : start + most]
        blocks.append(_block(tail, hidden, part, top_k, follow))
        on_position(start + len(part))

    def joined(name: str) -> Any:
        parts = [
            getattr(found, name).reshape(n_layers, -1, *getattr(found, name).shape[1:])
            for found, _ in blocks
        ]
        return np.roll(np.concatenate(parts, 1), -1, 0)  # the last layer comes first

    ids = joined("ids")
    wanted = [row for _, rows in blocks for row in rows]
    texts = iter(texts_of(ids.reshape(-1).tolist(), tokenizer))
    return Lens(
        predicts=predicts,
        positions=tuple(at),
        read=tuple(read),
        ids=ids,
        tokens=tuple(
            tuple(tuple(next(texts) for _ in row) for row in of_layer) for of_layer in ids
        ),
        probabilities=joined("probabilities"),
        entropy=joined("entropy"),
        followed_ids=np.array(wanted, np.int64),
        followed=tuple(tuple(texts_of(row, tokenizer)) for row in wanted),
        followed_probabilities=joined("followed_probabilities"),
        followed_ranks=joined("followed_ranks"),
        followed_logits=joined("followed_logits"),
    )


def _block(
    tail: Tail,
    hidden: Sequence[torch.Tensor],
    at: list[int],
    top_k: int,
    follow: Sequence[int],
) -> tuple[Measured, list[list[int]]]:
    """Numbers of all layers at some positions, those of the last layer first, and the ids that are
    followed at each position."""
    last_first = [hidden[-1], *hidden[:-1]]
    rows = tail.of_states(torch.cat([states[at] for states in last_first]), at)
    first = next(rows)
    first, own = first[: -len(at)], first[-len(at) :]
    last = first[: len(at)]
    if not same(last, own, tail.dtype):
        raise UnsupportedModelError(
            tail.model,
            f"does not make its logits of what its last layer gave out alone (they differ by "
            f"{float((last - own).abs().max()):.1g}), so its layers have no logit lens",
        )
    wanted = [[answer, *follow] for answer in own.argmax(-1).tolist()]
    unknown = [-1] * (len(hidden) * len(at))
    return measured(chain([first], rows), top_k, unknown, wanted * len(hidden)), wanted
