"""Encoder-decoders: all three kinds of attention, of a target given or made by the model."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from support.models import TEXT, tiny, tokenizer
from support.seq2seq import SEQ2SEQ, tiny_seq2seq
from transformers import PreTrainedModel

from attention_widget import Trace, UnsupportedModelError, capture
from attention_widget.trace.kind import Kind
from attention_widget.tracing.model import devices

TOKENIZER = tokenizer()
TARGET = "a good novel idea"
READ = [kind for kind in SEQ2SEQ if kind != "ProphetNetForConditionalGeneration"]
GIVEN = [kind for kind in READ if not kind.endswith("SequenceClassification")]


def load(kind: str, attn_implementation: str = "sdpa", **settings: Any) -> PreTrainedModel:
    try:
        return tiny_seq2seq(kind, attn_implementation, **settings)
    except ValueError as error:
        if "does not support an attention implementation" not in str(error):
            raise
        pytest.skip(f"{kind} has no {attn_implementation} in {transformers.__version__}")


def traced(model: Any, target: str | None = TARGET, **options: Any) -> Trace:
    return capture(model, TEXT, target=target, tokenizer=TOKENIZER, **options)


def own(model: PreTrainedModel, trace: Trace, **options: Any) -> Any:
    """The model's own pass over what the trace says that it read, on a copy."""
    assert trace.target is not None
    read = torch.tensor([[token.id for token in trace.target.tokens]])
    with torch.no_grad():
        return copy.deepcopy(model)(
            **TOKENIZER(TEXT, return_tensors="pt"),
            decoder_input_ids=read,
            use_cache=False,  # with a cache FSMT hides nothing from its decoder
            **options,
        )


REPORTED: dict[Kind, str] = {
    "encoder": "encoder_attentions",
    "decoder": "decoder_attentions",
    "cross": "cross_attentions",
}


@pytest.mark.parametrize("attn_implementation", ["sdpa", "eager"])
@pytest.mark.parametrize("kind", GIVEN)
def test_all_three_kinds_of_attention(kind: str, attn_implementation: str) -> None:
    model = load(kind, attn_implementation)
    trace = traced(model)
    reported = own(load(kind, "eager"), trace, output_attentions=True)
    assert trace.target is not None
    assert len(trace.operations) == 2 + 3 + 3
    for attention, name in REPORTED.items():
        maps = reported[name]
        assert len(maps) == (2 if attention == "encoder" else 3)
        for layer, weights in enumerate(maps):
            found = trace.attention(layer, attention)
            np.testing.assert_allclose(found, weights[0], atol=1e-5)
            queries, keys = trace.sides(attention)
            assert found.shape[1:] == (len(queries), len(keys))


@pytest.mark.parametrize("kind", GIVEN)
def test_hidden_states_of_both_stacks(kind: str) -> None:
    model = load(kind)
    trace = traced(model)
    reported = own(model, trace, output_hidden_states=True)
    assert trace.target is not None
    assert (trace.n_layers, trace.target.n_layers) == (2, 3)
    for stack, depth in (("encoder", 2), ("decoder", 3)):
        states = reported[f"{stack}_hidden_states"]
        assert len(states) == depth + 1
        for layer in range(depth):  # the last ones are reported after a final norm, in some
            np.testing.assert_allclose(
                trace.hidden_states(layer, stack),  # type: ignore[arg-type]
                states[layer][0],
                atol=1e-5,
            )
        last = trace.hidden_states(depth, stack)  # type: ignore[arg-type]
        assert last.shape == states[-1][0].shape


@pytest.mark.filterwarnings("ignore:Version v4.12.0 introduces:FutureWarning")
@pytest.mark.filterwarnings("ignore:To copy construct from a tensor:UserWarning")  # before 5
@pytest.mark.parametrize("kind", [kind for kind in GIVEN if kind != "T5Model"])
def test_the_target_is_shifted_as_the_model_shifts_its_labels(kind: str) -> None:
    model = load(kind)
    seen: list[list[int]] = []

    def look(module: Any, args: Any, kwargs: Any) -> None:
        seen.append(kwargs.get("input_ids", args[0] if args else None)[0].tolist())

    decoder = next(m for name, m in model.named_modules() if name.endswith("decoder"))
    handle = decoder.register_forward_pre_hook(look, with_kwargs=True)
    labels = TOKENIZER(text_target=TARGET, return_tensors="pt")["input_ids"]
    with torch.no_grad():
        if "labels" in transformers.utils.generic.find_labels(type(model)):
            model(**TOKENIZER(TEXT, return_tensors="pt"), labels=labels)
        else:  # BartModel and question answering take none; they shift the text in the same way
            model(input_ids=labels)
    handle.remove()
    trace = traced(model)
    assert trace.target is not None
    assert [token.id for token in trace.target.tokens] == seen[0]


def test_the_tokens_are_what_the_decoder_reads() -> None:
    target = traced(load("BartForConditionalGeneration")).target
    assert target is not None
    assert not target.generated
    assert target.texts == (TARGET,)
    assert [token.label for token in target.tokens] == ["[CLS]", "[CLS]", *TARGET.split()]
    assert [token.index for token in target.tokens] == list(range(6))
    start = target.tokens[0]
    assert (start.special, start.segment, start.text) == (True, None, "")
    assert "".join(token.lead + token.text for token in target.tokens) == TARGET
    assert [token.word for token in target.tokens] == [None, None, 0, 1, 2, 3]


def test_no_word_of_the_target_is_lost_where_the_tokenizer_adds_no_end() -> None:
    bare = tokenizer()
    bare.backend_tokenizer.post_processor = None
    for kind in ("T5ForConditionalGeneration", "MBartForConditionalGeneration"):
        target = capture(load(kind), TEXT, target=TARGET, tokenizer=bare).target
        assert target is not None
        assert [token.label for token in target.tokens[1:]] == TARGET.split()


def test_values_times_attention_in_the_cross_attention() -> None:
    """Shapes of a cross-attention: queries of the decoder, keys and values of the encoder."""
    trace = traced(load("T5ForConditionalGeneration"))
    assert trace.target is not None
    n_read, n_target = len(trace.tokens), len(trace.target.tokens)
    assert n_read != n_target
    assert trace.queries(2, "cross").shape == (4, n_target, 8)
    assert trace.keys(2, "cross").shape == trace.values(2, "cross").shape == (4, n_read, 8)
    assert trace.attention(1).shape == (4, n_read, n_read)  # the encoder's, unless asked for
    with pytest.raises(IndexError, match="layer must be in 0–1, got 2; the encoder of "):
        trace.attention(2)


# No target given


@pytest.mark.parametrize(
    "kind", ["BartForConditionalGeneration", "T5ForConditionalGeneration", "EncoderDecoderModel"]
)
def test_the_model_writes_the_target_and_it_is_said(kind: str) -> None:
    model = load(kind)
    trace = traced(model, None)
    assert trace.target is not None
    assert trace.target.generated
    ids = model.generate(  # type: ignore[operator]
        **TOKENIZER(TEXT, return_tensors="pt"),
        max_new_tokens=63 if kind != "T5ForConditionalGeneration" else 64,
        do_sample=False,
        use_cache=False,
    )
    assert [token.id for token in trace.target.tokens] == ids[0].tolist()
    assert trace.target.tokens[0].special


def test_it_is_written_greedily_whatever_the_model_is_set_to() -> None:
    model: Any = load("MarianMTModel")
    plain = traced(model, None)
    model.generation_config.update(do_sample=True, temperature=9.0, top_k=3, num_beams=3)
    before = model.generation_config.to_dict()
    state = torch.get_rng_state()
    assert traced(model, None).target.tokens == plain.target.tokens  # type: ignore[union-attr]
    assert model.generation_config.to_dict() == before
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(
    "kind", ["BartModel", "BartForSequenceClassification", "T5ForSequenceClassification"]
)
def test_a_head_that_writes_nothing_reads_what_it_makes_of_the_text(kind: str) -> None:
    model = load(kind)
    trace = traced(model, None)
    assert trace.target is not None
    assert not trace.target.generated
    read = TOKENIZER(TEXT)["input_ids"]
    assert [token.id for token in trace.target.tokens][1:] == read[:-1]
    assert trace.target.texts == (TEXT,)
    with torch.no_grad():
        expected = load(kind, "eager")(
            **TOKENIZER(TEXT, return_tensors="pt"), output_attentions=True
        )
    for layer, weights in enumerate(expected.cross_attentions):
        np.testing.assert_allclose(trace.attention(layer, "cross"), weights[0], atol=1e-5)


# Refusals


def test_a_decoder_that_attends_over_more_than_its_tokens() -> None:
    """ProphetNet reads each position three times: as it is, and for two predictions, which stand
    for no token and are left out."""
    model = load("ProphetNetForConditionalGeneration", "eager")
    trace = traced(model)
    assert trace.target is not None
    sizes = {one.kind: (one.n_queries, one.n_keys) for one in trace.operations}
    source, target = len(trace.tokens), len(trace.target.tokens)
    assert sizes["decoder"] == (target, target)
    assert sizes["cross"] == (target, source)


def test_a_model_that_needs_a_target_says_so() -> None:
    with pytest.raises(
        ValueError, match=r"must be passed with T5Model, which has no head.*target="
    ):
        traced(load("T5Model"), None)


@pytest.mark.parametrize("family", ["bert", "llama"])
def test_a_model_of_one_stack_takes_no_target(family: str) -> None:
    with pytest.raises(
        ValueError, match=r"must be left out with .*, which has no decoder .*text_pair"
    ):
        traced(tiny(family))


@pytest.mark.parametrize(
    ("target", "error", "message"),
    [
        (5, TypeError, "target must be a string, or None, got int"),
        (["a"], TypeError, "target must be a string, .* got list"),
        ("", ValueError, "target must not be empty"),
        (" ", ValueError, "target must .* got 1 blank"),
        ("novel " * 80, ValueError, "target must have at most 64 tokens .*, got 82; shorten it"),
    ],
)
def test_what_is_no_target(target: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        traced(load("BartForConditionalGeneration"), target)


def test_a_classifier_takes_no_target() -> None:
    with pytest.raises(ValueError, match="must be left out with BartForSequenceClassification"):
        traced(load("BartForSequenceClassification"))


def test_a_target_beyond_the_decoders_embeddings() -> None:
    model = transformers.EncoderDecoderModel(
        config=transformers.EncoderDecoderConfig.from_encoder_decoder_configs(
            transformers.BertConfig(**SEQ2SEQ["EncoderDecoderModel"][1]),
            transformers.BertConfig(**{**SEQ2SEQ["EncoderDecoderModel"][1], "vocab_size": 8}),
            decoder_start_token_id=2,
            pad_token_id=0,
        )
    )
    with pytest.raises(ValueError, match=r"token ids of .* must be below 8, .*, got \d+ of"):
        traced(model)


def test_a_model_that_cannot_write_after_all(monkeypatch: pytest.MonkeyPatch) -> None:
    model = load("BartForConditionalGeneration")

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("no cache")

    monkeypatch.setattr(type(model), "generate", fail)
    with pytest.raises(ValueError, match=r"could not write a target .*no cache\); pass one"):
        traced(model, None)
    assert traced(model).target is not None


def test_windows_are_for_one_stack() -> None:
    with pytest.raises(UnsupportedModelError, match=r"get_encoder\(\), text"):
        traced(load("T5ForConditionalGeneration"), windows=8)


# Keeping fewer layers, of both stacks


def test_layers_of_both_stacks_are_kept() -> None:
    model = load("BartForConditionalGeneration")
    whole, trace = traced(model), traced(model, layers=[1])
    kept = [(block.kind, block.layer) for block in trace.blocks]
    assert kept == [("encoder", 1), ("decoder", 1), ("cross", 1)]
    np.testing.assert_array_equal(trace.attention(1, "cross"), whole.attention(1, "cross"))
    np.testing.assert_array_equal(
        trace.hidden_states(2, "decoder"), whole.hidden_states(2, "decoder")
    )
    with pytest.raises(LookupError, match=r"hidden_states\(3\) were not kept"):
        trace.hidden_states(3, "decoder")
    assert traced(model, layers=[2]).attention(2, "cross").shape == (4, 6, 17)
    with pytest.raises(ValueError, match="layers must be in 0–2, got 3"):
        traced(model, layers=[3])


def test_a_target_that_the_model_makes_itself_is_made_on_its_device(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The text is tokenized on the CPU; "meta" stands for any other device."""
    model = load("BartForSequenceClassification")
    monkeypatch.setattr(devices, "_input_device", lambda _: torch.device("meta"))

    def stop(module: Any, args: Any, kwargs: Any) -> None:
        raise InterruptedError(kwargs["input_ids"].device.type)

    model.register_forward_pre_hook(stop, with_kwargs=True)  # nothing can be computed there
    with pytest.raises(InterruptedError, match="meta"):
        traced(model, None)
