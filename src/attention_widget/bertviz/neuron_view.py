"""BertViz's neuron view, of any model: nothing needs a special version of it."""

from __future__ import annotations

from typing import Any

from attention_widget.bertviz.output import Page, check_display_mode, check_html_action, put_out
from attention_widget.bertviz.selection import indices, shown_first
from attention_widget.widget.widget import AttentionWidget

_TYPES = ("bert", "gpt2", "xlnet", "roberta")


def show(
    model: Any,
    model_type: str,
    tokenizer: Any,
    sentence_a: str,
    sentence_b: str | None = None,
    display_mode: str = "dark",
    layer: int | None = None,
    head: int | None = None,
    html_action: str = "view",
) -> Page | None:
    """Show the neurons of one head, as ``bertviz.neuron_view.show`` does.

    Parameters
    ----------
    model, tokenizer
        Any that :func:`attention_widget.capture` takes, from transformers itself.
    model_type
        ``"bert"``, ``"gpt2"``, ``"xlnet"``, ``"roberta"``, or the model's own
        (``model.config.model_type``).
    sentence_a, sentence_b
        What the model reads.
    display_mode
        ``"dark"`` or ``"light"``.
    layer, head
        What is selected at first: the first of each if None.
    html_action
        See :func:`attention_widget.bertviz.head_view`.

    Raises
    ------
    ValueError
        The model type is another, a sentence is missing, or an option names what is not there.
    """
    check_html_action(html_action)
    theme = check_display_mode(display_mode)
    own = getattr(getattr(model, "config", None), "model_type", None)
    if model_type not in (*_TYPES, own):
        also = f", {own}" if own and own not in _TYPES else ""
        raise ValueError(f"model_type is {model_type!r}; allowed: {', '.join(_TYPES)}{also}")
    if not sentence_a:
        raise ValueError(f"sentence_a is {sentence_a!r}; allowed: a text")
    if sentence_b and model_type == "gpt2":
        raise ValueError(f"{model_type} takes no pair of sentences; allowed: sentence_a alone")
    widget = AttentionWidget(
        model,
        sentence_a,
        text_pair=sentence_b or None,
        tokenizer=tokenizer,
        views="neuron",
        theme=theme,
    )
    widget.attention_kind, widget.layer, n_heads = shown_first(widget.trace, layer)
    widget.heads = indices("head", head or 0, n_heads, ValueError)
    return put_out(widget, html_action)
