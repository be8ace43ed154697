"""How long the vector is that a head takes from each key and writes."""

from __future__ import annotations

import torch

from attention_widget._util.torch_settings import exact
from attention_widget.experiments.measuring.projections import each_projection, refused
from attention_widget.experiments.measuring.question import Question
from attention_widget.experiments.measuring.weighted import block_of, weighted_by
from attention_widget.trace.block import Array, Block
from attention_widget.tracing.assemble import Place
from attention_widget.tracing.recording.linear import Linear

_KEPT = "norms"


def norm(question: Question) -> Array:
    """α ‖f(x)‖ (head, query, key). The lengths of all layers come from one pass, and are kept."""
    block = block_of(question, "norm")
    lengths = question.kept.of.get(_KEPT)
    if lengths is None:
        lengths = question.kept.of[_KEPT] = _lengths(question)
    place = block.kind, block.layer
    if place not in lengths:
        raise refused(question.model, place)
    return weighted_by(block, lengths[place])


def _lengths(question: Question) -> dict[Place, Array]:
    """‖f(x)‖ (head, key) of each place whose projection is found."""
    question.passes.sites.check(())
    trace = question.lab.trace
    made: dict[Place, Array] = {}

    def found(place: Place, linear: Linear, whole: torch.Tensor) -> None:
        block = trace.operation(place[1], place[0])
        if isinstance(block, Block) and place not in several:
            fits = block.n_heads * block.value.shape[2] == len(linear.matrix)
            if fits:
                made[place] = lengths_of(block, linear)

    several = several_calls(question)
    each_projection(question.passes, found)
    return made


def several_calls(question: Question) -> set[Place]:
    """Places whose attention is computed by several calls, whose outputs stand side by side."""
    seen: set[Place] = set()
    return {
        place
        for place in question.passes.sites.places.values()
        if place in seen or seen.add(place)  # type: ignore[func-returns-value]
    }


@exact
def lengths_of(block: Block, linear: Linear) -> Array:
    """‖v W_O‖ (head, key), by the Gram matrix W_O W_Oᵀ of each head, so that no vector of the
    hidden size is made for each key."""
    value = block.value.float()  # (kv_head, key, dim)
    dims = value.shape[2]
    parts = linear.of_heads(dims).double()  # (head, dim, hidden)
    group = block.n_heads // block.n_kv_heads
    lengths = torch.empty((block.n_heads, block.n_keys), dtype=torch.float32, device="cpu")
    for head, part in enumerate(parts):
        vectors = value[head // group].double()
        squares = ((vectors @ (part @ part.T)) * vectors).sum(-1)
        lengths[head] = squares.clamp(min=0.0).sqrt().float()
    found: Array = lengths.numpy()
    return found
