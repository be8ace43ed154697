"""BertViz's neuron view, of any model: nothing needs a special version of it."""

from __future__ import annotations

from typing import Any

from attention_widget.bertviz.arguments import indices, shown_first
from attention_widget.bertviz.output import Page, check_display_mode, check_html_action, put_out
from attention_widget.errors import InvalidValueError
from attention_widget.protocol.checks import either
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

    Examples
    --------
    >>> from attention_widget.bertviz.neuron_view import show
    >>> page = show(model, "bert", tokenizer, "A novel idea", layer=2, html_action="return")
    >>> page.data[:15]
    '<!doctype html>'
    """
    check_html_action(html_action)
    theme = check_display_mode(display_mode)
    own = getattr(getattr(model, "config", None), "model_type", None)
    types = _TYPES if own is None or own in _TYPES else (*_TYPES, own)
    if model_type not in types:
        raise InvalidValueError(f"model_type must be {either(types)}, got {model_type!r}")
    if not sentence_a:
        raise InvalidValueError(f"sentence_a must be a text, got {sentence_a!r}")
    if sentence_b and model_type == "gpt2":
        raise InvalidValueError(f"sentence_b must be None for {model_type}, got {sentence_b!r:.40}")
    widget = AttentionWidget(
        model,
        sentence_a,
        text_pair=sentence_b or None,
        tokenizer=tokenizer,
        views="neuron",
        theme=theme,
        combine="overlay",  # named, so that the widget suggests no head and word
    )
    widget.attention_kind, widget.layer, n_heads = shown_first(widget.trace, layer)
    widget.heads = indices("head", head or 0, n_heads, InvalidValueError)
    return put_out(widget, html_action)
