"""BertViz's arguments -> trace, each checked as BertViz checks it, and what it lets pass too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from attention_widget._util.integers import as_integer
from attention_widget.arrays import from_attentions
from attention_widget.arrays.conversion import NEEDS_EAGER
from attention_widget.arrays.tokens import plain_tokens_of
from attention_widget.bertviz.selection import indices
from attention_widget.tokens.strings import is_special, tokens_of_strings
from attention_widget.trace.block import Maps
from attention_widget.trace.kind import Kind
from attention_widget.trace.token import Token
from attention_widget.trace.trace import Trace

_ALLOWED = (
    "a tensor (1, head, query, key) for each layer, as model(..., output_attentions=True) returns "
    "them: outputs.attentions, or of an encoder-decoder outputs.encoder_attentions, "
    "outputs.decoder_attentions and outputs.cross_attentions"
)

_EMPTY = (
    f"attention is empty; allowed: {_ALLOWED}. With transformers 5 the last place of an output, "
    f"outputs[-1], may hold cross-attention that the model does not have: pass "
    f"outputs.attentions. If that is empty too: {NEEDS_EAGER}"
)


def read(
    attention: Any,
    tokens: Sequence[str] | None,
    sentence_b_start: int | None,
    prettify_tokens: bool,
    encoder_attention: Any,
    decoder_attention: Any,
    cross_attention: Any,
    encoder_tokens: Sequence[str] | None,
    decoder_tokens: Sequence[str] | None,
    include_layers: Iterable[int] | None,
) -> Trace:
    """The trace that the arguments of a view describe."""
    beside = {
        "encoder_attention": encoder_attention,
        "decoder_attention": decoder_attention,
        "cross_attention": cross_attention,
        "encoder_tokens": encoder_tokens,
        "decoder_tokens": decoder_tokens,
    }
    if attention is not None:
        if tokens is None:
            raise ValueError("attention is given without tokens; allowed: a string for each token")
        if found := [name for name, value in beside.items() if value is not None]:
            raise ValueError(
                f"attention is given together with {', '.join(found)}; allowed: attention and "
                f"tokens for a model of one stack, or the arguments of an encoder-decoder"
            )
        read_tokens = _tokens("tokens", tokens, sentence_b_start, prettify_tokens)
        if _is_empty(attention):
            raise ValueError(_EMPTY)
        (layers,) = _included(include_layers, {"attention": attention})
        return from_attentions(layers, read_tokens)
    if encoder_attention is None and decoder_attention is None and cross_attention is None:
        raise ValueError(
            "no attention is given; allowed: attention with tokens, or one at least of "
            f"encoder_attention, decoder_attention and cross_attention with their tokens "
            f"({NEEDS_EAGER})"
        )
    if sentence_b_start is not None:
        raise ValueError(
            "sentence_b_start is given for an encoder-decoder; allowed: with attention and tokens"
        )
    wanted = {"encoder_tokens": (encoder_attention, cross_attention)}
    wanted["decoder_tokens"] = (decoder_attention, cross_attention)
    for name, among in wanted.items():
        if beside[name] is None and any(each is not None for each in among):
            raise ValueError(f"{name} is None; allowed: a string for each token that it read")
    encoder, decoder, cross = _included(
        include_layers,
        {
            "encoder_attention": encoder_attention,
            "decoder_attention": decoder_attention,
            "cross_attention": cross_attention,
        },
    )
    if cross is None and (encoder is None or decoder is None):
        kind: Kind = "decoder" if encoder is None else "encoder"
        given = encoder_tokens if decoder is None else decoder_tokens
        read_tokens = _tokens(f"{kind}_tokens", given, None, prettify_tokens)
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


def _is_empty(attention: Any) -> bool:
    return isinstance(attention, list | tuple) and not attention


def _included(include_layers: Iterable[int] | None, given: Mapping[str, Any]) -> list[Any]:
    """The layers of each attention, None for those that are not included."""
    layers = {name: _layers(name, each) for name, each in given.items() if each is not None}
    count = max(map(len, layers.values()))
    included = indices("include_layers", include_layers, count, IndexError)
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
        raise TypeError(f"{name} is a {type(given).__name__}; allowed: {_ALLOWED}")
    layers = list(given)
    if not layers:
        raise ValueError(f"{name} holds no layer; allowed: {_ALLOWED} ({NEEDS_EAGER})")
    for index, layer in enumerate(layers):
        shape = getattr(layer, "shape", None)
        if shape is not None and len(shape) != 4:
            raise ValueError(
                f"layer {index} of {name} has shape {tuple(shape)}; allowed: {_ALLOWED}"
            )
    return layers


def _tokens(
    name: str, given: Sequence[str] | None, sentence_b_start: int | None, prettify: bool
) -> tuple[Token, ...]:
    strings = [] if given is None else given if isinstance(given, str) else list(given)
    plain = plain_tokens_of(name, strings)
    starts = []
    if sentence_b_start is not None:
        start = as_integer(sentence_b_start)
        if start is None:
            given_type = type(sentence_b_start).__name__
            raise TypeError(f"sentence_b_start must be the index of a token, got {given_type}")
        if not 0 < start < len(strings):
            raise ValueError(
                f"sentence_b_start is {start}; allowed: 1 to {len(strings) - 1}, the index of a "
                f"token behind the first"
            )
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
