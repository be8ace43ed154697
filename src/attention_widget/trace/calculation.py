"""How one head comes by its attention and its output: a matrix for each step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from attention_widget.errors import NotFoundError
from attention_widget.trace.block import Array
from attention_widget.trace.calculation_steps import STEP_NAMES, STEPS, Axis, StepName
from attention_widget.trace.kind import Kind
from attention_widget.trace.rotation import Rotation


@dataclass(frozen=True, eq=False, repr=False)
class Step:
    """One matrix on the way: ``values`` (row, column), float32.

    ``is_exact`` is False where it was computed again in float32 of numbers that the model had
    rounded to half precision.

    >>> step = trace.calculation(0, 3)["scores"]
    >>> step
    Step('scores', 7 queries × 7 keys: scores = q · kᵀ)
    """

    name: StepName
    formula: str
    values: Array
    is_exact: bool = True

    @property
    def rows(self) -> Axis:
        """What a row stands for: "token", "query", "key", "hidden", "dim" or "one"."""
        return STEPS[self.name].rows

    @property
    def columns(self) -> Axis:
        """What a column stands for."""
        return STEPS[self.name].columns

    def __repr__(self) -> str:
        sizes = zip(self.values.shape, (self.rows, self.columns), strict=True)
        shape = " × ".join(_counted(size, axis) for size, axis in sizes)
        return f"Step({self.name!r}, {shape}: {self.formula})"


@dataclass(frozen=True, eq=False, repr=False)
class Calculation:
    """The calculation of one head (Vaswani et al. 2017, https://arxiv.org/abs/1706.03762, section
    3.2), step by step; ``STEPS`` in docs/calculation.md lists all that there can be.

    ``scale`` and ``softcap`` are the numbers of the step "scaled". Without the model's weights the
    steps begin at "q"; ``reason`` says why something is missing, and is empty if nothing is.
    ``rotation`` has the angles of the steps "q_rotated" and "k_rotated"; None where there are none.

    >>> found = trace.calculation(0, 3)
    >>> found
    Calculation(layer 0, head 3, encoder: q, k, v, scores, scaled, masked, weights, output)
    >>> found["weights"].values.shape  # (query, key)
    (7, 7)
    """

    layer: int
    head: int
    kind: Kind
    steps: tuple[Step, ...]
    scale: float = 1.0
    softcap: float | None = None
    reason: str = ""
    rotation: Rotation | None = None

    def __getitem__(self, name: str) -> Step:
        for step in self.steps:
            if step.name == name:
                return step
        names = ", ".join(step.name for step in self.steps)
        why = f"; {self.reason}" if self.reason and name in STEP_NAMES else ""
        raise NotFoundError(f"step must be one of {names}, got {name!r:.80}{why}")

    def __contains__(self, name: object) -> bool:
        return any(step.name == name for step in self.steps)

    def __repr__(self) -> str:
        names = ", ".join(step.name for step in self.steps)
        return f"Calculation(layer {self.layer}, head {self.head}, {self.kind}: {names})"


_PLURALS: Final = {"query": "queries", "hidden": "hidden", "one": "one"}


def _counted(count: int, axis: Axis) -> str:
    if axis in ("hidden", "dim", "one"):
        return f"{count} {axis}" if axis != "one" else f"{count}"
    return f"{count} {axis if count == 1 else _PLURALS.get(axis, f'{axis}s')}"
