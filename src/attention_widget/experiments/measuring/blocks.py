"""Measures of an attention block with its residual connection and its norm."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from attention_widget.experiments.measuring.block_parts import (
    BlockParts,
    KeyVectors,
    key_vectors,
    lengths,
    nearness,
)
from attention_widget.experiments.measuring.block_watch import each_block
from attention_widget.experiments.measuring.norms import several_calls
from attention_widget.experiments.measuring.question import Question
from attention_widget.experiments.measuring.rolled import check_stack, copied, followed
from attention_widget.experiments.measuring.weighted import block_of
from attention_widget.trace.block import Array, Block
from attention_widget.tracing.assemble import Place
from attention_widget.tracing.model.errors import UnsupportedModelError


def norm_residual(question: Question) -> Array:
    """‖N(Σ_h α f(x_j) + [i = j] x_i)‖ (query, key). All layers come from one pass, and are kept."""
    _check(question, "norm_residual")
    maps: dict[int, Array] = question.kept.of.setdefault(("norm_residual", question.kind), {})
    if question.layer in maps:
        return copied(maps[question.layer])
    found: list[Array] = []

    def take(layer: int, made: KeyVectors) -> None:
        if layer in maps:
            return
        values = lengths(made)
        if layer == question.layer:
            found.append(values)
        question.kept.keep(maps, layer, values, question.memory_left())

    _sweep(question, take)
    if not found:
        raise _refused(question, question.layer, "norm_residual")
    return copied(found[0])


def alti(question: Question) -> Array:
    """Π C of the layers up to this one (query, key), where each row of C says how near each key's
    part brings the block's output. All layers come from one pass, and are kept."""
    _check(question, "alti")
    check_stack(question, "alti")
    if question.lab.trace.target is not None and question.kind == "decoder":
        raise UnsupportedModelError(
            question.model,
            "has cross-attention in its decoder, so its layers cannot be followed back to the "
            "decoder's tokens alone by 'alti'; ask for kind='encoder'",
        )
    maps: dict[int, Array] = question.kept.of.setdefault(("alti", question.kind), {})
    if question.layer in maps:
        return copied(maps[question.layer])
    whole: list[tuple[int, Array]] = []  # the product so far, and up to which layer
    found: list[Array] = []

    def take(layer: int, made: KeyVectors) -> None:
        if layer != (whole[-1][0] + 1 if whole else 0):
            return  # one before is missing
        values = nearness(made)
        values = followed(values, whole[-1][1]) if whole else values
        whole[:] = [(layer, values)]
        if layer == question.layer:
            found.append(values)
        question.kept.keep(maps, layer, values, question.memory_left())

    _sweep(question, take)
    if not found:
        raise _refused(question, whole[-1][0] + 1 if whole else 0, "alti")
    return copied(found[0])


def _sweep(question: Question, take: Callable[[int, KeyVectors], None]) -> None:
    """Run the model once, and give each block of the kind as a sum over keys, in order."""
    question.passes.sites.check(())
    trace, several = question.lab.trace, several_calls(question)

    def made(place: Place, parts: BlockParts) -> None:
        kind, layer = place
        block = trace.operation(layer, kind)
        if kind != question.kind or place in several or not isinstance(block, Block):
            return
        if not block.n_queries == block.n_keys == len(parts.gave):
            return
        vectors = key_vectors(block, parts)
        if vectors is not None:
            take(layer, vectors)

    each_block(question.passes, made)


def _check(question: Question, measure: str) -> None:
    if question.kind == "cross":
        raise UnsupportedModelError(
            question.model,
            f"has no {measure!r} of its cross-attention, where what the residual connection brings "
            f"belongs to no key; ask for the other kinds",
        )
    block_of(question, measure)


def _refused(question: Question, layer: int, measure: str) -> UnsupportedModelError:
    refuse = partial(UnsupportedModelError, question.model)
    return refuse(
        f"does not add what its heads write to what enters {question.kind} layer {layer}, with at "
        f"most a norm before or after the sum, or the sum over keys is not what that gives, so it "
        f"has no {measure!r} there; 'value_weighted' and 'rollout' need no residual"
    )
