"""The documented examples of BertViz run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from support import models
from support.reported import PAGE, SENTENCE, check_numbers
from support.seq2seq import tiny_seq2seq

from attention_widget import AttentionWidget
from attention_widget.bertviz import head_view, model_view
from attention_widget.bertviz.neuron_view import show
from attention_widget.bertviz.output import Page


def run(code: str, **given: Any) -> dict[str, Any]:
    """An example of the documentation, as a notebook runs it."""
    variables: dict[str, Any] = {"__name__": "__main__", **given}
    exec(compile(code, "example", "exec"), variables)
    return variables


# As documented, but for outputs.attentions: the documentation's outputs[-1] is no attention of
# BERT's since transformers 5, and BertViz fails on it.
SAMPLE_CODE = """\
from transformers import AutoTokenizer, AutoModel, utils
from attention_widget.bertviz import model_view
utils.logging.set_verbosity_error()

input_text = "The cat sat on the mat"
model = AutoModel.from_pretrained(model_name, output_attentions=True)
tokenizer = AutoTokenizer.from_pretrained(model_name)
inputs = tokenizer.encode(input_text, return_tensors='pt')
outputs = model(inputs)
attention = outputs.attentions
tokens = tokenizer.convert_ids_to_tokens(inputs[0])
model_view(attention, tokens)
"""


@pytest.fixture
def verbosity() -> Iterator[None]:
    """The examples turn warnings of transformers off."""
    from transformers import utils

    before = utils.logging.get_verbosity()
    yield
    utils.logging.set_verbosity(before)


@pytest.mark.usefixtures("verbosity")
def test_the_sample_code_runs(minilm_path: Path, displayed: list[Any]) -> None:
    ran = run(SAMPLE_CODE, model_name=minilm_path)
    (widget,) = displayed
    check_numbers(widget, ran["outputs"].attentions)
    assert widget.views == ("grid",)
    assert widget.theme == "dark"
    assert [token.label for token in widget.trace.tokens] == ran["tokens"]


HEAD_VIEW = SAMPLE_CODE.replace("model_view", "head_view")


@pytest.mark.usefixtures("verbosity")
def test_the_head_views_example_runs(minilm_path: Path, displayed: list[Any]) -> None:
    ran = run(HEAD_VIEW, model_name=minilm_path)
    (widget,) = displayed
    check_numbers(widget, ran["outputs"].attentions)
    assert widget.views == ("lines",)
    assert (widget.layer, widget.heads, widget.theme) == (0, tuple(range(12)), "auto")


NEURON_VIEW = """\
from attention_widget.bertviz.transformers_neuron_view import BertModel, BertTokenizer
from attention_widget.bertviz.neuron_view import show

model_type = 'bert'
do_lower_case = True
sentence_a = "The cat sat on the mat"
sentence_b = "The cat lay on the rug"
model = BertModel.from_pretrained(model_version, output_attentions=True)
tokenizer = BertTokenizer.from_pretrained(model_version, do_lower_case=do_lower_case)
show(model, model_type, tokenizer, sentence_a, sentence_b, layer=2, head=0)
"""


def test_the_neuron_views_example_runs(minilm_path: Path, displayed: list[Any]) -> None:
    ran = run(NEURON_VIEW, model_version=minilm_path)
    (widget,) = displayed
    assert widget.views == ("neuron",)
    assert (widget.layer, widget.heads, widget.theme) == (2, (0,), "dark")
    assert widget.text_pair == "The cat lay on the rug"
    pair = ran["tokenizer"](ran["sentence_a"], ran["sentence_b"], return_tensors="pt")
    with torch.no_grad():
        exact = ran["model"](**pair).attentions
    for layer, weights in enumerate(exact):
        np.testing.assert_allclose(widget.trace.attention(layer), weights[0].numpy(), atol=1e-5)
    query, key = widget.trace.queries(2), widget.trace.keys(2)
    scores = query @ key.transpose(0, 2, 1) / np.sqrt(query.shape[2])
    shown = torch.tensor(scores).softmax(-1).numpy()
    np.testing.assert_allclose(shown, exact[2][0].numpy(), atol=1e-5)


def test_the_example_of_an_encoder_decoder_runs(displayed: list[Any]) -> None:
    """``as_target_tokenizer`` is gone from transformers 5; else as documented."""
    tokenizer, model = models.tokenizer(), tiny_seq2seq("MarianMTModel", "eager")
    encoder_input_ids = tokenizer("i read a good novel", return_tensors="pt").input_ids
    decoder_input_ids = tokenizer("the novel idea", return_tensors="pt").input_ids
    outputs = model(
        input_ids=encoder_input_ids, decoder_input_ids=decoder_input_ids, output_attentions=True
    )
    encoder_text = tokenizer.convert_ids_to_tokens(encoder_input_ids[0])
    decoder_text = tokenizer.convert_ids_to_tokens(decoder_input_ids[0])
    for view in (model_view, head_view):
        view(
            encoder_attention=outputs.encoder_attentions,
            decoder_attention=outputs.decoder_attentions,
            cross_attention=outputs.cross_attentions,
            encoder_tokens=encoder_text,
            decoder_tokens=decoder_text,
        )
    for widget in displayed:
        check_numbers(widget, outputs.encoder_attentions, kind="encoder")
        check_numbers(widget, outputs.decoder_attentions, kind="decoder")
        check_numbers(widget, outputs.cross_attentions, kind="cross")
        assert [kind["kind"] for kind in widget.meta["attention"]] == [
            "encoder",
            "decoder",
            "cross",
        ]
        assert widget.attention_kind == "encoder"
        assert [token.label for token in widget.trace.tokens] == encoder_text
        assert [token.label for token in widget.trace.target.tokens] == decoder_text


def test_the_example_of_a_sentence_pair_runs(bert: tuple[Any, Any], displayed: list[Any]) -> None:
    """``encode_plus`` is gone from transformers 5; else as documented."""
    model, tokenizer = bert
    inputs = tokenizer(
        "the rabbit quickly hopped", "The turtle slowly crawled", return_tensors="pt"
    )
    attention = model(inputs["input_ids"], token_type_ids=inputs["token_type_ids"]).attentions
    sentence_b_start = inputs["token_type_ids"][0].tolist().index(1)
    tokens = tokenizer.convert_ids_to_tokens(inputs["input_ids"][0].tolist())
    head_view(attention, tokens, sentence_b_start)
    (widget,) = displayed
    check_numbers(widget, attention)
    segments = [token["segment"] for token in widget.meta["tokens"]]
    assert segments == [0] * sentence_b_start + [1] * (len(tokens) - sentence_b_start)
    assert widget.text == "the rabbit quickly hopped"
    assert widget.text_pair == "the turtle slowly crawled"


def test_the_other_documented_options(
    read: tuple[Any, Any], displayed: list[AttentionWidget]
) -> None:
    attention, tokens = read
    model_view(attention, tokens, display_mode="light")
    model_view(attention, tokens, include_layers=[4, 5])
    head_view(attention, tokens, layer=2, heads=[3, 5])
    light, two_layers, chosen = displayed
    assert light.theme == "light"
    (kind,) = two_layers.meta["attention"]
    assert [layer is not None for layer in kind["layers"]] == [False] * 4 + [True] * 2
    assert two_layers.layer == 4
    np.testing.assert_array_equal(two_layers.trace.attention(5), attention[5][0].detach())
    assert (chosen.layer, chosen.heads) == (2, (3, 5))


@pytest.mark.parametrize("view", [head_view, model_view])
def test_a_page_is_returned(
    view: Any, read: tuple[Any, Any], displayed: list[Any], exported: list[AttentionWidget]
) -> None:
    page = view(*read, html_action="return")
    assert isinstance(page, Page)
    assert page.data == PAGE
    assert not displayed
    check_numbers(exported[0], read[0])
    frame = page._repr_html_()
    assert frame.startswith("<iframe ")
    assert "<p" not in frame
    assert "&lt;p class=&quot;x&quot;&gt;&amp;amp;&lt;/p&gt;" in frame


def test_a_page_of_neurons_is_returned(bert: tuple[Any, Any], exported: list[Any]) -> None:
    model, tokenizer = bert
    page = show(model, "bert", tokenizer, SENTENCE, layer=1, head=3, html_action="return")
    assert page is not None
    assert page.data == PAGE
    assert (exported[0].layer, exported[0].heads) == (1, (3,))
