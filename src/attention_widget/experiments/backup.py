"""Backup: a head writes much into a logit, and what follows makes up for it when it is off.

Wang et al. 2022 (https://arxiv.org/abs/2211.00593, section 3.4) found heads that take over from
others; McGrath et al. 2023 (https://arxiv.org/abs/2307.15771) that it is common.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np

from attention_widget.experiments.direct import DirectAttribution
from attention_widget.experiments.edits import HeadOff
from attention_widget.experiments.subject import Subject
from attention_widget.trace.kind import Kind

Backup = Literal["small", "opposite"]

LARGE: Final = 0.25
"""A direct part is large from this share of the largest one of any head on."""

SMALL: Final = 0.25
"""An effect is small up to this share of what the head wrote."""


def backup_of(part: float, effect: float, largest: float) -> Backup | None:
    """How a head's effect belies what it writes straight into a logit; None where it does not.

    ``part`` is what the head writes, ``effect`` what the logit becomes without it less what it is,
    ``largest`` the largest part of any head, in size. If nothing made up for the head, the effect
    would be about ``-part``. "small": the logit hardly changes. "opposite": it changes the other
    way.

    >>> backup_of(0.82, -0.01, 2.86)
    'small'
    >>> backup_of(0.79, 0.33, 2.82)
    'opposite'
    >>> backup_of(2.66, -2.34, 2.66) is backup_of(0.1, 0.0, 2.66) is None
    True
    """
    if not abs(part) >= LARGE * largest > 0:
        return None
    if abs(effect) <= SMALL * abs(part):
        return "small"
    return "opposite" if effect * part > 0 else None


def largest_parts(direct: DirectAttribution, count: int) -> list[tuple[Kind, int, int]]:
    """Kind, layer and head of those that write most, in size, the largest first."""
    found = [
        (-abs(float(heads[layer, head])), kind, layer, head)
        for kind, heads in direct.heads_by_kind.items()
        for layer, head in np.argwhere(np.isfinite(heads)).tolist()
    ]
    return [(kind, layer, head) for _, kind, layer, head in sorted(found)[:count]]


def switched_off(lab: Subject, kind: Kind, layer: int, head: int, position: int) -> HeadOff:
    """The edit that takes a head away. In causal attention the first token is left alone, as
    :class:`Ranking` leaves it, unless the logit stands there."""
    size = len(lab.trace.sides(kind)[0])
    leaves = leaves_first(kind, position)
    return HeadOff(layer, (head,), kind, range(1, size) if leaves else None)


def leaves_first(kind: Kind, position: int) -> bool:
    """Whether the first token keeps what a head gives it."""
    return kind != "encoder" and position > 0
