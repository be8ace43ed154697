"""Hold the measures of one tiny model against the sums that they must keep."""

from __future__ import annotations

import inspect
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from tiny_inputs import TARGET, TEXT, reads_text, tokenizer
from tiny_models import tiny_model

from attention_widget.experiments import Experiment
from attention_widget.experiments.measuring.block_parts import BlockParts, key_vectors
from attention_widget.experiments.measuring.block_watch import each_block
from attention_widget.experiments.measuring.projections import each_projection
from attention_widget.trace.block import Block
from attention_widget.tracing import UnsupportedModelError
from attention_widget.tracing.recording.linear import Linear

MEASURES = ("value_weighted", "norm", "norm_residual", "rollout", "alti")
TOLERANCE = 1e-5


@dataclass
class MeasureFinding:
    """What measures made of one model type: by name how far the sum that each must keep is off,
    the largest of all layers, relative to the largest number or to 1; and why the first layer is
    refused of which one is."""

    model_type: str
    failure: str = ""  # of the examination
    reads: str = "text"
    kinds: list[str] = field(default_factory=list)
    off: dict[str, float] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def wrong(self) -> list[str]:
        return [name for name, off in self.off.items() if not off <= TOLERANCE]


def examine_measures(model_type: str) -> MeasureFinding:
    """Ask for every measure of every layer of a tiny model."""
    finding = MeasureFinding(model_type)
    model = tiny_model(model_type)
    if not reads_text(model):
        finding.reads = model.main_input_name
        return finding
    two = "decoder_input_ids" in inspect.signature(model.forward).parameters
    lab = Experiment(model, TEXT, target=TARGET if two else None, tokenizer=tokenizer())
    try:
        trace = lab.trace
    except UnsupportedModelError as error:
        finding.refused = dict.fromkeys(MEASURES, _why(error))
        return finding
    finding.kinds = list(trace.kinds)
    try:
        sums = {"norm": _projections(lab), "norm_residual": _blocks(lab)}
    except UnsupportedModelError:
        sums = {"norm": {}, "norm_residual": {}}  # each measure says why
    for name in MEASURES:
        for operation in trace.operations:
            kind, layer = operation.kind, operation.layer
            if name in ("norm_residual", "rollout", "alti") and kind == "cross":
                continue  # which they are not of
            try:
                values = lab.measure(name, layer, kind).values  # type: ignore[arg-type]
            except UnsupportedModelError as error:
                finding.refused.setdefault(name, _why(error))
                continue
            if name in sums:
                off = sums[name][kind, layer]
            elif name == "value_weighted":
                off = 0.0
            else:
                off = float(abs(values.sum(1) - 1.0).max())
            worst = off if off == off else float("inf")
            finding.off[name] = max(finding.off.get(name, 0.0), worst)
    return finding


def _projections(lab: Experiment) -> dict[Any, float]:
    """By place how far Σ α f(x) and the bias are from what the output projection gives out."""
    found: dict[Any, float] = {}

    def take(place: Any, linear: Linear, whole: torch.Tensor) -> None:
        block = lab.trace.operation(place[1], place[0])
        if not isinstance(block, Block) or not block.value.shape[2]:
            return
        value = block.value.float().repeat_interleave(block.n_heads // block.n_kv_heads, 0)
        if value.shape[0] * value.shape[2] != len(linear.matrix):
            return
        parts = value @ linear.of_heads(value.shape[2])  # (head, key, hidden)
        terms = torch.from_numpy(block.attention()) @ parts
        found[place] = _off(terms.sum(0) + linear.bias, whole.float().cpu()[: block.n_queries])

    each_projection(lab._passes, take)
    return found


def _blocks(lab: Experiment) -> dict[Any, float]:
    """By place how far what queries take from keys, and the bias, are from the block's output."""
    found: dict[Any, float] = {}

    def take(place: Any, parts: BlockParts) -> None:
        block = lab.trace.operation(place[1], place[0])
        if not isinstance(block, Block) or not block.n_queries == block.n_keys == len(parts.gave):
            return
        made = key_vectors(block, parts)
        if made is not None:
            taken = (made.weights.transpose(1, 2) @ made.parts).sum(0) * made.sizes[:, None]
            found[place] = _off(taken + made.own + made.bias, made.gave)

    each_block(lab._passes, take)
    return found


def _off(one: torch.Tensor, other: torch.Tensor) -> float:
    size = max(1.0, float(other.abs().max()))
    return float((one - other).abs().max()) / size


def _why(error: Exception) -> str:
    return str(error).partition(") ")[2]


def as_dict(finding: MeasureFinding) -> dict[str, Any]:
    """For JSON."""
    return asdict(finding)
