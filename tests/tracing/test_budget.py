"""Memory: estimated before the pass, counted during it, and bounded by layers=."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import torch
from support.models import FAMILIES, TEXT, has, tiny, tokenizer
from support.seq2seq import tiny_seq2seq
from support.small_machine import GB, a_machine_of

from attention_widget import TraceTooLargeError, capture
from attention_widget._util import free_memory
from attention_widget.errors import LowMemoryWarning
from attention_widget.tracing import tracer
from attention_widget.tracing.memory import available_nbytes, estimated_nbytes, pass_nbytes

TOKENIZER = tokenizer()
LONG = " ".join([TEXT] * 4)
COMMON = [
    *("bert", "roberta", "distilbert", "modernbert", "gpt2", "llama", "qwen2", "qwen3", "gemma2"),
    *("mistral", "phi3", "gpt_neox", "opt", "mixtral", "albert", "gpt_oss", "deberta_v2"),
]


def estimate(model: Any, n_tokens: int, n_target: int = 0, kept: int | None = None) -> int:
    return estimated_nbytes(model, dict(model.named_modules()), n_tokens, n_target, kept)


@pytest.mark.filterwarnings("ignore:`torch.jit.script:DeprecationWarning")
@pytest.mark.parametrize("family", FAMILIES)
def test_a_trace_takes_no_more_than_estimated(family: str) -> None:
    if not has(family):
        pytest.skip(f"this transformers has no {family}")
    model = tiny(family, "eager")
    trace = capture(model, LONG, tokenizer=TOKENIZER)
    estimated = estimate(model, len(trace.tokens))
    assert trace.nbytes <= estimated
    if family in COMMON:
        assert estimated <= 1.5 * trace.nbytes


@pytest.mark.parametrize("kind", ["BartModel", "T5ForConditionalGeneration", "EncoderDecoderModel"])
def test_nor_does_that_of_an_encoder_decoder(kind: str) -> None:
    model = tiny_seq2seq(kind, "eager")
    trace = capture(model, TEXT, target="a good novel", tokenizer=TOKENIZER)
    assert trace.target is not None
    estimated = estimate(model, len(trace.tokens), len(trace.target.tokens))
    assert trace.nbytes <= estimated <= 2.1 * trace.nbytes


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_takes_half(dtype: torch.dtype) -> None:
    model: Any = tiny("llama")
    whole = estimate(model, 60)
    trace = capture(model.to(dtype), LONG, tokenizer=TOKENIZER)
    assert trace.nbytes <= estimate(model, len(trace.tokens)) < 0.6 * whole


def test_a_real_model(minilm: Any) -> None:
    trace = capture(minilm[0], "a novel idea " * 100, tokenizer=minilm[1])
    estimated = estimate(minilm[0], len(trace.tokens))
    assert trace.nbytes <= estimated <= 1.5 * trace.nbytes


@pytest.mark.parametrize("family", ["bert", "llama", "jamba", "modernbert", "albert_groups"])
@pytest.mark.filterwarnings("ignore:`torch.jit.script:DeprecationWarning")
def test_fewer_layers_take_less(family: str) -> None:
    model = tiny(family, "eager")
    whole = capture(model, LONG, tokenizer=TOKENIZER)
    trace = capture(model, LONG, tokenizer=TOKENIZER, layers=[1])
    n = len(trace.tokens)
    assert trace.nbytes <= estimate(model, n, kept=1) < estimate(model, n)
    assert trace.nbytes < 0.6 * whole.nbytes
    assert trace.n_layers == whole.n_layers
    np.testing.assert_array_equal(trace.attention(1), whole.attention(1))
    for layer in (1, 2):
        np.testing.assert_array_equal(trace.hidden_states(layer), whole.hidden_states(layer))


def test_layers_come_in_any_form() -> None:
    model = tiny("bert")
    for layers in ([2, 0], (0, 2), range(0, 3, 2), {0, 2}, [np.int64(2), 0, 0]):
        trace = capture(model, TEXT, tokenizer=TOKENIZER, layers=layers)  # type: ignore[arg-type]
        assert [block.layer for block in trace.blocks] == [0, 2]
        assert trace.kept == (0, 2)


def test_a_layer_that_was_not_kept_is_named() -> None:
    trace = capture(tiny("bert"), TEXT, tokenizer=TOKENIZER, layers=[1])
    with pytest.raises(LookupError, match=r"layer 0 was not kept; .* holds layers 1 and the"):
        trace.attention(0)
    with pytest.raises(LookupError, match=r"hidden_states\(0\) were not kept; .*layers="):
        trace.hidden_states(0)


def test_layers_are_counted_over_lists_that_hold_none() -> None:
    """A list of modules without attention that runs first: the index is corrected afterwards."""

    model: Any = tiny("bert")
    model.encoder.steps = torch.nn.ModuleList([torch.nn.Identity(), torch.nn.Identity()])
    states = torch.zeros(1, len(TOKENIZER(TEXT)["input_ids"]), 32)

    def first(module: Any, args: Any) -> None:
        for step in model.encoder.steps:
            step(states)

    model.encoder.register_forward_pre_hook(first)
    whole = capture(model, TEXT, tokenizer=TOKENIZER)
    assert [block.layer for block in whole.blocks] == [0, 1, 2]
    trace = capture(model, TEXT, tokenizer=TOKENIZER, layers=[1])
    assert [block.layer for block in trace.blocks] == [1]
    np.testing.assert_array_equal(trace.attention(1), whole.attention(1))
    np.testing.assert_array_equal(trace.hidden_states(2), whole.hidden_states(2))
    assert trace.nbytes < 0.6 * whole.nbytes


# The limit


def test_a_trace_beyond_the_limit_is_refused_before_the_pass() -> None:
    model = tiny("bert")
    calls: list[object] = []
    model.register_forward_hook(lambda *args: calls.append(args))
    with pytest.raises(
        TraceTooLargeError,
        match=r"at most 10 kB of memory, got .*B by an estimate before the pass; keep "
        r"fewer layers \(layers=\[\.\.\.\]\), shorten .*truncation=True.*windows=.*memory_limit=",
    ) as caught:
        capture(model, LONG, tokenizer=TOKENIZER, memory_limit=10_000)
    assert not calls
    assert caught.value.limit == 10_000 < caught.value.needed
    assert capture(model, LONG, tokenizer=TOKENIZER, memory_limit=10**9).nbytes < 10**9


def test_a_wrong_estimate_is_noticed_during_the_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracer, "estimated_nbytes", lambda *args: 0)
    model: Any = tiny("bert")
    calls: list[object] = []
    model.encoder.layer[2].register_forward_hook(lambda *args: calls.append(args))
    with pytest.raises(TraceTooLargeError, match=r"got .* after 1 layers;"):
        capture(model, LONG, tokenizer=TOKENIZER, memory_limit=30_000)
    assert not calls
    assert capture(model, LONG, tokenizer=TOKENIZER).n_layers == 3


def test_by_default_free_memory_is_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    assert 0 < available_nbytes() <= 0.81 * psutil.virtual_memory().total
    monkeypatch.setattr(tracer, "available_nbytes", lambda: 1000)
    with pytest.raises(TraceTooLargeError, match="at most 1 kB"):
        capture(tiny("bert"), TEXT, tokenizer=TOKENIZER)


def test_on_4_gb_a_pass_that_would_not_fit_is_told_before_it_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The logits of so many words take more than is free; the trace itself is small."""
    model: Any = tiny("llama")
    calls: list[object] = []
    model.register_forward_pre_hook(lambda *args: calls.append(args))
    a_machine_of(monkeypatch, 4 * GB)
    capture(model, TEXT, tokenizer=TOKENIZER)  # without a word
    assert calls.pop()
    n_tokens = len(TOKENIZER(TEXT)["input_ids"])
    free = 2 * estimate(model, n_tokens)
    assert pass_nbytes(model, dict(model.named_modules()), n_tokens) > 0
    a_machine_of(monkeypatch, free)
    monkeypatch.setattr(tracer, "pass_nbytes", lambda *args: 3 * GB)
    with pytest.raises(
        LowMemoryWarning,
        match=r"reading \d+ tokens will take about 3.0 GB of memory, and .* are free; keep fewer "
        r"layers .*windows.*shorten.*half precision",
    ) as caught:
        capture(model, TEXT, tokenizer=TOKENIZER)  # a warning is an error here
    assert not calls
    lines = [frame.path for frame in caught.traceback]
    assert str(lines[0]) == __file__


def test_the_output_head_and_written_out_maps_count() -> None:
    eager, fast = tiny("bert", "eager"), tiny("bert")

    def of_pass(model: Any, n_tokens: int) -> int:
        return pass_nbytes(model, dict(model.named_modules()), n_tokens)

    heads = eager.config.num_attention_heads
    assert of_pass(eager, 100) - of_pass(fast, 100) == 4 * 100 * 100 * (3 * heads - 1)
    headed: Any = tiny("gpt2")
    vocabulary = headed.config.vocab_size
    has_head = headed.get_output_embeddings() is not None
    longer = of_pass(headed, 200) - 2 * of_pass(headed, 100)
    assert longer > 0  # maps grow with the square
    if has_head:
        assert of_pass(headed, 100) > 4 * 100 * vocabulary


def test_a_folder_of_weights_that_do_not_fit_is_told_before_they_are_loaded(
    minilm_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_machine_of(monkeypatch, 50_000_000)
    with pytest.raises(LowMemoryWarning, match=r"the model in .*90\.9 MB.*50\.0 MB are free; load"):
        capture(str(minilm_path), TEXT)


@pytest.mark.parametrize(
    ("line", "place", "names"),
    [
        ("0::/user/mine", "user/mine", ("memory.max", "memory.current")),
        (
            "4:cpu,memory:/user/mine",
            "memory/user/mine",
            ("memory.limit_in_bytes", "memory.usage_in_bytes"),
        ),
    ],
)
def test_the_limit_of_a_container_counts(
    line: str, place: str, names: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Either version of control groups: here, files in their places stand for the kernel's."""
    group = tmp_path / "sys" / place
    group.mkdir(parents=True)
    (group / names[0]).write_text("5000000\n")
    (group / names[1]).write_text("3000000\n")
    (group / "memory.stat").write_text("anon 5\ninactive_file 500000\nactive_file 7\n")
    (group.parent / names[0]).write_text("max\n" if "max" in names[0] else str(2**63 - 4096))
    (group.parent / names[1]).write_text("4000000\n")
    (group.parent / "memory.stat").write_text("")
    cgroup = tmp_path / "cgroup"
    cgroup.write_text(f"{line}\n3:cpu:/else\n")
    monkeypatch.setattr(free_memory, "_GROUPS", cgroup)
    monkeypatch.setattr(free_memory, "_MOUNT", tmp_path / "sys")
    free_memory._bounds.cache_clear()
    assert available_nbytes() == int(0.8 * 2_500_000)
    (group / names[1]).write_text("unreadable")
    assert available_nbytes() > 2_500_000


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"layers": 3}, TypeError, "layers must be a list of layers, .* got int"),
        ({"layers": "01"}, TypeError, "layers must be a list .* got str"),
        ({"layers": [1.0]}, TypeError, "layers must be .* got float among them"),
        ({"layers": [True]}, TypeError, "layers must be .* got bool among them"),
        ({"layers": []}, ValueError, "layers must be .* got none"),
        ({"layers": [-1]}, ValueError, "layers must be a list .* from 0, .* got -1"),
        ({"layers": [0, 7]}, ValueError, "layers must be in 0–2, got 7"),
        ({"memory_limit": "2GB"}, TypeError, "memory_limit must be a number of bytes, .* got str"),
        ({"memory_limit": 0}, ValueError, "memory_limit must be .* got 0"),
    ],
)
def test_wrong_options(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        capture(tiny("bert"), TEXT, tokenizer=TOKENIZER, **options)
