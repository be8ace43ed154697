"""Finished attention maps -> trace."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import torch

from attention_widget.arrays.conversion import NEEDS_EAGER, layers_of, shape_error
from attention_widget.arrays.tokens import tokens_of, trace_of
from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.trace.block import Maps
from attention_widget.trace.kind import Kind
from attention_widget.trace.token import Token
from attention_widget.trace.trace import Trace

_PATTERN: Final = re.compile(r"blocks\.([0-9]+)\.attn\.hook_pattern")  # TransformerLens
_REPORTED: Final = ("attentions", "encoder_attentions", "decoder_attentions", "cross_attentions")
_OVER: Final = 1e-2  # by which a row of bfloat16 may exceed 1


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

    Examples
    --------
    >>> from attention_widget import from_attentions
    >>> trace = from_attentions([[[[0.5, 0.5], [0.9, 0.1]]]], ["a", "novel"])
    >>> trace.attention(0).shape  # (head, query, key)
    (1, 2, 2)
    """
    given: dict[Kind, Any] = {
        "encoder": attentions,
        "decoder": decoder_attentions,
        "cross": cross_attentions,
    }
    if _is_mapping(attentions):
        if decoder_attentions is not None or cross_attentions is not None:
            raise InvalidTypeError(
                "decoder_attentions and cross_attentions must be None beside a whole model output "
                "or cache, which holds them; give one or the other"
            )
        given = _of_mapping(attentions)
    source = tokens_of("tokens", tokens)
    target = None if target_tokens is None else tokens_of("target_tokens", target_tokens)
    beside = given["decoder"] is not None or given["cross"] is not None
    if target is None and beside:
        raise InvalidValueError(
            "target_tokens must be the decoder's tokens, beside tokens of the encoder, got None; "
            "pass the attention of a decoder alone as attentions"
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
        raise InvalidValueError(
            f"attentions must hold an array for one layer at least, got none; {NEEDS_EAGER}"
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
    there = [name for name in _REPORTED if name in names]
    reported = {name: given[name] for name in there if given[name] is not None and len(given[name])}
    if not reported:
        empty = f"empty {', '.join(there)}" if there else ", ".join(names) or "nothing"
        raise InvalidValueError(
            f"attentions must be a model output with {', '.join(_REPORTED)}, or a TransformerLens "
            f"cache with blocks.0.attn.hook_pattern, got {empty}; run the model with "
            f"output_attentions=True: {NEEDS_EAGER}"
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
            raise shape_error(name, layer, maps, expected)
        _check_probabilities(f"{name} of layer {layer}", maps)
    return found


def _is_causal(maps: torch.Tensor) -> bool:
    return not bool((maps.triu(1) > 0).any())


def _check_probabilities(name: str, maps: torch.Tensor) -> None:
    """Refuse maps (head, query, key) with negative or infinite weights, or rows that sum to more
    than 1. NaN and rows that sum to less are let pass."""
    must = f"{name} must be probabilities, after the softmax"
    wrong = (maps < 0) | maps.isinf()
    if bool(wrong.any()):
        raise InvalidValueError(
            f"{must}, none negative or infinite, got {maps[wrong][0].item():.4g}"
        )
    sums = maps.double().sum(-1)  # (head, query)
    if not bool((sums > 1 + _OVER).any()):
        return
    worst = sums.nan_to_num(nan=0.0).max().item()
    head, query = (sums == worst).nonzero()[0].tolist()
    raise InvalidValueError(
        f"{must}, of which each row (query) sums to 1 or less, got {worst:.4g} in row {query} of "
        f"head {head}; {_advice(maps, sums)}"
    )


def _advice(maps: torch.Tensor, sums: torch.Tensor) -> str:
    columns = maps.double().sum(-2)
    if bool(((columns - 1).abs() < _OVER).all()):
        return "here the columns do, so the axes are (key, query): swap the last two"
    mean = sums.mean().item()
    if bool(((sums - mean).abs() < _OVER * mean).all()):
        return f"here all rows sum to {mean:.4g}: divide by it (a sum over heads, or per cent?)"
    if bool((maps > 1).any()):
        return "these may be scores: take the softmax over the keys first"
    return "dropout makes rows like these: call model.eval() first"
