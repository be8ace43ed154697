"""Values and what a head gives out: the trace's own, and what the model computed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from support.traces import as_maps, encoder_decoder, trace

from attention_widget import AttentionWidget, capture, from_arrays
from attention_widget.protocol.catalogue import compute
from attention_widget.trace.trace import Trace

TEXT = "The colour purple is a novel idea"


def entering(model: Any, ends: str, tokenizer: Any) -> list[NDArray[Any]]:
    """What each output projection is given in a plain pass: all heads beside each other."""
    found: list[NDArray[Any]] = []
    modules = [module for path, module in model.named_modules() if path.endswith(ends)]
    hooks = [
        module.register_forward_pre_hook(lambda _, args: found.append(args[0][0].detach().numpy()))
        for module in modules
    ]
    try:
        with torch.no_grad():
            model(**tokenizer(TEXT, return_tensors="pt"))
    finally:
        for hook in hooks:
            hook.remove()
    return found


@pytest.mark.parametrize(
    ("name", "ends", "tolerance"),
    [("minilm", "attention.output.dense", 2e-6), ("smollm", "o_proj", 2e-5)],
)
def test_the_output_of_a_head_is_what_the_model_computed(
    name: str, ends: str, tolerance: float, request: pytest.FixtureRequest
) -> None:
    model, tokenizer = request.getfixturevalue(name)
    made = capture(model, TEXT, tokenizer=tokenizer)
    kind = made.kinds[0]
    given = entering(model, ends, tokenizer)
    assert len(given) == made.n_layers
    for layer in (0, made.n_layers // 2, made.n_layers - 1):
        heads = np.split(given[layer], made.n_heads, axis=1)
        for head in (0, 4, made.n_heads - 1):
            found = compute(made, f"head_output/{kind}/{layer}/{head}")
            largest = np.abs(heads[head]).max()
            np.testing.assert_allclose(found, heads[head], atol=tolerance * largest)


@pytest.mark.parametrize(
    "made", [trace((4, 2)), trace((4,), kv_heads=2, causal=True), encoder_decoder(kv_heads=1)]
)
def test_it_is_the_sum_of_the_weights_times_the_values(made: Trace) -> None:
    for kind in made.kinds:
        for layer in made.layers_with_attention(kind):
            group = made.count_heads(layer, kind) // len(made.values(layer, kind))
            for head in range(made.count_heads(layer, kind)):
                values = compute(made, f"value/{kind}/{layer}/{head}")
                np.testing.assert_array_equal(values, made.values(layer, kind)[head // group])
                weights = made.attention(layer, kind, heads=head)[0]
                found = compute(made, f"head_output/{kind}/{layer}/{head}")
                np.testing.assert_allclose(found, weights @ values, atol=1e-5)


def test_a_long_text_is_summed_in_parts() -> None:
    made = trace((1,), [f"t{i}" for i in range(300)], causal=True)
    found = compute(made, "head_output/decoder/0/0")
    np.testing.assert_allclose(found, (made.attention(0) @ made.values(0))[0], atol=1e-5)


def test_what_has_no_values_says_so() -> None:
    maps = as_maps(trace((2,)))
    bare = from_arrays(np.eye(3), np.eye(3), tokens=["a", "b", "c"])
    for made, message in ((maps, "known by its attention alone"), (bare, "values .* were not giv")):
        kind = made.kinds[0]
        assert not AttentionWidget.from_trace(made).meta["attention"][0]["layers"][0]["has_values"]
        for name in ("value", "head_output"):
            with pytest.raises(LookupError, match=message):
                compute(made, f"{name}/{kind}/0/0")
    known = AttentionWidget.from_trace(trace((2,))).meta["attention"][0]["layers"][0]
    assert known["has_values"]
