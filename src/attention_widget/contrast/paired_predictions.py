"""What the models of both sides predict at the tokens that go together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from attention_widget.contrast.side import Side
from attention_widget.experiments import Experiment, Predictions
from attention_widget.experiments.comparing import Comparison, before_edits
from attention_widget.experiments.predictions import Floats


@dataclass(frozen=True, eq=False)
class PairedPredictions:
    """What both sides predict at the tokens that go together, row by row.

    ``one`` and ``other`` are :class:`Predictions`, whose ``positions`` count the tokens of their
    own text. ``kept`` (position, k) are the probabilities that the other side gives to the
    candidates of the first; None where their vocabularies differ.
    """

    one: Predictions
    other: Predictions
    kept: Floats | None


def predict_both(
    labs: tuple[Experiment, Experiment],
    sides: tuple[Side, Side],
    positions: Sequence[int],
    partners: Mapping[int, int],
    top_k: int,
    *,
    shares_vocabulary: bool,
) -> PairedPredictions:
    """At these tokens of the first side, and at their partners on the second; each side after its
    edits."""
    one, other = labs
    found = before_edits(one, top_k, positions)
    first = _after_edits(one, sides[0], found)
    there = tuple(partners[position] for position in first.positions)
    own = before_edits(other, first.ids.shape[1], list(there))
    if not shares_vocabulary:
        return PairedPredictions(first, _after_edits(other, sides[1], own), None)
    as_first = replace(
        first, positions=there, read=own.read, actual_ids=own.actual_ids, actual=own.actual
    )
    return PairedPredictions(first, *Comparison(other, sides[1].edits).after(as_first))


def _after_edits(lab: Experiment, side: Side, found: Predictions) -> Predictions:
    return Comparison(lab, side.edits).after(found)[0] if side.edits else found
