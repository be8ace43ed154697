"""Hand-made arrays, from the hidden input to what a head writes: each step is NumPy's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from attention_widget import AttentionWidget, Trace, from_arrays
from attention_widget.protocol.catalogue import compute
from attention_widget.trace.calculation import Calculation
from attention_widget.widget.session import Session

WORDS = ["Tôi", "thích", "học", "AI"]
ROW_1 = {
    "scaled": [2.32444626, 1.13470157, 2.22122649, 1.56792258],
    "weights": [0.37375874, 0.11373439, 0.33710375, 0.17540311],
    "output": [1.1796727, 0.9217873, 1.45815851, 1.33770808],
}
"""As a course prints them; its scores are q · kᵀ / √4."""


def four_words() -> dict[str, Any]:
    """An embedding matrix, and W_q, W_k and W_v, of the seed that the course names."""
    random = np.random.RandomState(42)
    return {name: random.rand(4, 4) for name in ("x", "w_q", "w_k", "w_v")}


def softmax(logits: NDArray[Any]) -> NDArray[Any]:
    raised = np.exp(logits - logits.max(-1, keepdims=True))
    made: NDArray[Any] = raised / raised.sum(-1, keepdims=True)
    return made


def assert_steps(found: Calculation, expected: dict[str, NDArray[Any]]) -> None:
    for name, values in expected.items():
        np.testing.assert_allclose(found[name].values, values, rtol=2e-7, atol=1e-6, err_msg=name)


def expected_of(given: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    q, k, v = (given["x"] @ given[f"w_{name}"] for name in "qkv")
    scaled = q @ k.T / 2
    weights = softmax(scaled)
    of = {"q": q, "k": k, "v": v, "scores": q @ k.T, "scaled": scaled, "masked": scaled}
    return of | {"weights": weights, "output": weights @ v}


def test_four_words_are_as_the_course_has_them() -> None:
    given = four_words()
    trace = from_arrays(**given, tokens=WORDS)
    found = trace.calculation(0, 0)
    assert_steps(found, {"input": given["x"], **{w: given[w] for w in ("w_q", "w_k", "w_v")}})
    assert_steps(found, expected_of(given))
    for name, row in ROW_1.items():
        np.testing.assert_allclose(found[name].values[0], row, rtol=0, atol=1e-6)
        key = f"calculation/{trace.kinds[0]}/0/0/{name}"
        np.testing.assert_allclose(compute(trace, key)[0], row, rtol=0, atol=1e-6)
    assert found.scale == 0.5
    assert [step.name for step in found.steps] == [
        *("input", "w_q", "q", "w_k", "k", "w_v", "v"),
        *("scores", "scaled", "masked", "weights", "output"),
    ]
    assert "w_o was not given" in found.reason


def test_four_words_from_vectors_alone() -> None:
    given = four_words()
    q, k, v = (given["x"] @ given[f"w_{name}"] for name in "qkv")
    for values in (v, None):
        trace = from_arrays(q=q, k=k, v=values, tokens=WORDS)
        expected = expected_of(given)
        if values is None:
            del expected["v"], expected["output"]
        found = trace.calculation(0, 0)
        assert {step.name for step in found.steps} == {*expected}
        assert_steps(found, expected)
        assert "from_arrays(x=" in found.reason


def test_several_heads_with_biases_a_mask_and_an_output_projection(tmp_path: Path) -> None:
    random = np.random.default_rng(7)

    def some(*shape: int) -> NDArray[Any]:
        return random.normal(size=shape)

    x, w_q, w_k, w_v = some(5, 6), some(4, 6, 3), some(2, 6, 3), some(2, 6, 2)
    b_q, b_k, b_v, w_o, b_o = some(4, 3), some(2, 3), some(2, 2), some(8, 6), some(6)
    mask = np.tril(np.ones((5, 5), bool))
    weights: dict[str, Any] = {"w_q": w_q, "w_k": w_k, "w_v": w_v, "w_o": w_o}
    biases: dict[str, Any] = {"b_q": b_q, "b_k": b_k, "b_v": b_v, "b_o": b_o}
    made = from_arrays(x=x, **weights, **biases, mask=mask, scale=0.7, tokens=list("abcde"))
    assert made.kinds == ("decoder",)
    made.save(tmp_path / "t")
    trace = Trace.load(tmp_path / "t")
    block = np.zeros((5, 6)) + b_o
    for head in range(4):
        q = x @ w_q[head] + b_q[head]
        k, v = (x @ w[head // 2] + b[head // 2] for w, b in ((w_k, b_k), (w_v, b_v)))
        masked = np.where(mask, q @ k.T * 0.7, -np.inf)
        output = softmax(masked) @ v
        found = trace.calculation(0, head)
        written = output @ w_o[2 * head : 2 * head + 2]
        block = block + written
        expected = {"q": q, "k": k, "v": v, "masked": masked, "weights": softmax(masked)}
        assert_steps(found, expected | {"output": output, "written": written})
        assert_steps(found, {"b_q": b_q[[head]], "b_k": b_k[[head // 2]], "b_o": b_o[None]})
    np.testing.assert_allclose(found["block"].values, block, rtol=0, atol=1e-5)
    assert found.reason == ""


def test_a_widget_of_a_hidden_input() -> None:
    given = four_words()
    widget = AttentionWidget.from_arrays(**given, tokens=WORDS, layer=0)
    np.testing.assert_allclose(widget.trace.attention(0)[0, 0], ROW_1["weights"], rtol=0, atol=1e-6)


def test_nothing_is_said_to_be_missing_of_what_was_given() -> None:
    whole = Session.of_trace(from_arrays(**four_words(), tokens=WORDS, model_name="a course"))
    asked = {"name": "calculation", "kind": "encoder", "layer": 0}
    answers: list[Any] = []
    q = np.eye(4)
    for session in (whole, Session.of_trace(from_arrays(q, q, q, tokens=WORDS))):
        assert [*session.steps(1, asked)]
        answers.append(session.lab.answer(asked))
    assert answers[0]["missing"] == {"before": None, "after": None}
    assert [answer["of_arrays"] for answer in answers] == [True, True]
    assert answers[1]["missing"] == {"before": "of_arrays", "after": "of_arrays"}


EYE = np.eye(4)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "got no q and no k"),
        ({"q": EYE}, "got no k"),
        ({"x": EYE}, "got no w_q and no w_k"),
        ({"x": EYE, "w_q": EYE}, "got no w_k"),
        ({"w_q": EYE, "w_k": EYE}, "got w_q, w_k without x"),
        ({"x": EYE, "w_q": EYE, "w_k": EYE, "v": EYE}, "got x and v"),
        ({"q": EYE, "k": EYE, "w_o": EYE}, "got w_o without x"),
        ({"x": EYE, "w_q": EYE, "w_k": EYE, "b_v": EYE[0]}, "b_v goes with w_v"),
        ({"x": EYE, "w_q": EYE, "w_k": EYE, "w_o": EYE}, "w_o goes with w_v"),
        ({"x": "a", "w_q": EYE, "w_k": EYE}, "x must be an array"),
    ],
)
def test_arrays_that_do_not_go_together_are_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(TypeError, match=told):
        from_arrays(**given, tokens=WORDS)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"x": EYE[:3]}, r"x must have shape \(token = 4, hidden\), got \(3, 4\)"),
        ({"x": EYE[0]}, r"x must have shape"),
        ({"w_q": EYE[:3]}, r"w_q must have shape \(hidden = 4, dim\) of one head"),
        ({"w_k": EYE[:, :3]}, r"w_k must have shape \(hidden = 4, dim = 4\)"),
        ({"w_v": np.ones((2, 4, 4))}, r"w_v .* of as many heads as w_k"),
        ({"w_q": np.ones((3, 4, 4)), "w_k": np.ones((2, 4, 4))}, "or a divisor"),
        ({"b_q": np.ones(3)}, r"b_q must have shape \(dim = 4,\) or \(head = 1, dim = 4\)"),
        ({"w_o": np.ones((3, 4))}, r"w_o must have shape \(head · dim = 4, hidden\)"),
        ({"w_o": EYE, "b_o": np.ones(3)}, r"b_o must have shape \(hidden = 4,\)"),
        ({"target_tokens": ["a"]}, "target_tokens must be left out with x"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(given: dict[str, Any], told: str) -> None:
    whole: dict[str, Any] = {"x": EYE, "w_q": EYE, "w_k": EYE, "w_v": EYE, **given}
    with pytest.raises(ValueError, match=told):
        from_arrays(**whole, tokens=WORDS)
