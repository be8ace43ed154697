"""While a scan reads, the model gives out what it gives out alone: the scan hands on its own
weights × values in place of what PyTorch would compute once more."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from attention_widget import scan
from attention_widget.demo import demo_language_model, demo_model
from attention_widget.tracing.model.find import find_model, find_tokenizer

TEXTS = [
    "The cat sat on the mat, because the mat was warm, and the cat sat on the mat again.",
    "I read a good novel, and she read a good paper.",
    "A novel idea.",
    " ".join(f"The {number} paper and the cat read a novel." for number in range(40)),
]


@pytest.mark.slow
@pytest.mark.parametrize("which", ["sentences", "language"])
def test_a_padded_batch_gives_what_it_gives_alone(which: str) -> None:
    model: Any
    if which == "sentences":
        model = find_model(demo_model())[0]
        tokens = find_tokenizer(model)
    else:
        model, tokens = demo_language_model()
    base = getattr(model, model.base_model_prefix, model)
    passes: list[tuple[dict[str, Any], torch.Tensor]] = []

    def keep(module: Any, args: Any, kwargs: dict[str, Any], output: Any) -> None:
        passes.append((kwargs, output.last_hidden_state.clone()))

    hook = base.register_forward_hook(keep, with_kwargs=True)
    try:
        scan(model, TEXTS, tokens, progress=False)
    finally:
        hook.remove()
    batches = [one for one in passes if len(one[0]["input_ids"]) > 2]
    assert batches
    for given, found in batches:
        with torch.no_grad():
            wanted = base(**given).last_hidden_state
        own = given["attention_mask"].bool()
        assert not own.all()
        off = (found - wanted).abs()[own]
        assert off.max() <= 2e-5 * wanted[own].abs().max()
        if which == "language":
            logits, expected = model.lm_head(found[own]), model.lm_head(wanted[own])
            assert (logits - expected).abs().max() <= 2e-5 * expected.abs().max()
            assert (logits.argmax(-1) == expected.argmax(-1)).float().mean() > 0.99
