"""The options that say what is looked at: whose attention, of which pass, at which tokens."""

from __future__ import annotations

from typing import Final, get_args

from attention_widget.protocol.head_option import HeadPairs, Heads, KindChoice, Layer
from attention_widget.protocol.model_option import Edits, MeasureOfPairs
from attention_widget.protocol.option import Choice, Option
from attention_widget.protocol.option_values import (
    AttentionKind,
    Combine,
    PinMode,
    ShownPass,
    Weights,
)
from attention_widget.protocol.token_option import AlignedTokens, Key, Queries, Query

SELECTION: Final[tuple[Option, ...]] = (
    KindChoice(
        "attention_kind",
        "picker",
        "Which attention of an encoder-decoder: self-attention of its encoder or decoder, or from "
        "the decoder's tokens to the encoder's.",
        get_args(AttentionKind),
        of_text=False,
    ),
    Layer("layer", "picker", "The layer that is shown, counted from 0.", of_text=False),
    Heads(
        "heads",
        "picker",
        "The heads of the layer that are shown, one or several. A view that shows one head shows "
        "the first of them.",
        of_text=False,
    ),
    HeadPairs(
        "head_pairs",
        "picker",
        "Heads of several layers, which lines and matrix show side by side in place of `heads`: at "
        "most 8 pairs (layer, head). Views that show one head go on with `layer` and `heads`.",
    ),
    Choice(
        "combine",
        "picker",
        "How several heads are shown: overlaid, side by side, or as their mean or maximum.",
        get_args(Combine),
    ),
    MeasureOfPairs(
        "weights",
        "heads",
        "Which measure lines, matrix, grid and text show of a query and a key, and passages have "
        "shares of: attention, or another of `attention_widget.experiments.MEASURES`. Those "
        "with a gradient are of what the model predicts at `token` (with None at the end), less "
        "`compared_with` if that is named. Setting it computes it for the layer that is shown.",
        get_args(Weights),
    ),
    Edits(
        "edits",
        "views",
        "What is changed in a second pass of the model: heads switched off, scaled or given "
        "another text's values, edges blocked (`HeadOff`, `HeadScale`, `HeadPatch`, `EdgeOff` of "
        "`attention_widget.experiments`, or their dicts). Setting it runs the model.",
    ),
    Choice(
        "shown_pass",
        "views",
        "Where there are edits: whether the views show the pass before them, the one after them, "
        "or after minus before. Of a comparison: the first side, the second, or their difference.",
        get_args(ShownPass),
    ),
    AlignedTokens(
        "alignment",
        "views",
        "Where two passes are compared: which of their tokens go together, as pairs of indices; "
        "with None those of the same text.",
    ),
    Query(
        "token",
        "views",
        "The selected query token, by its index or its word: of several the first, of a word in "
        "several tokens the last of them (`trace.index`). The queries of decoder and "
        "cross-attention are the target's tokens.",
    ),
    Key(
        "key_token",
        "views",
        "The selected key token, by its index or its word. Without a query token the views show "
        "who attends to it.",
    ),
    Queries(
        "pinned",
        "views",
        "Tokens to which the text view takes cosines, one or several, by index or by word (all "
        "tokens of it); with `words` their whole words.",
    ),
    Choice(
        "pin_mode",
        "pins",
        "Colour by the nearest of the pinned tokens, or by their mean.",
        get_args(PinMode),
    ),
)
