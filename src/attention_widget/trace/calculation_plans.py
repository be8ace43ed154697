"""The steps of a head's calculation before anything is computed of them, and the making of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import torch

from attention_widget.errors import NotFoundError
from attention_widget.trace.block import Array, Block, as_array, mixed_by, products_of
from attention_widget.trace.calculation import Calculation, Step
from attention_widget.trace.calculation_steps import StepName
from attention_widget.trace.formula import to_logits
from attention_widget.trace.grouping import Grouped, Operation
from attention_widget.trace.indices import index_of
from attention_widget.trace.positions import Positions
from attention_widget.trace.projections import (
    Projection,
    Projections,
    Side,
    Stage,
    StageName,
)
from attention_widget.trace.rotation import rotation_of

_WHOLE: Final = (torch.float32, torch.float64)
_SIDES: Final[tuple[tuple[Side, str], ...]] = (("query", "q"), ("key", "k"), ("value", "v"))


@dataclass(frozen=True, eq=False)
class Plan:
    """A step that nothing was computed of yet."""

    name: StepName
    formula: str
    is_exact: bool
    make: Callable[[], Array]

    def step(self) -> Step:
        return Step(self.name, self.formula, self.make(), self.is_exact)


def calculation_of(
    one: Operation,
    head: int,
    known: Projections | None,
    states: Sequence[torch.Tensor],
    ways: Sequence[Positions] = (),
    *,
    is_edited: bool = False,
) -> Calculation:
    """See :meth:`Trace.calculation`; ``states`` are the hidden states of its stack, ``ways`` how
    its layers tell positions apart, ``is_edited`` whether edits were made in its pass."""
    head = index_of("head", head, one.n_heads)
    steps = tuple(plan.step() for plan in plans(one, head, known, states))
    scale, softcap = (one.scale, one.softcap) if isinstance(one, Block) else (1.0, None)
    reason = what_is_missing(one, known, is_of_model=bool(states), is_edited=is_edited)
    rotation = rotation_of(one, known, ways) if isinstance(one, Block) else None
    return Calculation(one.layer, head, one.kind, steps, scale, softcap, reason, rotation)


NOT_KEPT_OF_EDITS: Final = (
    "the weights that make queries, keys and values are not kept of a pass with edits; ask the "
    "pass before them"
)


def what_is_missing(
    one: Operation, known: Projections | None, *, is_of_model: bool, is_edited: bool
) -> str:
    """Why there are fewer steps than there could be; empty where all are known."""
    if not isinstance(one, Block):
        return "the attention alone is known, without queries and keys"
    if known is None and not is_of_model:
        return (
            "what makes queries, keys and values was not given; make the trace with "
            "from_arrays(x=..., w_q=..., w_k=..., w_v=...)"
        )
    if known is None and is_edited:
        return NOT_KEPT_OF_EDITS
    if known is None:
        return (
            "the weights that make queries, keys and values are not kept in this trace; capture "
            "it with keep_weights=True"
        )
    return known.refusal


def plans(
    one: Operation,
    head: int,
    known: Projections | None,
    states: Sequence[torch.Tensor],
    queries: Sequence[int] | None = None,
) -> list[Plan]:
    """The steps of a head in order, none of them computed. What follows from queries and keys is
    made of some ``queries`` alone, where they are named."""
    if isinstance(one, Grouped):
        raise NotFoundError("a calculation is of tokens; ask the trace before it was grouped")
    head = index_of("head", head, one.n_heads)
    if not isinstance(one, Block):
        return [Plan("weights", "weights", True, lambda: one.attention([head])[0])]
    known = known or Projections(one.layer, one.kind)
    return list(_Plans(states, one, known, head, queries).every())


class _Plans:
    def __init__(
        self,
        states: Sequence[torch.Tensor],
        block: Block,
        known: Projections,
        head: int,
        queries: Sequence[int] | None,
    ) -> None:
        self._states, self._block, self._known, self._head = states, block, known, head
        self._queries = queries
        self._kv_head = head // (block.n_heads // block.n_kv_heads)
        self._is_exact = block.query.dtype in _WHOLE

    def every(self) -> Iterator[Plan]:
        yield from self._of_input()
        last = []
        for side, letter in _SIDES:
            symbol = letter
            for plan, now in self._of_side(side, letter):
                symbol = now
                yield plan
            last.append(symbol)
        yield from self._of_scores(*last[:2])
        if self._block.value.shape[2]:
            yield from self._of_output(last[2])

    def _of_input(self) -> Iterator[Plan]:
        query = self._known.query
        if query is None or query.input is None:
            return
        given, by = query.input, self._known.by
        state = self._state(given)
        if state is not None:
            yield self._kept("hidden", "h", state)
        formula = f"x = {by}(h)" if state is not None else "x"
        yield self._kept("input", formula, given)

    def _state(self, given: torch.Tensor) -> torch.Tensor | None:
        """The hidden state that enters the layer, where the input was made of it alone."""
        layer, states = self._known.layer, self._states
        if not self._known.by:
            return None
        state = states[layer] if layer < len(states) else None
        if state is None or state.shape != given.shape:
            return None
        return None if torch.equal(state, given) else state

    def _of_side(self, side: Side, letter: str) -> Iterator[tuple[Plan, str]]:
        made = self._known.sides[side]
        head = self._head if side == "query" else self._kv_head
        whole: torch.Tensor = getattr(self._block, side)
        if not whole.shape[2]:
            return
        upper = letter.upper()
        bias = ""
        if made is not None:
            if made.input is not None and side != "query":
                yield self._kept(f"{side}_input", f"x_{upper}", made.input), letter
            yield self._kept(f"w_{letter}", f"W_{upper}", made.weight[head]), letter
            if made.bias is not None:
                yield self._kept(f"b_{letter}", f"b_{upper}", made.bias[head][None]), letter
                bias = f" + b_{upper}"
        formula = letter if made is None else f"{letter} = {self._x(side)} · W_{upper}{bias}"
        yield self._kept(letter, formula, self._first(made, whole)[head]), letter
        symbol = letter
        for stage in () if made is None else made.stages:
            before, symbol = symbol, _MARKS[stage.name](symbol)
            formula = f"{symbol} = {_done(stage, before)}"
            values = whole if stage.values is None else stage.values
            yield self._kept(f"{letter}_{stage.name}", formula, values[head]), symbol

    def _first(self, made: Projection | None, whole: torch.Tensor) -> torch.Tensor:
        """What the projection itself gave."""
        return whole if made is None or made.plain is None else made.plain

    def _x(self, side: Side) -> str:
        """What a side is projected from."""
        key, value = self._known.key, self._known.value
        if side == "value" and value is not None and value.input is not None:
            return "x_V"
        if side != "query" and key is not None and key.input is not None:
            return "x_K"
        return "x"

    def _of_scores(self, q: str, k: str) -> Iterator[Plan]:
        block, head, at = self._block, [self._head], self._queries

        def scores() -> torch.Tensor:
            return products_of(block, head, at)[0]

        def scaled() -> torch.Tensor:
            return to_logits(products_of(block, head, at).mul_(block.scale), block.softcap)[0]

        yield self._made("scores", f"scores = {q} · {k}ᵀ", scores)
        cap = " then cap · tanh(scaled / cap)" if block.softcap is not None else ""
        yield self._made("scaled", f"scaled = scores · s{',' if cap else ''}{cap}", scaled)
        if block.bias is not None:
            yield self._made("bias", "bias", lambda: self._bias(block.bias))
        added = " + bias" if block.bias is not None else ""
        hides = "" if block.mask.hides_nothing else ", −∞ where the mask hides"
        formula = f"masked = scaled{added}{hides}"
        yield Plan("masked", formula, self._is_exact, lambda: block.logits(head, at)[0])
        if block.has_sinks:
            yield self._made("sink", "sink", lambda: self._sinks(block.sinks))
        beside = "masked and sink" if block.has_sinks else "masked"
        formula = f"weights = softmax({beside})"
        yield Plan("weights", formula, self._is_exact, lambda: block.attention(head, at)[0])
        if block.has_sinks:
            yield self._made("sunk", "sunk = 1 − Σ weights", self._sunk)

    def _sunk(self) -> torch.Tensor:
        """The sink's own place in the softmax, which is left out of the weights."""
        logits = torch.from_numpy(self._block.logits([self._head], self._queries)[0])
        sinks = self._sinks(self._block.sinks)
        sink = sinks if self._queries is None else sinks[list(self._queries)]
        return (sink - torch.logaddexp(logits.logsumexp(1, keepdim=True), sink)).exp()

    def _bias(self, bias: torch.Tensor | None) -> torch.Tensor:
        assert bias is not None
        own = bias[0 if bias.shape[0] == 1 else self._head]
        return own.float().expand(self._block.n_queries, self._block.n_keys)

    def _sinks(self, sinks: torch.Tensor | None) -> torch.Tensor:
        assert sinks is not None
        own = sinks[self._head].float()
        return own.reshape(-1, 1).expand(self._block.n_queries, 1)

    def _of_output(self, v: str) -> Iterator[Plan]:
        block, head, at = self._block, [self._head], self._queries
        made = self._known.output
        formula = f"output = weights · {v}"
        yield self._made("output", formula, lambda: mixed_by(block, head, at)[:, 0])
        edited = self._known.edited
        if edited is not None:
            yield self._kept("edited", "edited = edit(output)", edited[:, self._head])
        if made is None:
            return
        weight = made.weight[self._head]
        yield self._kept("w_o", "W_O", weight)

        def written() -> torch.Tensor:
            return mixed_by(block, head, at)[:, 0] @ weight.float()

        yield self._made("written", "written = output · W_O", written)
        if made.bias is not None:
            yield self._kept("b_o", "b_O", made.bias[None])
        sum_of = "Σ written" if block.n_heads > 1 else "written"
        bias = " + b_O" if made.bias is not None else ""
        if made.gave is not None:
            yield self._kept("block", f"block = {sum_of}{bias}", made.gave)

    def _kept(self, name: str, formula: str, tensor: torch.Tensor) -> Plan:
        """What the model itself computed."""
        return Plan(name, formula, True, lambda: _copy(tensor))  # type: ignore[arg-type]

    def _made(self, name: StepName, formula: str, make: Callable[[], torch.Tensor]) -> Plan:
        return Plan(name, formula, self._is_exact, lambda: _copy(make()))


_MARKS: Final[dict[StageName, Callable[[str], str]]] = {
    "normed": lambda symbol: f"{symbol}′",
    "scaled": lambda symbol: f"{symbol}″" if symbol.endswith("′") else f"{symbol}′",
    "rotated": lambda symbol: f"{symbol[0]}\u0302",
}


def _done(stage: Stage, before: str) -> str:
    """How a stage is written."""
    if stage.name == "rotated":
        return f"rotate({before}, position)"
    if stage.name == "scaled":
        return f"{before} · {stage.factor:.6g}"
    return f"{stage.by or 'norm'}({before})"


def _copy(tensor: torch.Tensor) -> Array:
    return as_array(tensor.detach().float().clone(memory_format=torch.contiguous_format))
