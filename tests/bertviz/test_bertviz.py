"""The drop-in for BertViz: its documented examples and its argument checks."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from bertviz import head_view as peers_head_view
from bertviz import model_view as peers_model_view
from support import models
from support.archives import manifest
from support.seq2seq import tiny_seq2seq

from attention_widget import AttentionWidget, AttentionWidgetError
from attention_widget.bertviz import head_view, model_view, neuron_view
from attention_widget.bertviz.neuron_view import show
from attention_widget.bertviz.output import Page

SENTENCE = "The cat sat on the mat"
PAGE = '<!doctype html><title>a page</title><p class="x">&amp;</p>'


@pytest.fixture(autouse=True)
def displayed(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was displayed."""
    shown: list[Any] = []
    monkeypatch.setattr("attention_widget.bertviz.output.display", shown.append)
    return shown


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> list[AttentionWidget]:
    """What was made HTML of."""
    made: list[AttentionWidget] = []

    def to_html(widget: AttentionWidget, *, heads: Any = None) -> str:
        made.append(widget)
        return PAGE

    monkeypatch.setattr(AttentionWidget, "to_html", to_html)
    return made


@pytest.fixture(scope="module")
def bert(minilm_path: Path) -> tuple[Any, Any]:
    """(model, tokenizer), loaded as BertViz's documentation does."""
    from transformers import AutoModel, AutoTokenizer

    model = AutoModel.from_pretrained(minilm_path, output_attentions=True)
    return model, AutoTokenizer.from_pretrained(minilm_path)


@pytest.fixture(scope="module")
def read(bert: tuple[Any, Any]) -> tuple[tuple[torch.Tensor, ...], list[str]]:
    """(attention, tokens) of a sentence."""
    model, tokenizer = bert
    inputs = tokenizer.encode(SENTENCE, return_tensors="pt")
    return model(inputs).attentions, tokenizer.convert_ids_to_tokens(inputs[0])


def check_numbers(widget: AttentionWidget, attention: Any, **place: Any) -> None:
    for layer, weights in enumerate(attention):
        exact = weights[0].detach().numpy()
        np.testing.assert_array_equal(widget.trace.attention(layer, **place), exact)


def heads_of(layers: int, heads: int, *sizes: int, seed: int = 0) -> list[torch.Tensor]:
    random = torch.Generator().manual_seed(seed)
    return [torch.randn(1, heads, *sizes, generator=random).softmax(-1) for _ in range(layers)]


# A page -------------------------------------------------------------------------------------------


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


# Signatures ---------------------------------------------------------------------------------------


BOTH = pytest.mark.parametrize(
    ("ours", "theirs"), [(head_view, peers_head_view), (model_view, peers_model_view)]
)


def arguments(function: Any) -> list[tuple[str, Any]]:
    return [(p.name, p.default) for p in inspect.signature(function).parameters.values()]


@BOTH
def test_arguments_and_defaults_are_bertvizs(ours: Any, theirs: Any) -> None:
    assert arguments(ours) == arguments(theirs)


def test_the_neuron_views_arguments_and_defaults_are_bertvizs() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own code
        import bertviz.neuron_view as theirs
    assert arguments(show) == arguments(theirs.show)
    assert neuron_view.show is show


# The documented examples --------------------------------------------------------------------------


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


# What goes beyond ---------------------------------------------------------------------------------


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


# Checks -------------------------------------------------------------------------------------------

N = ["a", "b", "c"]
GOOD = heads_of(2, 4, 3, 3)


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        (
            {},
            ValueError,
            "give attention with tokens, or one at least of encoder_attention, .*, got none",
        ),
        ({"tokens": N}, ValueError, "give attention with tokens"),
        ({"attention": GOOD}, ValueError, "tokens must be a string for each token, got None"),
        (
            {"attention": GOOD, "tokens": N, "decoder_tokens": N, "cross_attention": GOOD},
            ValueError,
            "cross_attention, decoder_tokens must be None beside attention; give",
        ),
        (
            {"encoder_attention": GOOD, "decoder_tokens": N},
            ValueError,
            "encoder_tokens must be a string for each token, got None",
        ),
        (
            {"decoder_attention": GOOD, "encoder_tokens": N},
            ValueError,
            "decoder_tokens must be a string for each token",
        ),
        (
            {"cross_attention": GOOD, "decoder_tokens": N},
            ValueError,
            "encoder_tokens must be a str",
        ),
        (
            {"cross_attention": GOOD, "encoder_tokens": N},
            ValueError,
            "decoder_tokens must be a str",
        ),
        (
            {"attention": [layer[0] for layer in GOOD], "tokens": N},
            ValueError,
            r"attention must be .*output_attentions=True.*, got shape \(4, 3, 3\) in layer 0",
        ),
        (
            {"attention": torch.zeros(1, 384), "tokens": N},
            ValueError,
            r"attention must be .*outputs\.attentions.*, got shape \(384,\) in layer 0",
        ),
        (
            {"attention": GOOD, "tokens": [*N, "d"]},
            ValueError,
            r"must have shape \(head, query = 4, key = 4\), one for each token, got \(4, 3, 3\)",
        ),
        (
            {"cross_attention": GOOD, "encoder_tokens": N, "decoder_tokens": N[:2]},
            ValueError,
            r"cross_attentions of layer 0 must have shape \(head, query = 2, key = 3\)",
        ),
        (
            {"attention": GOOD, "tokens": N, "html_action": "show"},
            ValueError,
            "html_action must be 'view', .* or 'return', .* got 'show'",
        ),
        (
            {"attention": GOOD, "tokens": N, "include_layers": [2]},
            IndexError,
            "include_layers must be in 0–1, one or more, each once, got 2",
        ),
        # What BertViz lets pass.
        (
            {"attention": heads_of(1, 3, 3, 3)[0].repeat(1, 2, 1, 1, 1), "tokens": N},
            ValueError,
            "must be a batch of one, got a batch of 2",
        ),
        (
            {"attention": GOOD, "tokens": N, "include_layers": []},
            ValueError,
            r"include_layers must be in 0–1, one or more, each once, got \[\]",
        ),
        (
            {"attention": GOOD, "tokens": N, "include_layers": [-1]},
            IndexError,
            "include_layers must be in 0–1, .* got -1",
        ),
        (
            {"attention": GOOD, "tokens": N, "include_layers": ["0"]},
            TypeError,
            r"include_layers must be in 0–1, .* got \['0'\]",
        ),
        (
            {"attention": GOOD, "tokens": N, "sentence_b_start": 3},
            ValueError,
            "sentence_b_start must be in 1–2, the index of a token, got 3",
        ),
        (
            {"encoder_attention": GOOD, "encoder_tokens": N, "sentence_b_start": 1},
            ValueError,
            "sentence_b_start must be None for an encoder-decoder, got 1",
        ),
        ({"attention": GOOD, "tokens": "abc"}, TypeError, "tokens must be a list of strings"),
        ({"attention": {"a": 1}, "tokens": N}, TypeError, "attention must be .*, got dict"),
        ({"attention": [layer - 1 for layer in GOOD], "tokens": N}, ValueError, "none negative"),
    ],
)
@pytest.mark.parametrize("view", [head_view, model_view])
def test_arguments_are_checked(
    view: Any, given: dict[str, Any], error: type[Exception], words: str, displayed: list[Any]
) -> None:
    with pytest.raises(error, match=words):
        view(**given)
    assert not displayed


@pytest.mark.parametrize("view", [head_view, model_view])
@pytest.mark.parametrize("none", [(), [], (None, None), None])
def test_a_model_loaded_by_default_reports_none_and_it_is_said(view: Any, none: Any) -> None:
    """The advice is not what was done already: to ask for the attention."""
    forms: list[dict[str, Any]] = [
        {"attention": none, "tokens": N},
        {"encoder_attention": none, "encoder_tokens": N},
        {"decoder_attention": none, "decoder_tokens": N},
        {
            "encoder_attention": none,
            "decoder_attention": none,
            "cross_attention": none,
            "encoder_tokens": N,
            "decoder_tokens": N,
        },
    ]
    for form in forms:
        with pytest.raises(ValueError, match=r'attn_implementation="eager"') as caught:
            view(**form)
        assert "AttentionWidget(model, text) shows it all the same" in str(caught.value)


def test_the_outputs_of_a_model_loaded_by_default(displayed: list[Any]) -> None:
    with torch.no_grad():
        bert = models.tiny("bert", "sdpa")(torch.tensor([[1, 2, 3]]), output_attentions=True)
        marian = tiny_seq2seq("MarianMTModel", "sdpa")(
            input_ids=torch.tensor([[1, 2, 3]]),
            decoder_input_ids=torch.tensor([[1, 2, 3]]),
            output_attentions=True,
        )
    given = {
        "encoder_attention": marian.encoder_attentions,
        "decoder_attention": marian.decoder_attentions,
        "cross_attention": marian.cross_attentions,
        "encoder_tokens": N,
        "decoder_tokens": N,
    }
    for view in (head_view, model_view):
        for attention in (bert.attentions, bert[-1]):
            with pytest.raises(ValueError, match='attn_implementation="eager"'):
                view(attention, N)
        with pytest.raises(ValueError, match='attn_implementation="eager"'):
            view(**given)
    assert not displayed


PEERS_CHECKS = {
    "no attention": {},
    "no tokens": {"attention": GOOD},
    "both kinds": {"attention": GOOD, "tokens": N, "encoder_tokens": N},
    "no encoder tokens": {"encoder_attention": GOOD},
    "no decoder tokens": {"decoder_attention": GOOD},
    "no tokens for cross": {"cross_attention": GOOD, "encoder_tokens": N},
    "too few dimensions": {"attention": [layer[0] for layer in GOOD], "tokens": N},
    "wrong length": {"attention": GOOD, "tokens": N[:2]},
    "unknown action": {"attention": GOOD, "tokens": N, "html_action": "show"},
    "no such layer": {"attention": GOOD, "tokens": N, "include_layers": [5]},
}


@pytest.mark.parametrize("given", PEERS_CHECKS.values(), ids=PEERS_CHECKS)
@BOTH
def test_bertviz_raises_the_same_kind_of_error(ours: Any, theirs: Any, given: Any) -> None:
    with pytest.raises(Exception) as peers:  # noqa: PT011 (its type is what is looked at)
        theirs(**given)
    with pytest.raises(type(peers.value)) as own:
        ours(**given)
    assert isinstance(own.value, AttentionWidgetError)
    assert "must " in str(own.value) or str(own.value).startswith("give attention")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"layer": 2}, "layer must be 0 or 1, a layer that is included, got 2"),
        ({"layer": 0, "include_layers": [1]}, "layer must be 1, a layer that is included, got 0"),
        ({"heads": [4]}, "heads must be in 0–3, one or more, each once, got 4"),
        ({"heads": [1, 1]}, r"heads must be in 0–3, one or more, each once, got \[1, 1\]"),
    ],
)
def test_the_head_views_selection_is_checked(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        head_view(GOOD, N, **given)


def test_the_model_views_selection_is_checked() -> None:
    with pytest.raises(IndexError, match=r"include_heads must be in 0–3, .* got 4"):
        model_view(GOOD, N, include_heads=[4])
    with pytest.raises(ValueError, match="display_mode must be 'dark' or 'light', got 'sepia'"):
        model_view(GOOD, N, display_mode="sepia")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"model_type": "brt"}, "must be bert, gpt2, xlnet, roberta or llama, got 'brt'"),
        ({"sentence_a": ""}, "sentence_a must be a text, got ''"),
        (
            {"model_type": "gpt2", "sentence_b": "two"},
            "sentence_b must be None for gpt2, got 'two'",
        ),
        ({"html_action": None}, "html_action must be .* got None"),
        ({"display_mode": ""}, "display_mode must be 'dark' or 'light', got ''"),
        ({"layer": 3}, "layer must be 0, 1 or 2, a layer that is included, got 3"),
        ({"head": 4}, "head must be in 0–3, one or more, each once, got 4"),
    ],
)
def test_the_neuron_views_arguments_are_checked(given: dict[str, Any], words: str) -> None:
    model, tokenizer = models.tiny("llama"), models.tokenizer()
    options = {"model_type": "llama", "sentence_a": "a novel", **given}
    with pytest.raises(ValueError, match=words):
        show(model, tokenizer=tokenizer, **options)


# Attention that is not where the documentation says -----------------------------------------------


@pytest.mark.parametrize("view", [head_view, model_view])
def test_the_empty_last_place_of_an_output_is_refused_with_advice(view: Any) -> None:
    # as BERT's and GPT-2's of transformers 5; the right one is a variable here
    outputs = {"last_hidden_state": 1, "attentions": tuple(GOOD), "cross_attentions": ()}
    with pytest.raises(ValueError, match=r"for each layer, .*; got none") as refused:
        view([*outputs.values()][-1], N)
    for advice in ("pass outputs.attentions", 'attn_implementation="eager"', "AttentionWidget("):
        assert advice in str(refused.value)
