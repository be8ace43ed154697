"""The logit lens: what each layer's hidden states say of the prediction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from attention_widget.experiments.predictions import Floats, Integers, measured
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
    on_layer: Callable[[int], None] = lambda done: None,
) -> Lens:
    """The lens of hidden states: those after each layer (token, hidden).

    Raises:
        UnsupportedModelError: the model's tail takes no other states, or does not make its own
            logits of those that its last layer gave out.
    """
    own = torch.cat(list(tail.logits(positions)))
    answers = own.argmax(-1).tolist()
    wanted = [[answer, *follow] for answer in answers]
    at = list(positions)
    last = torch.cat(list(tail.of_states(hidden[-1][at])))
    if not same(last, own):
        raise UnsupportedModelError(
            tail.model,
            f"does not make its logits of what its last layer gave out alone (they differ by "
            f"{float((last - own).abs().max()):.1g}), so its layers have no logit lens",
        )
    n_rows = len(hidden) * len(at)

    def rows() -> Iterator[torch.Tensor]:
        done = 0
        for logits in tail.of_states(torch.cat([states[at] for states in hidden])):
            done += len(logits)
            yield logits
            on_layer(done // len(at))

    found = measured(rows(), top_k, [-1] * n_rows, wanted * len(hidden))
    shape = (len(hidden), len(at), -1)
    ids = found.ids.reshape(shape)
    texts = iter(texts_of(ids.reshape(-1).tolist(), tokenizer))
    return Lens(
        predicts=predicts,
        positions=tuple(at),
        read=tuple(read),
        ids=ids,
        tokens=tuple(
            tuple(tuple(next(texts) for _ in row) for row in of_layer) for of_layer in ids
        ),
        probabilities=found.probabilities.reshape(shape),
        entropy=found.entropy.reshape(shape[:2]),
        followed_ids=torch.tensor(wanted).numpy(),
        followed=tuple(tuple(texts_of(row, tokenizer)) for row in wanted),
        followed_probabilities=found.followed_probabilities.reshape(shape),
        followed_ranks=found.followed_ranks.reshape(shape),
        followed_logits=found.followed_logits.reshape(shape),
    )
