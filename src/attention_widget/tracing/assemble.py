"""Make a :class:`~attention_widget.Trace` of a recorded pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import PreTrainedModel

from attention_widget.trace.block import Block, Maps
from attention_widget.trace.kind import Kind
from attention_widget.trace.target import Target
from attention_widget.trace.token import Token
from attention_widget.trace.trace import Trace
from attention_widget.tracing.decoder_input import DecoderInput
from attention_widget.tracing.inputs.text import Encoded
from attention_widget.tracing.layer_filter import LayerFilter
from attention_widget.tracing.model.devices import on_device
from attention_widget.tracing.model.errors import UnsupportedModelError
from attention_widget.tracing.model.naming import title
from attention_widget.tracing.recording.layers import Layer
from attention_widget.tracing.recording.recorded_pass import Recorded, record


@dataclass(frozen=True, eq=False)
class _Side:
    """The layers of one stack, and the tokens that they pass on."""

    layers: Sequence[Layer]
    tokens: Sequence[Token]


def trace_of(
    model: PreTrainedModel,
    modules: Mapping[str, torch.nn.Module],
    encoded: Encoded,
    decoder: DecoderInput | None = None,
    keeping: LayerFilter | None = None,
    on_layer: Callable[[int], None] | None = None,
    **options: Any,
) -> tuple[Trace, Any]:
    """Run a model once on its inputs; return the trace and the model's output.

    ``on_layer`` is called with the number of layers that are done; ``options`` are more keyword
    arguments of the model's forward. The model runs a second time if ``keeping`` dropped a layer
    that it should have kept, which is known only at the end.
    """
    inputs = dict(encoded.inputs)
    lengths = {len(encoded.tokens)}
    if decoder is not None:
        inputs["decoder_input_ids"] = decoder.ids
        lengths.add(len(decoder.tokens))
    keeping = LayerFilter() if keeping is None else keeping

    def done(order: int, layer: Layer) -> None:
        keeping(order, layer)
        if on_layer is not None:
            on_layer(order + 1)

    given = {**on_device(model, inputs), **options}
    recorded = record(model, modules, given, lengths, done)
    if keeping.learned(recorded.layers):
        recorded = record(model, modules, given, lengths, done)
    return _trace(model, modules, encoded, decoder, recorded, keeping), recorded.output


def _trace(
    model: PreTrainedModel,
    modules: Mapping[str, torch.nn.Module],
    encoded: Encoded,
    decoder: DecoderInput | None,
    recorded: Recorded,
    keeping: LayerFilter,
) -> Trace:
    layers = recorded.layers
    if recorded.refusal:
        raise UnsupportedModelError(model, recorded.refusal)
    if not layers:
        raise _without_attention(model, modules, recorded)
    if decoder is None:
        sides = {_kind_of(layers): _Side(layers, encoded.tokens)}
    else:
        sides = {
            "encoder": _Side([one for one in layers if one.side == "encoder"], encoded.tokens),
            "decoder": _Side([one for one in layers if one.side == "decoder"], decoder.tokens),
        }
    keeping.check(max(len(one.layers) for one in sides.values()))
    operations = [
        record.block(index, "cross" if record.crosses else kind)
        for kind, side in sides.items()
        for index, layer in enumerate(side.layers)
        if keeping.keeps(index)
        for record in layer.records
    ]
    target = None
    if decoder is not None:
        hidden = _hidden(sides["decoder"])
        target = Target(decoder.tokens, hidden, decoder.texts, decoder.generated)
    trace = Trace(
        tokens=encoded.tokens,
        blocks=tuple(one for one in operations if isinstance(one, Block)),
        maps=tuple(one for one in operations if isinstance(one, Maps)),
        hidden=_hidden(next(iter(sides.values()))),
        texts=encoded.texts,
        model_name=title(model),
        target=target,
        roles=encoded.roles,
        image=encoded.image,
        kept=keeping.layers,
    )
    for operation in trace.operations:
        queries, keys = trace.sides(operation.kind)
        if operation.n_queries != len(queries) or operation.n_keys != len(keys):
            raise UnsupportedModelError(
                model,
                f"attends over other positions than the {len(queries)} and {len(keys)} tokens it "
                f"was given ({operation.n_queries} queries and {operation.n_keys} keys in "
                f"{operation.kind} layer {operation.layer}), which capture does not support yet",
            )
    return trace


def _kind_of(layers: Sequence[Layer]) -> Kind:
    """The kind of self-attention of a model with one stack: decoder if any layer masks later keys,
    as some models mask only some of their layers."""
    kinds = {record.kind for layer in layers for record in layer.records}
    return "decoder" if "decoder" in kinds else "encoder"


def _hidden(of: _Side) -> tuple[torch.Tensor, ...]:
    """Hidden states between the layers; none if a layer passes on anything but one per token."""
    states = [of.layers[0].input if of.layers else None, *(one.output for one in of.layers)]
    hidden = tuple(state for state in states if state is not None)
    shapes = {state.shape for state in hidden if state.numel()}
    if len(hidden) != len(states):
        return ()
    return hidden if shapes <= {torch.Size((len(of.tokens), hidden[-1].shape[1]))} else ()


def _without_attention(
    model: PreTrainedModel, modules: Mapping[str, torch.nn.Module], recorded: Recorded
) -> UnsupportedModelError:
    kinds = {type(module).__name__ for module in modules.values()}
    attention = sorted(kind for kind in kinds if "attention" in kind.lower())
    if not attention:
        return UnsupportedModelError(
            model, "has no attention to capture: none of its modules is an attention module"
        )
    if recorded.n_records:
        return UnsupportedModelError(
            model,
            f"calls its attention ({', '.join(attention)}) outside of a list of layers, which "
            f"capture does not support yet",
        )
    return UnsupportedModelError(
        model,
        f"computes its attention in code of its own ({', '.join(attention)}), which capture "
        f'cannot record yet; try loading it with attn_implementation="sdpa", or a newer '
        f"transformers, where most architectures share one attention interface",
    )
