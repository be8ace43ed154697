"""Generation: one trace over what a model read and wrote, with steps and probabilities."""

from __future__ import annotations

import copy
import functools
import logging
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from support.models import tiny, tokenizer
from support.seq2seq import tiny_seq2seq
from support.toy_tokenizers import byte_level
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM
from transformers.utils import logging as transformers_logging

from attention_widget import Trace, TraceTooLargeError, capture, generate

TOKENIZER = tokenizer()
PROMPT = "attention is a novel"


@pytest.fixture
def model() -> Any:
    return tiny("llama")


def written(trace: Trace) -> list[int | None]:
    tokens = trace.tokens if trace.target is None else trace.target.tokens
    return [token.id for token in tokens if token.step is not None]


def logits_of(model: Any, trace: Trace) -> torch.Tensor:
    """(token, vocabulary): those of the model's own pass over what the trace holds."""
    ids = torch.tensor([[token.id for token in trace.tokens]])
    with torch.no_grad():
        if trace.target is None:
            output = copy.deepcopy(model)(ids)
        else:
            read = torch.tensor([[token.id for token in trace.target.tokens]])
            output = copy.deepcopy(model)(ids, decoder_input_ids=read, use_cache=False)
    logits: torch.Tensor = output.logits[0]
    return logits


SAMPLING: list[dict[str, Any]] = [
    {},
    {"do_sample": True},
    {"do_sample": True, "temperature": 3.0, "top_p": 0.7, "top_k": 9},
    {"num_beams": 3},
    {"num_beams": 2, "do_sample": True, "repetition_penalty": 1.5},
    {"do_sample": True, "use_cache": False},
]


@pytest.mark.parametrize("options", SAMPLING, ids=str)
def test_the_tokens_are_those_of_the_models_generate(model: Any, options: dict[str, Any]) -> None:
    torch.manual_seed(3)
    expected = model.generate(
        **TOKENIZER(PROMPT, return_tensors="pt"), max_new_tokens=8, **options
    )[0].tolist()
    after = torch.get_rng_state()
    torch.manual_seed(3)
    trace = generate(model, PROMPT, tokenizer=TOKENIZER, max_new_tokens=8, **options)
    assert [token.id for token in trace.tokens] == expected
    assert torch.equal(torch.get_rng_state(), after)  # moved on as far as generate moves it


@pytest.mark.parametrize("options", SAMPLING, ids=str)
@pytest.mark.parametrize("family", ["llama", "gpt2", "bloom"])
def test_probabilities_are_the_models_own(family: str, options: dict[str, Any]) -> None:
    model = tiny(family, "eager")
    trace = generate(model, PROMPT, tokenizer=TOKENIZER, max_new_tokens=8, **options)
    n_read = len(TOKENIZER(PROMPT)["input_ids"])
    chances = logits_of(model, trace).softmax(-1)
    assert all(token.step is token.probability is None for token in trace.tokens[:n_read])
    for step, token in enumerate(trace.tokens[n_read:]):
        assert token.step == step
        assert token.id is not None
        assert token.probability == pytest.approx(
            float(chances[n_read + step - 1, token.id]), abs=1e-5
        )


def test_probabilities_are_those_of_generations_raw_logits(model: Any) -> None:
    options: dict[str, Any] = {
        "max_new_tokens": 8,
        "do_sample": True,
        "temperature": 0.5,
        "top_k": 5,
    }
    torch.manual_seed(2)
    trace = generate(model, PROMPT, tokenizer=TOKENIZER, **options)
    torch.manual_seed(2)
    output = model.generate(
        **TOKENIZER(PROMPT, return_tensors="pt"),
        **options,
        output_logits=True,
        return_dict_in_generate=True,
    )
    tokens = [token for token in trace.tokens if token.step is not None]
    for token, logits in zip(tokens, output.logits, strict=True):
        assert token.id is not None
        assert token.probability == pytest.approx(float(logits[0].softmax(-1)[token.id]), abs=1e-4)


def test_the_trace_is_that_of_a_pass_over_prompt_and_continuation(model: Any) -> None:
    trace = generate(model, PROMPT, tokenizer=TOKENIZER, max_new_tokens=6)
    ids = torch.tensor([[token.id for token in trace.tokens]])
    with torch.no_grad():
        own = tiny("llama", "eager")(ids, output_attentions=True, output_hidden_states=True)
    for layer in range(3):
        np.testing.assert_allclose(trace.attention(layer), own.attentions[layer][0], atol=1e-5)
        np.testing.assert_allclose(
            trace.hidden_states(layer), own.hidden_states[layer][0], atol=1e-5
        )


@pytest.mark.parametrize("kind", ["BartForConditionalGeneration", "EncoderDecoderModel"])
@pytest.mark.parametrize("options", [{}, {"num_beams": 3}, {"do_sample": True}], ids=str)
def test_encoder_decoders_write_their_target(kind: str, options: dict[str, Any]) -> None:
    model = tiny_seq2seq(kind)
    torch.manual_seed(0)
    trace = generate(model, PROMPT, tokenizer=TOKENIZER, max_new_tokens=7, **options)
    torch.manual_seed(0)
    expected = model.generate(  # type: ignore[operator]
        **TOKENIZER(PROMPT, return_tensors="pt"), max_new_tokens=7, **options
    )
    assert trace.target is not None
    assert trace.target.generated
    tokens = trace.target.tokens
    assert [token.id for token in tokens] == expected[0].tolist()
    chances = logits_of(model, trace).softmax(-1)
    assert (tokens[0].step, tokens[0].probability) == (None, None)
    for step, token in enumerate(tokens[1:]):
        assert token.step == step
        assert token.id is not None
        assert token.probability == pytest.approx(float(chances[step, token.id]), abs=1e-5)
    assert all(token.step is None for token in trace.tokens)


def test_the_continuation_goes_on_in_the_text() -> None:
    writer = byte_level()
    model = tiny("llama", vocab_size=len(writer))
    torch.manual_seed(5)
    trace = generate(model, "привет, novel", tokenizer=writer, max_new_tokens=20, do_sample=True)
    joined = "".join(token.lead + token.text + token.trail for token in trace.tokens)
    assert trace.texts == (joined,)
    assert joined.startswith("привет, novel")
    assert len(joined) > len("привет, novel")
    for token in trace.tokens:
        assert token.segment in (0, None)
        if token.start is not None:
            assert joined[token.start : token.end] == token.text
    assert [token.index for token in trace.tokens] == list(range(len(trace.tokens)))


def test_special_tokens_that_were_written_are_marked(model: Any) -> None:
    with torch.no_grad():  # writes [SEP], its end, at once
        model.lm_head.weight.zero_()
        model.lm_head.weight[3] = 0
    model.lm_head.register_forward_hook(
        lambda module, args, output: output.index_fill(-1, torch.tensor([3]), 9.0)
    )
    trace = generate(model, PROMPT, tokenizer=TOKENIZER, max_new_tokens=5)
    last = trace.tokens[-1]
    assert (last.id, last.special, last.segment, last.step) == (3, True, None, 0)
    assert last.probability == pytest.approx(np.exp(9) / (np.exp(9) + 31), abs=1e-5)
    assert trace.texts == (PROMPT,)


def test_writing_stops_at_a_string() -> None:
    writer = byte_level()
    model = tiny("llama", vocab_size=len(writer))
    whole = generate(model, "a novel", tokenizer=writer, max_new_tokens=12)
    stop = next(t for t in whole.tokens if t.step is not None and t.text.isalpha())
    trace = generate(
        model, "a novel", tokenizer=writer, max_new_tokens=12, stop_strings=[stop.text]
    )
    assert [token.id for token in trace.tokens] == [t.id for t in whole.tokens[: stop.index + 1]]
    assert len(trace.tokens) < len(whole.tokens)
    model.generation_config.update(stop_strings=[stop.text])
    assert generate(model, "a novel", tokenizer=writer, max_new_tokens=12).tokens == trace.tokens


def test_the_generation_configuration_is_left_alone(model: Any) -> None:
    model.generation_config.update(do_sample=True, temperature=0.7, max_length=11, num_beams=1)
    model.generation_config.eos_token_id = None  # it writes all that it may
    config, own = model.generation_config, copy.deepcopy(model.generation_config.to_dict())
    trace = generate(model, PROMPT, tokenizer=TOKENIZER, max_new_tokens=9)
    assert len(written(trace)) == 9
    assert model.generation_config is config
    assert config.to_dict() == own
    torch.manual_seed(1)
    first = generate(model, PROMPT, tokenizer=TOKENIZER, max_new_tokens=9)
    torch.manual_seed(1)
    ids = model.generate(**TOKENIZER(PROMPT, return_tensors="pt"), max_new_tokens=9)
    assert [token.id for token in first.tokens] == ids[0].tolist()  # it is heeded


def test_what_is_asked_for_goes_before_the_models_own_way(model: Any) -> None:
    model.generation_config.update(do_sample=True)
    state = torch.get_rng_state()
    trace = generate(model, PROMPT, tokenizer=TOKENIZER, max_new_tokens=9, do_sample=False)
    assert torch.equal(torch.get_rng_state(), state)
    plain = generate(tiny("llama"), PROMPT, tokenizer=TOKENIZER, max_new_tokens=9)
    assert trace.tokens == plain.tokens


def test_a_configuration_that_is_passed_is_left_alone_too(model: Any) -> None:
    given = copy.deepcopy(model.generation_config)
    given.update(num_beams=2)
    before = given.to_dict()
    trace = generate(model, PROMPT, tokenizer=TOKENIZER, max_new_tokens=5, generation_config=given)
    assert given.to_dict() == before
    ids = model.generate(**TOKENIZER(PROMPT, return_tensors="pt"), max_new_tokens=5, num_beams=2)
    assert [token.id for token in trace.tokens] == ids[0].tolist()


def test_training_mode_neither_drops_out_nor_stays_off() -> None:
    model = tiny("gpt2", attn_pdrop=0.5, resid_pdrop=0.5, embd_pdrop=0.5)
    expected = generate(model, PROMPT, tokenizer=TOKENIZER, max_new_tokens=5)
    model.train()
    trace = generate(model, PROMPT, tokenizer=TOKENIZER, max_new_tokens=5)
    assert trace.tokens == expected.tokens
    assert all(module.training for module in model.modules())


def said_by(work: Callable[[], Any]) -> tuple[Any, list[str]]:
    """What some work returns, and what transformers logs and warns meanwhile."""
    records: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: records.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("transformers")
    logger.addHandler(handler)
    transformers_logging.warning_once.cache_clear()
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            found = work()
    finally:
        logger.removeHandler(handler)
    return found, records + [str(each.message) for each in warned]


# in the call, in a configuration passed with it, in the model's own
ASKED: list[tuple[dict[str, Any], dict[str, Any] | None, dict[str, Any]]] = [
    ({"max_length": 12}, None, {}),
    ({"max_length": 12, "max_new_tokens": 3}, None, {}),
    ({}, {"max_length": 12}, {}),
    ({}, {"max_new_tokens": 5}, {}),
    ({"max_new_tokens": 4}, {"max_length": 12}, {}),
    ({"max_length": 11}, {"max_new_tokens": 9}, {}),
    ({}, None, {"max_new_tokens": 7}),
    ({}, None, {"max_length": 14}),
    ({}, {"do_sample": True, "top_k": 4}, {"max_new_tokens": 7}),
    ({"max_length": 12, "min_length": 30}, None, {}),
    ({"max_new_tokens": 6, "min_new_tokens": 9}, None, {}),
    ({"max_length": 12, "num_beams": 2}, None, {"max_new_tokens": 7}),
    ({"max_length": 30, "max_time": 1000.0}, None, {}),
]


@pytest.mark.parametrize(("options", "passed", "own"), ASKED, ids=str)
@pytest.mark.parametrize("kind", ["llama", "BartForConditionalGeneration"])
def test_no_default_of_ours_beats_what_was_asked(
    kind: str, options: dict[str, Any], passed: dict[str, Any] | None, own: dict[str, Any]
) -> None:
    """The tokens are those of the model's generate, and so is what it says about the options."""
    model: Any = tiny(kind) if kind == "llama" else tiny_seq2seq(kind)
    model.generation_config.update(pad_token_id=0, eos_token_id=3, **own)
    if passed is not None:
        options = {**options, "generation_config": GenerationConfig(**passed)}
    inputs = TOKENIZER(PROMPT, return_tensors="pt")
    torch.manual_seed(4)
    expected, theirs = said_by(lambda: model.generate(**inputs, **options))
    torch.manual_seed(4)
    trace, ours = said_by(lambda: generate(model, PROMPT, tokenizer=TOKENIZER, **options))
    tokens = trace.tokens if trace.target is None else trace.target.tokens
    assert [token.id for token in tokens] == expected[0].tolist()
    assert ours == theirs


@pytest.mark.parametrize(
    ("options", "n_written"),
    [({}, 64), ({"min_new_tokens": 70}, 70), ({"min_length": 80}, 74), ({"max_time": 1e3}, 64)],
    ids=str,
)
def test_where_nobody_says_when_to_stop(options: dict[str, Any], n_written: int) -> None:
    model = tiny("llama", max_position_embeddings=128)
    model.generation_config.eos_token_id = None
    ways: list[dict[str, Any]] = [{}, {"generation_config": GenerationConfig(num_beams=1)}]
    for passed in ways:
        trace, told = said_by(
            functools.partial(generate, model, PROMPT, tokenizer=TOKENIZER, **options, **passed)
        )
        assert len(written(trace)) == n_written
        # until transformers 5 it says so of any configuration that is passed
        known = [each for each in told if "model-specific defaults" in each]
        assert options or told == known


def test_a_length_of_the_models_own_gives_way_in_silence(model: Any) -> None:
    model.generation_config.update(max_length=20, pad_token_id=None, eos_token_id=None)
    trace, told = said_by(lambda: generate(model, PROMPT, tokenizer=TOKENIZER, max_new_tokens=3))
    assert (len(written(trace)), told) == (3, [])


def test_a_folder_is_loaded_with_its_head(tmp_path: Any) -> None:
    model = LlamaForCausalLM(LlamaConfig.from_dict(tiny("llama").config.to_dict()))
    model.save_pretrained(tmp_path)
    TOKENIZER.save_pretrained(tmp_path)
    trace = generate(str(tmp_path), PROMPT, max_new_tokens=2)
    assert len(written(trace)) == 2


def test_an_encoder_decoder_is_loaded_with_its_head(tmp_path: Any) -> None:
    tiny_seq2seq("BartForConditionalGeneration").save_pretrained(tmp_path)
    TOKENIZER.save_pretrained(tmp_path)
    target = capture(str(tmp_path), PROMPT).target
    assert target is not None
    assert target.generated


# Refusals


def test_a_model_without_a_head_cannot_write() -> None:
    with pytest.raises(
        ValueError, match=r"must have a head to write with, got BertModel; .*CausalLM"
    ):
        generate(tiny("bert"), PROMPT, tokenizer=TOKENIZER)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"max_new_tokens": 0}, ValueError, "max_new_tokens must be 1 or more, got 0"),
        ({"max_new_tokens": 2.5}, TypeError, "max_new_tokens must be a whole number, got float"),
        ({"num_return_sequences": 2}, ValueError, "num_return_sequences must be 1, .* got 2"),
        ({"max_length": 4}, ValueError, "max_length must be 7 or more, .* 6 tokens, got 4"),
        ({"max_length": "9"}, TypeError, "max_length must be a whole number, got str"),
        (
            {"generation_config": GenerationConfig(num_return_sequences=2, num_beams=2)},
            ValueError,
            "num_return_sequences must be 1, .* got 2",
        ),
        ({"input_ids": 1}, TypeError, "input_ids must not be passed .*; prompt is what"),
        ({"streamer": 1}, TypeError, "streamer must not be passed"),
        ({"temprature": 2.0}, ValueError, "temprature"),
        ({"layers": [5]}, ValueError, "layers must be in 0–2, got 5"),
        ({"memory_limit": 1000}, TraceTooLargeError, "at most 1 kB"),
    ],
)
def test_wrong_options(
    model: Any, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        generate(model, PROMPT, tokenizer=TOKENIZER, **options)


def test_prompt_and_continuation_have_to_fit() -> None:
    with pytest.raises(
        ValueError, match=r"at most 64 tokens, .*, got 6 and 64 new .*max_new_tokens=58 or"
    ):
        generate(tiny("gpt2"), PROMPT, tokenizer=TOKENIZER)
    assert generate(tiny("gpt2"), PROMPT, tokenizer=TOKENIZER, max_new_tokens=58).n_layers == 3
