"""Which attention of a model is meant: its encoder's, its decoder's, or the one between them."""

from __future__ import annotations

import reprlib
from typing import Final, Literal, get_args

from attention_widget.errors import InvalidValueError

Kind = Literal["encoder", "decoder", "cross"]
"""Self-attention has the name of its stack, "encoder" or "decoder"; "cross" goes from a decoder to
its encoder."""

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


def check_kind(kind: object) -> None:
    """ValueError if it is none of ``KINDS``."""
    if kind in KINDS:
        return
    advice = ""
    if kind == "self":
        advice = '; self-attention has the name of its stack: "encoder" or "decoder"'
    must = "kind must be encoder, decoder or cross"
    raise InvalidValueError(f"{must}, got {reprlib.repr(kind)}{advice}")
