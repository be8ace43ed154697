"""A padded batch, each row of which is read by itself when its trace is asked for."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attention_widget._util.integers import as_integer
from attention_widget.errors import InvalidTypeError, OutOfRangeError
from attention_widget.trace.trace import Trace
from attention_widget.tracing.inputs.text import Encoded


class Batch(Sequence[Trace]):
    """The rows of a padded batch, as :func:`capture` gives them for a list of texts.

    ``batch[i]`` is the :class:`Trace` of a row with the padding that it has in the batch:
    ``token.padding`` says which tokens only fill the row. What the model computes for a row does
    not depend on the others, so each is read in a pass of its own, when it is first asked for, and
    kept for as long as somebody holds it: a batch takes no more memory than the rows in use. If
    the model's weights are changed in between, later rows are those of the changed model.

    Left of a row that is padded there, positions are counted from its first own token, as
    ``generate()`` counts them, wherever the model takes ``position_ids``.

    >>> from attention_widget import capture
    >>> batch = capture(model, ["A novel", "Attention is a novel idea"], tokenizer=tokenizer)
    >>> batch
    Batch(2 rows × 7 tokens, 4 and 7 of their own)
    >>> [token.label for token in batch[0].tokens]
    ['[CLS]', 'A', 'novel', '[SEP]', '[PAD]', '[PAD]', '[PAD]']
    >>> bool((batch[0].attention(0)[:, :, 4:] == 0).all())  # to padding
    True
    """

    def __init__(self, rows: Sequence[Encoded], read: Callable[[int], Trace]) -> None:
        self._rows, self._read = tuple(rows), read
        self._known: weakref.WeakValueDictionary[int, Trace] = weakref.WeakValueDictionary()

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, row: Any) -> Any:
        """The trace of a row; negative numbers count from the last."""
        index = as_integer(row)
        if index is None:
            raise InvalidTypeError(f"row must be an integer, got {type(row).__name__}")
        if not -len(self) <= index < len(self):
            raise OutOfRangeError(f"row must be in 0–{len(self) - 1}, got {index}")
        index %= len(self)
        trace = self._known.get(index)
        if trace is None:
            trace = self._known[index] = self._read(index)
        return trace

    @property
    def texts(self) -> tuple[tuple[str, ...], ...]:
        """The texts of each row: one, or a pair.

        >>> from attention_widget import capture
        >>> batch = capture(model, ["A novel", "A good novel"], tokenizer=tokenizer)
        >>> batch.texts[0]
        ('A novel',)
        """
        return tuple(row.texts for row in self._rows)

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Which tokens are a row's own (row, token); the others are padding.

        >>> from attention_widget import capture
        >>> batch = capture(model, ["A novel", "A good novel"], tokenizer=tokenizer)
        >>> batch.mask.sum(1)
        array([4, 5])
        """
        return np.array([[not token.padding for token in row.tokens] for row in self._rows])

    def __repr__(self) -> str:
        own = [str(count) for count in self.mask.sum(1).tolist()]
        listed = (
            f"{', '.join(own[:-1])} and {own[-1]}" if 1 < len(own) < 6 else f"{own[0]} … {own[-1]}"
        )
        n = len(self._rows[0].tokens)
        return (
            f"Batch({len(self)} row{'s' * (len(self) != 1)} × {n} tokens, "
            f"{listed if len(own) > 1 else own[0]} of {'their' if len(own) > 1 else 'its'} own)"
        )
