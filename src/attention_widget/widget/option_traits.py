"""The options of a widget, as traits. Written by tools/write_options.py."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, SupportsFloat, SupportsIndex

import traitlets as t

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
from attention_widget.widget.traits import (
    AlignedTokensTrait,
    AttentionKindTrait,
    EditsTrait,
    OfAtlasTrait,
    OptionTrait,
    OtherSpelling,
    WeightsTrait,
)


class OptionTraits(t.HasTraits):
    """What a person and the program choose."""

    attention_kind: AttentionKindTrait[AttentionKind, AttentionKind | None] = AttentionKindTrait()
    """Which attention of an encoder-decoder: self-attention of its encoder or decoder, or from the
    decoder's tokens to the encoder's."""
    layer: OptionTrait[int, SupportsIndex | None] = OptionTrait()
    """The layer that is shown, counted from 0."""
    heads: OptionTrait[tuple[int, ...], SupportsIndex | Iterable[SupportsIndex] | None] = (
        OptionTrait()
    )
    """The heads of the layer that are shown, one or several. A view that shows one head shows the
    first of them."""
    head_pairs: OptionTrait[
        tuple[tuple[int, int], ...], Iterable[tuple[SupportsIndex, SupportsIndex]] | None
    ] = OptionTrait()
    """Heads of several layers, which lines and matrix show side by side in place of `heads`: at
    most 8 pairs (layer, head). Views that show one head go on with `layer` and `heads`."""
    combine: OptionTrait[Combine, Combine] = OptionTrait()
    """How several heads are shown: overlaid, side by side, or as their mean or maximum."""
    weights: WeightsTrait[Weights, Weights] = WeightsTrait()
    """Which measure lines, matrix, grid and text show of a query and a key, and passages have
    shares of: attention, or another of `attention_widget.experiments.MEASURES`. Those with a
    gradient are of what the model predicts at `token` (with None at the end), less `compared_with`
    if that is named. Setting it computes it for the layer that is shown."""
    edits: EditsTrait[tuple[dict[str, Any], ...], Any] = EditsTrait()
    """What is changed in a second pass of the model: heads switched off, scaled or given another
    text's values, edges blocked (`HeadOff`, `HeadScale`, `HeadPatch`, `EdgeOff` of
    `attention_widget.experiments`, or their dicts). Setting it runs the model."""
    shown_pass: OptionTrait[ShownPass, ShownPass] = OptionTrait()
    """Where there are edits: whether the views show the pass before them, the one after them, or
    after minus before. Of a comparison: the first side, the second, or their difference."""
    alignment: AlignedTokensTrait[
        tuple[tuple[int, int], ...] | None, Iterable[tuple[SupportsIndex, SupportsIndex]] | None
    ] = AlignedTokensTrait()
    """Where two passes are compared: which of their tokens go together, as pairs of indices; with
    None those of the same text."""
    token: OptionTrait[int | None, SupportsIndex | str | None] = OptionTrait()
    """The selected query token, by its index or its word: of several the first, of a word in
    several tokens the last of them (`trace.index`). The queries of decoder and cross-attention are
    the target's tokens."""
    key_token: OptionTrait[int | None, SupportsIndex | str | None] = OptionTrait()
    """The selected key token, by its index or its word. Without a query token the views show who
    attends to it."""
    pinned: OptionTrait[
        tuple[int, ...], SupportsIndex | str | Iterable[SupportsIndex | str] | None
    ] = OptionTrait()
    """Tokens to which the text view takes cosines, one or several, by index or by word (all tokens
    of it); with `words` their whole words."""
    pin_mode: OptionTrait[PinMode, PinMode] = OptionTrait()
    """Colour by the nearest of the pinned tokens, or by their mean."""
    views: OptionTrait[tuple[ViewName, ...], ViewName | Iterable[ViewName]] = OptionTrait()
    """The views that are shown, in this order; of an image alone at first the image (the view
    `text`) and the grid."""
    colour_map: OptionTrait[ColourMap, ColourMap | Literal["gray"]] = OptionTrait()
    """The colours of weights and scores in every view and figure. Automatic: weights of one head in
    the colour of the head, all else purple. The diverging ones meet at 0."""
    color_map: OtherSpelling[ColourMap, ColourMap | Literal["gray"]] = OtherSpelling("colour_map")
    """``colour_map``, in American spelling."""
    words: OptionTrait[bool, bool] = OptionTrait()
    """Show the tokens of a word as one, in every view."""
    passage_rows: OptionTrait[bool, bool] = OptionTrait()
    """Show the tokens of each passage as one row, in every view; all else stays tokens, also with
    `words`. It needs a text with `passages`."""
    special_tokens: OptionTrait[SpecialTokens, SpecialTokens | Literal["renormalize"]] = (
        OptionTrait()
    )
    """Show special tokens, hide them, or also divide what is left of each row by its sum."""
    log_colour: OptionTrait[bool, bool] = OptionTrait()
    """Colour weights by their logarithm, from 0.0001 on, to tell small ones apart; else by their
    square root. Both scales are fixed, from 0 to 1, and the same in every view; over an image alone
    weights count as parts of the largest one shown."""
    log_color: OtherSpelling[bool, bool] = OtherSpelling("log_colour")
    """``log_colour``, in American spelling."""
    number_format: OptionTrait[NumberFormat, NumberFormat] = OptionTrait()
    """Decimals of numbers: two, three, or as many as the model computed."""
    theme: OptionTrait[Theme, Theme] = OptionTrait()
    """Light or dark; automatic is that of the notebook."""
    locale: OptionTrait[Locale, Locale] = OptionTrait()
    """The language of the widget; automatic is that of the page."""
    measure: OptionTrait[Measure, Measure] = OptionTrait()
    """What colours the text: norms or cosines of its vectors, attention, or what each word has to
    do with the prediction at the selected token: `removal` (exact) or `integrated_gradients` (an
    estimate, which needs captum)."""
    space: OptionTrait[Space, Space] = OptionTrait()
    """The vectors of the text view: rows of the model's table of word embeddings; token embeddings,
    which enter the first layer; or the output of the layer."""
    min_max: OptionTrait[bool, bool] = OptionTrait()
    """Colour norms and cosines from the smallest to the largest of the text (`measures.min_max`),
    without a limit for outliers. The first word, which has none before it, is left out."""
    segments: OptionTrait[Segments, Segments] = OptionTrait()
    """Which lines are drawn of a pair of texts: from the first letter's text to the second's."""
    top_p: OptionTrait[float, SupportsFloat] = OptionTrait()
    """Lines go to the strongest keys of each query, up to this share of its attention."""
    threshold: OptionTrait[float, SupportsFloat] = OptionTrait()
    """Lines are drawn for weights of at least this."""
    direction: OptionTrait[Direction, Direction] = OptionTrait()
    """Whether the tokens that the lines join are listed down or across."""
    summary: OptionTrait[Summary, Summary] = OptionTrait()
    """What colours the grid of heads, see `measures.head_summaries`; with none of them their
    attention. Effect: how the model's prediction changes without the head, exact; it runs the model
    for each head, in steps that can be stopped. Divergence: how far a head's attention in one pass
    is from that in another (`compare`)."""
    effect_position: OptionTrait[int | None, SupportsIndex | str | None] = OptionTrait()
    """The token whose prediction effects are of, by index or word; with None that of the last, or
    of the first one that is masked. Models that predict nothing: the token whose final state is
    compared, with None all."""
    effect_of: OptionTrait[EffectOf, EffectOf] = OptionTrait()
    """What effects are on: the logit of a prediction, how far it lies above that of another, or the
    loss of the text. Models that predict nothing: how far the final states turn."""
    effect_token: OptionTrait[str | int | None, str | SupportsIndex | None] = OptionTrait()
    """The prediction whose logit effects are on, as the predictions show it or by its id; with None
    the most likely one."""
    effect_other: OptionTrait[str | int | None, str | SupportsIndex | None] = OptionTrait()
    """With `effect_of="difference"` the prediction whose logit is taken away; with None the most
    likely other one."""
    head_label: OptionTrait[HeadLabel, HeadLabel] = OptionTrait()
    """Whether grid and table label the heads with what they do, where a detector is sure
    (`measures.DETECTORS`); with the name of one label the other heads are left out."""
    head_labels: OptionTrait[tuple[tuple[str, int, int, str, float], ...] | None, Any] = (
        OptionTrait()
    )
    """What `experiments.detect_heads(model)` found: grid and table then label the heads by that
    probe; with None by what they do on this text."""
    sort_heads: OptionTrait[bool, bool] = OptionTrait()
    """Put the heads of the grid in the order of the summary."""
    neuron_step: OptionTrait[NeuronStep, NeuronStep] = OptionTrait()
    """What the view `neuron` shows of a head: how queries and keys make its weights, or what it
    gives out: values, weights times values, and their sum."""
    calculation_step: OptionTrait[CalculationStep, CalculationStep] = OptionTrait()
    """The step that the view `calculation` shows large, by its name in `trace.calculation`; where a
    head has no such step the next one."""
    atlas_summary: OfAtlasTrait[str | None, str | None] = OfAtlasTrait()
    """The summary that colours the heads in the view `atlas`, by its name in `atlas.names`; with
    None the first of them that tells heads apart."""
    atlas_sort: OptionTrait[bool, bool] = OptionTrait()
    """Put the heads of each layer of the plane in the view `atlas` in the order of the summary, the
    largest first."""
    atlas_label: OptionTrait[AtlasLabel, AtlasLabel] = OptionTrait()
    """Which heads the view `atlas` shows: all, or those that do this over the corpus."""
    atlas_across: OfAtlasTrait[str | None, str | None] = OfAtlasTrait()
    """The summary that the scatter of heads in the view `atlas` has across; with None `previous`,
    else the first."""
    atlas_up: OfAtlasTrait[str | None, str | None] = OfAtlasTrait()
    """The summary that the scatter of heads in the view `atlas` has upwards; with None `induction`,
    else the second."""
    compared_with: OptionTrait[str | int | None, str | SupportsIndex | None] = OptionTrait()
    """The prediction that the most likely one is compared with in the view `attribution`, as the
    predictions show it or by its id; with None, and where it is that one, nothing."""
    share_of: OptionTrait[ShareOf, ShareOf] = OptionTrait()
    """Whose attention the view `passages` shares out: of the tokens at which the answer was
    predicted (what the model wrote, the assistant's last message, else the end of the text), or of
    the selected token."""
    normalise_rows: OptionTrait[bool, bool] = OptionTrait()
    """Colour each row of the matrix relative to its largest weight."""
    normalize_rows: OtherSpelling[bool, bool] = OtherSpelling("normalise_rows")
    """``normalise_rows``, in American spelling."""
