"""What an experiment will take of memory, said before its passes where it is more than is free."""

from __future__ import annotations

from typing import Final

from attention_widget._util.free_memory import Work, warn_if_short
from attention_widget.experiments.subject import Subject
from attention_widget.tracing.memory import gradient_nbytes, pass_nbytes

_SMALLER: Final = "take a shorter text, load the model in half precision (dtype=torch.bfloat16)"


def warn_of_gradient(lab: Subject, what: str, rows: int = 1, instead: str = "") -> None:
    """LowMemoryWarning where a pass with gradients over so many rows takes more than is free;
    ``instead`` names what needs no gradient."""
    advice = f"{_SMALLER}, or {instead}" if instead else _SMALLER.replace(", load", ", or load")
    _warn(lab, "gradient", what, rows * _of_gradient(lab), advice)


def warn_of_ranking(lab: Subject, rows: int) -> None:
    """The same of ranking heads: one pass with gradients for their order, then batches of so many
    rows, each with another head switched off."""
    of_pass = pass_nbytes(lab.tracer.model, lab.tracer.modules, *_lengths(lab))
    needed = max(_of_gradient(lab), rows * of_pass)
    advice = f"{_SMALLER}, or switch off the heads that you have in mind by themselves"
    what = f"ranking heads at {len(lab.trace.tokens)} tokens"
    _warn(lab, "ranking", what, needed, advice)


def _of_gradient(lab: Subject) -> int:
    return gradient_nbytes(lab.tracer.model, lab.tracer.modules, *_lengths(lab))


def _lengths(lab: Subject) -> tuple[int, int]:
    """How many tokens the model reads, and how many its decoder does beside an encoder."""
    trace = lab.trace
    return len(trace.tokens), 0 if trace.target is None else len(trace.target.tokens)


def _warn(lab: Subject, work: Work, what: str, needed: int, advice: str) -> None:
    if lab.tracer.model.device.type == "cpu":
        warn_if_short(work, what, needed, advice)
