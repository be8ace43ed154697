"""Capture one tiny model and hold what was captured against what the model says of itself."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from unittest import mock

import numpy as np
import torch
from layouts import as_reported, is_blocked
from tiny_inputs import TARGET, TEXT, reads_text, tiny_inputs, tokenizer
from tiny_models import tiny_model
from transformers import PreTrainedModel

from attention_widget.trace.block import Array, Block
from attention_widget.trace.grouping import Operation
from attention_widget.tracing import UnsupportedModelError, capture
from attention_widget.tracing.recording.checks import Checks
from attention_widget.tracing.recording.extra_keys import TOKENS_FIRST
from attention_widget.tracing.recording.recorded_pass import record
from attention_widget.tracing.recording.records import Record

TOLERANCE = 1e-5


@dataclass
class Finding:
    """What capture made of one model type."""

    model_type: str
    model: str = ""
    reads: str = "text"  # or the name of its main input
    how: list[str] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)  # "encoder" -> blocks
    reported: int = 0  # maps that the model's eager mode reports
    matched: int = 0
    difference: float | None = None  # largest, from a reported map
    product: float | None = None  # largest, of probabilities × values, relative
    refusal: str = ""
    failure: str = ""  # of the instance, not of capture
    notes: list[str] = field(default_factory=list)
    edits: dict[str, Any] = field(default_factory=dict)  # of a type with a language model
    language: list[dict[str, Any]] = field(default_factory=list)  # of its language models

    @property
    def wrong(self) -> bool:
        """Captured, and not what the model computes."""
        return bool(self.how) and (
            self.matched < self.reported
            or (self.difference or 0.0) > TOLERANCE
            or (self.product or 0.0) > TOLERANCE
        )

    @property
    def right(self) -> bool:
        return bool(self.how) and not self.wrong

    as_dict = asdict


@dataclass(frozen=True, eq=False)
class _Operation:
    kind: str
    attention: Array  # (head, query, key)
    has_sinks: bool


def examine(model_type: str, attn_implementation: str | None = None) -> Finding:
    """Capture a type as it is loaded by default; where its eager mode computes something else,
    capture that too, for only there it reports its maps."""
    model = tiny_model(model_type, attn_implementation)
    finding = Finding(model_type, type(model).__name__)
    text = reads_text(model)
    finding.reads = "text" if text else model.main_input_name
    with _products() as products:
        try:
            operations, inputs = (_traced if text else _recorded)(model, finding)
        except UnsupportedModelError as error:
            finding.refusal = str(error).partition(") ")[2]
            operations, inputs = [], tiny_inputs(model)
    if model_type in TOKENS_FIRST:
        _note(finding, f"attends, after its tokens, over {TOKENS_FIRST[model_type]}: left out")
    finding.product = max((_product(*one) for one in products), default=None)
    _compare(finding, model, operations, inputs, attn_implementation)
    return finding


def _compare(
    finding: Finding,
    model: PreTrainedModel,
    operations: list[_Operation],
    inputs: Mapping[str, Any],
    attn_implementation: str | None,
) -> None:
    eager = tiny_model(finding.model_type, "eager")
    reported, output = _reported(eager, inputs, finding)
    finding.reported = len(reported)
    if not operations:
        return
    if not reported and finding.reads != "text" and finding.notes:
        finding.failure = f"{finding.notes[0]}: nothing to compare with"
        return
    with torch.no_grad():
        same = _close(copy.deepcopy(model)(**inputs), output)
    if reported and not same:
        if attn_implementation == "eager":
            finding.notes.append("reporting its maps changes what it computes")
            finding.reported = 0
            return
        other = examine(finding.model_type, "eager")
        finding.notes += ["computes something else in eager mode, compared there", *other.notes]
        finding.matched, finding.difference = other.matched, other.difference
        finding.reported = other.reported
        return
    left = list(operations)
    if reported and all((weights == weights[:1]).all() for weights in reported):
        _note(finding, "reports means over its heads")
        left = [replace(one, attention=_mean(one.attention)) for one in left]
    finding.difference = 0.0 if reported else None
    for weights in reported:
        best, difference = _nearest(left, weights, finding.model_type in TOKENS_FIRST)
        finding.difference = max(finding.difference or 0.0, difference)
        if best is not None and difference <= TOLERANCE:
            finding.matched += 1
            left.remove(best)
            sinks = best.has_sinks and finding.model_type not in TOKENS_FIRST
            if sinks and float(np.abs(weights.sum(-1) - 1).max()) < 1e-4:
                _note(finding, "reports its maps without their sinks")


def _mean(attention: Array) -> Array:
    return np.broadcast_to(attention.mean(0, keepdims=True), attention.shape)


def _nearest(
    operations: list[_Operation], reported: Array, tokens_first: bool
) -> tuple[_Operation | None, float]:
    best: _Operation | None = None
    least, weights = float("inf"), reported
    for one in operations:
        given = [one.attention]
        if one.has_sinks:  # some models report what is left after the sink
            given.append(one.attention / one.attention.sum(-1, keepdims=True))
        if tokens_first:
            weights = reported[..., : one.attention.shape[1], : one.attention.shape[2]]
        for whole in given:
            attention = as_reported(whole, weights.shape)
            if attention is None:
                continue
            # rows that see no key are empty in ours, uniform or NaN in eager's
            seen = attention.any(-1, keepdims=True)
            same = ~seen | (np.isnan(attention) & np.isnan(weights))
            apart = np.where(same, 0.0, np.abs(attention - weights)).max()
            difference = float("inf") if np.isnan(apart) else float(apart)
            if difference < least:
                best, least = one, difference
    return best, least


def _traced(model: PreTrainedModel, finding: Finding) -> tuple[list[_Operation], dict[str, Any]]:
    accepted = inspect.signature(model.forward).parameters
    target = TARGET if "decoder_input_ids" in accepted else None
    trace = capture(model, TEXT, target=target, tokenizer=tokenizer())
    ids = torch.tensor([[token.id for token in trace.tokens]])
    inputs = {**tiny_inputs(model), "input_ids": ids}
    if "attention_mask" in inputs:
        inputs["attention_mask"] = torch.ones_like(ids)
    if trace.target is not None:
        inputs["decoder_input_ids"] = torch.tensor([[t.id for t in trace.target.tokens]])
    # the trace does not say how; the pass that made it does, when made again
    lengths = {len(trace.tokens), *([len(trace.target.tokens)] if trace.target else [])}
    recorded = record(model, dict(model.named_modules()), inputs, lengths)
    finding.how = sorted({one.how for layer in recorded.layers for one in layer.records})
    return [_operation(finding, one) for one in trace.operations], inputs


def _recorded(model: PreTrainedModel, finding: Finding) -> tuple[list[_Operation], dict[str, Any]]:
    inputs = tiny_inputs(model)
    recorded = record(model, dict(model.named_modules()), inputs)
    if recorded.refusal:
        raise UnsupportedModelError(model, recorded.refusal)
    layers = recorded.layers
    records = [(index, one) for index, layer in enumerate(layers) for one in layer.records]
    if not records:
        raise UnsupportedModelError(model, "has no attention in a list of layers")
    finding.how = sorted({one.how for _, one in records})
    return [_operation(finding, one.block(index)) for index, one in records], inputs


def _operation(finding: Finding, one: Operation) -> _Operation:
    finding.kinds[one.kind] = finding.kinds.get(one.kind, 0) + 1
    sinks = isinstance(one, Block) and one.sinks is not None
    return _Operation(one.kind, one.attention(), sinks)


def _reported(
    model: PreTrainedModel, inputs: Mapping[str, Any], finding: Finding
) -> tuple[list[Array], Any]:
    """Maps (head, query, key) that eager mode reports, and its output."""
    with torch.no_grad():
        try:
            output = model(**{**inputs, "output_attentions": True})
        except TypeError as error:
            if "output_attentions" not in str(error):
                raise
            return [], model(**inputs)
    maps = []
    for name, value in _attentions(output):
        if value.shape[0] != 1 or not (value.ndim == 4 or is_blocked(value.shape)):
            _note(finding, f"reports {name} of shape {tuple(value.shape)}")
        elif bool((value < -1e-6).any()) or bool((value.sum(-1) > 1.001).any()):
            _note(finding, f"reports {name} that are no probabilities")
        else:
            maps.append(value[0].float().numpy())
    return maps, output


def _note(finding: Finding, note: str) -> None:
    if note not in finding.notes:
        finding.notes.append(note)


def _attentions(output: Any, name: str = "") -> Iterator[tuple[str, torch.Tensor]]:
    if isinstance(output, torch.Tensor):
        if "attentions" in name and output.is_floating_point():
            yield name, output
    elif isinstance(output, Mapping):
        for key, value in output.items():
            yield from _attentions(value, key if "attentions" not in name else name)
    elif isinstance(output, tuple | list):
        for value in output:
            yield from _attentions(value, name)


def _close(one: Any, other: Any) -> bool:
    first, second = (
        next((v for v in (o.values() if isinstance(o, Mapping) else o) if torch.is_tensor(v)), None)
        for o in (one, other)
    )
    if first is None or second is None:
        return first is second
    return first.shape == second.shape and torch.allclose(first, second, atol=1e-3, equal_nan=True)


@contextmanager
def _products() -> Iterator[list[tuple[Record, torch.Tensor, Any]]]:
    """Collects each record with the whole output that it has to explain."""
    collected: list[tuple[Record, torch.Tensor, Any]] = []
    original = Checks.add

    def add(
        self: Checks,
        record: Record,
        output: torch.Tensor,
        alternatives: Any = tuple,
        project: Any = None,
        whole: bool = False,
    ) -> None:
        collected.append((record, output.detach().clone(), project))
        original(self, record, output, alternatives, project, whole)

    with mock.patch.object(Checks, "add", add):
        yield collected


def _product(record: Record, output: torch.Tensor, project: Any) -> float:
    """Largest difference of probabilities × values from the output, relative to its largest
    value; in float64, of all rows that see a key."""
    block = record.block(0)
    attention = block.attention().astype(np.float64)
    value = block.value.double().numpy().repeat(block.n_heads // block.n_kv_heads, 0)
    expected = torch.from_numpy(attention @ value).transpose(0, 1)  # (query, head, dim)
    if project is not None:
        with torch.no_grad():
            expected = project(expected.float())
    seen = torch.from_numpy(attention.any(-1).all(0)).reshape(-1, *[1] * (expected.ndim - 1))
    size = float(output.abs().max()) or 1.0
    return float(((expected - output) * seen).abs().max()) / size
