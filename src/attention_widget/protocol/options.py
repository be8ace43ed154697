"""Every option of the widget, declared once: its name, values, default, meaning and place.

Traits, typed keywords, the front end's state and links, its simple controls and the table in
README.md follow from ``OPTIONS``. After a change of it run ``make options``.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

from attention_widget.protocol.option import (
    Choice,
    Choices,
    Flag,
    Heads,
    Key,
    KindChoice,
    Layer,
    MeasureChoice,
    Option,
    Queries,
    Query,
    Share,
)
from attention_widget.trace.kind import Kind

AttentionKind = Kind
Combine = Literal["overlay", "columns", "mean", "maximum"]
PinMode = Literal["each", "mean"]
ViewName = Literal["lines", "grid", "neuron", "matrix", "tokens", "text", "heads"]
Measure = Literal[
    "norm", "previous_cosine", "pinned_cosine", "attention_from", "attention_received"
]
Space = Literal["embeddings", "hidden_states"]
ColourMap = Literal["purple", "viridis", "cividis", "grey", "diverging"]
SpecialTokens = Literal["show", "hide", "renormalise"]
Segments = Literal["all", "a_a", "a_b", "b_a", "b_b"]
Direction = Literal["vertical", "horizontal"]
Summary = Literal[
    "none", "entropy", "distance", "previous", "next", "self", "first", "special", "sink"
]
Theme = Literal["auto", "light", "dark"]
Locale = Literal["auto", "en", "vi", "ru"]

OPTIONS: Final[tuple[Option, ...]] = (
    KindChoice(
        name="attention_kind",
        values=get_args(AttentionKind),
        place="picker",
        doc="Which attention of an encoder-decoder: self-attention of its encoder or decoder, or "
        "from the decoder's tokens to the encoder's.",
    ),
    Layer(name="layer", place="picker", doc="The layer that is shown, counted from 0."),
    Heads(
        name="heads",
        place="picker",
        doc="The heads of the layer that are shown, one or several. A view that shows one head "
        "shows the first of them.",
    ),
    Choice(
        name="combine",
        values=get_args(Combine),
        default="overlay",
        place="picker",
        doc="How several heads are shown: over each other, side by side, or as their mean or "
        "maximum.",
    ),
    Query(
        name="token",
        place="views",
        doc="Index of the selected query token. The queries of decoder and cross-attention are "
        "the target's tokens.",
    ),
    Key(
        name="key_token",
        place="views",
        doc="Index of the selected key token. Without a query token the views show who attends "
        "to it.",
    ),
    Queries(
        name="pinned",
        place="views",
        doc="Tokens to which the text view takes cosines, one index or several; with `words` "
        "their whole words.",
    ),
    Choice(
        name="pin_mode",
        values=get_args(PinMode),
        default="each",
        place="pins",
        doc="Colour by the nearest of the pinned tokens, or by their mean.",
    ),
    Choices(
        name="views",
        values=get_args(ViewName),
        default=("lines", "grid", "text"),
        place="picker",
        doc="The views that are shown, in this order.",
    ),
    MeasureChoice(
        name="measure",
        values=get_args(Measure),
        default="norm",
        place="text",
        doc="What colours the text: norms or cosines of its vectors, or attention.",
    ),
    Choice(
        name="space",
        values=get_args(Space),
        default="hidden_states",
        place="text",
        doc="The vectors of the text view: token embeddings, or the output of the layer.",
    ),
    Choice(
        name="colour_map",
        values=get_args(ColourMap),
        default="purple",
        place="text",
        doc="The colours of the text view; the diverging ones meet at 0.",
        us="color_map",
        us_values={"gray": "grey"},
    ),
    Flag(
        name="words",
        default=False,
        place="rows",
        doc="Show the tokens of a word as one, in every view.",
    ),
    Choice(
        name="special_tokens",
        values=get_args(SpecialTokens),
        default="show",
        place="rows",
        doc="Show special tokens, hide them, or also divide what is left of each row by its sum.",
        us_values={"renormalize": "renormalise"},
    ),
    Choice(
        name="segments",
        values=get_args(Segments),
        default="all",
        place="lines",
        doc="Which lines are drawn of a pair of texts: from the first letter's text to the "
        "second's.",
    ),
    Share(
        name="top_p",
        default=0.95,
        place="lines",
        doc="Lines go to the strongest keys of each query, up to this share of its attention.",
    ),
    Share(
        name="threshold",
        default=0.0,
        # Most weights are small: the stops are denser there.
        stops=(0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5),
        place="lines",
        doc="Lines are drawn for weights of at least this.",
    ),
    Choice(
        name="direction",
        values=get_args(Direction),
        default="vertical",
        place="lines",
        doc="Whether the tokens that the lines join are listed down or across.",
    ),
    Choice(
        name="summary",
        values=get_args(Summary),
        default="none",
        place="grid",
        doc="What colours the grid of heads, see `measures.head_summaries`; with none of them "
        "their attention.",
    ),
    Flag(
        name="sort_heads",
        default=False,
        place="grid",
        doc="Put the heads of the grid in the order of the summary.",
    ),
    Flag(
        name="normalise_rows",
        default=False,
        place="matrix",
        doc="Colour each row of the matrix relative to its largest weight.",
        us="normalize_rows",
    ),
    Flag(
        name="log_colour",
        default=False,
        place="matrix",
        doc="Colour the matrix on a logarithmic scale.",
        us="log_color",
    ),
    Choice(
        name="theme",
        values=get_args(Theme),
        default="auto",
        place="settings",
        doc="Light or dark; automatic is that of the notebook.",
    ),
    Choice(
        name="locale",
        values=get_args(Locale),
        default="auto",
        place="settings",
        doc="The language of the widget; automatic is that of the page.",
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
