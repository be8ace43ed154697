"""What goes beyond BertViz: pages, any part of a model, and what is given is left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import models
from support.archives import manifest
from support.reported import check_numbers, heads_of

from attention_widget.bertviz import head_view, model_view
from attention_widget.bertviz.neuron_view import show


def test_a_returned_page_can_be_written_in_any_encoding(
    read: tuple[Any, list[str]], tmp_path: Path
) -> None:
    """BertViz's documents say ``file.write(html.data)``, which on Windows is cp1252."""
    attention, tokens = read
    page = head_view(attention, ["Ж", "漢", *tokens[2:]], html_action="return")
    assert page is not None
    with (tmp_path / "page.html").open("w", encoding="cp1252") as file:
        file.write(page.data)
    assert page._repr_html_().isascii()


def test_a_returned_page_is_the_widgets_own(read: tuple[Any, list[str]]) -> None:
    page = head_view(*read, html_action="return")
    assert page is not None
    assert page.data.lower().startswith("<!doctype html>")
    assert "Content-Security-Policy" in page.data


def test_what_is_given_is_left_as_it_was(read: tuple[Any, Any], displayed: list[Any]) -> None:
    attention, tokens = read
    before = [layer.clone() for layer in attention], list(tokens)
    head_view(attention, tokens)
    widget = displayed[0]
    attention[0].data.mul_(0.5)
    try:
        np.testing.assert_array_equal(widget.trace.attention(0), before[0][0][0].detach())
    finally:
        attention[0].data.mul_(2)
    assert tokens == before[1]


def test_tokens_of_a_byte_level_model_show_their_text(displayed: list[Any]) -> None:
    tokens = ["I", "ĠâĿ", "¤", "ĠcafÃ©", "</s>"]
    head_view(heads_of(1, 2, 5, 5), tokens)
    head_view(heads_of(1, 2, 5, 5), tokens, prettify_tokens=False)
    pretty, raw = displayed
    assert [token.label for token in pretty.trace.tokens] == ["I", "❤", "‹A4›", "café", "</s>"]
    assert pretty.text == "I ❤ café"
    assert [token.label for token in raw.trace.tokens] == tokens
    for widget in displayed:
        assert [token.special for token in widget.trace.tokens] == [False] * 4 + [True]


def test_a_decoder_is_named_so(displayed: list[Any]) -> None:
    causal = [layer.tril() for layer in heads_of(2, 3, 4, 4)]
    head_view(causal, list("abcd"))
    assert displayed[0].attention_kind == "decoder"


ENCODER = heads_of(2, 4, 3, 3)
DECODER = heads_of(3, 2, 4, 4, seed=1)
CROSS = heads_of(3, 2, 4, 3, seed=2)
SOURCE, TARGET = ["a", "b", "c"], ["d", "e", "f", "g"]


@pytest.mark.parametrize(
    ("given", "kinds"),
    [
        ({"encoder_attention": ENCODER, "encoder_tokens": SOURCE}, ["encoder"]),
        ({"decoder_attention": DECODER, "decoder_tokens": TARGET}, ["decoder"]),
        (
            {"cross_attention": CROSS, "encoder_tokens": SOURCE, "decoder_tokens": TARGET},
            ["cross"],
        ),
        (
            {
                "encoder_attention": ENCODER,
                "decoder_attention": DECODER,
                "encoder_tokens": SOURCE,
                "decoder_tokens": TARGET,
            },
            ["encoder", "decoder"],
        ),
    ],
    ids=["encoder", "decoder", "cross", "both"],
)
def test_any_part_of_an_encoder_decoder(
    given: dict[str, Any], kinds: list[str], displayed: list[Any]
) -> None:
    head_view(**given)
    widget = displayed[0]
    assert [kind["kind"] for kind in widget.meta["attention"]] == kinds
    exact = {"encoder": ENCODER, "decoder": DECODER, "cross": CROSS}
    for kind in kinds:
        check_numbers(widget, exact[kind], kind=kind)


def test_an_encoder_and_a_decoder_may_differ_in_depth(displayed: list[Any]) -> None:
    """BertViz takes the layers of the decoder from the encoder."""
    model_view(
        encoder_attention=ENCODER,
        decoder_attention=DECODER,
        cross_attention=CROSS,
        encoder_tokens=SOURCE,
        decoder_tokens=TARGET,
        include_layers=[2],
    )
    widget = displayed[0]
    assert [kind["kind"] for kind in widget.meta["attention"]] == ["decoder", "cross"]
    np.testing.assert_array_equal(widget.trace.attention(2, "cross"), CROSS[2][0])
    assert (widget.attention_kind, widget.layer) == ("decoder", 2)


def test_some_heads_of_the_model_view_are_all_there_is(
    read: tuple[Any, Any], displayed: list[Any]
) -> None:
    """And each is called what the model calls it."""
    options: dict[str, Any] = {"include_heads": [3, 7], "include_layers": [1, 4]}
    assert model_view(*read, **options) is None
    page = model_view(*read, html_action="return", **options)
    (shown,) = displayed
    assert page is not None
    assert page.data == shown.data
    found = manifest(page.data)
    assert found["held"] == {"encoder": {"1": [3, 7], "4": [3, 7]}}
    assert found["state"]["heads"] == [3, 7]
    layers = found["state"]["meta"]["attention"][0]["layers"]
    assert [layer and layer["held"] for layer in layers] == [None, [3, 7], None, None, [3, 7]]
    maps = found["entries"]["attention/encoder/4"]["maps"]
    assert [head for head, kept in enumerate(maps) if kept] == [3, 7]
    assert "sandbox=" in shown._repr_html_()


@pytest.mark.parametrize("kind", ["gpt2", "roberta", "llama"])
def test_neurons_of_other_models(kind: str, displayed: list[Any]) -> None:
    model, tokenizer = models.tiny(kind), models.tokenizer()
    show(model, kind, tokenizer, models.TEXT, layer=1, head=2, display_mode="light")
    widget = displayed[0]
    assert (widget.layer, widget.heads, widget.theme) == (1, (2,), "light")
    assert model.training is False
    widget.run("a novel idea")
    assert widget.views == ("neuron",)
