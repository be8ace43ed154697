"""The keywords of widgets and pages, as types. Written by tools/write_options.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, SupportsFloat, SupportsIndex, TypedDict

from attention_widget.export.archive import Precision
from attention_widget.protocol.option_values import (
    AtlasLabel,
    AttentionKind,
    CalculationStep,
    ColourMap,
    Combine,
    Direction,
    EffectOf,
    HeadLabel,
    Locale,
    Measure,
    NeuronStep,
    NumberFormat,
    PinMode,
    Segments,
    ShareOf,
    ShownPass,
    Space,
    SpecialTokens,
    Summary,
    Theme,
    ViewName,
    Weights,
)
from attention_widget.trace.token import Token
from attention_widget.tracing.inputs.passages import Passages


class OptionKeywords(TypedDict, total=False):
    """What is shown, and how; :class:`OptionTraits` says what each of them means."""

    attention_kind: AttentionKind | None
    layer: SupportsIndex | None
    heads: SupportsIndex | Iterable[SupportsIndex] | None
    head_pairs: Iterable[tuple[SupportsIndex, SupportsIndex]] | None
    combine: Combine
    weights: Weights
    edits: Any
    shown_pass: ShownPass
    alignment: Iterable[tuple[SupportsIndex, SupportsIndex]] | None
    token: SupportsIndex | str | None
    key_token: SupportsIndex | str | None
    pinned: SupportsIndex | str | Iterable[SupportsIndex | str] | None
    pin_mode: PinMode
    views: ViewName | Iterable[ViewName]
    colour_map: ColourMap | Literal["gray"]
    color_map: ColourMap | Literal["gray"]
    words: bool
    passage_rows: bool
    special_tokens: SpecialTokens | Literal["renormalize"]
    log_colour: bool
    log_color: bool
    number_format: NumberFormat
    theme: Theme
    locale: Locale
    measure: Measure
    space: Space
    min_max: bool
    segments: Segments
    top_p: SupportsFloat
    threshold: SupportsFloat
    direction: Direction
    summary: Summary
    effect_position: SupportsIndex | str | None
    effect_of: EffectOf
    effect_token: str | SupportsIndex | None
    effect_other: str | SupportsIndex | None
    head_label: HeadLabel
    head_labels: Any
    sort_heads: bool
    neuron_step: NeuronStep
    calculation_step: CalculationStep
    atlas_summary: str | None
    atlas_sort: bool
    atlas_label: AtlasLabel
    atlas_across: str | None
    atlas_up: str | None
    compared_with: str | SupportsIndex | None
    share_of: ShareOf
    normalise_rows: bool
    normalize_rows: bool


class CaptureKeywords(TypedDict, total=False):
    """Of :func:`attention_widget.capture`."""

    text_pair: Any
    target: Any
    tokenizer: Any
    truncation: bool
    layers: Sequence[int] | None
    windows: int | bool | None
    stride: int | None
    memory_limit: int | None
    sampling_rate: int | None
    processor: Any
    passages: Passages
    keep_weights: bool
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

    x: Any
    w_q: Any
    w_k: Any
    w_v: Any
    b_q: Any
    b_k: Any
    b_v: Any
    w_o: Any
    b_o: Any
    target_tokens: Iterable[str | Token] | None
    mask: Any
    scale: float | None
    model_name: str


class WidgetKeywords(CaptureKeywords, OptionKeywords, total=False):
    """Of a model and a text, and of what is shown."""
