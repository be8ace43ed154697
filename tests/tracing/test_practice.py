"""How models come in practice: each is captured as it is, and says what it computes."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from support.models import TEXT, tiny
from support.practice import TOKENIZER, assert_its_own, assert_same, traced
from transformers import PreTrainedModel

from attention_widget import capture, generate

# Compiled, wrapped, in training


@pytest.mark.filterwarnings("ignore::DeprecationWarning:torch")
@pytest.mark.parametrize("way", ["wrapper", "module", "layers", "forward"])
def test_compiled(way: str) -> None:
    model = tiny("llama")
    expected = traced(model)
    compiled: Any = model
    if way == "wrapper":
        compiled = torch.compile(model, backend="eager")
    elif way == "module":
        model.compile(backend="eager")
    elif way == "layers":
        for layer in model.model.layers:
            layer.compile(backend="eager")
    else:
        model.forward = torch.compile(model.forward, backend="eager")
    assert_same(traced(compiled), expected)
    written = generate(compiled, "a novel", tokenizer=TOKENIZER, max_new_tokens=4)
    plain = generate(tiny("llama"), "a novel", tokenizer=TOKENIZER, max_new_tokens=4)
    assert written.tokens == plain.tokens
    torch._dynamo.reset()


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")
@pytest.mark.parametrize("merged", [False, True])
def test_lora(merged: bool) -> None:
    peft = pytest.importorskip("peft", exc_type=ImportError)

    def adapted(attn_implementation: str) -> Any:
        torch.manual_seed(1)
        settings = peft.LoraConfig(
            target_modules=["q_proj", "v_proj"], init_lora_weights=False, task_type="CAUSAL_LM"
        )
        model = peft.get_peft_model(tiny("llama", attn_implementation), settings).eval()
        return model.merge_and_unload() if merged else model

    model = adapted("sdpa")
    trace = traced(model)
    assert_its_own(trace, adapted("eager"))
    assert not np.allclose(trace.attention(1), traced(tiny("llama")).attention(1), atol=1e-3)
    trace = generate(model, "a novel", tokenizer=TOKENIZER, max_new_tokens=4)
    expected = model.generate(**TOKENIZER("a novel", return_tensors="pt"), max_new_tokens=4)
    assert [token.id for token in trace.tokens] == expected[0].tolist()


@pytest.mark.filterwarnings("ignore:.*gradient_checkpointing.*:FutureWarning")
def test_training_with_checkpoints_goes_on() -> None:
    expected = traced(tiny("llama"))
    model = tiny("llama").train()
    model.gradient_checkpointing_enable()
    ids = TOKENIZER(TEXT, return_tensors="pt")["input_ids"]

    def step() -> list[torch.Tensor]:
        model.zero_grad()
        model(ids, labels=ids, use_cache=False).loss.backward()
        return [parameter.grad.clone() for parameter in model.parameters()]

    before = step()
    assert_same(traced(model), expected)
    assert generate(model, "a novel", tokenizer=TOKENIZER, max_new_tokens=3).n_layers == 3
    assert model.is_gradient_checkpointing
    for gradient, same in zip(before, step(), strict=True):
        assert torch.equal(gradient, same)


def test_a_capture_in_the_middle_of_a_training_step() -> None:
    model = tiny("llama").train()
    ids = TOKENIZER(TEXT, return_tensors="pt")["input_ids"]
    model(ids, labels=ids).loss.backward()
    expected = [parameter.grad.clone() for parameter in model.parameters()]
    model.zero_grad()
    loss = model(ids, labels=ids).loss
    traced(model)
    loss.backward()
    for parameter, gradient in zip(model.parameters(), expected, strict=True):
        assert parameter.grad is not None
        assert torch.equal(parameter.grad, gradient)


@pytest.mark.parametrize(
    ("task", "family"), [("text-generation", "llama"), ("feature-extraction", "bert")]
)
def test_pipelines(task: Any, family: str) -> None:
    pipe = transformers.pipeline(task, model=tiny(family), tokenizer=TOKENIZER)
    assert_same(capture(pipe, TEXT), traced(tiny(family)))
    if task == "text-generation":
        assert len(generate(pipe, "a novel", max_new_tokens=3).tokens) == 7


# Classes of the user's own


class Mine(transformers.BertModel):
    """A sub-class with a forward of its own."""

    def forward(self, input_ids: Any, attention_mask: Any = None) -> Any:
        return super().forward(input_ids=input_ids, attention_mask=attention_mask).pooler_output


class Headed(transformers.BertPreTrainedModel):
    """A model in a model, with a head."""

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.inner = transformers.BertModel(config)
        self.head = torch.nn.Linear(config.hidden_size, 2)
        self.post_init()  # type: ignore[no-untyped-call]

    def forward(self, input_ids: Any, attention_mask: Any = None) -> Any:
        return {"score": self.head(self.inner(input_ids, attention_mask)[0][:, 0])}


@pytest.mark.parametrize("kind", [Mine, Headed])
def test_classes_of_the_users_own(kind: Any) -> None:
    plain = tiny("bert")
    model = kind(copy.deepcopy(plain.config)).eval()
    (model.inner if kind is Headed else model).load_state_dict(plain.state_dict())
    assert_same(traced(model), traced(plain))


HEADS = [
    *("SequenceClassification", "TokenClassification", "QuestionAnswering", "MaskedLM"),
    *("NextSentencePrediction", "PreTraining"),
]


@pytest.mark.parametrize("head", HEADS)
def test_task_heads(head: str) -> None:
    plain = tiny("bert")
    kind = getattr(transformers, f"BertFor{head}")
    model = kind(plain.config).eval()
    model.bert.load_state_dict(plain.state_dict(), strict=False)
    assert_same(traced(model), traced(plain))


# sentence-transformers


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_sentence_transformers(minilm_path: Path, minilm: Any) -> None:
    package = pytest.importorskip("sentence_transformers", exc_type=ImportError)
    sentences = package.SentenceTransformer(str(minilm_path), device="cpu")
    trace = capture(sentences, "a novel idea")
    assert_same(trace, capture(minilm[0], "a novel idea", tokenizer=minilm[1]))
    states = torch.tensor(trace.hidden_states(6)).mean(0)
    pooled = sentences.encode("a novel idea", convert_to_tensor=True)
    np.testing.assert_allclose(states / states.norm(), pooled, atol=1e-5)


def sentence_transformer(inner: object) -> Any:
    """One in all that capture looks at; the real one is used above where it is installed."""

    class Transformer(torch.nn.Module):
        auto_model = inner
        tokenizer = TOKENIZER

    class SentenceTransformer(torch.nn.Sequential):
        pass

    return SentenceTransformer(Transformer(), torch.nn.Identity())


def test_sentence_transformers_are_known_without_their_package() -> None:
    model = tiny("bert")
    assert_same(capture(sentence_transformer(model), TEXT), traced(model))
    with pytest.raises(
        TypeError, match="got a SentenceTransformer whose first module is no transformers model"
    ):
        capture(sentence_transformer(None), TEXT)


# NaN is shown and counted, not hidden


@pytest.mark.parametrize("attn_implementation", ["sdpa", "eager"])
def test_attention_that_is_not_a_number_is_let_through(attn_implementation: str) -> None:
    model: Any = tiny("bert", attn_implementation)
    expected = traced(model)
    with torch.no_grad():
        model.encoder.layer[1].attention.self.query.weight[0] = float("nan")  # head 0
    trace = traced(model)
    assert np.isnan(trace.attention(1)[0]).all()
    assert not np.isnan(trace.attention(1)[1:]).any()
    np.testing.assert_array_equal(trace.attention(0), expected.attention(0))
    assert np.isnan(trace.hidden_states(2)).all()


# Interrupted


@pytest.mark.parametrize("work", [traced, lambda model: generate(model, "a", tokenizer=TOKENIZER)])
def test_an_interruption_leaves_a_model_that_works(work: Callable[[PreTrainedModel], Any]) -> None:
    model = tiny("llama")
    expected = traced(model)

    def interrupt(module: Any, args: Any) -> None:
        raise KeyboardInterrupt

    handle = model.model.layers[1].mlp.register_forward_pre_hook(interrupt)
    with pytest.raises(KeyboardInterrupt):
        work(model)
    handle.remove()
    assert_same(traced(model), expected)
