"""The recorder of one forward pass: it is told of attention, and gives its findings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from attention_widget.tracing.recording import known_functions
from attention_widget.tracing.recording.calls import mixed_of, sdpa_record
from attention_widget.tracing.recording.checks import Checks, Project
from attention_widget.tracing.recording.custom_function import Inside
from attention_widget.tracing.recording.extra_keys import tokens_of
from attention_widget.tracing.recording.interface_calls import family, interface_record
from attention_widget.tracing.recording.layers import Layer, Layers
from attention_widget.tracing.recording.multi_head import MultiHeadCall
from attention_widget.tracing.recording.records import Alternatives, AnyRecord, Record, map_record
from attention_widget.tracing.recording.seam import Changes, Seam, active, listens
from attention_widget.tracing.recording.value_products import Mixture


@dataclass(frozen=True, eq=False)
class Findings:
    """What was recorded in one pass. Modules are named by their paths."""

    output: Any  # of the model
    layers: Layers
    n_records: int
    wrong: frozenset[str]  # whose records do not give the output that they computed
    missing: frozenset[str]  # that attended in a layer and left no record
    lost: frozenset[str]  # of the missing, those in which attention was seen
    unexplained: Mapping[str, str]  # path -> the function that is not understood


class Recorder(Seam):
    """Takes what attention functions are called with and hands it to the layer being called.

    Calls made by the modules at the paths ``followed`` are left to those who see the operations
    inside them (:mod:`~attention_widget.tracing.recording.explicit`). What is recorded is what
    the attention gave out before any ``changes``.
    """

    def __init__(
        self,
        modules: Mapping[str, torch.nn.Module],
        lengths: Collection[int],
        on_layer: Callable[[int, Layer], None] | None = None,
        followed: Collection[str] = (),
        tokens_first: bool = False,
        changes: Changes | None = None,
    ) -> None:
        super().__init__(modules, Layers(lengths, listens(self), on_layer), changes)
        self._checks = Checks()
        self._followed = followed
        self._lengths = lengths
        self._tokens_first = tokens_first  # and then something else, which is left out
        self._last: Record | None = None
        self._n_records = 0
        self._called: set[str] = set()  # paths of the modules that attended in a layer
        self._heard: set[str] = set()  # paths of the modules that left records
        self._unfollowed: set[str] = set()  # paths of modules with a softmax that led nowhere
        self._unexplained: dict[str, str] = {}  # path -> the function that is not understood

    def findings(self, output: Any) -> Findings:
        """What was recorded in the pass, with the ``output`` of the model."""
        missing = self._called - self._heard
        return Findings(
            output=output,
            layers=self.layers,
            n_records=self._n_records,
            wrong=frozenset(record.path for record in self._checks.wrong),
            missing=frozenset(missing),
            lost=frozenset(missing & self._unfollowed),
            unexplained=self._unexplained,
        )

    def note(self, path: str, *_: Any) -> None:
        """A hook: the module at a path, which computes attention, is called."""
        if active() is self and self.layers.attending(path):
            self._called.add(path)

    @contextmanager
    def listening(self) -> Iterator[None]:
        with super().listening():
            yield
            self._checks.finish()

    def interface(
        self,
        function: Callable[..., Any],
        module: torch.nn.Module,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        attention_mask: Any = None,
        **kwargs: Any,
    ) -> Any:
        path = self._paths.get(id(module), self.layers.path)
        trusted = self._untouched and self._native(function)

        def attend() -> Any:
            return function(module, query, key, value, attention_mask, **kwargs)

        if self._inside or query.ndim != 4 or query.shape[0] != 1:
            self._unfollowed.add(path)
            if not trusted and not self._inside:
                self._unexplained[path] = known_functions.name_of(function)
            return attend()
        if path in self._followed and trusted:
            self._last = None
            output = self._followed_by_parts(attend)
            if self._last is None:
                self._unfollowed.add(path)
                self._heard.discard(path)
                return output
            # nothing may happen to its output after the product that was seen
            last = self._last
            self._checks.add(last, output[0][0], whole=True)
            return self._interface_out(path, output, lambda _: last)
        record, alternatives = interface_record(
            path, self._masks, function, module, query, key, value, attention_mask, kwargs
        )
        if not trusted:
            name = known_functions.name_of(function)
            return self._follow(attend, name, record, alternatives)
        output = self._within(attend)
        plain = family(function) == "sdpa" or self._tokens_first  # no alternative could mend it
        self._checks.add(record, output[0][0], tuple if plain else alternatives)
        self._add(record)
        return self._interface_out(path, output, lambda _: record)

    def patched_sdpa(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        record = sdpa_record(self.calling(), self._masks, *args, **kwargs)
        name = known_functions.name_of(function)
        if record is None:
            self._unexplained[self.calling()] = name
            return function(*args, **kwargs)
        return self._follow(lambda: function(*args, **kwargs), name, record)

    def _follow(
        self,
        attend: Callable[[], Any],
        name: str,
        given: Record,
        alternatives: Alternatives = tuple,
    ) -> Any:
        """Make a call whose arguments do not say what it does, and record what it did."""
        inside = Inside(given.path, self._masks, self._checks)
        output = self._within(lambda: inside.follow(attend))
        of_interface = isinstance(output, tuple | list)
        if of_interface:  # (batch, query, head, dim)
            mixed, weights = output[0][0], output[1]
        else:
            mixed, weights = mixed_of(output), None
        found = inside.explained(given, mixed, weights, alternatives)
        if found is None:
            self._unexplained[given.path] = name
            return output
        self._add(found)
        if of_interface:
            return self._interface_out(given.path, output, lambda _: found)
        return self._sdpa_out(given.path, output, 1, lambda _: found)

    def sdpa(self, output: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
        """Record a direct call of scaled_dot_product_attention."""
        path = self.calling()
        record = sdpa_record(path, self._masks, *args, **kwargs)
        if record is None:
            self._unfollowed.add(path)
            return output
        self.parts(record, mixed_of(output))
        return self._sdpa_out(path, output, 1, lambda _: record)

    def multi_head(self, output: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
        """Record a call of multi_head_attention_forward."""
        path, call = self.calling(), MultiHeadCall(output, args, kwargs)
        if call.batch != 1 or not call.plain:
            self._unfollowed.add(path)
            return output
        record = call.record(path, self._masks)
        self.parts(record, call.output(), call.project)
        if not self._untouched:  # what it called inside was not seen
            self._unexplained[path] = "torch's attention, changed"
        return self._multi_head_out(path, output, call, lambda _: record)

    def mixture(self, rows: Sequence[Mixture]) -> None:
        """Record probabilities that multiplied values, with queries and keys if known."""
        [mixture] = rows
        path = self.calling()
        module = self._modules.get(path)
        trusted = (
            self._untouched and module is not None and known_functions.native_class(type(module))
        )
        record = mixture.record(path, whole=not trusted)
        found: AnyRecord | None = record
        if record is not None:
            self.parts(record, mixture.mixed.transpose(0, 1))
        elif set(mixture.probabilities.shape[1:]) <= set(self._lengths):
            found = map_record(path, mixture.probabilities, "followed maps")
            self._add(found)
        self._mixture_out(path, rows, lambda _: found)

    def banded(
        self, path: str, record: Callable[[int], Record], output: torch.Tensor
    ) -> torch.Tensor:
        if len(output) != 1:
            return output
        made = record(0)
        self.parts(made, output[0])
        changed = self._given_out(path, lambda: output, lambda _: made)
        return output if changed is None else changed

    def parts(self, record: Record, output: torch.Tensor, project: Project | None = None) -> None:
        """Add a record, to be checked against its output (query, head, dim)."""
        self._checks.add(record, output, project=project)
        self._add(record)
        self._last = record

    def unfollowed(self, path: str) -> None:
        self._unfollowed.add(path)

    def _add(self, record: AnyRecord) -> None:
        self._n_records += 1
        self._heard.add(record.path)
        record.number(self._counts[record.path])
        if self._tokens_first and isinstance(record, Record):
            record = tokens_of(record, self._lengths)
        self.layers.add(record)
