"""Attention that cannot be is refused with the reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from support import models
from support.arrays import LABELS, LAYERS, TARGET, M, N, vectors, weights

from attention_widget.arrays import from_attentions

BAD_ATTENTIONS: list[tuple[Any, dict[str, Any], str]] = [
    (
        LAYERS[0][0, 0, 0],
        {},
        "attentions of layer 0 must have shape (query, key) of one head, (head, query, key), or "
        "(batch = 1, head, query, key), got (4,)",
    ),
    (
        [LAYERS[0][0, 0, 0]],
        {},
        "attentions of layer 0 must have shape (query, key) of one head, (head, query, key), or",
    ),
    (
        [weights(1, 3, N, N), weights(1, 3, N, 5)],
        {},
        "attentions of layer 1 must have shape (head, query = 4, key = 4), one for each token, "
        "got (3, 4, 5)",
    ),
    (
        [weights(3, M, M)],
        {},
        "attentions of layer 0 must have shape (head, query = 4, key = 4), one for each token, "
        "got (3, 5, 5)",
    ),
    (
        [weights(2, 3, N, N)],
        {},
        "attentions of layer 0 must be a batch of one, got a batch of 2 in shape (2, 3, 4, 4) "
        "(batch, head, query, key); pass item=0 to 1 with its tokens",
    ),
    (
        [weights(2, 3, N, N)],
        {"item": 2},
        "item must be in 0–1, got 2; attentions has 2 texts",
    ),
    ([weights(2, 3, N, N)], {"item": -1}, "item must be in 0–1, got -1"),
    (
        [-LAYERS[0]],
        {},
        "attentions of layer 0 must be probabilities, after the softmax, none negative or "
        "infinite, got -0.",
    ),
    ([LAYERS[0] + torch.inf], {}, "attentions of layer 0 must be probabilities"),
    ([None], {}, "attentions must hold an array for one layer at least, got none; a model that"),
    ([], {}, "attentions must hold an array for one layer at least, got none"),
    (None, {}, "attentions must hold an array for one layer at least, got none"),
    (
        [weights(0, N, N)],
        {},
        "attentions of layer 0 must have shape (query, key) of one head, (head, query, key), or "
        "(batch = 1, head, query, key), with no axis of length 0, got (0, 4, 4)",
    ),
    (
        {"logits": 1},
        {},
        "attentions must be a model output with attentions, encoder_attentions, "
        "decoder_attentions, cross_attentions, or a TransformerLens cache with "
        "blocks.0.attn.hook_pattern, got logits; run the model with output_attentions=True",
    ),
    (
        {"encoder_attentions": (), "decoder_attentions": (), "cross_attentions": None},
        {"target_tokens": TARGET},
        "attentions must be a model output with attentions, encoder_attentions, "
        "decoder_attentions, cross_attentions, or a TransformerLens cache with "
        "blocks.0.attn.hook_pattern, got empty encoder_attentions, decoder_attentions, "
        "cross_attentions; run",
    ),
    (
        LAYERS,
        {"cross_attentions": LAYERS},
        "target_tokens must be the decoder's tokens, beside tokens of the encoder, got None; pass",
    ),
    (
        {"decoder_attentions": LAYERS, "encoder_attentions": LAYERS},
        {},
        "target_tokens must be the decoder's tokens, beside tokens of the encoder, got None",
    ),
    (
        LAYERS,
        {"target_tokens": TARGET, "cross_attentions": [weights(2, N, M)]},
        "cross_attentions of layer 0 must have shape (head, query = 5, key = 4), one for each "
        "token, got (2, 4, 5)",
    ),
    (LAYERS, {"tokens": []}, "tokens must hold a str or a Token for each position, got none"),
]


@pytest.mark.parametrize(("attentions", "given_", "message"), BAD_ATTENTIONS)
def test_attentions_that_cannot_be_are_refused(
    attentions: Any, given_: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=r"must .*, got") as caught:
        from_attentions(attentions, **{"tokens": LABELS, **given_})
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("attentions", "given_", "message"),
    [
        (
            (tuple(LAYERS), tuple(LAYERS)),
            {},
            "attentions[0] must be an array, got a tuple of arrays, as model.generate() returns",
        ),
        (((None, None),), {}, "attentions[0] must be an array, got a tuple of arrays, as model.ge"),
        (
            "attention",
            {},
            "attentions must be an array of NumPy, PyTorch or JAX, or nested lists of numbers, "
            "got str (",
        ),
        ([object()], {}, "attentions[0] must be an array of NumPy, PyTorch or JAX, or nested"),
        ([[[0.5], [0.5, 0.5]]], {}, "attentions[0] must be an array of NumPy, PyTorch or JAX, or"),
        ([LAYERS[0].numpy() * 1j], {}, "attentions[0] must hold real numbers, got complex ones"),
        (LAYERS, {"tokens": "abcd"}, "tokens must be a list of strings, one per token, got one"),
        (
            LAYERS,
            {"tokens": ["a", 2, "b", "c"]},
            "tokens[1] must be a str or a Token, got int; tokenizer.convert_ids_to_tokens makes",
        ),
        (
            {"attentions": LAYERS},
            {"cross_attentions": LAYERS},
            "decoder_attentions and cross_attentions must be None beside a whole model output",
        ),
    ],
)
def test_what_is_no_attention_is_refused(
    attentions: Any, given_: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError, match=r"must (be|hold) ") as caught:
        from_attentions(attentions, **{"tokens": LABELS, **given_})
    assert str(caught.value).startswith(message)


ROWS_OVER_1: list[tuple[Callable[[], torch.Tensor], str]] = [
    (
        lambda: 12 * LAYERS[0],
        "of which each row (query) sums to 1 or less, got 12 in row ",
    ),
    (
        lambda: 12 * LAYERS[0],
        "here all rows sum to 12: divide by it (a sum over heads, or per cent?",
    ),
    (lambda: LAYERS[0].mT, "here the columns do, so the axes are (key, query): swap the last two"),
    (lambda: 9 * vectors(1, 3, N, N).abs(), "these may be scores: take the softmax over the keys"),
    (
        lambda: LAYERS[0] * torch.tensor([1.1, 1, 1, 0.9])[:, None],
        "dropout makes rows like these: call model.eval()",
    ),
]


@pytest.mark.parametrize(("maps", "said"), ROWS_OVER_1)
def test_rows_of_more_than_1_are_refused(maps: Callable[[], torch.Tensor], said: str) -> None:
    with pytest.raises(ValueError, match="must be probabilities") as caught:
        from_attentions([LAYERS[0], maps()], LABELS)
    assert str(caught.value).startswith("attentions of layer 1 must be probabilities")
    assert said in str(caught.value)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("size", [3, 50, 1000])
def test_rounded_rows_are_no_rows_of_more_than_1(dtype: torch.dtype, size: int) -> None:
    maps = torch.full((1, size, size), 1 / size)
    assert from_attentions(maps.to(dtype), ["x"] * size).n_layers == 1
    assert from_attentions(weights(1, size, size).to(dtype).float(), ["x"] * size).n_layers == 1


def test_what_a_model_loaded_by_default_reports() -> None:
    """Nothing, and the error says what to do instead of what was done."""
    model = models.tiny("bert", "sdpa")
    with torch.no_grad():
        output = model(input_ids=torch.tensor([[1, 2, 3, 4]]), output_attentions=True)
    forms: list[Any] = [output, output.attentions, (), (None, None), [None], ((), ()), [[]]]
    for given_ in forms:
        with pytest.raises(ValueError, match=r"AttentionWidget\(model, text\) shows it") as caught:
            from_attentions(given_, LABELS)
        assert 'load the model with attn_implementation="eager"' in str(caught.value)
