"""Which vectors of a model an index holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from attention_widget._util.integers import as_integer
from attention_widget.errors import InvalidTypeError, InvalidValueError

What = Literal["hidden", "queries", "keys", "edges"]
WHATS: Final[tuple[What, ...]] = get_args(What)

_MUST: Final = (
    'of must be ("hidden", index), ("queries", layer, head), ("keys", layer, head) or '
    '("edges", layer, head)'
)


@dataclass(frozen=True)
class Part:
    """A state of a model, or the queries, keys or edges of one of its heads.

    ``layer`` of hidden states counts them as :meth:`Trace.hidden_states` does: 0 is what entered
    the first layer, i what layer i - 1 gave out.

    >>> part_of(("queries", 3, 7))
    Part(what='queries', layer=3, head=7)
    >>> str(part_of(("hidden", 6)))
    'hidden states 6'
    """

    what: What
    layer: int
    head: int | None = None

    def __str__(self) -> str:
        if self.head is None:
            return f"hidden states {self.layer}"
        return f"{self.what} of layer {self.layer}, head {self.head}"


def part_of(given: Any) -> Part:
    """The part that a user names; TypeError or ValueError if it is none."""
    if isinstance(given, Part):
        return given
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise InvalidTypeError(f"{_MUST}, got {given!r:.80}")
    what, numbers = given[0] if given else None, [as_integer(each) for each in given[1:]]
    if what not in WHATS or len(numbers) != (1 if what == "hidden" else 2):
        raise InvalidValueError(f"{_MUST}, got {given!r:.80}")
    wrong = [each for each, number in zip(given[1:], numbers, strict=True) if number is None]
    if wrong:
        raise InvalidTypeError(f"{_MUST}, with integers, got {wrong[0]!r:.80} among them")
    return Part(what, *(number or 0 for number in numbers))
