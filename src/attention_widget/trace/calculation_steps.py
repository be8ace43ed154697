"""The steps of a head's calculation: the one table that the code, the docs and the browser share.

js/trace/calculation.ts has the same names and axes; tests/golden/calculation.json holds both to it.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, get_args

StepName = Literal[
    "hidden",
    "input",
    "w_q",
    "b_q",
    "q",
    "q_normed",
    "q_scaled",
    "q_rotated",
    "key_input",
    "w_k",
    "b_k",
    "k",
    "k_normed",
    "k_scaled",
    "k_rotated",
    "value_input",
    "w_v",
    "b_v",
    "v",
    "v_normed",
    "v_scaled",
    "scores",
    "scaled",
    "bias",
    "masked",
    "sink",
    "weights",
    "sunk",
    "output",
    "edited",
    "w_o",
    "written",
    "b_o",
    "block",
]
Axis = Literal["token", "query", "key", "hidden", "dim", "one"]

STEP_NAMES: Final[tuple[StepName, ...]] = get_args(StepName)


class StepFacts(NamedTuple):
    """The axes of a step's matrix, its formula where it has all its parts, and what it is."""

    rows: Axis
    columns: Axis
    formula: str
    meaning: str


STEPS: Final[dict[StepName, StepFacts]] = {
    "hidden": StepFacts("token", "hidden", "h", "The hidden state that enters the layer."),
    "input": StepFacts(
        "token",
        "hidden",
        "x = norm(h)",
        "What is projected: the hidden state, behind the layer's own norm where it has one.",
    ),
    "w_q": StepFacts("hidden", "dim", "W_Q", "The head's part of the query projection."),
    "b_q": StepFacts("one", "dim", "b_Q", "Its bias."),
    "q": StepFacts("query", "dim", "q = x · W_Q + b_Q", "What each token looks for."),
    "q_normed": StepFacts("query", "dim", "q′ = norm(q)", "Behind a norm of queries."),
    "q_scaled": StepFacts("query", "dim", "q′ = q · c", "Times a number of the model's."),
    "q_rotated": StepFacts(
        "query",
        "dim",
        "q̂ = rotate(q, position)",
        "Turned by its position (rotary embedding, Su et al. 2021).",
    ),
    "key_input": StepFacts(
        "key", "hidden", "x_K", "What keys are made of, where that is something else."
    ),
    "w_k": StepFacts("hidden", "dim", "W_K", "The key projection of the head, or of its group."),
    "b_k": StepFacts("one", "dim", "b_K", "Its bias."),
    "k": StepFacts("key", "dim", "k = x · W_K + b_K", "What each token offers to be found by."),
    "k_normed": StepFacts("key", "dim", "k′ = norm(k)", "Behind a norm of keys."),
    "k_scaled": StepFacts("key", "dim", "k′ = k · c", "Times a number of the model's."),
    "k_rotated": StepFacts("key", "dim", "k̂ = rotate(k, position)", "Turned by its position."),
    "value_input": StepFacts(
        "key", "hidden", "x_V", "What values are made of, where that is something else."
    ),
    "w_v": StepFacts("hidden", "dim", "W_V", "The value projection of the head, or of its group."),
    "b_v": StepFacts("one", "dim", "b_V", "Its bias."),
    "v": StepFacts("key", "dim", "v = x · W_V + b_V", "What each token hands on."),
    "v_normed": StepFacts("key", "dim", "v′ = norm(v)", "Behind a norm of values."),
    "v_scaled": StepFacts("key", "dim", "v′ = v · c", "Times a number of the model's."),
    "scores": StepFacts("query", "key", "scores = q · kᵀ", "How well each query fits each key."),
    "scaled": StepFacts(
        "query",
        "key",
        "scaled = scores · s",
        "Times the scale, mostly 1/√dim; then the soft cap, cap · tanh(scaled / cap), where there "
        "is one.",
    ),
    "bias": StepFacts(
        "query",
        "key",
        "bias",
        "What is added: a position bias, ALiBi's slopes, an additive mask.",
    ),
    "masked": StepFacts(
        "query", "key", "masked = scaled + bias", "−∞ where the mask hides a key from a query."
    ),
    "sink": StepFacts(
        "query", "one", "sink", "One more logit, which takes weight and gives no value."
    ),
    "weights": StepFacts(
        "query", "key", "weights = softmax(masked)", "The attention: shares that sum to 1."
    ),
    "sunk": StepFacts(
        "query", "one", "sunk = 1 − Σ weights", "The share of each row that goes to the sink."
    ),
    "output": StepFacts("query", "dim", "output = weights · v", "What the head gives out."),
    "edited": StepFacts(
        "query",
        "dim",
        "edited = edit(output)",
        "What the head gave out in a pass in which its output was edited.",
    ),
    "w_o": StepFacts("dim", "hidden", "W_O", "The head's rows of the output projection."),
    "written": StepFacts(
        "query", "hidden", "written = output · W_O", "What the head adds to the hidden state."
    ),
    "b_o": StepFacts("one", "hidden", "b_O", "The bias of the output projection."),
    "block": StepFacts(
        "query",
        "hidden",
        "block = Σ written + b_O",
        "All heads together: what the attention block gives out.",
    ),
}
"""Every step in order; Vaswani et al. 2017, section 3.2, has most of them."""
