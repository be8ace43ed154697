"""Make edits in a pass: what each call of attention is to give out instead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import torch

from attention_widget.errors import InvalidValueError
from attention_widget.experiments.edits import EdgeOff, Edit, HeadOff, HeadPatch, HeadScale
from attention_widget.experiments.placing import blocked_by, layers_of
from attention_widget.trace.block import Block, Maps, mixed_by
from attention_widget.trace.calculation_plans import NOT_KEPT_OF_EDITS
from attention_widget.trace.indices import Indices
from attention_widget.trace.mask import Mask
from attention_widget.trace.projections import Projections
from attention_widget.tracing.assemble import Place, Traced
from attention_widget.tracing.model.errors import UnsupportedModelError
from attention_widget.tracing.recording.records import Record
from attention_widget.tracing.recording.seam import Live

Call = tuple[str, int]
"""A module's path and the number of its call."""

_OutputEdit = HeadOff | HeadScale | HeadPatch


class Sites:
    """Where in a model's pass the attention of a trace was computed, and can be changed."""

    def __init__(self, model: Any, traced: Traced) -> None:
        self.model = model
        self.traced = traced
        self.places: Mapping[Call, Place] = {
            (site.path, call): place
            for place, site in traced.sites.items()
            if site.how != "reported maps"
            for call in site.calls
        }

    def calls(self, edits: Sequence[Edit]) -> list[Call]:
        """The calls that edits that are placed change."""
        wanted = {place for edit in edits for place in self.of(edit)}
        return [call for call, place in self.places.items() if place in wanted]

    def of(self, edit: Edit) -> list[Place]:
        """Where an edit that is placed is made."""
        assert edit.kind is not None
        if isinstance(edit, EdgeOff):
            return [(edit.kind, layer) for layer in layers_of(edit, self.traced.trace)]
        return [(edit.kind, edit.layer)]

    def check(self, edits: Sequence[Edit]) -> None:
        """UnsupportedModelError, before any pass, for what cannot be changed in this model."""
        unheard = self.traced.sites.keys() - set(self.places.values())
        if unheard:
            kind, layer = min(unheard, key=lambda place: place[1])
            raise UnsupportedModelError(
                self.model,
                f"cannot be run with its attention changed: that of {kind} layer {layer} is known "
                f"by the maps that the model reports alone",
            )
        for edit in edits:
            if not isinstance(edit, EdgeOff):
                continue
            for kind, layer in self.of(edit):
                if not isinstance(self.traced.trace.operation(layer, kind), Block):
                    raise UnsupportedModelError(
                        self.model,
                        f"cannot have an edge blocked in {kind} layer {layer}, whose queries and "
                        f"keys are not known; switch heads off there instead (HeadOff)",
                    )


class Edited:
    """Edits that are placed, as :class:`~attention_widget.tracing.recording.seam.Changes` for a
    pass over one row for each list of edits."""

    def __init__(self, sites: Sites, rows: Sequence[Sequence[Edit]]) -> None:
        self._sites = sites
        self._gave: dict[Call, torch.Tensor] = {}
        self._edges: list[dict[Place, list[EdgeOff]]] = []
        self._outputs: list[dict[Place, list[_OutputEdit]]] = []
        for edits in rows:
            edges: dict[Place, list[EdgeOff]] = defaultdict(list)
            outputs: dict[Place, list[_OutputEdit]] = defaultdict(list)
            for edit in edits:
                for place in sites.of(edit):
                    if isinstance(edit, EdgeOff):
                        edges[place].append(edit)
                    else:
                        outputs[place].append(edit)
            self._edges.append(dict(edges))
            self._outputs.append(dict(outputs))

    @cached_property
    def _wanted(self) -> frozenset[Place]:
        edges = {place for row in self._edges for place in row}
        return frozenset(edges.union(*self._outputs))

    def wants(self, path: str, call: int) -> bool:
        return self._sites.places.get((path, call)) in self._wanted

    def changed(self, path: str, call: int, output: torch.Tensor, live: Live) -> torch.Tensor:
        place = self._sites.places[path, call]
        known = self._sites.traced.trace.operation(place[1], place[0])
        if output.ndim != 4 or output.shape[2] != known.n_heads or len(output) != len(self._edges):
            raise UnsupportedModelError(
                self._sites.model,
                f"cannot be changed in {place[0]} layer {place[1]}: what its attention gives out "
                f"there is {tuple(output.shape)}, not (batch, query, head, dim) of "
                f"{len(self._edges)} × {known.n_queries} × {known.n_heads}",
            )
        whole = output.clone()
        for row, z in enumerate(whole):
            if edges := self._edges[row].get(place):
                record = live(row)
                if not isinstance(record, Record) or not isinstance(known, Block):
                    raise BatchRefusedError(
                        self._sites.model,
                        f"cannot have edges blocked in {place[0]} layer {place[1]} in several rows "
                        f"at once",
                    )
                _block(z, _as_checked(record.parts, known), edges)
            for edit in self._outputs[row].get(place, ()):
                _change(z, edit, known.n_queries)
        if len(whole) == 1 and place in self._outputs[0]:
            self._gave[path, call] = whole[0, : known.n_queries].detach().to("cpu", copy=True)
        return whole

    def given(self) -> tuple[Projections, ...]:
        """What heads gave out in a pass of one row, in the layers in which edits changed that."""
        found = []
        for kind, layer in self._outputs[0]:
            site = self._sites.traced.sites[kind, layer]
            if not isinstance(self._sites.traced.trace.operation(layer, kind), Block):
                continue  # probabilities alone: no calculation is shown
            edited = torch.cat([self._gave[site.path, call] for call in site.calls], -1)
            found.append(Projections(layer, kind, refusal=NOT_KEPT_OF_EDITS, edited=edited))
        return tuple(found)

    def shown(self, operation: Block | Maps) -> Block | Maps:
        """The attention of the one row, without its blocked edges."""
        [edges] = self._edges
        mine = edges.get((operation.kind, operation.layer))
        if not mine or not isinstance(operation, Block):
            return operation
        return replace(operation, mask=_mask(operation, _blocked(operation, mine)))


class BatchRefusedError(UnsupportedModelError):
    """Edits that can be made one list at a time, not as rows of a batch."""


def _as_checked(live: Block, known: Block) -> Block:
    """A call's attention with the scale and mask that gave the model's output when they were
    checked: its arguments may not say them."""
    if (live.n_queries, live.n_keys) != (known.n_queries, known.n_keys):
        return live
    return replace(live, scale=known.scale, mask=known.mask)


def _blocked(block: Block, edges: Sequence[EdgeOff]) -> torch.Tensor:
    """Which of its edges are blocked (head, query, key)."""
    sizes = (block.n_heads, block.n_queries, block.n_keys)
    blocked = blocked_by(edges[0], *sizes)
    for edge in edges[1:]:
        blocked |= blocked_by(edge, *sizes)
    return blocked


def _mask(block: Block, blocked: torch.Tensor) -> Mask:
    return Mask.from_visible(_visible(block) & ~blocked)


def _visible(block: Block) -> torch.Tensor:
    return block.mask.visible(torch.arange(block.n_queries, dtype=torch.long, device="cpu"))


def _block(z: torch.Tensor, block: Block, edges: Sequence[EdgeOff]) -> None:
    """Compute again, without the blocked edges, the outputs (query, head, dim) that had any."""
    blocked = _blocked(block, edges)
    cut = (_visible(block) & blocked).any(-1)  # (head, query)
    heads, queries = cut.any(1).nonzero()[:, 0].tolist(), cut.any(0).nonzero()[:, 0].tolist()
    if not heads:
        return
    without = replace(block, mask=_mask(block, blocked))
    new = mixed_by(without, heads, queries)  # (query, head, dim)
    rows, columns = _index(queries, z)[:, None], _index(heads, z)
    chosen = cut[heads][:, queries].transpose(0, 1)[..., None].to(z.device)
    z[rows, columns] = torch.where(chosen, new.to(z.device, z.dtype), z[rows, columns])


def _change(z: torch.Tensor, edit: _OutputEdit, n_queries: int) -> None:
    """Write into the outputs (query, head, dim) what an edit makes of them."""
    assert not isinstance(edit.heads, int)
    heads = _index(edit.heads, z)
    rows = _rows(edit.tokens, z)
    if isinstance(edit, HeadScale):
        z[rows, heads] = z[rows, heads] * edit.factor
    elif isinstance(edit, HeadPatch):
        given = edit.source.heads_output(edit.layer, edit.kind).to(z.device, z.dtype)
        if given.shape[1:] != z.shape[1:]:
            raise InvalidValueError(
                f"source must have heads of the model's shape in layer {edit.layer}, "
                f"{tuple(z.shape[1:])}, got {tuple(given.shape[1:])}; take an experiment with the "
                f"same model"
            )
        z[rows, heads] = given[_rows(edit.source_tokens, given), heads]
    elif edit.value == "mean":
        mean = z[:n_queries, heads].float().mean(0)
        z[rows, heads] = mean.to(z.dtype).expand(len(rows), -1, -1)
    else:
        z[rows, heads] = 0.0


def _rows(tokens: Indices | None, z: torch.Tensor) -> torch.Tensor:
    """Indices (row, 1) of the tokens, or of all queries: some models have more than tokens."""
    if tokens is None:
        return torch.arange(len(z), dtype=torch.long, device=z.device)[:, None]
    assert not isinstance(tokens, int)
    return _index(tokens, z)[:, None]


def _index(chosen: Sequence[int], like: torch.Tensor) -> torch.Tensor:
    return torch.tensor(list(chosen), dtype=torch.long, device=like.device)
