"""BertViz's model view: every layer and head at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from attention_widget.bertviz.arguments import read
from attention_widget.bertviz.output import Page, check_display_mode, check_html_action, put_out
from attention_widget.bertviz.selection import indices, shown_first
from attention_widget.widget.widget import AttentionWidget


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
    """
    check_html_action(html_action)
    check_display_mode(display_mode)
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
    kind, layer, n_heads = shown_first(trace, None)
    chosen = indices("include_heads", include_heads, n_heads, IndexError)
    widget = AttentionWidget.from_trace(
        trace, attention_kind=kind, layer=layer, heads=chosen, views="grid", theme=display_mode
    )
    return put_out(widget, html_action, chosen)
