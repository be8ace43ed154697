"""While a scan reads, the model gives out what it gives out alone: the scan hands on its own
weights × values in place of what PyTorch would compute once more."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch
from support.models import TEXT, tiny, tokenizer

from attention_widget import scan
from attention_widget.corpus.batch_seam import Attended
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


@pytest.mark.parametrize("family", ["bert", "llama"])
def test_every_head_is_held_against_the_model_in_turn(
    family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the first batch all heads, and then those that share keys, whose output must be that of
    the model's own function: where it is not, the model is read one text at a time."""
    model: Any = tiny(family)
    texts = [f"{TEXT} {number}" for number in range(12)]
    asked: list[int] = []
    first_wrong = 10**9
    plain = Attended.run

    def run(call: Attended, *args: Any) -> Any:
        asked.append(call.given[0].shape[1])
        output, weights = plain(call, *args)
        return (output * 1.001 if len(asked) > first_wrong else output), weights

    monkeypatch.setattr(Attended, "run", run)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        right = scan(model, texts, tokenizer(), batch_tokens=48, progress=False)
    config = model.config
    n_heads = config.num_attention_heads
    n_shared = getattr(config, "num_key_value_heads", None) or n_heads
    assert asked[0] == n_heads
    assert set(asked[len(asked) // 2 :]) == {n_heads // n_shared}
    first_wrong = len(asked) - 1
    asked.clear()
    with pytest.warns(UserWarning, match="one text at a time"):
        again = scan(model, texts, tokenizer(), batch_tokens=48, progress=False)
    np.testing.assert_allclose(again.columns["entropy"], right.columns["entropy"], rtol=1e-5)
