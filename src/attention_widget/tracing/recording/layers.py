"""Sort the calls of modules into layers, and keep the hidden states between them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch.utils.hooks import RemovableHandle

from attention_widget.trace.block import Block
from attention_widget.trace.kind import Kind
from attention_widget.tracing.recording.layer_modules import stacks_of
from attention_widget.tracing.recording.records import AnyRecord, Dropped, Record, copied


@dataclass
class Layer:
    """One call of one layer: its attention, its input and its output."""

    stack: str  # path of the ModuleList, or the like, that it belongs to
    records: list[AnyRecord] = field(default_factory=list)
    input: torch.Tensor | None = None  # (token, hidden); kept for the first call of a stack
    output: torch.Tensor | None = None  # (token, hidden)
    inner: list[Layer] = field(default_factory=list)
    unseen: str = ""  # its path, where the call itself was not seen
    called: list[str] = field(default_factory=list)  # paths of modules with attention, in order

    @property
    def single(self) -> bool:
        """Has at most one attention of each kind: it is a layer, not a group of layers."""
        return len({record.crosses for record in self.records}) == len(self.records)

    def fill(self, record: AnyRecord, instead_of: Collection[str]) -> None:
        """Replace the records of the modules at some paths by one record."""
        kept = [one for one in self.records if one.path not in instead_of]
        self.records = [*kept, record]

    def drop(self, *, attention: bool, input: bool, output: bool) -> None:
        """Free tensors, keeping what identifies the layer."""
        if attention:
            dropped = [Dropped(one.path, one.crosses, one.kind, one.sizes) for one in self.records]
            self.records = dropped  # type: ignore[assignment]
        self.input = _nothing(self.input) if input else self.input
        self.output = _nothing(self.output) if output else self.output

    @property
    def nbytes(self) -> int:
        """Bytes that the tensors take."""
        states = [state for state in (self.input, self.output) if state is not None]
        return sum(part.nbytes for part in (*states, *self.records))

    @property
    def side(self) -> Kind:
        """Encoder or decoder, as far as names and masks show."""
        if self.records:
            return "encoder" if self.records[0].kind == "encoder" else "decoder"
        return "decoder" if "decoder" in self.stack.lower() else "encoder"


class Layers:
    """Watches calls of all elements of all stacks of a model and sorts the layers out.

    Transformers keeps layers in a ModuleList (timm in a Sequential), but experts, projections and
    groups of layers too. A layer is the outermost call that holds at most one attention of each
    kind (so that T5's three sub-layers are one layer, and a group of ALBERT's is as many as it
    has), or a sibling of such a call without attention (Jamba's Mamba layers).
    """

    def __init__(
        self,
        lengths: Collection[int],
        active: Callable[[], bool],
        on_layer: Callable[[int, Layer], None] | None = None,
        *,
        keeps_states: bool = True,
    ) -> None:
        self._lengths = lengths  # how many tokens hidden states may stand for
        self._on_layer = on_layer  # is told of each layer that is done, in order
        self._keeps_states = keeps_states
        self._active = active  # hooks fire in every thread that runs the model
        self._open: list[Layer] = []
        self._closed: list[Layer] = []
        self._unplaced: set[str] = set()  # paths of modules with records in no finished layer
        self._misfits: set[str] = set()
        self._seen: set[str] = set()
        self._stacks: list[str] = []

    def add(self, record: AnyRecord) -> None:
        """Add a record to the layers that are being called."""
        for layer in self._open:
            layer.records.append(record)
        if self._open and self.fits(record):
            self._unplaced.add(record.path)
        if not self._open:  # some models call layer.forward, which no hook sees (SqueezeBERT)
            self._unseen(record)

    def _unseen(self, record: AnyRecord) -> None:
        stack = max((s for s in self._stacks if record.path.startswith(f"{s}.")), default=None)
        if stack is None:
            return
        name = ".".join(record.path.split(".")[: stack.count(".") + 2])  # of the layer
        last = self._closed[-1] if self._closed else None
        if last is not None and last.unseen == name:
            last.records = _joined(self._of_tokens([*last.records, record]))
        else:
            self._done([Layer(stack, [record], unseen=name)], self._closed)

    def attending(self, path: str) -> bool:
        """Note that a module with attention is called; whether it is inside a layer."""
        for layer in self._open:
            layer.called.append(path)
        return bool(self._open)

    @property
    def path(self) -> str:
        """Path of the innermost ModuleList being called, empty outside of any."""
        return self._open[-1].stack if self._open else ""

    def found(self, unrecorded: Collection[str] = ()) -> list[Layer]:
        """The layers, in the order of their calls; with stacks in which only the modules at the
        paths ``unrecorded`` attend."""
        stacks = {
            layer.stack
            for layer in self._closed
            if layer.records or not set(unrecorded).isdisjoint(layer.called)
        }
        return [layer for layer in self._closed if layer.stack in stacks]

    def watching(self, modules: Mapping[str, torch.nn.Module]) -> Iterator[RemovableHandle]:
        """Register the hooks that watch the model's stacks."""
        for path, stack in stacks_of(modules).items():
            self._stacks.append(path)
            for module in dict.fromkeys(part for part in stack if part is not None):
                enter = partial(self._enter, path)
                yield module.register_forward_pre_hook(enter, with_kwargs=True)
                yield module.register_forward_hook(self._leave)

    def _enter(self, path: str, module: torch.nn.Module, args: Any, kwargs: Any) -> None:
        if not self._active():
            return
        layer = Layer(path)
        if path not in self._seen:
            self._seen.add(path)
            layer.input = self._keep([*args, kwargs.get("hidden_states"), *kwargs.values()])
        self._open.append(layer)

    def _leave(self, module: torch.nn.Module, args: Any, output: Any) -> None:
        if not self._active():
            return
        layer = self._open.pop()
        layer.records = _joined(self._of_tokens(layer.records))
        siblings = self._open[-1].inner if self._open else self._closed
        if not layer.single and any(inner.records for inner in layer.inner):
            self._done(layer.inner, siblings)
            return
        if not layer.records and self._open and self._open[-1].records:
            return  # an expert or the like, after the attention of its layer
        layer.output = self._keep(_parts(output))
        layer.inner.clear()
        if layer.output is not None or layer.records:
            self._done([layer], siblings)

    def _done(self, layers: list[Layer], siblings: list[Layer]) -> None:
        if siblings is self._closed:
            for index, layer in enumerate(layers, len(siblings)):
                self._judge(layer)
                if self._on_layer is not None:
                    self._on_layer(index, layer)
        siblings.extend(layers)

    def _judge(self, layer: Layer) -> None:
        for record in layer.records:
            self._unplaced.discard(record.path)
            if not layer.single or not self.fits(record):
                self._misfits.add(record.path)

    @property
    def misfits(self) -> set[str]:
        """Paths of modules that attended over something else than the tokens, twice in a layer,
        or in no layer."""
        return self._misfits | self._unplaced

    def _of_tokens(self, records: list[AnyRecord]) -> list[AnyRecord]:
        """Leave out attention over something else (depth, memory) if there is attention of the same
        kind over tokens."""
        kinds = {one.crosses for one in records if self.fits(one)}
        return [one for one in records if self.fits(one) or one.crosses not in kinds]

    def length(self, padded: int) -> int | None:
        """The largest known number of tokens that fits into so many padded positions."""
        return max((n for n in self._lengths if n <= padded), default=None)

    def fits(self, record: AnyRecord) -> bool:
        """Whether there are as many queries and keys as tokens, as far as that is known."""
        return not self._lengths or set(record.sizes) <= set(self._lengths)

    def _keep(self, values: Iterable[Any]) -> torch.Tensor | None:
        """A copy of the first hidden states (token, hidden) among the values, if any are kept."""
        for value in values if self._keeps_states else ():
            if not isinstance(value, torch.Tensor) or not value.is_floating_point():
                continue
            state = value[0] if value.ndim == 3 and value.shape[0] == 1 else value
            if state.ndim == 3 and state.shape[1] == 1:  # (token, batch, hidden)
                state = state[:, 0]
            if state.ndim == 2 and state.shape[0] in self._lengths:
                return copied(state)
        return None


def _joined(records: list[AnyRecord]) -> list[AnyRecord]:
    """Join records of calls that apply the same attention to different values (DiffLlama)."""
    joined: list[AnyRecord] = []
    for record in records:
        last = joined[-1] if joined else None
        if (
            isinstance(record, Record)
            and isinstance(last, Record)
            and record.path == last.path
            and _same(record.parts, last.parts)
        ):
            value = torch.cat([last.parts.value, record.parts.value], -1)
            joined[-1] = last.changed(value=value)
            joined[-1].number(*last.calls, *record.calls)
        else:
            joined.append(record)
    return joined


def _same(one: Block, other: Block) -> bool:
    return (
        one.scale == other.scale
        and one.mask is other.mask
        and one.bias is other.bias is one.sinks is other.sinks is None
        and one.value.shape == other.value.shape
        and one.query.equal(other.query)
        and one.key.equal(other.key)
    )


def _nothing(state: torch.Tensor | None) -> torch.Tensor | None:
    return None if state is None else state.new_empty((0, state.shape[-1]))


def _parts(output: Any) -> list[Any]:
    if isinstance(output, Mapping):
        return list(output.values())
    return list(output) if isinstance(output, tuple | list) else [output]
