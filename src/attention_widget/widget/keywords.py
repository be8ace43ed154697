"""The keywords of a widget. Written by tools/write_options.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, SupportsFloat, SupportsIndex, TypedDict

from attention_widget.export.archive import Precision
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
from attention_widget.trace.token import Token


class OptionKeywords(TypedDict, total=False):
    """What is shown, and how."""

    attention_kind: AttentionKind | None
    """Which attention of an encoder-decoder: self-attention of its encoder or decoder, or from the
    decoder's tokens to the encoder's."""
    layer: SupportsIndex | None
    """The layer that is shown, counted from 0."""
    heads: SupportsIndex | Iterable[SupportsIndex] | None
    """The heads of the layer that are shown, one or several. A view that shows one head shows the
    first of them."""
    combine: Combine
    """How several heads are shown: over each other, side by side, or as their mean or maximum."""
    token: SupportsIndex | None
    """Index of the selected query token. The queries of decoder and cross-attention are the
    target's tokens."""
    key_token: SupportsIndex | None
    """Index of the selected key token. Without a query token the views show who attends to it."""
    pinned: SupportsIndex | Iterable[SupportsIndex] | None
    """Tokens to which the text view takes cosines, one index or several; with `words` their whole
    words."""
    pin_mode: PinMode
    """Colour by the nearest of the pinned tokens, or by their mean."""
    views: ViewName | Iterable[ViewName]
    """The views that are shown, in this order."""
    measure: Measure
    """What colours the text: norms or cosines of its vectors, or attention."""
    space: Space
    """The vectors of the text view: token embeddings, or the output of the layer."""
    colour_map: ColourMap | Literal["gray"]
    """The colours of the text view; the diverging ones meet at 0."""
    color_map: ColourMap | Literal["gray"]
    """``colour_map``, in American spelling."""
    words: bool
    """Show the tokens of a word as one, in every view."""
    special_tokens: SpecialTokens | Literal["renormalize"]
    """Show special tokens, hide them, or also divide what is left of each row by its sum."""
    segments: Segments
    """Which lines are drawn of a pair of texts: from the first letter's text to the second's."""
    top_p: SupportsFloat
    """Lines go to the strongest keys of each query, up to this share of its attention."""
    threshold: SupportsFloat
    """Lines are drawn for weights of at least this."""
    direction: Direction
    """Whether the tokens that the lines join are listed down or across."""
    summary: Summary
    """What colours the grid of heads, see `measures.head_summaries`; with none of them their
    attention."""
    sort_heads: bool
    """Put the heads of the grid in the order of the summary."""
    normalise_rows: bool
    """Colour each row of the matrix relative to its largest weight."""
    normalize_rows: bool
    """``normalise_rows``, in American spelling."""
    log_colour: bool
    """Colour the matrix on a logarithmic scale."""
    log_color: bool
    """``log_colour``, in American spelling."""
    theme: Theme
    """Light or dark; automatic is that of the notebook."""
    locale: Locale
    """The language of the widget; automatic is that of the page."""


class CaptureKeywords(TypedDict, total=False):
    """Of :func:`attention_widget.capture`."""

    text_pair: str | None
    target: str | None
    tokenizer: Any
    truncation: bool
    layers: Sequence[int] | None
    windows: int | bool | None
    stride: int | None
    memory_limit: int | None
    sampling_rate: int | None
    processor: Any
    progress: bool


class PageKeywords(TypedDict, total=False):
    """Of :meth:`AttentionWidget.to_html`."""

    layers: int | Iterable[int] | None
    heads: int | Iterable[int] | None
    precision: Precision
    max_bytes: int
    progress: bool


class AttentionsKeywords(OptionKeywords, total=False):
    """Of :func:`attention_widget.from_attentions`, and of what is shown."""

    target_tokens: Iterable[str | Token] | None
    decoder_attentions: Any
    cross_attentions: Any
    item: int | None
    model_name: str


class ArraysKeywords(OptionKeywords, total=False):
    """Of :func:`attention_widget.from_arrays`, and of what is shown."""

    target_tokens: Iterable[str | Token] | None
    mask: Any
    scale: float | None
    model_name: str


class WidgetKeywords(CaptureKeywords, OptionKeywords, total=False):
    """Of a model and a text, and of what is shown."""
