"""The options of a widget as traits. Written by tools/write_options.py."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, SupportsFloat, SupportsIndex

import traitlets as t

from attention_widget.protocol.options import (
    AttentionKind,
    ColourMap,
    Combine,
    Direction,
    Locale,
    Measure,
    PinMode,
    Segments,
    Space,
    SpecialTokens,
    Summary,
    Theme,
    ViewName,
)
from attention_widget.widget.traits import AttentionKindTrait, OptionTrait, OtherSpelling


class OptionTraits(t.HasTraits):
    """What a person and the program choose."""

    attention_kind: AttentionKindTrait[AttentionKind, AttentionKind | None] = AttentionKindTrait(
        "attention_kind"
    )
    """Which attention of an encoder-decoder: self-attention of its encoder or decoder, or from the
    decoder's tokens to the encoder's."""
    layer: OptionTrait[int, SupportsIndex | None] = OptionTrait("layer")
    """The layer that is shown, counted from 0."""
    heads: OptionTrait[tuple[int, ...], SupportsIndex | Iterable[SupportsIndex] | None] = (
        OptionTrait("heads")
    )
    """The heads of the layer that are shown, one or several. A view that shows one head shows the
    first of them."""
    combine: OptionTrait[Combine, Combine] = OptionTrait("combine")
    """How several heads are shown: over each other, side by side, or as their mean or maximum."""
    token: OptionTrait[int | None, SupportsIndex | None] = OptionTrait("token")
    """Index of the selected query token. The queries of decoder and cross-attention are the
    target's tokens."""
    key_token: OptionTrait[int | None, SupportsIndex | None] = OptionTrait("key_token")
    """Index of the selected key token. Without a query token the views show who attends to it."""
    pinned: OptionTrait[tuple[int, ...], SupportsIndex | Iterable[SupportsIndex] | None] = (
        OptionTrait("pinned")
    )
    """Tokens to which the text view takes cosines, one index or several; with `words` their whole
    words."""
    pin_mode: OptionTrait[PinMode, PinMode] = OptionTrait("pin_mode")
    """Colour by the nearest of the pinned tokens, or by their mean."""
    views: OptionTrait[tuple[ViewName, ...], ViewName | Iterable[ViewName]] = OptionTrait("views")
    """The views that are shown, in this order."""
    measure: OptionTrait[Measure, Measure] = OptionTrait("measure")
    """What colours the text: norms or cosines of its vectors, or attention."""
    space: OptionTrait[Space, Space] = OptionTrait("space")
    """The vectors of the text view: token embeddings, or the output of the layer."""
    colour_map: OptionTrait[ColourMap, ColourMap | Literal["gray"]] = OptionTrait("colour_map")
    """The colours of the text view; the diverging ones meet at 0."""
    color_map: OtherSpelling[ColourMap, ColourMap | Literal["gray"]] = OtherSpelling("colour_map")
    """``colour_map``, in American spelling."""
    words: OptionTrait[bool, bool] = OptionTrait("words")
    """Show the tokens of a word as one, in every view."""
    special_tokens: OptionTrait[SpecialTokens, SpecialTokens | Literal["renormalize"]] = (
        OptionTrait("special_tokens")
    )
    """Show special tokens, hide them, or also divide what is left of each row by its sum."""
    segments: OptionTrait[Segments, Segments] = OptionTrait("segments")
    """Which lines are drawn of a pair of texts: from the first letter's text to the second's."""
    top_p: OptionTrait[float, SupportsFloat] = OptionTrait("top_p")
    """Lines go to the strongest keys of each query, up to this share of its attention."""
    threshold: OptionTrait[float, SupportsFloat] = OptionTrait("threshold")
    """Lines are drawn for weights of at least this."""
    direction: OptionTrait[Direction, Direction] = OptionTrait("direction")
    """Whether the tokens that the lines join are listed down or across."""
    summary: OptionTrait[Summary, Summary] = OptionTrait("summary")
    """What colours the grid of heads, see `measures.head_summaries`; with none of them their
    attention."""
    sort_heads: OptionTrait[bool, bool] = OptionTrait("sort_heads")
    """Put the heads of the grid in the order of the summary."""
    normalise_rows: OptionTrait[bool, bool] = OptionTrait("normalise_rows")
    """Colour each row of the matrix relative to its largest weight."""
    normalize_rows: OtherSpelling[bool, bool] = OtherSpelling("normalise_rows")
    """``normalise_rows``, in American spelling."""
    log_colour: OptionTrait[bool, bool] = OptionTrait("log_colour")
    """Colour the matrix on a logarithmic scale."""
    log_color: OtherSpelling[bool, bool] = OtherSpelling("log_colour")
    """``log_colour``, in American spelling."""
    theme: OptionTrait[Theme, Theme] = OptionTrait("theme")
    """Light or dark; automatic is that of the notebook."""
    locale: OptionTrait[Locale, Locale] = OptionTrait("locale")
    """The language of the widget; automatic is that of the page."""
