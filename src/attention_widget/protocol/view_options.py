"""The options of single views."""

from __future__ import annotations

from typing import Final, get_args

from attention_widget.protocol.head_option import ProbedLabels
from attention_widget.protocol.input_option import MeasureChoice, SpaceChoice
from attention_widget.protocol.model_option import Candidate, SummaryName
from attention_widget.protocol.option import Choice, Flag, Option, Share
from attention_widget.protocol.option_values import (
    AtlasLabel,
    CalculationStep,
    Direction,
    EffectOf,
    HeadLabel,
    Measure,
    NeuronStep,
    Segments,
    ShareOf,
    Space,
    Summary,
)
from attention_widget.protocol.token_option import Position

OF_VIEWS: Final[tuple[Option, ...]] = (
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
        of_text=False,
    ),
    Flag(
        "atlas_sort",
        "atlas",
        "Put the heads of each layer of the plane in the view `atlas` in the order of the summary, "
        "the largest first.",
        of_text=False,
    ),
    Choice(
        "atlas_label",
        "atlas",
        "Which heads the view `atlas` shows: all, or those that do this over the corpus.",
        get_args(AtlasLabel),
        of_text=False,
    ),
    SummaryName(
        "atlas_across",
        "atlas",
        "The summary that the scatter of heads in the view `atlas` has across; with None "
        "`previous`, else the first.",
        of_text=False,
    ),
    SummaryName(
        "atlas_up",
        "atlas",
        "The summary that the scatter of heads in the view `atlas` has upwards; with None "
        "`induction`, else the second.",
        of_text=False,
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
)
