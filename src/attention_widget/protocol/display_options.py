"""The options of all views: which are shown, their rows, colours, numbers and language."""

from __future__ import annotations

from typing import Final, get_args

from attention_widget.protocol.input_option import PassageRows, Views
from attention_widget.protocol.option import Choice, Flag, Option
from attention_widget.protocol.option_values import (
    ColourMap,
    Locale,
    NumberFormat,
    SpecialTokens,
    Theme,
    ViewName,
)

DISPLAY: Final[tuple[Option, ...]] = (
    Views(
        "views",
        "picker",
        "The views that are shown, in this order; of an image alone at first the image (the view "
        "`text`) and the grid.",
        get_args(ViewName),
        default=("lines", "grid", "text"),
        of_image=("text", "grid"),
    ),
    Choice(
        "colour_map",
        "settings",
        "The colours of weights and scores in every view and figure. Automatic: weights of one "
        "head in the colour of the head, all else purple. The diverging ones meet at 0.",
        get_args(ColourMap),
        us="color_map",
        us_values={"gray": "grey"},
        of_text=False,
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
    Flag(
        "log_colour",
        "settings",
        "Colour weights by their logarithm, from 0.0001 on, to tell small ones apart; else by "
        "their square root. Both scales are fixed, from 0 to 1, and the same in every view; over "
        "an image alone weights count as parts of the largest one shown.",
        us="log_color",
        of_text=False,
    ),
    Choice(
        "number_format",
        "settings",
        "Decimals of numbers: two, three, or as many as the model computed.",
        get_args(NumberFormat),
        default="standard",
        of_text=False,
    ),
    Choice(
        "theme",
        "settings",
        "Light or dark; automatic is that of the notebook.",
        get_args(Theme),
        of_text=False,
    ),
    Choice(
        "locale",
        "settings",
        "The language of the widget; automatic is that of the page.",
        get_args(Locale),
        of_text=False,
    ),
)
