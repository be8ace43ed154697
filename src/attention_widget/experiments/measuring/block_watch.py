"""Watch a pass for what each attention block adds its heads to, and the norm after the sum."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import torch
from torch.utils.hooks import RemovableHandle

from attention_widget.experiments.frozen_norm import FrozenNorm, frozen
from attention_widget.experiments.head import own_head
from attention_widget.experiments.measuring.block_parts import BlockParts
from attention_widget.experiments.passes import Passes
from attention_widget.experiments.residual import fitted
from attention_widget.experiments.watching import Inside, LayerCall, hooks_inside
from attention_widget.tracing.assemble import Place
from attention_widget.tracing.recording.layer_modules import outermost_layers
from attention_widget.tracing.recording.linear import Linear, spread
from attention_widget.tracing.recording.output_projections import OutputProjections
from attention_widget.tracing.recording.rounding import near, tolerance

_PROBES: Final = 6  # tokens at which modules are compared, so that few vectors are kept

Made = Callable[[Place, BlockParts], None]


@dataclass(eq=False)
class _Candidate:
    """A module that was given what a norm would be: (token, hidden)."""

    module: torch.nn.Module
    given: torch.Tensor
    gave: torch.Tensor
    factors: tuple[float, float] = (1.0, 1.0)


@dataclass(eq=False)
class _Open:
    """A layer under way: what entered it, and what was found inside so far."""

    module: torch.nn.Module
    before: torch.Tensor  # (token, hidden)
    dtype: torch.dtype
    probes: list[int]
    place: Place | None = None
    linear: Linear | None = None
    whole: torch.Tensor | None = None
    written: torch.dtype = torch.float32
    """What the projection gave out, which is coarser than the state under autocast."""
    others: list[torch.Tensor] = field(default_factory=list)
    """What other projections gave out at the probes, such as those of cross-attention."""
    inner: _Candidate | None = None
    outer: _Candidate | None = None
    found: list[Inside] = field(default_factory=list)
    several: bool = False


class Blocks:
    """Gives the parts of each self-attention block, as soon as its layer is over."""

    def __init__(self, passes: Passes, made: Made) -> None:
        self._made = made
        self._projections = OutputProjections(passes.sites.places, self._projected)
        runnable = passes.runnable
        self._modules = runnable.modules
        self._layers = list(outermost_layers(self._modules, own_head(runnable.model)).values())
        self._open: _Open | None = None
        self._busy = False
        self.wants = self._projections.wants
        self.changed = self._projections.changed
        self.shown = self._projections.shown

    def hooks(self) -> Iterator[RemovableHandle]:
        """Put the hooks on the layers and all modules."""
        for layer in self._layers:
            yield layer.register_forward_pre_hook(self._enter, with_kwargs=True)
        yield from self._projections.hooks(self._modules)
        for layer in self._layers:
            yield from hooks_inside(layer, self._inside)
            yield layer.register_forward_hook(self._leave)

    def _enter(self, module: torch.nn.Module, args: Any, kwargs: Any) -> None:
        if self._busy or not self._projections.is_here():
            return
        values = [*args, kwargs.get("hidden_states"), *kwargs.values()]
        state = next((one for one in values if _is_state(one)), None)
        self._open = None
        if state is not None:
            before = state[0].detach().float().cpu().clone()
            probes = spread(len(before), _PROBES)
            self._open = _Open(module, before, state.dtype, probes)

    def _projected(self, place: Place, linear: Linear, whole: torch.Tensor) -> None:
        one = self._open
        if one is None or whole.shape != one.before.shape:
            return
        rows = whole.float().cpu()
        if place[0] == "cross":
            one.others.append(rows[one.probes])
        elif one.place is not None:
            one.several = True
        else:
            one.place, one.linear, one.whole = place, linear, rows.clone()
            one.written = whole.dtype

    def _inside(
        self, module: torch.nn.Module, args: Any, kwargs: Any, output: Any, depth: int
    ) -> None:
        one = self._open
        if one is None or self._busy or not self._projections.is_here():
            return
        gave = _rows(output, one)
        if gave is None:
            return
        given = _rows(args[0], one) if len(args) == 1 and not kwargs else None
        at = gave[one.probes].detach().float().cpu()
        there = None if given is None else given[one.probes].detach().float().cpu()
        one.found.append(Inside(module, depth, at, there))
        if given is None or there is None or one.whole is None or torch.equal(at, there):
            return
        if one.inner is None and torch.equal(there, one.whole[one.probes]):
            one.inner = _candidate(module, given, gave)
        elif one.outer is None and (factors := _sum_of(one, there)) is not None:
            one.outer = _candidate(module, given, gave, factors)

    def _leave(self, module: torch.nn.Module, args: Any, output: Any) -> None:
        one = self._open
        if one is None or one.module is not module or not self._projections.is_here():
            return
        self._open = None
        after = _rows(output, one)
        if after is None or one.place is None or one.several:
            return
        self._busy = True
        try:
            parts = _parts(one, after[one.probes].detach().float().cpu())
        finally:
            self._busy = False
        if parts is not None:
            self._made(one.place, parts)


def each_block(passes: Passes, made: Made) -> None:
    """Run the model once and give the parts of each block of self-attention that has them."""
    blocks = Blocks(passes, made)
    passes.runnable.edited(blocks, hooks=blocks.hooks())


def _parts(one: _Open, after: torch.Tensor) -> BlockParts | None:
    """The parts of the block of a layer that gave out ``after`` at the probes."""
    assert one.linear is not None
    assert one.whole is not None
    probes = one.probes
    call = LayerCall(one.module, one.before[probes], one.dtype, after, [], one.found)
    change = after - call.before
    whole, others = one.whole[probes], one.others
    if _adds(call, change, whole, one):
        return _made(one, (1.0, 1.0), None, None, one.before + one.whole)
    if one.outer is not None and _goes_on(one, one.outer, after):
        outer = _norm(one.outer, one.dtype)
        if outer is not None:
            return _made(one, one.outer.factors, None, outer, one.outer.gave)
    # a layer that adds: its change is what heads wrote, by a factor, and what else was written
    fit = fitted(call, change, [whole, *others])
    if fit is not None:
        factor = fit[0][0]
        return _made(one, (1.0, factor), None, None, one.before + one.whole * factor)
    inner = _norm(one.inner, one.dtype)
    if inner is not None and one.inner is not None:  # the same, behind a norm of its own
        fit = fitted(call, change, [one.inner.gave[probes], *others])
        if fit is not None:
            factor = fit[0][0]
            gave = one.before + one.inner.gave * factor
            return _made(one, (1.0, factor), inner, None, gave)
    return None


def _adds(call: LayerCall, change: torch.Tensor, whole: torch.Tensor, one: _Open) -> bool:
    """Whether a layer's change is what heads wrote, and what one module gave out: the common case,
    told without a fit."""
    if one.others:
        return False
    rest = change - whole
    sizes = torch.maximum(call.before.abs(), call.after.abs()).amax(-1)
    allowed = tolerance(one.dtype) * change.abs().amax(-1) + 4 * torch.finfo(one.dtype).eps * sizes
    off = (torch.stack([rest * 0, *call.outputs]) - rest).abs().amax(-1)  # (module, token)
    return bool((off <= allowed).all(1).any())


def _made(
    one: _Open,
    factors: tuple[float, float],
    inner: FrozenNorm | None,
    outer: FrozenNorm | None,
    gave: torch.Tensor,
) -> BlockParts:
    assert one.linear is not None
    coarser = max(one.dtype, one.written, key=lambda each: torch.finfo(each).eps)
    return BlockParts(one.linear, one.before, factors, inner, outer, gave, coarser)


def _goes_on(one: _Open, norm: _Candidate, after: torch.Tensor) -> bool:
    """Whether the layer goes on from what the norm gave out: what it gave out itself, or gave a
    later module, is that and what one module gave out."""
    start = norm.gave[one.probes]
    place = next(index for index, each in enumerate(one.found) if torch.equal(each.gave, start))
    later = one.found[place + 1 :]
    made = torch.stack([each.gave for each in later] + one.others + [start * 0])[:-1]
    given = [each.given for each in reversed(later) if each.given is not None]
    for target in (after, *given):
        if torch.equal(target, start):
            continue
        sizes = torch.maximum(target.abs(), start.abs()).amax(-1)
        off = (made - (target - start)).abs().amax(-1)  # (module, token)
        if bool((off <= tolerance(one.dtype) * sizes).all(1).any()):
            return True
    return False


def _norm(found: _Candidate | None, dtype: torch.dtype) -> FrozenNorm | None:
    if found is None:
        return None
    return frozen(found.module, found.given.to(dtype), found.gave.to(dtype))


def _candidate(
    module: torch.nn.Module,
    given: torch.Tensor,
    gave: torch.Tensor,
    factors: tuple[float, float] = (1.0, 1.0),
) -> _Candidate:
    rows = [each.detach().float().cpu().clone() for each in (given, gave)]
    return _Candidate(module, rows[0], rows[1], factors)


def _sum_of(one: _Open, there: torch.Tensor) -> tuple[float, float] | None:
    """By which factors what entered the layer and what heads wrote sum to what a module was given,
    at the probes; None where they do not."""
    assert one.whole is not None
    before, whole = one.before[one.probes], one.whole[one.probes]
    sizes = torch.stack([each.abs().amax(-1) for each in (before, whole, there)]).amax(0)
    if near(before + whole, there, sizes, one.dtype):
        return 1.0, 1.0
    columns = torch.stack([before.flatten(), whole.flatten()], 1).double()
    found = torch.linalg.lstsq(columns, there.flatten()[:, None].double()).solution[:, 0]
    a, b = found.tolist()
    if min(abs(a), abs(b)) > 1e-3 and near(before * a + whole * b, there, sizes, one.dtype):
        return a, b
    return None


def _rows(value: Any, one: _Open) -> torch.Tensor | None:
    """A state (token, hidden) as the layer's own, out of what a module took or gave."""
    state = value[0] if type(value) in (tuple, list) and value else value
    if not isinstance(state, torch.Tensor) or not state.is_floating_point():
        return None
    shape = one.before.shape
    if state.shape == (1, *shape):
        return state[0]
    return state if state.shape == shape else None


def _is_state(value: Any) -> bool:
    return (
        isinstance(value, torch.Tensor)
        and value.is_floating_point()
        and value.ndim == 3
        and value.shape[0] == 1
    )
