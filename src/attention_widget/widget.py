"""The widget: traits that both sides set, and answers to what the browser asks.

The other half is js/contract.ts. Browser messages may come in on another thread while a cell
runs, so traits change under ``_lock``. Tensors are served without it, from the trace that is
shown, so no forward pass holds them up; and whoever wants a forward pass while there is one is
refused rather than made to wait, so that no two locks can wait for each other.
"""

from __future__ import annotations

import difflib
import reprlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import anywidget
import traitlets as t

from attention_widget.capture import capture
from attention_widget.capture.inputs import find_model, find_tokenizer
from attention_widget.catalogue import Catalogue
from attention_widget.meta import Meta, describe
from attention_widget.selection import (
    MEASURES,
    SPACES,
    THEMES,
    VIEWS,
    carry_heads,
    check_choice,
    check_choices,
    check_flag,
    check_heads,
    check_layer,
    check_text,
    check_token,
    count_heads,
    layers_with_attention,
)
from attention_widget.tensors import Header
from attention_widget.trace import Trace

_STATIC = Path(__file__).parent / "static"
if not ((_STATIC / "widget.js").is_file() and (_STATIC / "widget.css").is_file()):
    raise ImportError(
        f"the front end of attention_widget is not built: widget.js or widget.css is missing in "
        f"{_STATIC}; build it with `npm ci && npm run build` in the checkout, or install a wheel"
    )

T = TypeVar("T")


class _Selection(t.TraitType[T, Any]):
    """A trait that either side sets, checked against the trace that is shown."""

    def __init__(self, default: T, check: Callable[[AttentionWidget, str, object], T]) -> None:
        super().__init__(default)
        self._check = check
        # The browser shows its own selections at once; an echo could only undo a newer one.
        self.tag(sync=True, echo_update=False, to_json=_to_json)

    def validate(self, obj: AttentionWidget, value: object) -> T:
        return self._check(obj, self.name or "", value)

    def set(self, obj: Any, value: Any) -> None:
        with obj._lock:
            super().set(obj, value)


class _Text(t.TraitType[T, T]):
    """A text that the model reads: assigning it runs the model, and only the run stores it."""

    def __init__(self, default: T, optional: bool) -> None:
        super().__init__(default)
        self._optional = optional
        self.tag(sync=True)

    def validate(self, obj: AttentionWidget, value: object) -> Any:
        return check_text(self.name or "", value, self._optional)

    def set(self, obj: Any, value: Any) -> None:
        if self.validate(obj, value) != getattr(obj, self.name or ""):
            texts = {"text": obj.text, "text_pair": obj.text_pair, self.name or "": value}
            obj.run(**texts)

    def store(self, obj: AttentionWidget, value: T) -> None:
        super().set(obj, value)


def _to_json(value: object, _widget: object) -> object:
    return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True, eq=False)
class _Run:
    """One forward pass and what is served of it."""

    trace: Trace
    meta: Meta
    catalogue: Catalogue

    @classmethod
    def of(cls, trace: Trace, number: int, can_run: bool) -> _Run:
        return cls(trace, describe(trace, number, can_run), Catalogue(trace))


_SELECTIONS: Final = (
    "layer",
    "heads",
    "average",
    "token",
    "pinned",
    "views",
    "measure",
    "space",
    "words",
    "theme",
)  # layer first: heads are checked against it
_RESULTS: Final = ("text", "text_pair", "busy", "meta")


class AttentionWidget(anywidget.AnyWidget):
    """Linked views of the attention of one text in a model.

    Args:
        model: what :func:`attention_widget.capture` takes: a model, a pipeline, a hub id or a
            local folder.
        text: the text to read; ``text_pair`` is a second segment.
        tokenizer: the model's tokenizer, where it cannot be found from the model.
        truncation: cut a text that is longer than the model takes, instead of refusing it.
        layer: the layer shown; None is the first that has attention.
        heads: one head or several of the layer; None is all of them, ``()`` none.
        average: show the mean of the heads instead of each.
        token: index of the selected query token, or None.
        pinned: index of the token that cosines are taken to, with ``words`` its whole word.
        views: which views are shown, in order, of "lines", "neuron", "text".
        measure: what colours the text: "norm", "previous_cosine", "pinned_cosine",
            "attention_from" (the selected token), "attention_received".
        space: where its vectors come from: "embeddings" or "hidden_states" (after ``layer``).
        words: colour whole words instead of tokens.
        theme: "auto" (the notebook's), "light" or "dark".

    All of these but model, tokenizer and truncation are attributes that follow what is clicked
    and can be set and observed. Assigning ``text`` or ``text_pair`` runs the model before the
    assignment returns; :meth:`run` sets both. ``busy`` and ``meta`` are read-only. Whatever is
    refused raises a TraitError and leaves everything as it was.
    """

    _shown: _Run
    _read: Callable[[str, str | None], Trace] | None

    _esm = _STATIC / "widget.js"
    _css = _STATIC / "widget.css"
    # The notebook server may have another anywidget than the kernel. With anywidget's own
    # default, its exact version, such a server finds no front end and the cell stays empty.
    _model_module_version = t.Unicode("*").tag(sync=True)
    _view_module_version = t.Unicode("*").tag(sync=True)

    text = _Text("", optional=False)
    text_pair: _Text[str | None] = _Text(None, optional=True)
    layer = _Selection(0, lambda w, name, value: check_layer(name, value, w._shown.meta))
    heads: _Selection[tuple[int, ...]] = _Selection(
        (), lambda w, name, value: check_heads(name, value, w._shown.meta, w.layer)
    )
    average = _Selection(False, lambda _, name, value: check_flag(name, value))
    token: _Selection[int | None] = _Selection(
        None, lambda w, name, value: check_token(name, value, w._shown.meta)
    )
    pinned: _Selection[int | None] = _Selection(
        None, lambda w, name, value: check_token(name, value, w._shown.meta)
    )
    views: _Selection[tuple[str, ...]] = _Selection(
        VIEWS, lambda _, name, value: check_choices(name, value, VIEWS)
    )
    measure = _Selection("norm", lambda _, name, value: check_choice(name, value, MEASURES))
    space = _Selection("hidden_states", lambda _, name, value: check_choice(name, value, SPACES))
    words = _Selection(True, lambda _, name, value: check_flag(name, value))
    theme = _Selection("auto", lambda _, name, value: check_choice(name, value, THEMES))
    busy = t.Bool(False, read_only=True).tag(sync=True)
    meta: t.Dict[str, Any] = t.Dict(read_only=True).tag(sync=True)

    def __init__(
        self,
        model: Any,
        text: str,
        *,
        text_pair: str | None = None,
        tokenizer: Any = None,
        truncation: bool = False,
        layer: int | None = None,
        heads: int | Iterable[int] | None = None,
        average: bool = False,
        token: int | None = None,
        pinned: int | None = None,
        views: str | Iterable[str] = VIEWS,
        measure: str = "norm",
        space: str = "hidden_states",
        words: bool = True,
        theme: str = "auto",
        **unknown: object,
    ) -> None:
        _refuse_unknown(unknown, ("text_pair", "tokenizer", "truncation", *_SELECTIONS))

        # Found once: another text must not load a model or tokenizer from its folder again.
        found, own_tokenizer = find_model(model)
        found_tokenizer = find_tokenizer(found, own_tokenizer if tokenizer is None else tokenizer)

        def read(text: str, text_pair: str | None) -> Trace:
            return capture(
                found,
                text,
                text_pair=text_pair,
                tokenizer=found_tokenizer,
                truncation=truncation,
            )

        selection = {
            "layer": layer,
            "heads": heads,
            "average": average,
            "token": token,
            "pinned": pinned,
            "views": views,
            "measure": measure,
            "space": space,
            "words": words,
            "theme": theme,
        }
        self._open(read(text, text_pair), text, text_pair, read, selection)

    @classmethod
    def from_trace(cls, trace: Trace, **selection: Any) -> AttentionWidget:
        """A widget of a trace captured or loaded before; it has no model to run another text.

        ``selection`` takes the keywords of the class from ``layer`` on.
        """
        _refuse_unknown(selection, _SELECTIONS)
        if not isinstance(trace, Trace):
            raise TypeError(f"trace is a {type(trace).__name__}; allowed: a Trace, from capture()")
        text = trace.texts[0] if trace.texts else ""
        text_pair = trace.texts[1] if len(trace.texts) > 1 else None
        widget = cls.__new__(cls)
        widget._open(trace, text, text_pair, None, selection)
        return widget

    def _open(
        self,
        trace: Trace,
        text: str,
        text_pair: str | None,
        read: Callable[[str, str | None], Trace] | None,
        selection: Mapping[str, Any],
    ) -> None:
        self._lock = threading.RLock()
        self._reading = threading.RLock()
        self._read = read
        self._shown = _Run.of(trace, 1, can_run=read is not None)
        meta = self._shown.meta
        type(self).text.store(self, text)
        type(self).text_pair.store(self, text_pair)
        self.set_trait("meta", meta)
        layer, heads = selection.get("layer"), selection.get("heads")
        self.layer = layers_with_attention(meta)[0] if layer is None else layer
        self.heads = range(count_heads(meta, self.layer)) if heads is None else heads
        for name in _SELECTIONS[2:]:
            if name in selection:
                setattr(self, name, selection[name])
        super().__init__()
        self.on_msg(self._on_message)

    @property
    def trace(self) -> Trace:
        """What the latest forward pass left behind."""
        return self._shown.trace

    def run(self, text: str, text_pair: str | None = None) -> None:
        """Run the model on another text; returns when it is shown.

        ``token`` and ``pinned`` stay where the new text has such a token, else become None.

        Raises:
            TraitError: the text cannot be read, there is no model (:meth:`from_trace`), or
                another forward pass is under way. Everything stays as it was.
        """
        with self._alone():
            self._show(self._forward(text, text_pair), text, text_pair)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """What the browser selected. Nothing else is taken from it, and what is refused goes
        back as it stands, so that both sides agree."""
        wanted = {name: sync_data[name] for name in (*_SELECTIONS, *sync_data) if name in sync_data}
        refused: list[str] = [name for name in _RESULTS if name in wanted]
        for name in refused:
            del wanted[name]
        with self._lock:
            try:
                super().set_state(wanted)
            except t.TraitError as error:
                self.log.warning("the browser's selection was refused: %s", error)
                refused += [name for name in wanted if name in self.keys]
            if refused:
                self.send_state(refused)

    def notify_change(self, change: Any) -> None:
        if change["name"] != "layer":
            super().notify_change(change)
            return
        with self.hold_sync():  # the browser gets the layer and its heads together
            meta = self._shown.meta
            before, now = count_heads(meta, change["old"]), count_heads(meta, change["new"])
            self.heads = carry_heads(self.heads, before, now)
            super().notify_change(change)

    def __repr__(self) -> str:
        trace = self.trace
        counts = sorted({block.n_heads for block in trace.blocks})
        heads = f"{counts[0]} to {counts[-1]}" if len(counts) > 1 else f"{counts[0]}"
        return (
            f"AttentionWidget({reprlib.repr(trace.model_name)}, {reprlib.repr(self.text)}: "
            f"{len(trace.tokens)} tokens, {trace.n_layers} layers, {heads} heads)"
        )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One forward pass at a time; ``busy`` ends with it, however it ends."""
        if not self._reading.acquire(blocking=False):
            raise t.TraitError("the model is reading another text; try again when busy is False")
        try:
            yield
        finally:
            self._set_busy(False)
            self._reading.release()

    def _forward(self, text: str, text_pair: str | None) -> _Run:
        check_text("text", text, optional=False)
        check_text("text_pair", text_pair, optional=True)
        if self._read is None:
            raise t.TraitError(
                "this widget was made from a trace and has no model to read another text; "
                "make AttentionWidget(model, text)"
            )
        with self._lock:
            if self._cross_validation_lock:
                raise t.TraitError(
                    "the model cannot run inside hold_trait_notifications(), which could not "
                    "take it back; set text outside of it, or use run()"
                )
        self._set_busy(True)
        try:
            trace = self._read(text, text_pair)
            return _Run.of(trace, self._shown.meta["run"] + 1, can_run=True)
        except Exception as error:
            raise t.TraitError(_readable(error)) from error

    def _show(self, run: _Run, text: str, text_pair: str | None) -> None:
        count = len(run.trace.tokens)
        with self._lock:
            self._shown = run
            try:
                with self.hold_sync(), self.hold_trait_notifications():
                    type(self).text.store(self, text)
                    type(self).text_pair.store(self, text_pair)
                    self.set_trait("meta", run.meta)
                    for name in ("token", "pinned"):
                        index = getattr(self, name)
                        if index is not None and index >= count:
                            setattr(self, name, None)
                    self.set_trait("busy", False)
            except BaseException:  # an observer failed; the browser still gets the whole
                self.send_state([*_RESULTS, "token", "pinned"])
                raise

    def _set_busy(self, busy: bool) -> None:
        with self._lock:
            self.set_trait("busy", busy)

    def _on_message(self, _widget: object, message: Any, _buffers: object) -> None:
        """Exactly one reply to every message."""
        fields: dict[str, Any] = message if isinstance(message, dict) else {}
        ident = fields.get("id")
        reply: dict[str, Any] = {"id": ident if type(ident) is int else None}
        buffers: list[bytes] = []
        shown = False
        try:
            _field(fields, "id", int)
            kind = _field(fields, "kind", str)
            if kind == "tensor":
                header, data = self._tensor(_field(fields, "run", int), _field(fields, "key", str))
                reply.update(header)
                buffers.append(data)
            elif kind == "run":
                text, text_pair = _field(fields, "text", str), fields.get("text_pair")
                with self._alone():
                    run = self._forward(text, text_pair)
                    shown = True
                    self._show(run, text, text_pair)
            else:
                raise ValueError(f"unknown kind {reprlib.repr(kind)}; allowed: tensor, run")
        except BaseException as error:
            if not shown:  # else an observer failed, which is no matter of the browser's
                reply["error"] = _readable(error)
            if shown or not isinstance(error, Exception):
                raise
        finally:
            self.send(reply, buffers)

    def _tensor(self, run: int, key: str) -> tuple[Header, bytes]:
        shown = self._shown
        if run != shown.meta["run"]:
            raise ValueError(f"run {run} is over; the widget shows run {shown.meta['run']}")
        return shown.catalogue.answer(key)


def _field(message: Mapping[str, Any], name: str, kind: type[T]) -> T:
    value = message.get(name)
    if type(value) is not kind:
        raise ValueError(
            f"malformed message: {name} is {reprlib.repr(value)}; allowed: {kind.__name__}"
        )
    return value


def _readable(error: BaseException) -> str:
    """The error's own words; with its type where they may say nothing without it."""
    plain = isinstance(error, ValueError | TypeError | LookupError | t.TraitError)
    if plain and str(error) and not isinstance(error, KeyError):
        return str(error)
    return f"{type(error).__name__}: {error}".removesuffix(": ")


def _refuse_unknown(given: Iterable[str], allowed: Sequence[str]) -> None:
    for name in sorted(set(given) - set(allowed)):
        close = difflib.get_close_matches(name, allowed, 1)
        advice = f"; did you mean {close[0]!r}?" if close else ";"
        raise TypeError(f"unknown keyword {name!r}{advice} allowed: {', '.join(allowed)}")
