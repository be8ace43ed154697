"""Finished attention maps -> trace."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import torch

from attention_widget.arrays.labels import tokens_of, trace_of
from attention_widget.arrays.reading import shape_error, stacked
from attention_widget.block import Kind, Maps, Stack
from attention_widget.token import Token
from attention_widget.trace import Trace

_PATTERN = re.compile(r"blocks\.([0-9]+)\.attn\.hook_pattern")  # TransformerLens
_REPORTED = ("attentions", "encoder_attentions", "decoder_attentions", "cross_attentions")


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
        One array per layer, (batch, head, query, key) as transformers returns them or (head,
        query, key), None for a layer without attention; or one stacked array (layer, head,
        query, key), (layer, batch, head, query, key), or (head, query, key) for one layer. Also
        a whole model output of transformers, and an activation cache of TransformerLens. With
        ``target_tokens`` it is the encoder's, and may be None.
    tokens
        Labels, or :class:`Token` objects, of the keys: those that the model, or its encoder, read.
    target_tokens
        The same of an encoder-decoder's decoder.
    decoder_attentions, cross_attentions
        Self-attention of the decoder, and its attention to the encoder's tokens.
    item
        Which item of a batch; needed where a batch has several.

    NaN is kept, and rows may sum to less than 1, as attention sinks leave them.

    Raises
    ------
    TypeError, ValueError
        Something has another shape or another batch size, or holds negative weights, which are
        no probabilities. The message names the axes that were expected and given.
    """
    given: dict[tuple[Stack, Kind], Any] = {
        ("encoder", "self"): attentions,
        ("decoder", "self"): decoder_attentions,
        ("decoder", "cross"): cross_attentions,
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
    beside = [layers for (stack, _), layers in given.items() if stack == "decoder"]
    if target is None and any(layers is not None for layers in beside):
        raise ValueError(
            "attention of a decoder is given without target_tokens; allowed: tokens (the "
            "encoder's) with target_tokens (the decoder's), or a decoder alone as attentions"
        )
    maps: list[Maps] = []
    for (stack, kind), layers in given.items():
        queries = target if stack == "decoder" and target is not None else source
        keys = source if kind == "cross" else queries
        name = "attentions" if stack == "encoder" else f"{stack if kind == 'self' else kind}_"
        name = name if name == "attentions" else f"{name}attentions"
        sizes = (len(queries), len(keys))
        maps += [
            Maps(layer, kind, stack, probabilities)
            for layer, probabilities in enumerate(_layers(name, layers, item, sizes))
            if probabilities is not None
        ]
    if not maps:
        raise ValueError("no layer has attention; allowed: an array for one layer at least")
    if target is None and all(_is_causal(one.probabilities) for one in maps):
        maps = [replace(one, stack="decoder") for one in maps]
    return trace_of(source, target, model_name, maps=tuple(maps))


def _is_mapping(given: Any) -> bool:
    """A dict, a model output, or a cache that only looks like one."""
    return isinstance(given, Mapping) or (hasattr(given, "keys") and hasattr(given, "__getitem__"))


def _of_mapping(given: Any) -> dict[tuple[Stack, Kind], Any]:
    names = [str(name) for name in given.keys()]  # noqa: SIM118 (a cache iterates otherwise)
    found = {int(match[1]): name for name in names if (match := _PATTERN.fullmatch(name))}
    if found:
        layers = [given[found[i]] if i in found else None for i in range(max(found) + 1)]
        return {("encoder", "self"): layers, ("decoder", "self"): None, ("decoder", "cross"): None}
    found_names = [name for name in _REPORTED if name in names and given[name] is not None]
    reported = {name: given[name] for name in found_names if len(given[name])}
    if not reported:
        raise ValueError(
            f"there is no attention in {', '.join(names) or 'nothing'}; allowed: a model output "
            f"with {', '.join(_REPORTED)} (run with output_attentions=True, and load the model "
            f'with attn_implementation="eager"), or a TransformerLens cache with '
            f"blocks.0.attn.hook_pattern"
        )
    return {
        ("encoder", "self"): reported.get("encoder_attentions", reported.get("attentions")),
        ("decoder", "self"): reported.get("decoder_attentions"),
        ("decoder", "cross"): reported.get("cross_attentions"),
    }


def _layers(
    name: str, given: Any, item: int | None, sizes: tuple[int, int]
) -> list[torch.Tensor | None]:
    """Probabilities (head, query, key) of each layer, None where there are none."""
    if given is None:
        return []
    found: list[torch.Tensor | None] = []
    for layer, maps in enumerate(stacked(name, given, 3, 4)):
        if maps is not None and maps.ndim == 4:
            maps = _item_of(name, layer, maps, item)
        if maps is not None and tuple(maps.shape[1:]) != sizes:
            expected = f"(head, query = {sizes[0]}, key = {sizes[1]}), one for each token"
            raise ValueError(shape_error(name, layer, maps, expected))
        if maps is not None and bool((wrong := (maps < 0) | maps.isinf()).any()):
            raise ValueError(
                f"{name} of layer {layer} hold {maps[wrong][0].item():.4g}; allowed: "
                f"probabilities, after the softmax, none negative or infinite"
            )
        found.append(maps)
    return found


def _item_of(name: str, layer: int, maps: torch.Tensor, item: int | None) -> torch.Tensor:
    size = maps.shape[0]
    if item is None and size != 1:
        raise ValueError(
            f"{name} of layer {layer} have shape {tuple(maps.shape)} (batch, head, query, key), a "
            f"batch of {size}; allowed: a batch of one, or item=0 to {size - 1} with its tokens"
        )
    if item is not None and not 0 <= item < size:
        raise ValueError(f"item is {item}, of a batch of {size}; allowed: 0 to {size - 1}")
    return maps[item or 0].clone()


def _is_causal(maps: torch.Tensor) -> bool:
    return not bool((maps.triu(1) > 0).any())
