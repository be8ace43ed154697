"""BertViz's head view, the lines of one layer, and its model view, the grid of all heads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from attention_widget.bertviz.arguments import indices, read, shown_first
from attention_widget.bertviz.output import Page, check_display_mode, check_html_action, put_out
from attention_widget.errors import InvalidValueError, OutOfRangeError
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

    Examples
    --------
    >>> from attention_widget.bertviz import head_view
    >>> attention = [[[[[1, 0], [0.5, 0.5]]]]]  # (1, head, query, key) of one layer
    >>> page = head_view(attention, ["a", "novel"], html_action="return")
    >>> page.data[:15]
    '<!doctype html>'
    """
    check_html_action(html_action)
    stacks = (encoder_attention, decoder_attention, cross_attention, encoder_tokens, decoder_tokens)
    trace = read(attention, tokens, sentence_b_start, prettify_tokens, stacks, include_layers)
    kind, layer, n_heads = shown_first(trace, layer)
    chosen = indices("heads", heads, n_heads, InvalidValueError)
    widget = AttentionWidget.from_trace(
        trace, attention_kind=kind, layer=layer, heads=chosen, views="lines"
    )
    return put_out(widget, html_action)


def model_view(
    attention: Any = None,
    tokens: Sequence[str] | None = None,
    sentence_b_start: int | None = None,
    prettify_tokens: bool = True,
    display_mode: str = "dark",
    encoder_attention: Any = None,
    decoder_attention: Any = None,
    cross_attention: Any = None,
    encoder_tokens: Sequence[str] | None = None,
    decoder_tokens: Sequence[str] | None = None,
    include_layers: Iterable[int] | None = None,
    include_heads: Iterable[int] | None = None,
    html_action: str = "view",
) -> Page | None:
    """Show the grid of all layers and heads, as ``bertviz.model_view`` does.

    The arguments are those of :func:`~attention_widget.bertviz.head_view`, and

    Parameters
    ----------
    display_mode
        ``"dark"`` or ``"light"``.
    include_heads
        Which heads there are; None is all. Those that are left out keep their place, so that a
        head is called what the model calls it. A part of them is shown as a page in a frame,
        which carries those alone, rather than as a widget.

    Raises
    ------
    ValueError
        Attention and tokens do not go together, or an option names what is not there.
    IndexError
        ``include_layers`` or ``include_heads`` names what is not there.

    Examples
    --------
    >>> from attention_widget.bertviz import model_view
    >>> attention = [[[[[1, 0], [0.5, 0.5]]]]]  # (1, head, query, key) of one layer
    >>> page = model_view(attention, ["a", "novel"], html_action="return")
    >>> page.data[:15]
    '<!doctype html>'
    """
    check_html_action(html_action)
    theme = check_display_mode(display_mode)
    stacks = (encoder_attention, decoder_attention, cross_attention, encoder_tokens, decoder_tokens)
    trace = read(attention, tokens, sentence_b_start, prettify_tokens, stacks, include_layers)
    kind, layer, n_heads = shown_first(trace, None)
    chosen = indices("include_heads", include_heads, n_heads, OutOfRangeError)
    widget = AttentionWidget.from_trace(
        trace, attention_kind=kind, layer=layer, heads=chosen, views="grid", theme=theme
    )
    return put_out(widget, html_action, chosen)
