"""What makes queries, keys and values of a layer of its hidden input, and what writes them back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch

from attention_widget.trace.kind import Kind, check_kind

Side = Literal["query", "key", "value"]
StageName = Literal["normed", "scaled", "rotated"]


@dataclass(frozen=True, eq=False, repr=False)
class Stage:
    """What became of projected vectors: ``values`` (head, token, dim) is what it gave, None where
    the block holds that itself. ``by`` is the class of a norm, ``factor`` what is multiplied by."""

    name: StageName
    values: torch.Tensor | None = None
    by: str = ""
    factor: float = 1.0


@dataclass(frozen=True, eq=False, repr=False)
class Projection:
    """``input · weight + bias`` of each head, and what became of it before the product.

    ``plain`` (head, token, dim) is what the projection gave; it is None where the block holds that
    itself, as there are no ``stages`` behind it.
    """

    weight: torch.Tensor  # (head, hidden, dim)
    bias: torch.Tensor | None = None  # (head, dim)
    input: torch.Tensor | None = None  # (token, hidden); None for that of the side before it
    plain: torch.Tensor | None = None
    stages: tuple[Stage, ...] = ()

    @property
    def tensors(self) -> tuple[torch.Tensor, ...]:
        made = [self.plain, *(stage.values for stage in self.stages)]
        return tuple(
            each for each in (self.weight, self.bias, self.input, *made) if each is not None
        )


@dataclass(frozen=True, eq=False, repr=False)
class OutputProjection:
    """How what heads give out is written: ``Σ head · weight + bias``, which is ``gave``."""

    weight: torch.Tensor  # (head, dim, hidden)
    bias: torch.Tensor | None = None  # (hidden,)
    gave: torch.Tensor | None = None  # (query, hidden), the model's own

    @property
    def tensors(self) -> tuple[torch.Tensor, ...]:
        return tuple(each for each in (self.weight, self.bias, self.gave) if each is not None)


@dataclass(frozen=True, eq=False, repr=False)
class Projections:
    """The projections of one layer's attention, as far as they are known.

    A side that the model makes in another way than by a linear map of its input is None, and
    ``refusal`` says which and why. ``by`` is the class of the norm that made the input of the
    queries of the hidden state, empty where it is the state itself or something else. ``edited``
    is what heads gave out (query, head, dim) behind edits of it; None where there are none.
    """

    layer: int
    kind: Kind
    query: Projection | None = None
    key: Projection | None = None
    value: Projection | None = None
    output: OutputProjection | None = None
    by: str = ""
    refusal: str = ""
    edited: torch.Tensor | None = None

    def __post_init__(self) -> None:
        check_kind(self.kind)

    @property
    def sides(self) -> dict[Side, Projection | None]:
        """Those of queries, keys and values, in this order."""
        return {"query": self.query, "key": self.key, "value": self.value}

    @property
    def tensors(self) -> tuple[torch.Tensor, ...]:
        found = [each.tensors for each in self.sides.values() if each is not None]
        found.append(self.output.tensors if self.output else ())
        found.append(() if self.edited is None else (self.edited,))
        return tuple(tensor for each in found for tensor in each)

    def __repr__(self) -> str:
        known = [name for name, one in (*self.sides.items(), ("output", self.output)) if one]
        known += ["edited"] * (self.edited is not None)
        return f"Projections(layer {self.layer}, {self.kind}: {', '.join(known) or 'none'})"
