"""Edit the attention of one tiny model, and hold what comes of it against other ways to do so."""

from __future__ import annotations

import copy
import inspect
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from tiny_inputs import TARGET, TEXT, tokenizer
from tiny_models import tiny_model
from torch.overrides import TorchFunctionMode

from attention_widget.experiments import EdgeOff, Edit, Experiment, HeadOff
from attention_widget.experiments.head import with_head
from attention_widget.experiments.placing import placed
from attention_widget.trace.block import Block
from attention_widget.tracing import UnsupportedModelError

Place = tuple[Any, int]


@dataclass
class EditFinding:
    """What edits made of one model type; the numbers are the largest relative differences."""

    model_type: str
    refusal: str = ""  # of the model, or of edges
    places: int = 0  # layers with attention, of all kinds
    columns: float | None = None  # a head off, from zeros in the output projection's columns
    without_projection: int = 0  # places of which no module takes the heads' output
    edge: float | None = None  # a blocked edge, from a mask before each softmax
    row: float | None = None  # of its probabilities, from those of a row shared out again
    batches: bool = False
    resumed: int = 0  # of the places, how many a pass is resumed at

    @property
    def right(self) -> bool:
        """Whether all that could be compared agrees."""
        found = (self.columns, self.edge, self.row)
        return all(each is None or each <= 1e-5 for each in found)


def examine_edits(model_type: str, attn_implementation: str | None = None) -> EditFinding:
    """Switch off a head and block an edge in each place of a tiny model."""
    finding = EditFinding(model_type)
    model = tiny_model(model_type, attn_implementation)
    two = "decoder_input_ids" in inspect.signature(model.forward).parameters
    lab = Experiment(model, TEXT, target=TARGET if two else None, tokenizer=tokenizer())
    try:
        trace, passes = lab.trace, lab._passes
        places: list[Place] = [(one.kind, one.layer) for one in trace.operations]
        finding.places = len(places)
        [[_, own]] = passes.edited([[]])
        paths = {place: _projection(lab, place) for place in places}
        modules: dict[str, Any] = dict(lab.model.named_modules())
        # by layers that are one module, or whose modules share their weights
        shared = Counter(modules[path].weight.data_ptr() for path in paths.values() if path)
        for (kind, layer), path in paths.items():
            head = trace.count_heads(layer, kind) - 1
            changed = _run(lab, HeadOff(layer, head, kind))
            if path and shared[modules[path].weight.data_ptr()] == 1:
                z = lab.heads_output(layer, kind)
                apart = _apart(changed, _without_columns(lab, path, head, z))
                finding.columns = max(finding.columns or 0.0, apart)
            else:
                finding.without_projection += 1
        finding.batches = passes._batches
        finding.resumed = sum(passes._resumed.values())
        _edges(finding, lab, places, own)
    except UnsupportedModelError as error:
        finding.refusal = str(error).partition(") ")[2]
    return finding


def _edges(finding: EditFinding, lab: Experiment, places: list[Place], own: Any) -> None:
    trace = lab.trace
    last: dict[Any, int] = dict(places)
    for kind, layer in last.items():
        queries, _ = trace.sides(kind)
        operation = trace.operation(layer, kind)
        query = len(queries) - 1
        before = operation.attention()[:, query]
        key = _seen(lab, (kind, layer), query)
        made = EdgeOff(layer=layer, query=query, key=key, kind=kind)
        after = lab.trace_of(made).attention(layer, kind)[:, query]
        expected = before.copy()
        expected[:, key] = 0.0
        sinks = isinstance(operation, Block) and operation.has_sinks
        left = expected.sum(-1, keepdims=True)
        whole = 1.0 - before[:, key : key + 1] if sinks else left
        kept = left[:, 0] > 1e-6  # else float32 has lost what is shared out again
        apart = abs(after - expected / whole.clip(1e-9))[kept].max(initial=0.0)
        finding.row = max(finding.row or 0.0, float(apart))
        _run(lab, made)
    kind = trace.kinds[-1]
    layers = trace.layers_with_attention(kind)
    n_queries, n_keys = map(len, trace.sides(kind))
    query, key = n_queries - 1, _seen(lab, (kind, layers[-1]), n_queries - 1)
    edges = EdgeOff(query=query, key=key, kind=kind)
    block = trace.operation(layers[-1], kind)
    widths = {n_keys, n_keys + (isinstance(block, Block) and block.has_sinks)}
    mode = _Blocking(n_queries, widths, query, key)
    eager, _ = with_head(tiny_model(finding.model_type, "eager"))
    changed = _run(lab, edges)
    with torch.no_grad():
        plain = copy.deepcopy(eager)(**lab.inputs())
        if _apart(own, plain) > 1e-5:
            return
        with mode:
            masked = copy.deepcopy(eager)(**lab.inputs())
    if mode.seen == len(layers):
        finding.edge = _apart(changed, masked)


def _seen(lab: Experiment, place: Place, query: int) -> int:
    """The key other than itself that a query looks at most."""
    weights = lab.trace.attention(place[1], place[0], queries=query)[:, 0].mean(0)
    weights[query if place[0] != "cross" else len(weights) - 1] = 0.0
    return int(weights.argmax())


def _run(lab: Experiment, *edits: Edit) -> Any:
    [[_, output]] = lab._passes.edited([placed(edits, lab.trace)])
    return output


def _projection(lab: Experiment, place: Place) -> str:
    """Path of the only module that takes what the heads of a layer give out, unchanged, once."""
    flat = lab.heads_output(place[1], place[0]).flatten(1)
    found: list[str] = []
    model = copy.deepcopy(lab.model)

    def note(path: str) -> Any:
        def hook(_: Any, args: Any) -> None:
            given = args[0] if args and isinstance(args[0], torch.Tensor) else flat[:0]
            given = given[0] if given.ndim == 3 and given.shape[0] == 1 else given
            if given.shape == flat.shape and torch.equal(given, flat):
                found.append(path)

        return hook

    for path, module in model.named_modules():
        if getattr(module, "weight", None) is not None and module.weight.ndim == 2:
            module.register_forward_pre_hook(note(path))
    with torch.no_grad():
        model(**lab.inputs())
    return found[0] if len(found) == 1 else ""


def _without_columns(lab: Experiment, path: str, head: int, z: torch.Tensor) -> Any:
    model = copy.deepcopy(lab.model)
    module: Any = dict(model.named_modules())[path]
    of_head = slice(head * z.shape[2], (head + 1) * z.shape[2])
    if "Conv1D" in type(module).__name__:
        module.weight.data[of_head] = 0.0
    else:
        module.weight.data[:, of_head] = 0.0
    with torch.no_grad():
        return model(**lab.inputs())


class _Blocking(TorchFunctionMode):
    """Hides an edge before each softmax over so many queries and keys."""

    def __init__(self, n_queries: int, widths: Collection[int], query: int, key: int) -> None:
        super().__init__()
        self._n_queries, self._widths = n_queries, widths  # a sink is one more key
        self._edge = query, key
        self.seen = 0

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = getattr(func, "__name__", "")
        over_keys = name in ("softmax", "logsumexp") and args and args[0].ndim > 2
        if over_keys and args[0].shape[-2] == self._n_queries and args[0].shape[-1] in self._widths:
            logits = args[0].clone()
            logits[..., self._edge[0], self._edge[1]] = -1e30
            args = (logits, *args[1:])
            self.seen += name == "softmax"
        return func(*args, **(kwargs or {}))


def _apart(one: Any, other: Any) -> float:
    """How far two outputs differ, relative to the largest number."""
    pairs = list(zip(_tensors(one), _tensors(other), strict=False))
    return max((_difference(a, b) for a, b in pairs), default=float("inf"))


def _difference(one: torch.Tensor, other: torch.Tensor) -> float:
    if one.shape != other.shape:
        return float("inf")
    if not one.numel():
        return 0.0
    size = max(1.0, float(other.abs().nan_to_num(0.0).max()))
    return float((one - other).abs().nan_to_num(0.0).max()) / size


def _tensors(output: Any) -> Iterator[torch.Tensor]:
    if isinstance(output, torch.Tensor):
        if output.is_floating_point():
            yield output
    elif isinstance(output, Mapping):
        for each in output.values():
            yield from _tensors(each)
    elif isinstance(output, tuple | list):
        for each in output:
            yield from _tensors(each)
