"""What a model predicts at each position, in probabilities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from attention_widget.experiments.head import Predicted
from attention_widget.experiments.largest import largest
from attention_widget.trace.indices import index_of

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

_NBYTES: Final = 1 << 21  # of logits that are measured at a time: they stay in a processor's cache


@dataclass(frozen=True, eq=False, repr=False)
class Predictions:
    """The likeliest tokens, or classes, at some positions of a text.

    Probabilities are the softmax of the model's logits in float32, of several labels at a time
    (``problem_type="multi_label_classification"``) their sigmoid; logarithms are natural, so
    entropies are in nats. Rank 1 is the likeliest. A row of each array is a position.

    Attributes:
        predicts: "next token" (what follows the position), "token" (what stands there), "class of
            token" or "class" (of the whole input, which is one row).
        positions: indices of tokens; of a decoder beside an encoder, of its own tokens. A class
            of the whole input has none.
        read: the label of the token at each position.
        ids: (position, k) of the vocabulary, the likeliest first.
        tokens: (position, k) what each id writes, with the blank before a word.
        probabilities: (position, k).
        actual_ids: (position,) the token that is there: the next one, or of a masked model the one
            itself (before it was masked); -1 where there is none.
        actual: (position,) what it writes; "" where there is none.
        log_probability: (position,) of the token that is there; NaN where there is none.
        rank: (position,) of the token that is there; 0 where there is none.
        entropy: (position,) of the whole distribution.
        followed: tokens that were asked for by ``follow``.
        followed_ids: (followed,).
        followed_logits, followed_probabilities, followed_ranks: (position, followed).

    >>> from attention_widget import Experiment
    >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
    >>> found = lab.predictions(top_k=3)
    >>> found.probabilities.shape  # (position, k)
    (5, 3)
    >>> found
    Predictions(next token, 5 positions, top 3)
    """

    predicts: Predicted
    positions: tuple[int, ...]
    read: tuple[str, ...]
    ids: Integers
    tokens: tuple[tuple[str, ...], ...]
    probabilities: Floats
    actual_ids: Integers
    actual: tuple[str, ...]
    log_probability: Floats
    rank: Integers
    entropy: Floats
    followed: tuple[str, ...]
    followed_ids: Integers
    followed_logits: Floats
    followed_probabilities: Floats
    followed_ranks: Integers

    def row(self, position: int) -> int:
        """The row of a position.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> found = lab.predictions(positions=[2, 4])
        >>> found.row(4)
        1

        Raises:
            IndexError: nothing was predicted there.
        """
        if position in self.positions:
            return self.positions.index(position)
        return index_of("row of this position", len(self) + abs(position), len(self))

    def table(self) -> list[dict[str, Any]]:
        """A row for each position and candidate, for ``pandas.DataFrame``.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> found = lab.predictions(top_k=2, positions=[0])
        >>> [row["candidate"] for row in found.table()]
        [1, 2]
        """
        rows = []
        for i in range(len(self)):
            here = {
                "position": self.positions[i] if self.positions else None,
                "read": self.read[i] if self.read else None,
                "actual": self.actual[i] or None,
                "log_probability": float(self.log_probability[i]),
                "rank": int(self.rank[i]) or None,
                "entropy": float(self.entropy[i]),
            }
            for j, token in enumerate(self.tokens[i]):
                candidate = {
                    "candidate": j + 1,
                    "prediction": token,
                    "id": int(self.ids[i, j]),
                    "probability": float(self.probabilities[i, j]),
                }
                rows.append({**here, **candidate})
        return rows

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        rows = f"{len(self.positions)} positions, " if self.positions else ""
        return f"Predictions({self.predicts}, {rows}top {self.ids.shape[1]})"


@dataclass(frozen=True, eq=False)
class Measured:
    """Numbers of the logits of some rows; -1 for the id of an actual token that is not known."""

    ids: Integers  # (row, k)
    probabilities: Floats  # (row, k)
    log_probability: Floats  # (row,)
    rank: Integers  # (row,)
    entropy: Floats  # (row,)
    followed_logits: Floats  # (row, followed)
    followed_probabilities: Floats
    followed_ranks: Integers


def measured(
    chunks: Iterable[torch.Tensor],
    top_k: int,
    actual: Sequence[int],
    follow: Sequence[Sequence[int]] = (),
    *,
    apart: bool = False,
) -> Measured:
    """Measure logits (row, vocabulary), which come a chunk of rows at a time.

    ``follow`` has for each row the ids whose numbers are wanted. ``apart`` takes each logit for a
    yes or no of its own.
    """
    parts: list[list[torch.Tensor]] = []
    done = 0
    for chunk in chunks:
        at_once = max(1, _NBYTES // (4 * chunk.shape[-1]))
        for start in range(0, len(chunk), at_once):
            logits = chunk[start : start + at_once]
            rows = slice(done, done + len(logits))
            ids = torch.tensor([*actual[rows]], dtype=torch.long, device=logits.device)
            wanted = torch.tensor([*follow[rows]], dtype=torch.long, device=logits.device)
            wanted = wanted.reshape(len(logits), -1)
            parts.append([part.cpu() for part in _measured(logits, top_k, ids, wanted, apart)])
            done += len(logits)
    joined = [torch.cat(column).numpy() for column in zip(*parts, strict=True)]
    return Measured(*joined)


def _measured(
    logits: torch.Tensor, top_k: int, actual: torch.Tensor, wanted: torch.Tensor, apart: bool
) -> tuple[torch.Tensor, ...]:
    best, top = largest(logits, min(top_k, logits.shape[-1]))
    known = actual >= 0
    asked = torch.cat([actual.clamp(min=0).unsqueeze(-1), wanted], -1)
    own = logits.gather(-1, asked)
    if apart:
        logs, chances = torch.nn.functional.logsigmoid(logits), logits.sigmoid()
        entropy = (torch.special.entr(chances) + torch.special.entr(1 - chances)).sum(-1)
        log_asked = logs.gather(-1, asked)
    else:
        shifted = logits - best[:, :1]
        chances = shifted.softmax(-1)
        log_sum = -chances.gather(-1, top[:, :1]).log()  # of exp(shifted)
        log_asked = own - best[:, :1] - log_sum
        expected = torch.linalg.vecdot(chances, shifted)
        if not bool(expected.isfinite().all()):  # a logit of -inf
            expected = torch.linalg.vecdot(chances, shifted.clamp(min=-1e30))
        entropy = log_sum[:, 0] - expected
    unknown = torch.zeros_like(actual)
    of_actual = _rank(logits, own[:, 0]) if bool(known.any()) else unknown
    ranks = torch.stack([of_actual, *(_rank(logits, column) for column in own.T[1:])], -1)
    return (
        top,
        chances.gather(-1, top),
        log_asked[:, 0].masked_fill(~known, torch.nan),
        ranks[:, 0].masked_fill(~known, 0),
        entropy,
        own[:, 1:],
        chances.gather(-1, wanted),
        ranks[:, 1:],
    )


def _rank(logits: torch.Tensor, own: torch.Tensor) -> torch.Tensor:
    """1 + how many of each row are above its own."""
    if logits.device.type == "cpu":  # NumPy compares and counts several times as fast
        above = logits.numpy() > own.unsqueeze(-1).numpy()
        return 1 + torch.from_numpy(np.count_nonzero(above, axis=-1))
    return 1 + (logits > own.unsqueeze(-1)).sum(-1)
