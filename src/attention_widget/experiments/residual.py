"""The residual stream of a pass, split by what wrote into it.

In a model whose layers add to what they are given, the state at a layer is a sum: the embeddings,
and what each head and MLP before it wrote (Elhage et al. 2021,
https://transformer-circuits.pub/2021/framework/). No model's code is known here: a layer's change
must be the sum of what its output projections and one more module gave out, each by a factor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import torch

from attention_widget.experiments.editing import Call
from attention_widget.experiments.frozen_norm import frozen
from attention_widget.experiments.head import own_head
from attention_widget.experiments.passes import Passes
from attention_widget.experiments.projection import Written, written_by
from attention_widget.experiments.term import Term
from attention_widget.experiments.watching import LayerCall, Watching
from attention_widget.trace.kind import Kind
from attention_widget.tracing.assemble import Place
from attention_widget.tracing.model.errors import UnsupportedModelError
from attention_widget.tracing.model.preserve import undisturbed
from attention_widget.tracing.recording.layer_modules import outermost_layers
from attention_widget.tracing.recording.rounding import tolerance

_PROBES: Final = 4  # more positions, at which a layer must add up too


@dataclass(frozen=True, eq=False)
class Stream:
    """The residual stream at some positions: ``start`` (position, hidden) is what enters the first
    layer, and each layer's ``terms`` come with the vectors (term, position, hidden) that it adds.

    ``layers`` are the modules as they ran, ``states`` (position, hidden) what entered each, and
    ``final`` what the last gave out.
    """

    positions: tuple[int, ...]
    start: torch.Tensor
    terms: tuple[tuple[Term, ...], ...]
    vectors: tuple[torch.Tensor, ...]
    layers: tuple[torch.nn.Module, ...]
    states: tuple[torch.Tensor, ...]
    final: torch.Tensor
    dtype: torch.dtype

    def before(self, layer: int | None = None) -> tuple[tuple[Term, ...], torch.Tensor]:
        """All that was written before a layer, by its place among the calls, or at all: the terms,
        and their vectors (term, position, hidden)."""
        terms = (Term("embeddings"), *(one for each in self.terms[:layer] for one in each))
        return terms, torch.cat([self.start[None], *self.vectors[:layer]])


def stream_of(
    model: Any, passes: Passes, positions: Sequence[int], kinds: Sequence[Kind], n_tokens: int
) -> Stream:
    """The residual stream of the stack of so many tokens whose attention is of some kinds.

    Raises:
        UnsupportedModelError: a layer does more to its state than to add to it (norms after the
            sum, gates), or a head's part of it is not known.
    """
    runnable, places = passes.runnable, passes.sites.places
    passes.sites.check(())
    wanted = list(positions)
    probes = [*wanted, *range(max(0, n_tokens - _PROBES), n_tokens)]
    layers = [
        layer
        for layer in outermost_layers(runnable.modules, own_head(model)).values()
        if _is_of(layer, runnable.modules, places, kinds)
    ]
    watching = Watching(places, layers, probes, kinds)
    runnable.edited(watching, hooks=watching.hooks())
    calls = watching.finished
    if not calls:
        raise UnsupportedModelError(
            model, "does not hand on one hidden state for each token from layer to layer"
        )
    modules = list(runnable.modules.values())
    terms, vectors = [], []
    for index, call in enumerate(calls):
        if index and not torch.equal(call.before, calls[index - 1].after):
            raise UnsupportedModelError(
                model,
                f"changes its hidden states between layer {index - 1} and layer {index}, so they "
                f"are no sum of what heads and MLPs wrote",
            )
        written = [
            undisturbed(modules, partial(written_by, one.z, one.candidates))
            for one in call.attention
        ]
        mine, made = _terms(model, modules, call, index, written)
        terms.append(mine)
        vectors.append(made[:, : len(wanted)])
    cut = slice(len(wanted))
    return Stream(
        tuple(wanted),
        calls[0].before[cut],
        tuple(terms),
        tuple(vectors),
        tuple(call.module for call in calls),
        tuple(call.before[cut] for call in calls),
        calls[-1].after[cut],
        watching.dtype,
    )


def _is_of(
    layer: torch.nn.Module,
    modules: Mapping[str, torch.nn.Module],
    places: Mapping[Call, Place],
    kinds: Sequence[Kind],
) -> bool:
    """Whether a layer is of the stack with attention of some kinds."""
    inside = set(map(id, layer.modules()))
    mine = {kind for (path, _), (kind, _) in places.items() if id(modules.get(path)) in inside}
    return not mine or not mine.isdisjoint(kinds)


def _terms(
    model: Any,
    modules: Sequence[torch.nn.Module],
    call: LayerCall,
    index: int,
    written: Sequence[Written | None],
) -> tuple[tuple[Term, ...], torch.Tensor]:
    """What one layer wrote."""
    change = call.after - call.before
    if not call.attention:
        return (Term("layer", index),), change[None]
    known = [one for one in written if one is not None]
    for one, found in zip(call.attention, written, strict=True):
        if found is None:
            raise UnsupportedModelError(
                model,
                f"has no module that takes what the heads of {one.kind} layer {one.layer} give "
                f"out, such as an output projection, or more stands between, so what a head "
                f"writes is not known",
            )
    fit = fitted(call, change, [one.whole for one in known])
    if fit is None:
        normed = undisturbed(modules, partial(_normed, call, known))
        fit, known = fitted(call, change, [one.whole for one in normed]), normed
    if fit is None:
        raise UnsupportedModelError(
            model,
            f"does not add what its heads write to the hidden state in layer "
            f"{call.attention[0].layer}, as models with a norm after the sum or with a gate do "
            f"not, so its states are no sum of what heads and MLPs wrote",
        )
    factors, rest = fit
    terms: list[Term] = []
    vectors: list[torch.Tensor] = []
    for one, found, factor in zip(call.attention, known, factors, strict=True):
        terms += [Term("head", one.layer, head, one.kind) for head in range(len(found.heads))]
        vectors.append(found.heads * factor)
        if bool(found.bias.any()):
            terms.append(Term("attention bias", one.layer, None, one.kind))
            vectors.append(found.bias[None] * factor)
    if rest is not None:
        terms.append(Term("MLP", call.attention[0].layer))
        vectors.append(rest[None])
    return tuple(terms), torch.cat(vectors)


def _normed(call: LayerCall, written: Sequence[Written]) -> list[Written]:
    """What heads write through a norm that stands between them and the sum, frozen, as Gemma's."""
    found = []
    for one in written:
        for inside in call.after_that(one.whole):
            norm = frozen(inside.module, one.whole.to(call.dtype), inside.gave.to(call.dtype))
            if norm is not None:
                bias = norm.linear(one.bias) + norm.bias
                one = Written(norm.linear(one.heads), bias, inside.gave)
                break
        found.append(one)
    return found


def fitted(
    call: LayerCall, change: torch.Tensor, parts: Sequence[torch.Tensor]
) -> tuple[list[float], torch.Tensor | None] | None:
    """By which factor each of the parts (position, hidden) is added, and what else is: nothing, or
    what one module gave out; None where that is not the change."""
    scale = torch.maximum(call.before.abs().amax(-1), call.after.abs().amax(-1))
    for other in (None, *call.outputs):
        columns = [*parts, *(() if other is None else (other,))]
        weights = (1 / scale.clamp(min=1e-30))[:, None].double()
        matrix = torch.stack([(each * weights).flatten() for each in columns], -1)
        wanted = (change * weights).flatten()[:, None]
        found = torch.linalg.lstsq(matrix, wanted, driver="gelsd").solution[:, 0]
        factors = [_whole(value) for value in found.tolist()]
        made = sum(each.double() * factor for each, factor in zip(columns, factors, strict=True))
        assert isinstance(made, torch.Tensor)
        off = (made - change).abs().amax(-1)
        allowed = tolerance(call.dtype) * change.abs().amax(-1)
        if not bool((off <= allowed + 4 * torch.finfo(call.dtype).eps * scale).all()):
            continue
        n = len(parts)
        if all(abs(factor) > 1e-3 for factor in factors[:n]):
            return factors[:n], None if other is None else other * factors[n]
    return None


def _whole(factor: float) -> float:
    """1 where it is 1 but for rounding."""
    return 1.0 if abs(factor - 1.0) <= 10 * tolerance(torch.float32) else factor
