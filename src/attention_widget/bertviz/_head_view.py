"""BertViz's head view: the attention lines of one layer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from attention_widget.bertviz.arguments import read
from attention_widget.bertviz.output import Page, check_html_action, put_out
from attention_widget.bertviz.selection import indices, shown_first
from attention_widget.widget.widget import AttentionWidget


def head_view(
    attention: Any = None,
    tokens: Sequence[str] | None = None,
    sentence_b_start: int | None = None,
    prettify_tokens: bool = True,
    layer: int | None = None,
    heads: Iterable[int] | None = None,
    encoder_attention: Any = None,
    decoder_attention: Any = None,
    cross_attention: Any = None,
    encoder_tokens: Sequence[str] | None = None,
    decoder_tokens: Sequence[str] | None = None,
    include_layers: Iterable[int] | None = None,
    html_action: str = "view",
) -> Page | None:
    """Show attention as lines, as ``bertviz.head_view`` does.

    Parameters
    ----------
    attention, tokens
        Of a model of one stack: a tensor (1, head, query, key) for each layer, and the strings of
        the tokens.
    sentence_b_start
        Index of the first token of the second sentence: lines can then be drawn between the
        sentences alone.
    prettify_tokens
        Whether tokens show the text that they stand for, or the tokenizer's own strings.
    layer, heads
        What is selected at first: the first layer and all heads if None.
    encoder_attention, decoder_attention, cross_attention, encoder_tokens, decoder_tokens
        Of an encoder-decoder, each as ``attention`` and ``tokens``.
    include_layers
        Which layers there are to select; None is all.
    html_action
        ``"view"`` shows a widget in the cell; ``"return"`` returns a file's worth of HTML as
        ``data``, and shows it where it is displayed.

    Raises
    ------
    ValueError
        Attention and tokens do not go together, or an option names what is not there.
    IndexError
        ``include_layers`` names a layer that is not there.
    """
    check_html_action(html_action)
    trace = read(
        attention,
        tokens,
        sentence_b_start,
        prettify_tokens,
        encoder_attention,
        decoder_attention,
        cross_attention,
        encoder_tokens,
        decoder_tokens,
        include_layers,
    )
    kind, layer, n_heads = shown_first(trace, layer)
    chosen = indices("heads", heads, n_heads, ValueError)
    widget = AttentionWidget.from_trace(
        trace, attention_kind=kind, layer=layer, heads=chosen, views="lines"
    )
    return put_out(widget, html_action)
