"""What wrote into the residual stream: the embeddings, heads, MLPs and biases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from attention_widget.trace.kind import Kind

Writer = Literal["embeddings", "head", "attention bias", "MLP", "layer", "bias"]


@dataclass(frozen=True)
class Term:
    """One that writes into the residual stream.

    ``what`` is "embeddings" (what enters the first layer), "head", "attention bias" (of a layer's
    output projection), "MLP", "layer" (all of one without attention) or "bias" (what is added at
    the end, whatever the text). ``layer``, ``head`` and ``kind`` are None where they say nothing.

    >>> Term("head", 23, 4, "decoder").label
    'layer 23, head 4'
    >>> Term("MLP", 23).label
    'layer 23, MLP'
    """

    what: Writer
    layer: int | None = None
    head: int | None = None
    kind: Kind | None = None

    @property
    def label(self) -> str:
        """Its name on screen, in English.

        >>> Term("embeddings").label
        'embeddings'
        """
        if self.layer is None:
            return self.what
        crossing = "cross " if self.kind == "cross" else ""
        if self.head is not None:
            return f"layer {self.layer}, {crossing}head {self.head}"
        return (
            f"layer {self.layer}, {crossing}{self.what}"
            if self.what != "layer"
            else (f"layer {self.layer}")
        )
