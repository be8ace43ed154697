"""Make a :class:`~attention_widget.Trace` of a recorded pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import torch
from torch.utils.hooks import RemovableHandle

from attention_widget.trace.block import Block, Maps
from attention_widget.trace.kind import Kind
from attention_widget.trace.target import Target
from attention_widget.trace.token import Token
from attention_widget.trace.trace import Trace
from attention_widget.tracing.decoder_input import DecoderInput, lengths_of, model_inputs
from attention_widget.tracing.inputs.text import Encoded
from attention_widget.tracing.layer_filter import LayerFilter
from attention_widget.tracing.model.errors import UnsupportedModelError
from attention_widget.tracing.model.naming import title
from attention_widget.tracing.position_findings import positions_of
from attention_widget.tracing.recording.heard_pass import Way
from attention_widget.tracing.recording.layers import Layer
from attention_widget.tracing.recording.position_parts import PositionParts
from attention_widget.tracing.recording.recorded_pass import Recorded, record, record_changed
from attention_widget.tracing.recording.records import How
from attention_widget.tracing.recording.seam import Changes
from attention_widget.tracing.recording.word_rows import WordRows

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Place = tuple[Kind, int]
"""A kind of attention and a layer of a trace."""


@dataclass(frozen=True)
class Site:
    """Where in a pass the attention of a layer was computed: the module, and which of its calls."""

    path: str
    calls: tuple[int, ...]
    how: How


@dataclass(frozen=True, eq=False)
class Traced:
    """A trace, what the model returned in its pass, and where its attention came from."""

    trace: Trace
    output: Any
    sites: Mapping[Place, Site]
    way: Way


def trace_of(
    model: PreTrainedModel,
    modules: Mapping[str, torch.nn.Module],
    encoded: Encoded,
    decoder: DecoderInput | None,
    kept: LayerFilter,
    on_layer: Callable[[int], None],
    changed: tuple[Way, Changes] | None = None,
) -> Traced:
    """Run a model once on its inputs; return the trace and the model's output.

    ``on_layer`` is called with the number of layers that are done. The model runs a second time
    if the filter dropped a layer that it should have kept, which is known only at the end.
    ``changed`` are changes to be made in the pass, and how the pass without them was heard.
    """
    lengths = lengths_of(encoded, decoder)
    given = model_inputs(model, encoded, decoder)

    def done(order: int, layer: Layer) -> None:
        kept(order, layer)
        on_layer(order + 1)

    parts = PositionParts(modules, lengths)
    words = {name: WordRows(model, given.get(name)) for name in ("input_ids", "decoder_input_ids")}

    def hooks() -> Iterator[RemovableHandle]:
        for rows in words.values():
            yield from rows.watching()
        yield from parts.watching()

    def run() -> Recorded:
        if changed is None:
            return record(model, modules, given, lengths, done, hooks)
        return record_changed(model, modules, given, lengths, done, *changed, hooks)

    recorded = run()
    if kept.learned(recorded.layers):
        recorded = run()
    changes = None if changed is None else changed[1]
    trace, sites = _trace(model, modules, encoded, decoder, recorded, kept, changes)
    trace = replace(trace, positions=positions_of(model, modules, trace, parts))
    found = {} if encoded.image is not None else {name: each.rows() for name, each in words.items()}
    return Traced(_with_word_rows(trace, found), recorded.output, sites, recorded.way)


def _with_word_rows(trace: Trace, found: Mapping[str, torch.Tensor | None]) -> Trace:
    """The trace with the rows of the table of word embeddings, by the inputs that they are of."""
    own, of_target = found.get("input_ids"), found.get("decoder_input_ids")
    if own is None or len(own) != len(trace.tokens):
        own = None
    target = trace.target
    if target is not None and of_target is not None and len(of_target) == len(target.tokens):
        target = replace(target, word_rows=of_target)
    return replace(trace, word_rows=own, target=target)


def _trace(
    model: PreTrainedModel,
    modules: Mapping[str, torch.nn.Module],
    encoded: Encoded,
    decoder: DecoderInput | None,
    recorded: Recorded,
    kept: LayerFilter,
    changes: Changes | None,
) -> tuple[Trace, dict[Place, Site]]:
    layers = recorded.layers
    if recorded.refusal:
        raise UnsupportedModelError(model, recorded.refusal)
    if not layers:
        raise _without_attention(model, modules, recorded)
    target = None
    stacks: dict[Kind, Sequence[Layer]] = {_kind_of(layers): layers}
    if decoder is not None:
        stacks = {
            "encoder": [layer for layer in layers if layer.side == "encoder"],
            "decoder": [layer for layer in layers if layer.side == "decoder"],
        }
        hidden = _hidden(stacks["decoder"], decoder.tokens)
        target = Target(decoder.tokens, hidden, decoder.texts, decoder.generated)
    kept.check(max(map(len, stacks.values())))
    operations: list[Block | Maps] = []
    sites: dict[Place, Site] = {}
    for kind, stack in stacks.items():
        for index, layer in enumerate(stack):
            for one in layer.records if kept.keeps(index) else ():
                place: Place = ("cross" if one.crosses else kind, index)
                operation = one.block(index, place[0])
                operations.append(operation if changes is None else changes.shown(operation))
                sites.setdefault(place, Site(one.path, one.calls, one.how))
    trace = Trace(
        tokens=encoded.tokens,
        blocks=tuple(one for one in operations if isinstance(one, Block)),
        maps=tuple(one for one in operations if isinstance(one, Maps)),
        hidden=_hidden(next(iter(stacks.values())), encoded.tokens),
        texts=encoded.texts,
        model_name=title(model),
        target=target,
        roles=encoded.roles,
        image=encoded.image,
        passages=encoded.passages,
        kept=kept.layers,
    )
    for operation in operations:
        queries, keys = trace.sides(operation.kind)
        if operation.n_queries != len(queries) or operation.n_keys != len(keys):
            raise UnsupportedModelError(
                model,
                f"attends over other positions than the {len(queries)} and {len(keys)} tokens it "
                f"was given ({operation.n_queries} queries and {operation.n_keys} keys in "
                f"{operation.kind} layer {operation.layer}), which capture does not support yet",
            )
    return trace, sites


def _kind_of(layers: Sequence[Layer]) -> Kind:
    """The kind of self-attention of a model with one stack: decoder if any layer masks later keys,
    as some models mask only some of their layers."""
    kinds = {record.kind for layer in layers for record in layer.records}
    return "decoder" if "decoder" in kinds else "encoder"


def _hidden(layers: Sequence[Layer], tokens: Sequence[Token]) -> tuple[torch.Tensor, ...]:
    """Hidden states between the layers; none if a layer passes on anything but one per token."""
    states = [layers[0].input if layers else None, *(layer.output for layer in layers)]
    hidden = tuple(state for state in states if state is not None)
    shapes = {state.shape for state in hidden if state.numel()}
    if len(hidden) != len(states):
        return ()
    return hidden if shapes <= {torch.Size((len(tokens), hidden[-1].shape[1]))} else ()


def _without_attention(
    model: PreTrainedModel, modules: Mapping[str, torch.nn.Module], recorded: Recorded
) -> UnsupportedModelError:
    classes = {type(module).__name__ for module in modules.values()}
    attention = ", ".join(sorted(name for name in classes if "attention" in name.lower()))
    if not attention:
        reason = "has no attention to capture: none of its modules is an attention module"
    elif recorded.n_records:
        reason = (
            f"calls its attention ({attention}) outside of a list of layers, which capture does "
            f"not support yet"
        )
    else:
        reason = (
            f"computes its attention in code of its own ({attention}), which capture cannot "
            f'record yet; try loading it with attn_implementation="sdpa", or a newer transformers, '
            f"where most architectures share one attention interface"
        )
    return UnsupportedModelError(model, reason)
