"""How large the matrix of a step is, before it is computed."""

from __future__ import annotations

from typing import Final

from attention_widget.trace.block import Block
from attention_widget.trace.calculation_steps import STEPS, StepName
from attention_widget.trace.grouping import Operation
from attention_widget.trace.projections import Projections, Side

_SIDES: Final[dict[str, Side]] = {
    "w_k": "key",
    "key_input": "key",
    "w_v": "value",
    "value_input": "value",
}
_OF_VALUES: Final = ("w_v", "b_v", "v", "v_normed", "v_scaled", "output", "edited", "w_o")
_WRITTEN: Final = ("w_o", "written", "b_o", "block")


def shape_of(name: StepName, one: Operation, known: Projections | None) -> tuple[int, int]:
    """Rows and columns of a step that there is of the heads of a layer."""
    sizes = {"token": one.n_queries, "query": one.n_queries, "key": one.n_keys, "one": 1}
    sizes["hidden"] = _hidden(name, known)
    if isinstance(one, Block):
        sizes["dim"] = (one.value if name in _OF_VALUES else one.query).shape[2]
    facts = STEPS[name]
    return sizes[facts.rows], sizes[facts.columns]


def _hidden(name: StepName, known: Projections | None) -> int:
    """What is projected, and what is written, may be of different sizes."""
    if known is None:
        return 0
    if name in _WRITTEN:
        return known.output.weight.shape[2] if known.output else 0
    side = known.sides[_SIDES.get(name, "query")]
    return side.weight.shape[1] if side else 0
