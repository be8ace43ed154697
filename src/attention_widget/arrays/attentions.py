"""Finished attention maps -> trace."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import torch

from attention_widget.arrays.conversion import NEEDS_EAGER, layers_of, shape_error
from attention_widget.arrays.probabilities import check_probabilities
from attention_widget.arrays.tokens import tokens_of, trace_of
from attention_widget.trace.block import Maps
from attention_widget.trace.kind import Kind
from attention_widget.trace.token import Token
from attention_widget.trace.trace import Trace

_PATTERN: Final = re.compile(r"blocks\.([0-9]+)\.attn\.hook_pattern")  # TransformerLens
_REPORTED: Final = ("attentions", "encoder_attentions", "decoder_attentions", "cross_attentions")


def from_attentions(
    attentions: Any,
    tokens: Iterable[str | Token],
    *,
    target_tokens: Iterable[str | Token] | None = None,
    decoder_attentions: Any = None,
    cross_attentions: Any = None,
    item: int | None = None,
    model_name: str = "attentions",
) -> Trace:
    """A trace of finished attention maps, without queries, keys and hidden states.

    Parameters
    ----------
    attentions
        A list with an array for each layer: (batch, head, query, key) as transformers returns
        them, (head, query, key), or (query, key) of one head; None for a layer without
        attention. One such array is one layer; with layers in front of the batch, (layer, batch,
        head, query, key), it is all of them. Also a whole model output of transformers, and an
        activation cache of TransformerLens. With ``target_tokens`` it is the encoder's, and may
        be None.
    tokens
        Strings, or :class:`Token` objects, of the keys: those that the model, or its encoder,
        read. A tokenizer's own strings are read as such: ``##el``, ``Ġthe`` and ``▁the`` show
        the text that they stand for, ``[CLS]`` is a special token. So are pieces with their
        blanks (``["The", " cat"]``). A :class:`Token` shows what its ``label`` says.
    target_tokens
        The same of an encoder-decoder's decoder.
    decoder_attentions, cross_attentions
        Self-attention of the decoder, and its attention to the encoder's tokens.
    item
        Which text of a batch; needed where a batch has several.

    NaN is kept, and rows may sum to less than 1, as attention sinks leave them.

    Raises
    ------
    TypeError, ValueError
        Something has another shape or another batch size, or holds what are no probabilities:
        negative weights, or rows that sum to more than 1. The message names the axes that were
        expected and given.
    """
    given: dict[Kind, Any] = {
        "encoder": attentions,
        "decoder": decoder_attentions,
        "cross": cross_attentions,
    }
    if _is_mapping(attentions):
        if decoder_attentions is not None or cross_attentions is not None:
            raise TypeError(
                "attentions is a whole model output or cache, and decoder_attentions or "
                "cross_attentions is given beside it; allowed: one or the other"
            )
        given = _of_mapping(attentions)
    source = tokens_of("tokens", tokens)
    target = None if target_tokens is None else tokens_of("target_tokens", target_tokens)
    beside = given["decoder"] is not None or given["cross"] is not None
    if target is None and beside:
        raise ValueError(
            "attention of a decoder is given without target_tokens; allowed: tokens (the "
            "encoder's) with target_tokens (the decoder's), or a decoder alone as attentions"
        )
    maps: list[Maps] = []
    for kind, layers in given.items():
        queries = source if kind == "encoder" or target is None else target
        keys = source if kind == "cross" else queries
        name = "attentions" if kind == "encoder" else f"{kind}_attentions"
        sizes = (len(queries), len(keys))
        maps += [
            Maps(layer, kind, probabilities)
            for layer, probabilities in enumerate(_layers(name, layers, item, sizes))
            if probabilities is not None
        ]
    if not maps:
        raise ValueError(
            f"no layer has attention; allowed: an array for one layer at least ({NEEDS_EAGER})"
        )
    if target is None and all(_is_causal(one.probabilities) for one in maps):
        maps = [replace(one, kind="decoder") for one in maps]
    return trace_of(source, target, model_name, maps=tuple(maps))


def _is_mapping(given: Any) -> bool:
    """A dict, a model output, or a cache that only looks like one."""
    return isinstance(given, Mapping) or (hasattr(given, "keys") and hasattr(given, "__getitem__"))


def _of_mapping(given: Any) -> dict[Kind, Any]:
    names = [str(name) for name in given.keys()]  # noqa: SIM118 (a cache iterates otherwise)
    found = {int(match[1]): name for name in names if (match := _PATTERN.fullmatch(name))}
    if found:
        layers = [given[found[i]] if i in found else None for i in range(max(found) + 1)]
        return {"encoder": layers, "decoder": None, "cross": None}
    found_names = [name for name in _REPORTED if name in names and given[name] is not None]
    reported = {name: given[name] for name in found_names if len(given[name])}
    if not reported:
        empty = [name for name in _REPORTED if name in names]
        found_nothing = (
            f"{', '.join(empty)} of this output hold nothing"
            if empty
            else (f"there is no attention in {', '.join(names) or 'nothing'}")
        )
        raise ValueError(
            f"{found_nothing}; allowed: a model output with {', '.join(_REPORTED)}, run with "
            f"output_attentions=True ({NEEDS_EAGER}), or a TransformerLens cache with "
            f"blocks.0.attn.hook_pattern"
        )
    return {
        "encoder": reported.get("encoder_attentions", reported.get("attentions")),
        "decoder": reported.get("decoder_attentions"),
        "cross": reported.get("cross_attentions"),
    }


def _layers(
    name: str, given: Any, item: int | None, sizes: tuple[int, int]
) -> list[torch.Tensor | None]:
    """Probabilities (head, query, key) of each layer, None where there are none."""
    if given is None:
        return []
    found = layers_of(name, given, item)
    for layer, maps in enumerate(found):
        if maps is None:
            continue
        if tuple(maps.shape[1:]) != sizes:
            expected = f"(head, query = {sizes[0]}, key = {sizes[1]}), one for each token"
            raise ValueError(shape_error(name, layer, maps, expected))
        check_probabilities(name, layer, maps)
    return found


def _is_causal(maps: torch.Tensor) -> bool:
    return not bool((maps.triu(1) > 0).any())
