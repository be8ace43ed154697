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
    (LAYERS[0][0, 0, 0], {}, "attentions of layer 0 has shape (4,); allowed: (query, key) of one"),
    (
        [LAYERS[0][0, 0, 0]],
        {},
        "attentions of layer 0 has shape (4,); allowed: (query, key) of one head, (head, query,",
    ),
    (
        [weights(1, 3, N, N), weights(1, 3, N, 5)],
        {},
        "attentions of layer 1 has shape (3, 4, 5); a",
    ),
    (
        [weights(3, M, M)],
        {},
        "attentions of layer 0 has shape (3, 5, 5); allowed: (head, query = 4,",
    ),
    (
        [weights(2, 3, N, N)],
        {},
        "attentions of layer 0 has shape (2, 3, 4, 4) (batch, head, query",
    ),
    ([weights(2, 3, N, N)], {"item": 2}, "item is 2, of a batch of 2; allowed: 0 to 1"),
    ([weights(2, 3, N, N)], {"item": -1}, "item is -1, of a batch of 2; allowed: 0 to 1"),
    ([-LAYERS[0]], {}, "attentions of layer 0 hold -0."),
    ([LAYERS[0] + torch.inf], {}, "attentions of layer 0 hold"),
    ([None], {}, "no layer has attention"),
    ([], {}, "no layer has attention"),
    (None, {}, "no layer has attention"),
    ([weights(0, N, N)], {}, "attentions of layer 0 has shape (0, 4, 4); allowed: no axis of leng"),
    ({"logits": 1}, {}, "there is no attention in logits; allowed: a model output with attentions"),
    ({"attentions": ()}, {}, "attentions of this output hold nothing; allowed: a model output wi"),
    (
        {"encoder_attentions": (), "decoder_attentions": (), "cross_attentions": None},
        {"target_tokens": TARGET},
        "encoder_attentions, decoder_attentions, cross_attentions of this output hold nothing",
    ),
    (LAYERS, {"cross_attentions": LAYERS}, "attention of a decoder is given without target_token"),
    (
        {"decoder_attentions": LAYERS, "encoder_attentions": LAYERS},
        {},
        "attention of a decoder is given without target_tokens",
    ),
    (
        LAYERS,
        {"target_tokens": TARGET, "cross_attentions": [weights(2, N, M)]},
        "cross_attentions of layer 0 has shape (2, 4, 5); allowed: (head, query = 5, key = 4)",
    ),
    (LAYERS, {"tokens": []}, "tokens is empty; allowed: a label or a Token for each position"),
]


@pytest.mark.parametrize(("attentions", "given_", "message"), BAD_ATTENTIONS)
def test_attentions_that_cannot_be_are_refused(
    attentions: Any, given_: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match="allowed") as caught:
        from_attentions(attentions, **{"tokens": LABELS, **given_})
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("attentions", "given_", "message"),
    [
        ((tuple(LAYERS), tuple(LAYERS)), {}, "attentions[0] is a tuple of arrays, as model.gen"),
        (((None, None),), {}, "attentions[0] is a tuple of arrays, as model.generate() returns"),
        ("attention", {}, "attentions is a str that makes no array of numbers"),
        ([object()], {}, "attentions[0] is a object that makes no array of numbers"),
        ([[[0.5], [0.5, 0.5]]], {}, "attentions[0] is a list that makes no array of numbers"),
        ([LAYERS[0].numpy() * 1j], {}, "attentions[0] is complex; allowed: real numbers"),
        (LAYERS, {"tokens": "abcd"}, "tokens is a single string; allowed: a list of strings"),
        (LAYERS, {"tokens": ["a", 2, "b", "c"]}, "tokens[1] is a int; allowed: str or Token (tok"),
        (
            {"attentions": LAYERS},
            {"cross_attentions": LAYERS},
            "attentions is a whole model output",
        ),
    ],
)
def test_what_is_no_attention_is_refused(
    attentions: Any, given_: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError, match="allowed") as caught:
        from_attentions(attentions, **{"tokens": LABELS, **given_})
    assert str(caught.value).startswith(message)


ROWS_OVER_1: list[tuple[Callable[[], torch.Tensor], str]] = [
    (
        lambda: 12 * LAYERS[0],
        "sums to 12; allowed: probabilities, of which each row (query) sums to",
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
    with pytest.raises(ValueError, match="allowed: probabilities") as caught:
        from_attentions([LAYERS[0], maps()], LABELS)
    assert str(caught.value).startswith("attentions of layer 1: row ")
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
