"""What a recorded pass left -> :class:`~attention_widget.Trace`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from attention_widget.trace.block import Block, Maps
from attention_widget.trace.kind import Kind
from attention_widget.trace.target import Target
from attention_widget.trace.token import Token
from attention_widget.trace.trace import Trace
from attention_widget.tracing.decoder_input import Reading
from attention_widget.tracing.inputs.text import Encoded
from attention_widget.tracing.layer_filter import Keeping
from attention_widget.tracing.model.devices import input_device
from attention_widget.tracing.model.errors import UnsupportedModelError
from attention_widget.tracing.model.naming import title
from attention_widget.tracing.recording.layers import Layer
from attention_widget.tracing.recording.recorded_pass import record
from attention_widget.tracing.recording.recorder import Recorder

if TYPE_CHECKING:
    from transformers import PreTrainedModel


@dataclass(frozen=True, eq=False)
class _Side:
    """The layers of one stack, and the tokens that they pass on."""

    layers: Sequence[Layer]
    tokens: Sequence[Token]


def trace_of(
    model: PreTrainedModel,
    modules: Mapping[str, torch.nn.Module],
    encoded: Encoded,
    reading: Reading | None = None,
    keeping: Keeping | None = None,
    on_layer: Callable[[int], None] | None = None,
    **options: Any,
) -> tuple[Trace, Any]:
    """Run a model once on what it is given to read; the trace of it, and what it returned.

    ``on_layer`` is told how many layers are done; ``options`` go to its forward besides. Runs
    again where ``keeping`` dropped a layer that it should not have, which it can only know at
    the end.
    """
    device = input_device(model)
    inputs = {name: given.to(device) for name, given in encoded.inputs.items()}
    lengths = {len(encoded.tokens)}
    if reading is not None:
        inputs["decoder_input_ids"] = reading.ids.to(device)
        lengths.add(len(reading.tokens))
    keeping = Keeping() if keeping is None else keeping

    def done(order: int, layer: Layer) -> None:
        keeping(order, layer)
        if on_layer is not None:
            on_layer(order + 1)

    recorder = record(model, modules, {**inputs, **options}, lengths, done)
    if keeping.learned(recorder.layers.found()):
        recorder = record(model, modules, {**inputs, **options}, lengths, done)
    output, recorder.output = recorder.output, None
    return _trace(model, modules, encoded, reading, recorder, keeping), output


def _trace(
    model: PreTrainedModel,
    modules: Mapping[str, torch.nn.Module],
    encoded: Encoded,
    reading: Reading | None,
    recorder: Recorder,
    keeping: Keeping,
) -> Trace:
    layers = recorder.layers.found()
    if recorder.refusal:
        raise UnsupportedModelError(model, recorder.refusal)
    if not layers:
        raise _without_attention(model, modules, recorder)
    if reading is None:
        sides = {_kind_of(layers): _Side(layers, encoded.tokens)}
    else:
        sides = {
            "encoder": _Side([one for one in layers if one.side == "encoder"], encoded.tokens),
            "decoder": _Side([one for one in layers if one.side == "decoder"], reading.tokens),
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
    if reading is not None:
        hidden = _hidden(sides["decoder"])
        target = Target(reading.tokens, hidden, reading.texts, reading.generated)
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
    """Of the self-attention of a model's only stack: some models mask only some of their layers."""
    kinds = {record.kind for layer in layers for record in layer.records}
    return "decoder" if "decoder" in kinds else "encoder"


def _hidden(of: _Side) -> tuple[torch.Tensor, ...]:
    """Hidden states between the layers; none where a layer passes on anything else than one per
    token."""
    states = [of.layers[0].input if of.layers else None, *(one.output for one in of.layers)]
    hidden = tuple(state for state in states if state is not None)
    shapes = {state.shape for state in hidden if state.numel()}
    if len(hidden) != len(states):
        return ()
    return hidden if shapes <= {torch.Size((len(of.tokens), hidden[-1].shape[1]))} else ()


def _without_attention(
    model: PreTrainedModel, modules: Mapping[str, torch.nn.Module], recorder: Recorder
) -> UnsupportedModelError:
    kinds = {type(module).__name__ for module in modules.values()}
    attention = sorted(kind for kind in kinds if "attention" in kind.lower())
    if not attention:
        return UnsupportedModelError(
            model, "has no attention to capture: none of its modules is an attention module"
        )
    if recorder.n_records:
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
