"""Whatever a model is like and whatever is asked of it: afterwards all is as it was."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.models import TEXT, tiny, tokenizer
from support.seq2seq import tiny_seq2seq
from support.surroundings import assert_equal, deep

from attention_widget import TraceTooLargeError, capture, generate

pytestmark = pytest.mark.filterwarnings(
    "ignore:You are calling .generate.. with the `input_ids`:UserWarning",  # of what is offloaded
    "ignore:.*gradient_checkpointing.*:FutureWarning",  # transformers' names for it change
    "ignore::DeprecationWarning:torch",
)

TOKENIZER = tokenizer()


class Interrupted(BaseException):
    """Neither an Exception nor anything that a library would catch."""


LORA = {
    "bert": ["query", "value"],
    "llama": ["q_proj", "v_proj"],
    "gpt2": ["c_attn"],
    "falcon": ["query_key_value"],
    "bart": ["q_proj", "v_proj"],
    "t5": ["q", "v"],
}
FAMILIES = list(LORA)
TWO_STACKS = ("bart", "t5")


@dataclass(frozen=True)
class Case:
    """A model as it may come, and what is asked of it."""

    family: str
    attn_implementation: str = "sdpa"
    dtype: torch.dtype = torch.float32
    mode: str = "evaluation"
    way: str = "plain"
    checkpoints: bool = False
    gradients: bool = False
    asked: str = "capture"
    fails_at: float | None = None  # in which of its modules, from first to last
    error: type[BaseException] = RuntimeError
    threads: int = 1


def model_of(case: Case) -> tuple[Any, Any]:
    """What is handed to capture, and the transformers model within."""
    inner: Any
    if case.family in TWO_STACKS:
        kind = {"bart": "BartForConditionalGeneration", "t5": "T5ForConditionalGeneration"}
        try:
            inner = tiny_seq2seq(kind[case.family], case.attn_implementation)
        except ValueError:  # no sdpa for T5 before transformers 5.1
            inner = tiny_seq2seq(kind[case.family], "eager")
    else:
        inner = tiny(case.family, case.attn_implementation)
    inner = inner.to(case.dtype)
    if case.checkpoints and inner.supports_gradient_checkpointing:
        inner.gradient_checkpointing_enable()
    outer = inner
    if case.way == "lora":
        peft = pytest.importorskip("peft", exc_type=ImportError)
        adapted = {"target_modules": LORA[case.family], "fan_in_fan_out": case.family == "gpt2"}
        outer = peft.get_peft_model(inner, peft.LoraConfig(**adapted))
    elif case.way == "compiled":
        inner.compile(backend="eager")
    elif case.way == "wrapped":
        outer = torch.compile(inner, backend="eager")
    outer.train(case.mode != "evaluation")
    if case.mode == "mixed":
        list(inner.modules())[-1].eval()
    for index, parameter in enumerate(inner.parameters()):
        parameter.requires_grad_(index % 3 != 0)
        if case.gradients and index % 2 == 0:
            parameter.grad = torch.ones_like(parameter)
    if case.way == "offloaded":
        accelerate = pytest.importorskip("accelerate", exc_type=ImportError)
        accelerate.cpu_offload(inner)
    return outer, inner


def ask(case: Case, model: Any) -> Any:
    options: dict[str, Any] = {"tokenizer": TOKENIZER}
    if case.asked == "generate":
        return generate(model, TEXT, max_new_tokens=4, **options)
    if case.asked == "windows":
        return capture(model, TEXT, windows=9, **options)
    if case.asked == "layers":
        return capture(model, TEXT, layers=[1], **options)
    if case.asked == "too large":
        with pytest.raises(TraceTooLargeError):
            capture(model, TEXT, memory_limit=500, **options)
        return None
    given = case.family in TWO_STACKS and (case.asked == "target" or case.way == "offloaded")
    return capture(model, TEXT, target="a good novel" if given else None, **options)


CASES = st.builds(
    Case,
    family=st.sampled_from(FAMILIES),
    attn_implementation=st.sampled_from(["sdpa", "eager"]),
    dtype=st.sampled_from([torch.float32, torch.bfloat16]),
    mode=st.sampled_from(["evaluation", "training", "mixed"]),
    way=st.sampled_from(["plain", "lora", "compiled", "wrapped", "offloaded"]),
    checkpoints=st.booleans(),
    gradients=st.booleans(),
    asked=st.sampled_from(["capture", "target", "generate", "windows", "layers", "too large"]),
    fails_at=st.none() | st.floats(0, 1),
    error=st.sampled_from([RuntimeError, KeyboardInterrupt, Interrupted, ValueError]),
    threads=st.sampled_from([1, 1, 2]),
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(CASES)
@example(Case("llama", way="offloaded", fails_at=0.5, error=KeyboardInterrupt))
@example(Case("gpt2", "eager", mode="training", way="wrapped", asked="generate", fails_at=0.9))
@example(
    Case("t5", way="offloaded", asked="capture")
)  # its embedding, which is shared, has two hooks
@example(Case("bart", way="lora", asked="capture", gradients=True, threads=2))
@example(Case("bert", asked="windows", mode="mixed", checkpoints=True, fails_at=0.3))
def test_all_is_as_it_was(case: Case) -> None:
    if case.family == "bert" and case.asked == "generate":
        return  # it has no head
    if case.family in TWO_STACKS:
        if case.asked == "windows":
            return  # they are for one stack
        if case.way == "offloaded" and case.asked in ("generate", "layers"):
            return  # transformers 4.48 cannot have them write when their weights are away
    outer, inner = model_of(case)
    raised = failing(inner, case) if case.fails_at is not None else []
    before = deep(outer)
    if case.threads == 1:
        attempt(case, outer, raised)
    else:
        with ThreadPoolExecutor(case.threads) as pool:
            work = functools.partial(attempt, case, outer, raised)
            list(pool.map(lambda _: work(), range(case.threads)))
    assert_equal(deep(outer), before)
    if case.way in ("compiled", "wrapped"):
        torch._dynamo.reset()


def failing(model: Any, case: Case) -> list[bool]:
    """Have one of the modules raise; the list tells whether it did."""
    raised: list[bool] = []

    def fail(module: Any, args: Any) -> None:
        raised.append(True)
        raise case.error("in the middle")

    modules = list(model.modules())
    assert case.fails_at is not None
    modules[round(case.fails_at * (len(modules) - 1))].register_forward_pre_hook(fail)
    return raised


def attempt(case: Case, model: Any, raised: Sequence[bool]) -> None:
    try:
        ask(case, model)
    except (case.error, ValueError):  # a target that could not be written is a ValueError
        if not raised:
            raise


@settings(max_examples=10)
@given(st.lists(st.sampled_from(FAMILIES[:4]), min_size=2, max_size=4), st.data())
def test_at_once_on_several_models(families: list[str], data: st.DataObject) -> None:
    """Captures of different models in different threads neither mix nor leave anything."""
    cases = [Case(family, data.draw(st.sampled_from(["sdpa", "eager"]))) for family in families]
    models = [model_of(case)[1] for case in cases]
    expected = [ask(case, model) for case, model in zip(cases, models, strict=True)]
    before = [deep(model) for model in models]
    with ThreadPoolExecutor(len(models)) as pool:
        found = list(pool.map(ask, cases * 2, models * 2))
    for trace, right in zip(found, expected * 2, strict=True):
        assert len(trace.blocks) == len(right.blocks)
        for block in right.blocks:
            np.testing.assert_array_equal(
                trace.attention(block.layer), right.attention(block.layer)
            )
    for model, one in zip(models, before, strict=True):
        assert_equal(deep(model), one)


def test_this_test_would_notice() -> None:
    """Each kind of disturbance is one that the comparison above sees."""
    disturbances: list[Callable[[Any], object]] = [
        lambda model: model.train(),
        lambda model: model.register_forward_hook(lambda *args: None),
        lambda model: model.lm_head.weight.data.add_(1),
        lambda model: setattr(model.config, "use_cache", not model.config.use_cache),
        lambda model: model.set_attn_implementation("eager"),
        lambda model: setattr(model.lm_head.weight, "grad", torch.ones(32, 32)),
        lambda model: model.model.rotary_emb.inv_freq.add_(1),
        lambda model: model.generation_config.update(max_length=7),
        lambda model: setattr(model.lm_head, "extra", 1),
        lambda model: torch.rand(1),
        lambda model: np.random.rand(),
        lambda model: model.lm_head.weight.requires_grad_(False),
    ]
    for disturb in disturbances:
        model: Any = tiny("llama")
        if not hasattr(model, "set_attn_implementation"):
            model.set_attn_implementation = functools.partial(
                setattr, model.config, "_attn_implementation"
            )
        before = deep(model)
        with torch.no_grad():
            disturb(model)
        with pytest.raises(AssertionError):
            assert_equal(deep(model), before)
