"""Every option of the widget, declared once: its name, place, meaning, values and default.

Traits, typed keywords, the front end's state and links, its simple controls and the table in
docs/options.md follow from ``OPTIONS``. After a change of it run ``make options``.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

from attention_widget.protocol.option import (
    AlignedTokens,
    Candidate,
    Choice,
    Choices,
    Edits,
    Flag,
    HeadPairs,
    Heads,
    Key,
    KindChoice,
    Layer,
    MeasureChoice,
    MeasureOfPairs,
    Option,
    PassageRows,
    Position,
    ProbedLabels,
    Queries,
    Query,
    Share,
    SpaceChoice,
    SummaryName,
    Views,
)
from attention_widget.trace.calculation_steps import StepName
from attention_widget.trace.kind import Kind

AttentionKind = Kind
Combine = Literal["overlay", "columns", "mean", "maximum"]
ShownPass = Literal["before", "after", "difference"]
PinMode = Literal["each", "mean"]
ViewName = Literal[
    "lines",
    "grid",
    "neuron",
    "matrix",
    "tokens",
    "text",
    "heads",
    "predictions",
    "attribution",
    "passages",
    "positions",
    "calculation",
    "atlas",
]
Measure = Literal[
    "norm",
    "previous_cosine",
    "pinned_cosine",
    "attention_from",
    "attention_received",
    "removal",
    "integrated_gradients",
]
Space = Literal["word_embeddings", "embeddings", "hidden_states"]
ColourMap = Literal["auto", "purple", "red", "viridis", "cividis", "grey", "diverging"]
NumberFormat = Literal["short", "standard", "full"]
SpecialTokens = Literal["show", "hide", "renormalise"]
Segments = Literal["all", "a_a", "a_b", "b_a", "b_b"]
Direction = Literal["vertical", "horizontal"]
NeuronStep = Literal["scores", "values"]
CalculationStep = StepName
Weights = Literal[
    "attention",
    "value_weighted",
    "norm",
    "norm_residual",
    "rollout",
    "alti",
    "gradient_attention",
    "chefer",
]
Summary = Literal[
    "none",
    "entropy",
    "distance",
    "distance_variance",
    "previous",
    "next",
    "self",
    "duplicate",
    "induction",
    "same_word",
    "first",
    "delimiter",
    "special",
    "sink",
    "effect",
    "divergence",
]
HeadLabel = Literal[
    "all",
    "none",
    "previous",
    "next",
    "self",
    "duplicate",
    "induction",
    "same_word",
    "first",
    "delimiter",
    "special",
    "sink",
]
AtlasLabel = Literal[
    "all",
    "previous",
    "next",
    "self",
    "duplicate",
    "induction",
    "same_word",
    "first",
    "delimiter",
    "special",
    "sink",
]
ShareOf = Literal["answer", "token"]
EffectOf = Literal["logit", "difference", "loss"]
Theme = Literal["auto", "light", "dark"]
Locale = Literal["auto", "en", "vi", "ru"]

OPTIONS: Final[tuple[Option, ...]] = (
    KindChoice(
        "attention_kind",
        "picker",
        "Which attention of an encoder-decoder: self-attention of its encoder or decoder, or from "
        "the decoder's tokens to the encoder's.",
        get_args(AttentionKind),
    ),
    Layer("layer", "picker", "The layer that is shown, counted from 0."),
    Heads(
        "heads",
        "picker",
        "The heads of the layer that are shown, one or several. A view that shows one head shows "
        "the first of them.",
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
    Views(
        "views",
        "picker",
        "The views that are shown, in this order; of an image alone at first the image (the view "
        "`text`) and the grid.",
        get_args(ViewName),
        default=("lines", "grid", "text"),
        of_image=("text", "grid"),
    ),
    MeasureChoice(
        "measure",
        "text",
        "What colours the text: norms or cosines of its vectors, attention, or what each word has "
        "to do with the prediction at the selected token: `removal` (exact) or "
        "`integrated_gradients` (an estimate, which needs captum).",
        get_args(Measure),
    ),
    SpaceChoice(
        "space",
        "text",
        "The vectors of the text view: rows of the model's table of word embeddings; token "
        "embeddings, which enter the first layer; or the output of the layer.",
        get_args(Space),
        default="hidden_states",
    ),
    Flag(
        "min_max",
        "text",
        "Colour norms and cosines from the smallest to the largest of the text "
        "(`measures.min_max`), without a limit for outliers. The first word, which has none before "
        "it, is left out.",
    ),
    Choice(
        "colour_map",
        "settings",
        "The colours of weights and scores in every view and figure. Automatic: weights of one "
        "head in the colour of the head, all else purple. The diverging ones meet at 0.",
        get_args(ColourMap),
        us="color_map",
        us_values={"gray": "grey"},
    ),
    Flag("words", "rows", "Show the tokens of a word as one, in every view."),
    PassageRows(
        "passage_rows",
        "rows",
        "Show the tokens of each passage as one row, in every view; all else stays tokens, also "
        "with `words`. It needs a text with `passages`.",
    ),
    Choice(
        "special_tokens",
        "rows",
        "Show special tokens, hide them, or also divide what is left of each row by its sum.",
        get_args(SpecialTokens),
        us_values={"renormalize": "renormalise"},
    ),
    Choice(
        "segments",
        "lines",
        "Which lines are drawn of a pair of texts: from the first letter's text to the second's.",
        get_args(Segments),
    ),
    Share(
        "top_p",
        "lines",
        "Lines go to the strongest keys of each query, up to this share of its attention.",
        default=0.95,
    ),
    Share(
        "threshold",
        "lines",
        "Lines are drawn for weights of at least this.",
        default=0.0,
        # Most weights are small: the stops are denser there.
        stops=(0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5),
    ),
    Choice(
        "direction",
        "lines",
        "Whether the tokens that the lines join are listed down or across.",
        get_args(Direction),
    ),
    Choice(
        "summary",
        "grid",
        "What colours the grid of heads, see `measures.head_summaries`; with none of them their "
        "attention. Effect: how the model's prediction changes without the head, exact; it runs "
        "the model for each head, in steps that can be stopped. Divergence: how far a head's "
        "attention in one pass is from that in another (`compare`).",
        get_args(Summary),
    ),
    Position(
        "effect_position",
        "grid",
        "The token whose prediction effects are of, by index or word; with None that of the last, "
        "or of the first one that is masked. Models that predict nothing: the token whose final "
        "state is compared, with None all.",
    ),
    Choice(
        "effect_of",
        "grid",
        "What effects are on: the logit of a prediction, how far it lies above that of another, or "
        "the loss of the text. Models that predict nothing: how far the final states turn.",
        get_args(EffectOf),
    ),
    Candidate(
        "effect_token",
        "grid",
        "The prediction whose logit effects are on, as the predictions show it or by its id; with "
        "None the most likely one.",
    ),
    Candidate(
        "effect_other",
        "grid",
        'With `effect_of="difference"` the prediction whose logit is taken away; with None the '
        "most likely other one.",
    ),
    Choice(
        "head_label",
        "grid",
        "Whether grid and table label the heads with what they do, where a detector is sure "
        "(`measures.DETECTORS`); with the name of one label the other heads are left out.",
        get_args(HeadLabel),
    ),
    ProbedLabels(
        "head_labels",
        "grid",
        "What `experiments.detect_heads(model)` found: grid and table then label the heads by that "
        "probe; with None by what they do on this text.",
        get_args(HeadLabel)[2:],
    ),
    Flag("sort_heads", "grid", "Put the heads of the grid in the order of the summary."),
    Choice(
        "neuron_step",
        "neuron",
        "What the view `neuron` shows of a head: how queries and keys make its weights, or what it "
        "gives out: values, weights times values, and their sum.",
        get_args(NeuronStep),
    ),
    Choice(
        "calculation_step",
        "calculation",
        "The step that the view `calculation` shows large, by its name in `trace.calculation`; "
        "where a head has no such step the next one.",
        get_args(CalculationStep),
        default="scores",
    ),
    SummaryName(
        "atlas_summary",
        "atlas",
        "The summary that colours the heads in the view `atlas`, by its name in `atlas.names`; "
        "with None the first of them that tells heads apart.",
    ),
    Flag(
        "atlas_sort",
        "atlas",
        "Put the heads of each layer of the plane in the view `atlas` in the order of the summary, "
        "the largest first.",
    ),
    Choice(
        "atlas_label",
        "atlas",
        "Which heads the view `atlas` shows: all, or those that do this over the corpus.",
        get_args(AtlasLabel),
    ),
    SummaryName(
        "atlas_across",
        "atlas",
        "The summary that the scatter of heads in the view `atlas` has across; with None "
        "`previous`, else the first.",
    ),
    SummaryName(
        "atlas_up",
        "atlas",
        "The summary that the scatter of heads in the view `atlas` has upwards; with None "
        "`induction`, else the second.",
    ),
    Candidate(
        "compared_with",
        "attribution",
        "The prediction that the most likely one is compared with in the view `attribution`, as "
        "the predictions show it or by its id; with None, and where it is that one, nothing.",
    ),
    Choice(
        "share_of",
        "passages",
        "Whose attention the view `passages` shares out: of the tokens at which the answer was "
        "predicted (what the model wrote, the assistant's last message, else the end of the text), "
        "or of the selected token.",
        get_args(ShareOf),
    ),
    Flag(
        "normalise_rows",
        "matrix",
        "Colour each row of the matrix relative to its largest weight.",
        us="normalize_rows",
    ),
    Flag(
        "log_colour",
        "settings",
        "Colour weights by their logarithm, from 0.0001 on, to tell small ones apart; else by "
        "their square root. Both scales are fixed, from 0 to 1, and the same in every view; over "
        "an image alone weights count as parts of the largest one shown.",
        us="log_color",
    ),
    Choice(
        "number_format",
        "settings",
        "Decimals of numbers: two, three, or as many as the model computed.",
        get_args(NumberFormat),
        default="standard",
    ),
    Choice(
        "theme",
        "settings",
        "Light or dark; automatic is that of the notebook.",
        get_args(Theme),
    ),
    Choice(
        "locale",
        "settings",
        "The language of the widget; automatic is that of the page.",
        get_args(Locale),
    ),
)
"""In the order in which they are checked: each may depend on those before it."""

OPTION: Final = {option.name: option for option in OPTIONS}

SPELLINGS: Final = {option.us: option.name for option in OPTIONS if option.us}
"""Names of options in American spelling, and the names under which they are stored."""


def values_of(name: str) -> tuple[str, ...]:
    """The names that an option allows."""
    option = OPTION[name]
    assert isinstance(option, Choice | Choices)
    return option.values


VIEWS: Final[tuple[ViewName, ...]] = get_args(ViewName)
