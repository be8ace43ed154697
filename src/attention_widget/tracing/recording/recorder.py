"""The recorder of one forward pass: it is told of attention, and gives its findings."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import torch

from attention_widget.tracing.recording import known_functions
from attention_widget.tracing.recording.calls import Listener, mixed_of, sdpa_record
from attention_widget.tracing.recording.checks import Checks, Project
from attention_widget.tracing.recording.custom_function import Inside
from attention_widget.tracing.recording.extra_keys import tokens_of
from attention_widget.tracing.recording.interface_calls import family, interface_record
from attention_widget.tracing.recording.layers import Layer, Layers
from attention_widget.tracing.recording.masks import Masks
from attention_widget.tracing.recording.multi_head import multi_head_record
from attention_widget.tracing.recording.records import Alternatives, AnyRecord, Record, map_record
from attention_widget.tracing.recording.value_products import Mixture

_recorder: ContextVar[Recorder | None] = ContextVar("attention_widget_recorder", default=None)


def active() -> Recorder | None:
    """The recorder of the pass under way in this thread, if there is one."""
    return _recorder.get()


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


class Recorder(Listener):
    """Takes what attention functions are called with and hands it to the layer being called.

    Calls made by the modules at the paths ``followed`` are left to those who see the operations
    inside them (:mod:`~attention_widget.tracing.recording.explicit`).
    """

    def __init__(
        self,
        modules: Mapping[str, torch.nn.Module],
        lengths: Collection[int],
        on_layer: Callable[[int, Layer], None] | None = None,
        followed: Collection[str] = (),
        tokens_first: bool = False,
    ) -> None:
        self._modules = modules
        self._paths = {id(module): path for path, module in modules.items()}
        self._untouched = known_functions.untouched()
        self._native = known_functions.remembered(known_functions.native)
        self._masks = Masks()
        self._checks = Checks()
        self._followed = followed
        self._lengths = lengths
        self._tokens_first = tokens_first  # and then something else, which is left out
        self._inside = False
        self._last: Record | None = None
        own = weakref.ref(self)  # no circle: what is recorded goes when nobody needs it any more
        self.layers = Layers(lengths, lambda: active() is own(), on_layer)
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
    def recording(self) -> Iterator[None]:
        token = _recorder.set(self)
        try:
            yield
            self._checks.finish()
        finally:
            _recorder.reset(token)

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Record nothing that this thread does meanwhile."""
        if active() is not self:
            yield
            return
        token = _recorder.set(None)
        try:
            yield
        finally:
            _recorder.reset(token)

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
        """Make and record a call of a function of transformers' AttentionInterface."""
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
            output = attend()
            if self._last is None:
                self._unfollowed.add(path)
                self._heard.discard(path)
            else:  # nothing may happen to its output after the product that was seen
                self._checks.add(self._last, output[0][0], whole=True)
            return output
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
        return output

    def _within(self, attend: Callable[[], Any]) -> Any:
        self._inside = True
        try:
            return attend()
        finally:
            self._inside = False

    def patched_sdpa(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Make and record a call of a replacement of scaled_dot_product_attention."""
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
        if isinstance(output, tuple | list):  # of the interface (batch, query, head, dim)
            mixed, weights = output[0][0], output[1]
        else:
            mixed, weights = mixed_of(output), None
        found = inside.explained(given, mixed, weights, alternatives)
        if found is None:
            self._unexplained[given.path] = name
        else:
            self._add(found)
        return output

    def sdpa(self, output: torch.Tensor, *args: Any, **kwargs: Any) -> None:
        """Record a direct call of scaled_dot_product_attention."""
        record = sdpa_record(self.calling(), self._masks, *args, **kwargs)
        if record is None:
            self._unfollowed.add(self.calling())
        else:
            self.parts(record, mixed_of(output))

    def multi_head(self, output: torch.Tensor, *args: Any, **kwargs: Any) -> None:
        """Record a call of multi_head_attention_forward."""
        made = multi_head_record(self.calling(), self._masks, output, *args, **kwargs)
        if made is None:
            self._unfollowed.add(self.calling())
            return
        self.parts(*made)
        if not self._untouched:  # what it called inside was not seen
            self._unexplained[made[0].path] = "torch's attention, changed"

    def mixture(self, mixture: Mixture) -> None:
        """Record probabilities that multiplied values, with queries and keys if known."""
        path = self.calling()
        module = self._modules.get(path)
        trusted = (
            self._untouched and module is not None and known_functions.native_class(type(module))
        )
        record = mixture.record(path, whole=not trusted)
        if record is not None:
            self.parts(record, mixture.mixed.transpose(0, 1))
        elif set(mixture.probabilities.shape[1:]) <= set(self._lengths):
            self._add(map_record(path, mixture.probabilities, "followed maps"))

    def parts(self, record: Record, output: torch.Tensor, project: Project | None = None) -> None:
        """Add a record, to be checked against its output (query, head, dim)."""
        if not self._inside:
            self._checks.add(record, output, project=project)
            self._add(record)
            self._last = record

    def calling(self) -> str:
        """Path of the innermost module of which a method is on Python's call stack."""
        frame = sys._getframe(1)
        while frame is not None:
            code = frame.f_code
            if code.co_argcount and code.co_varnames[0] == "self":
                path = self._paths.get(id(frame.f_locals.get("self")))
                if path is not None:
                    return path
            frame = frame.f_back  # type: ignore[assignment]
        return self.layers.path

    def unfollowed(self, path: str) -> None:
        self._unfollowed.add(path)

    @property
    def deaf(self) -> bool:
        """Inside a function that is recorded already, or in a user's hook."""
        return self._inside or active() is not self

    def _add(self, record: AnyRecord) -> None:
        self._n_records += 1
        self._heard.add(record.path)
        if self._tokens_first and isinstance(record, Record):
            record = tokens_of(record, self._lengths)
        self.layers.add(record)
