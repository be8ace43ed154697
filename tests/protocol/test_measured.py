"""Measures in the place of attention: both languages say and compute the same of them.

    PYTHONPATH=tests python tests/protocol/test_measured.py

writes the cases into tests/golden/measures.json, which tests/js/trace/measures.test.ts reads too.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from attention_widget import from_attentions
from attention_widget.errors import InvalidValueError, NotFoundError
from attention_widget.experiments.measuring.facts import MEASURES
from attention_widget.experiments.measuring.of_trace import OF_TRACE
from attention_widget.protocol.measured import OF_LOGIT, SCALES, measured
from attention_widget.protocol.options import values_of
from attention_widget.trace.block import Array
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace
from attention_widget.widget.about_measure import About, read_about, written

GOLDEN = Path(__file__).parents[1] / "golden" / "measures.json"

ABOUT = (
    About("norm"),
    About("rollout"),
    About("chefer", 4, None),
    About("gradient_attention", None, " a/b"),
    About("gradient_attention", 0, 17),
)
TENSORS = (
    "edges/encoder/0/each/0,1/0.8/0/all",
    "edges/encoder/0/mean/0,1/1/0/all",
    "map_tile/encoder/0/mean/0,1/weight/2/0/0",
    "map_margins/encoder/0/mean/1",
    "attention_row/encoder/0/1,2",
    "thumbnails/encoder/0",
    "layer_largest/encoder/0",
)


def some_values() -> Array:
    """Numbers on both sides of 0, whose sums are exact."""
    drawn = np.random.default_rng(7).integers(-900, 900, (2, 6, 6))
    values: Array = np.asarray(drawn / 256, np.float32)
    return values


def some_trace() -> Trace:
    attentions = np.full((1, 2, 6, 6), 1 / 6, np.float32)
    return from_attentions(attentions, list("abcdef"))


def values_of_measure(trace: Trace, kind: Kind, layer: int) -> Array:
    return some_values()


def facts() -> dict[str, Any]:
    return {
        name: {
            "scale": SCALES[name],
            "per": MEASURES[name].per,
            "isExact": MEASURES[name].is_exact,
            "takes": "trace" if name in OF_TRACE else "gradient" if name in OF_LOGIT else "model",
            "meaning": MEASURES[name].meaning,
            "silent": MEASURES[name].silent,
        }
        for name in values_of("weights")
    }


def cases() -> dict[str, Any]:
    made = {
        text: measured(some_trace(), "gradient_attention", values_of_measure, text)
        for text in TENSORS
    }
    return {
        "facts": facts(),
        "about": [
            {"name": one.name, "token": one.token, "other": one.other, "key": written(one)}
            for one in ABOUT
        ],
        "values": some_values().ravel().tolist(),
        "tensors": {
            key: {"shape": list(array.shape), "data": array.ravel().tolist()}
            for key, array in made.items()
        },
    }


def test_the_cases_are_as_written() -> None:
    assert json.loads(GOLDEN.read_text(encoding="utf-8")) == json.loads(json.dumps(cases()))


@pytest.mark.parametrize("about", ABOUT)
def test_what_a_key_says_is_read_again(about: About) -> None:
    assert read_about(written(about)) == about
    assert "/" not in written(about)


@pytest.mark.parametrize(
    "text", ["length", "{", '{"name":"norm","token":1,"other":null}', '{"name":"chefer"}']
)
def test_what_names_no_measure_is_refused(text: str) -> None:
    with pytest.raises((InvalidValueError, ValueError)):
        read_about(text)


def test_a_measure_has_no_queries_or_summaries() -> None:
    with pytest.raises(NotFoundError, match="a measure has attention, "):
        measured(some_trace(), "norm", values_of_measure, "summaries/encoder/0")


def test_a_whole_layer_is_the_same_for_each_head() -> None:
    one = some_values()[0]
    got = measured(some_trace(), "rollout", lambda *_: one, "attention/encoder/0")
    assert (got == one).all()
    assert got.shape == (2, 6, 6)


if __name__ == "__main__":
    text = json.dumps(cases(), ensure_ascii=False, indent=1)
    GOLDEN.write_text(text + "\n", encoding="utf-8")
