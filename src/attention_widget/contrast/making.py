"""Makes a comparison of two passes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from attention_widget.contrast.alignment import aligned, given_alignment
from attention_widget.contrast.pair import Contrast
from attention_widget.contrast.side import Side, side_of
from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.trace.trace import Trace


def compare(
    a: Any,
    b: Any,
    names: tuple[str, str] | None = None,
    alignment: Iterable[tuple[int, int]] | None = None,
) -> Contrast:
    """Compare two passes: two texts in one model, one text in two models (base and fine-tuned, two
    checkpoints, quantised and not), or one before and after an intervention.

    Parameters
    ----------
    a, b
        Each a :class:`Trace`, an :class:`Experiment`, an outcome of
        :meth:`Experiment.without`, or ``(model, text)`` or ``(model, text, tokenizer)``. Two models
        must be two objects: a model that was trained on in place is the trained one on both sides.
        What the models predict is known where there are experiments, not of traces alone.
    names
        What the sides are called, on screen and in :meth:`Contrast.attention`. With None "before"
        and "after" where only ``b`` was edited, "first" and "second" where the texts differ, and
        else, of one text in two models, "base" and "tuned".
    alignment
        Pairs of indices ``(token of a, token of b)`` that stand for each other, rising in both;
        tokens in no pair stand alone. With None tokens of the same text go together (difflib), and
        where a stretch is replaced by one of as many tokens those too. It is of the text that both
        read; the targets of encoder-decoders are aligned by their text.

    Raises
    ------
    TypeError
        A side is nothing of the above, or names or alignment are no pairs.
    ValueError
        The models have not the same kinds of attention, layers and heads; a text was read in
        windows; the texts have no token in common; or the alignment names what there is not.

    Examples
    --------
    >>> from attention_widget import Experiment, compare
    >>> other = Experiment(model, "Attention is an old idea", tokenizer=tokenizer)
    >>> contrast = compare(lab, other, names=("novel", "old"))
    >>> contrast.alignment
    ((0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6))
    >>> contrast.attention("difference", 3).shape  # (head, query, key)
    (12, 7, 7)
    >>> contrast.heads_by_change()[0].divergence > 0.1  # bits
    True
    """
    called = None if names is None else _names(names)  # wrong ones are said before the work
    one, other = (side_of(name, given) for name, given in zip("ab", (a, b), strict=True))
    called = called or _default_names(one.trace, other.trace)
    return contrast_of((one, other), called, alignment)


def contrast_of(
    sides: tuple[Side, Side], names: tuple[str, str], alignment: Iterable[tuple[int, int]] | None
) -> Contrast:
    """The comparison of two sides with an alignment; see :func:`compare`."""
    one, other = (side.trace for side in sides)
    _check_shapes(one, other, names)
    pairs = (
        aligned(one.tokens, other.tokens)
        if alignment is None
        else given_alignment(alignment, one.tokens, other.tokens)
    )
    targets = None
    if one.target is not None and other.target is not None:
        targets = aligned(one.target.tokens, other.target.tokens)
    return Contrast(names, sides, pairs, targets)


def _default_names(one: Trace, other: Trace) -> tuple[str, str]:
    """By what differs."""
    if one.texts != other.texts:
        return "first", "second"
    return ("before", "after") if other.edits and not one.edits else ("base", "tuned")


def _names(names: object) -> tuple[str, str]:
    is_list = isinstance(names, Sequence) and not isinstance(names, str)
    found: tuple[Any, ...] = tuple(names) if is_list else ()  # type: ignore[arg-type]
    if len(found) != 2 or not all(isinstance(name, str) and name.strip() for name in found):
        raise InvalidTypeError(f"names must be two texts, got {names!r:.80}")
    if found[0] == found[1] or "difference" in found:
        raise InvalidValueError(
            f"names must differ from each other and from 'difference', got {found}"
        )
    return found[0], found[1]


def _check_shapes(one: Trace, other: Trace, names: tuple[str, str]) -> None:
    for trace, name in zip((one, other), names, strict=True):
        if trace.windows:
            raise InvalidValueError(
                f"the text of {name} must be read in one pass, got {len(trace.windows)} windows; "
                f"take a shorter text"
            )
        if not trace.operations:
            raise InvalidValueError(f"{name} must have attention, got a trace without any")
    if _heads(one) != _heads(other):
        raise InvalidValueError(
            f"both sides must have the same kinds of attention, layers and heads, got {one!r} and "
            f"{other!r}"
        )
    if (one.target is None) != (other.target is None):
        raise InvalidValueError("both sides must have a target, or neither, got one of them")


def _heads(trace: Trace) -> dict[str, list[tuple[int, int]]]:
    return {
        kind: [(i, trace.count_heads(i, kind)) for i in trace.layers_with_attention(kind)]
        for kind in trace.kinds
    }
