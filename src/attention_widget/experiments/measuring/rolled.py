"""Attention followed back through layers to the tokens that enter the first."""

from __future__ import annotations

from functools import partial

import numpy as np
import torch

from attention_widget._util.torch_settings import exact
from attention_widget.experiments.measuring.question import Question
from attention_widget.measures.chunks import in_chunks
from attention_widget.trace.block import Array
from attention_widget.trace.grouping import Operation
from attention_widget.tracing.model.errors import UnsupportedModelError


def rollout(question: Question) -> Array:
    """Π (½ Ā + ½ I) of the layers up to this one (query, key), with rows divided by their sum.

    The product of each layer is kept, so that all layers cost as much as the last.
    """
    check_stack(question, "rollout")
    maps: dict[int, Array] = question.kept.of.setdefault(("rollout", question.kind), {})
    layer = question.layer
    first = max((one for one in maps if one <= layer), default=-1)
    whole = maps.get(first)
    for each in range(first + 1, layer + 1):
        mixed = with_itself(question.lab.trace.operation(each, question.kind))
        whole = mixed if whole is None else followed(mixed, whole)
        question.kept.keep(maps, each, whole, question.memory_left())
    assert whole is not None
    return copied(whole)


def copied(kept: Array) -> Array:
    """A map that may be written into."""
    return np.array(kept)


@exact
def followed(mixed: Array, before: Array) -> Array:
    """The product of a layer's map with that of the layers before: (query, key)."""
    made: Array = (torch.from_numpy(mixed) @ torch.from_numpy(before)).numpy()
    return made


def with_itself(operation: Operation) -> Array:
    """½ Ā + ½ I (query, key), each row divided by its sum, which is less than 1 where a sink took
    attention or the mask hides all keys."""
    total = np.zeros((operation.n_queries, operation.n_keys), np.float32)
    for _, queries, weights in in_chunks(operation):
        total[queries] += weights.sum(0)
    total *= 0.5 / operation.n_heads
    total[np.diag_indices(len(total))] += 0.5
    total /= total.sum(1, keepdims=True)
    return total


def check_stack(question: Question, measure: str) -> None:
    """UnsupportedModelError where layers up to this one cannot be followed back."""
    trace, kind, layer = question.lab.trace, question.kind, question.layer
    refuse = partial(UnsupportedModelError, question.model)
    if kind == "cross":
        raise refuse(
            f"has no {measure!r} of its cross-attention, as it follows the layers of one stack "
            f"back; ask for the other kinds"
        )
    there = set(trace.layers_with_attention(kind))
    without = next((each for each in range(layer) if each not in there), None)
    if without is not None:
        raise refuse(
            f"has no attention in {kind} layer {without}, which may mix tokens in another way, so "
            f"{measure!r} cannot follow layer {layer} back; ask for a layer before it"
        )
    n_tokens = trace.operation(0, kind).n_keys
    for each in range(layer + 1):
        one = trace.operation(each, kind)
        if not one.n_queries == one.n_keys == n_tokens:
            raise refuse(
                f"has other queries ({one.n_queries}) than keys ({one.n_keys}, and {n_tokens} in "
                f"layer 0) in {kind} layer {each}, so {measure!r} cannot follow layers back"
            )
