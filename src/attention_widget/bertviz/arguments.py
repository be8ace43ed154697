"""BertViz's arguments -> trace, each checked as BertViz checks it, and what it lets pass too."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from attention_widget._util.integers import as_integer, within
from attention_widget.arrays import from_attentions
from attention_widget.arrays.conversion import NEEDS_EAGER
from attention_widget.arrays.tokens import plain_tokens_of
from attention_widget.errors import (
    AttentionWidgetError,
    InvalidTypeError,
    InvalidValueError,
    OutOfRangeError,
)
from attention_widget.protocol.checks import either
from attention_widget.tokens.strings import is_special, tokens_of_strings
from attention_widget.trace.block import Maps
from attention_widget.trace.kind import Kind
from attention_widget.trace.token import Token
from attention_widget.trace.trace import Trace

_LAYERS = (
    "a tensor (1, head, query, key) for each layer, as model(..., output_attentions=True) returns "
    "them: outputs.attentions, or of an encoder-decoder outputs.encoder_attentions, "
    "outputs.decoder_attentions and outputs.cross_attentions"
)
_STACKS = ("encoder_attention", "decoder_attention", "cross_attention")


def read(
    attention: Any,
    tokens: Sequence[str] | None,
    sentence_b_start: int | None,
    prettify_tokens: bool,
    stacks: Sequence[Any],
    include_layers: Iterable[int] | None,
) -> Trace:
    """The trace that the arguments of a view describe; ``stacks`` are the attention and tokens of
    an encoder-decoder."""
    given = dict(zip((*_STACKS, "encoder_tokens", "decoder_tokens"), stacks, strict=True))
    encoder_attention, decoder_attention, cross_attention, encoder_tokens, decoder_tokens = stacks
    if attention is not None:
        if tokens is None:
            raise InvalidValueError("tokens must be a string for each token, got None")
        if beside := [name for name, value in given.items() if value is not None]:
            raise InvalidValueError(
                f"{', '.join(beside)} must be None beside attention; give attention and tokens of "
                f"a model of one stack, or the arguments of an encoder-decoder"
            )
        read_tokens = _tokens("tokens", tokens, sentence_b_start, prettify_tokens)
        if isinstance(attention, list | tuple) and not attention:
            raise InvalidValueError(
                f"attention must be {_LAYERS}; got none. With transformers 5 the last place of an "
                f"output, outputs[-1], may hold cross-attention that the model does not have: pass "
                f"outputs.attentions. If that is empty too: {NEEDS_EAGER}"
            )
        (layers,) = _included(include_layers, {"attention": attention})
        return from_attentions(layers, read_tokens)
    if encoder_attention is None and decoder_attention is None and cross_attention is None:
        raise InvalidValueError(
            f"give attention with tokens, or one at least of {', '.join(_STACKS)} with their "
            f"tokens, got none; {NEEDS_EAGER}"
        )
    if sentence_b_start is not None:
        raise InvalidValueError(
            f"sentence_b_start must be None for an encoder-decoder, got {sentence_b_start!r}"
        )
    of_tokens = {"encoder_tokens": (encoder_attention, cross_attention)}
    of_tokens["decoder_tokens"] = (decoder_attention, cross_attention)
    for name, among in of_tokens.items():
        if given[name] is None and any(each is not None for each in among):
            raise InvalidValueError(f"{name} must be a string for each token, got None")
    encoder, decoder, cross = _included(include_layers, {name: given[name] for name in _STACKS})
    if cross is None and (encoder is None or decoder is None):
        kind: Kind = "decoder" if encoder is None else "encoder"
        read_tokens = _tokens(f"{kind}_tokens", given[f"{kind}_tokens"], None, prettify_tokens)
        trace = from_attentions(encoder if decoder is None else decoder, read_tokens)
        maps = [one for one in trace.maps if isinstance(one, Maps)]
        return replace(trace, maps=tuple(replace(one, kind=kind) for one in maps))
    return from_attentions(
        encoder,
        _tokens("encoder_tokens", encoder_tokens, None, prettify_tokens),
        target_tokens=_tokens("decoder_tokens", decoder_tokens, None, prettify_tokens),
        decoder_attentions=decoder,
        cross_attentions=cross,
    )


def _included(include_layers: Iterable[int] | None, given: Mapping[str, Any]) -> list[Any]:
    """The layers of each attention, None for those that are not included."""
    layers = {name: _layers(name, each) for name, each in given.items() if each is not None}
    count = max(map(len, layers.values()))
    included = indices("include_layers", include_layers, count, OutOfRangeError)
    if included is None:
        return [layers.get(name) for name in given]
    kept: list[Any] = []
    for name in given:
        own = layers.get(name, [])
        own = [layer if index in included else None for index, layer in enumerate(own)]
        kept.append(own if any(layer is not None for layer in own) else None)
    return kept


def _layers(name: str, given: Any) -> list[Any]:
    if isinstance(given, Mapping) or not isinstance(given, Iterable):
        raise InvalidTypeError(f"{name} must be {_LAYERS}, got {type(given).__name__}")
    layers = list(given)
    if not layers:
        raise InvalidValueError(f"{name} must be {_LAYERS}; got none. {NEEDS_EAGER}")
    for index, layer in enumerate(layers):
        shape = getattr(layer, "shape", None)
        if shape is not None and len(shape) != 4:
            got = f"shape {tuple(shape)} in layer {index}"
            raise InvalidValueError(f"{name} must be {_LAYERS}, got {got}")
    return layers


def _tokens(
    name: str, given: Sequence[str] | None, sentence_b_start: int | None, prettify: bool
) -> tuple[Token, ...]:
    strings = [] if given is None else given if isinstance(given, str) else list(given)
    plain = plain_tokens_of(name, strings)
    starts = []
    if sentence_b_start is not None:
        start = as_integer(sentence_b_start)
        must = f"sentence_b_start must be in 1–{len(strings) - 1}, the index of a token"
        if start is None:
            raise InvalidTypeError(f"{must}, got {type(sentence_b_start).__name__}")
        if not 0 < start < len(strings):
            raise InvalidValueError(f"{must}, got {start}")
        starts = [start]
    if prettify:
        return tokens_of_strings([token.text for token in plain], starts)
    return tuple(
        replace(
            token,
            special=is_special(token.text),
            segment=int(bool(starts) and token.index >= starts[0]),
        )
        for token in plain
    )


def shown_first(trace: Trace, layer: int | None) -> tuple[Kind, int, int]:
    """The first kind of attention that has the layer, that layer, and how many heads it has; the
    first layer that there is if None."""
    layers = {kind: trace.layers_with_attention(kind) for kind in trace.kinds}
    for kind, have in layers.items():
        shown = have[0] if layer is None else layer
        if shown in have:
            return kind, shown, trace.count_heads(shown, kind)
    included = sorted({each for have in layers.values() for each in have})
    must = f"layer must be {either(included)}, a layer that is included"
    raise InvalidValueError(f"{must}, got {reprlib.repr(layer)}")


def indices(
    name: str, given: Iterable[int] | int | None, count: int, missing: type[AttentionWidgetError]
) -> list[int] | None:
    """Indices below ``count``, each once, in the order given; None for all.

    ValueError for none at all or one twice, TypeError for what is no index, and ``missing`` for
    one that does not exist.
    """
    if given is None:
        return None
    single = as_integer(given)
    items: list[object] = [single] if single is not None else list(given)  # type: ignore[arg-type]
    must = f"{name} must be {within(count)}, one or more, each once"
    found = [index for item in items if (index := as_integer(item)) is not None]
    if len(found) < len(items):
        raise InvalidTypeError(f"{must}, got {reprlib.repr(items)}")
    for index in found:
        if not 0 <= index < count:
            raise missing(f"{must}, got {index}")
    if not found or len(set(found)) < len(found):
        raise InvalidValueError(f"{must}, got {reprlib.repr(items)}")
    return found
