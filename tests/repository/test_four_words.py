"""The notebook of four words, against the numbers that courses print for them."""

from __future__ import annotations

from typing import Any

import nbformat
import numpy as np
import pytest
from executed_notebooks import EXAMPLES
from support.notebooks import code

from attention_widget import from_arrays

SCORES = [2.32444626, 1.13470157, 2.22122649, 1.56792258]
WEIGHTS = [0.37375874, 0.11373439, 0.33710375, 0.17540311]
OUTPUT = [1.1796727, 0.9217873, 1.45815851, 1.33770808]


@pytest.fixture(scope="module", params=["02_attention_in_numpy", "02_attention_in_numpy.vi"])
def names(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the cells define, up to the real model."""
    notebook = nbformat.read(EXAMPLES / f"{request.param}.ipynb", as_version=4)
    defined: dict[str, Any] = {}
    before = np.get_printoptions()
    try:
        for source in code(notebook):
            if "AutoModel" in source:
                break
            exec(source, defined)
    finally:
        np.set_printoptions(**before)
    assert "causal" in defined
    return defined


def test_the_first_row_is_the_known_one(names: dict[str, Any]) -> None:
    for name, row in (("scores", SCORES), ("weights", WEIGHTS), ("output", OUTPUT)):
        np.testing.assert_allclose(names[name][0], row, rtol=0, atol=1e-6)


def test_the_widget_has_all_rows_to_six_decimals(names: dict[str, Any]) -> None:
    steps = names["trace"].calculation(0, 0)
    for name, matrix in (
        ("q", names["q"]),
        ("k", names["k"]),
        ("v", names["v"]),
        ("scaled", names["scores"]),
        ("weights", names["weights"]),
        ("output", names["output"]),
    ):
        np.testing.assert_allclose(steps[name].values, matrix, rtol=0, atol=1e-6)
    np.testing.assert_allclose(names["causal"].attention(0)[0], names["masked"], rtol=0, atol=1e-6)


def test_what_the_exercises_say_comes_out(names: dict[str, Any]) -> None:
    x, w_q, w_k, w_v = (names[name] for name in ("x", "w_q", "w_k", "w_v"))

    def weights(**given: Any) -> Any:
        return from_arrays(
            **{"tokens": names["words"], "x": x, "w_q": w_q, "w_k": w_k, "w_v": w_v, **given}
        ).attention(0)

    assert (weights(scale=1.0)[0].max(axis=1) > names["weights"].max(axis=1)).all()
    np.testing.assert_allclose(weights(w_q=np.zeros((4, 4)))[0], 0.25, atol=1e-7)
    order = [0, 2, 1, 3]
    np.testing.assert_allclose(
        weights(x=x[order])[0], names["weights"][np.ix_(order, order)], atol=1e-6
    )
    two = weights(w_q=np.stack([w_q, w_k]), w_k=np.stack([w_k, w_q]), w_v=np.stack([w_v, w_v]))
    assert two.shape == (2, 4, 4)
    np.testing.assert_allclose(two[0], names["weights"], atol=1e-6)
