"""The widget: traits that both sides set, and answers to what the browser asks.

The other half is js/contract.ts. Browser messages may come in on another thread while a cell
runs, so traits change under ``_lock``. Tensors are served without it, from the trace that is
shown, so no forward pass holds them up; and whoever wants a forward pass while there is one is
refused rather than made to wait, so that no two locks can wait for each other.
"""

from __future__ import annotations

import reprlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import anywidget
import traitlets as t

from attention_widget import arrays
from attention_widget.capture import capture
from attention_widget.capture.media import medium_of, own_processor
from attention_widget.capture.sources import find_model, find_tokenizer
from attention_widget.catalogue import Catalogue
from attention_widget.keywords import keywords_of, refuse_unknown, split
from attention_widget.meta import Meta, describe
from attention_widget.selection import (
    MEASURES,
    SPACES,
    THEMES,
    VIEWS,
    carry_heads,
    carry_layer,
    check_choice,
    check_choices,
    check_flag,
    check_heads,
    check_kind,
    check_layer,
    check_text,
    check_token,
    count_heads,
    count_queries,
    first_kind,
    layers_with_attention,
)
from attention_widget.tensors import Header
from attention_widget.trace import Trace
from attention_widget.traits import AttentionKindTrait, Selection, Text

_STATIC = Path(__file__).parent / "static"
if not ((_STATIC / "widget.js").is_file() and (_STATIC / "widget.css").is_file()):
    raise ImportError(
        f"the front end of attention_widget is not built: widget.js or widget.css is missing in "
        f"{_STATIC}; build it with `npm ci && npm run build` in the checkout, or install a wheel"
    )

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class _Run:
    """One forward pass and what is served of it."""

    trace: Trace
    meta: Meta
    catalogue: Catalogue

    @classmethod
    def of(cls, trace: Trace, number: int, read_only: str | None) -> _Run:
        return cls(trace, describe(trace, number, read_only), Catalogue(trace))


_SELECTIONS: Final = (
    "attention_kind",
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
)  # in this order: each is checked against those before it
_RESULTS: Final = ("text", "text_pair", "busy", "meta")
_NO_MODEL: Final = "this widget was made from a trace and has no model to read another text"


class AttentionWidget(anywidget.AnyWidget):
    """Linked views of the attention of one text in a model.

    Args:
        model: what :func:`attention_widget.capture` takes: a model, a pipeline, a hub id or a
            local folder.
        text: the text to read, or what else ``capture`` takes, such as the messages of a chat;
            ``text_pair`` is a second segment.
        tokenizer: the model's tokenizer, where it cannot be found from the model.
        attention_kind: of an encoder-decoder: "encoder" or "decoder" (self-attention), or "cross"
            (from the decoder's tokens to the encoder's); None is the first that there is.
        layer: the layer shown; None is the first that has attention.
        heads: one head or several of the layer; None is all of them, ``()`` none.
        average: show the mean of the heads instead of each.
        token: index of the selected query token, or None. The queries of "cross" and "decoder"
            are the target's tokens; of a text read in windows it is the index in the whole text.
        pinned: index of the token that cosines are taken to, counted as ``token`` is; with
            ``words`` its whole word.
        views: which views are shown, in order, of "lines", "neuron", "text".
        measure: what colours the text: "norm", "previous_cosine", "pinned_cosine",
            "attention_from" (the selected token), "attention_received".
        space: where its vectors come from: "embeddings" or "hidden_states" (after ``layer``).
        words: colour whole words instead of tokens.
        theme: "auto" (the notebook's), "light" or "dark".
        options: every other keyword of ``capture`` (``target``, ``truncation``, ``layers``, ...);
            they hold for later texts too.

    All of these but model, tokenizer and options are attributes that follow what is clicked
    and can be set and observed. Assigning ``text`` or ``text_pair`` runs the model before the
    assignment returns; :meth:`run` sets both. ``busy`` and ``meta`` are read-only. Whatever is
    refused raises a TraitError and leaves everything as it was.
    """

    _shown: _Run
    _read: Callable[[Any, str | None], Trace] | None

    _esm = _STATIC / "widget.js"
    _css = _STATIC / "widget.css"
    # The notebook server may have another anywidget than the kernel. With anywidget's own
    # default, its exact version, such a server finds no front end and the cell stays empty.
    _model_module_version = t.Unicode("*").tag(sync=True)
    _view_module_version = t.Unicode("*").tag(sync=True)

    text = Text("", optional=False)
    text_pair: Text[str | None] = Text(None, optional=True)
    attention_kind = AttentionKindTrait(
        "encoder", lambda w, name, value: check_kind(name, value, w._shown.meta)
    )
    layer = Selection(
        0, lambda w, name, value: check_layer(name, value, w._shown.meta, w.attention_kind)
    )
    heads: Selection[tuple[int, ...]] = Selection(
        (),
        lambda w, name, value: check_heads(name, value, w._shown.meta, w.attention_kind, w.layer),
    )
    average = Selection(False, lambda _, name, value: check_flag(name, value))
    token: Selection[int | None] = Selection(
        None, lambda w, name, value: check_token(name, value, w._shown.meta, w.attention_kind)
    )
    pinned: Selection[int | None] = Selection(
        None, lambda w, name, value: check_token(name, value, w._shown.meta, w.attention_kind)
    )
    views: Selection[tuple[str, ...]] = Selection(
        VIEWS, lambda _, name, value: check_choices(name, value, VIEWS)
    )
    measure = Selection("norm", lambda _, name, value: check_choice(name, value, MEASURES))
    space = Selection("hidden_states", lambda _, name, value: check_choice(name, value, SPACES))
    words = Selection(True, lambda _, name, value: check_flag(name, value))
    theme = Selection("auto", lambda _, name, value: check_choice(name, value, THEMES))
    busy = t.Bool(False, read_only=True).tag(sync=True)
    meta: t.Dict[str, Any] = t.Dict(read_only=True).tag(sync=True)

    def __init__(
        self,
        model: Any,
        text: Any,
        *,
        text_pair: str | None = None,
        tokenizer: Any = None,
        attention_kind: str | None = None,
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
        **options: Any,
    ) -> None:
        refuse_unknown(options, keywords_of(capture), ("text_pair", "tokenizer"), _SELECTIONS)

        # Found once: another text must not load a model or tokenizer from its folder again.
        found, own_tokenizer = find_model(model)
        if medium_of(found, text, options.get("sampling_rate")) is None:
            tokenizer = find_tokenizer(found, own_tokenizer if tokenizer is None else tokenizer)
        elif options.get("processor") is None:
            options["processor"] = own_processor(model)

        def read(text: Any, text_pair: str | None) -> Trace:
            return capture(found, text, text_pair=text_pair, tokenizer=tokenizer, **options)

        selection = {
            "attention_kind": attention_kind,
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

        ``selection`` takes the keywords of the class from ``attention_kind`` on.
        """
        refuse_unknown(selection, _SELECTIONS)
        if not isinstance(trace, Trace):
            raise TypeError(f"trace is a {type(trace).__name__}; allowed: a Trace, from capture()")
        widget = cls.__new__(cls)
        widget._open(trace, None, None, None, selection)
        return widget

    @classmethod
    def from_attentions(cls, attentions: Any, tokens: Any, **keywords: Any) -> AttentionWidget:
        """A widget of finished attention maps: what transformers returns, NumPy, PyTorch or JAX
        arrays, a TransformerLens cache.

        ``keywords`` are those of :func:`attention_widget.arrays.from_attentions`, and of the class
        from ``attention_kind`` on.
        """
        given, selection = split(keywords, arrays.from_attentions, _SELECTIONS)
        return cls.from_trace(arrays.from_attentions(attentions, tokens, **given), **selection)

    @classmethod
    def from_arrays(cls, q: Any, k: Any, v: Any = None, **keywords: Any) -> AttentionWidget:
        """A widget of the queries, keys and values of a hand-written attention.

        ``keywords`` are those of :func:`attention_widget.arrays.from_arrays` (``tokens`` is
        needed), and of the class from ``attention_kind`` on.
        """
        given, selection = split(keywords, arrays.from_arrays, _SELECTIONS)
        return cls.from_trace(arrays.from_arrays(q, k, v, **given), **selection)

    def _open(
        self,
        trace: Trace,
        text: Any,
        text_pair: str | None,
        read: Callable[[Any, str | None], Trace] | None,
        selection: Mapping[str, Any],
    ) -> None:
        self._lock = threading.RLock()
        self._reading = threading.RLock()
        self._read = read
        self._shown = _Run.of(trace, 1, _NO_MODEL if read is None else _read_only(trace, text))
        meta = self._shown.meta
        shown, shown_pair = _texts(trace, text, text_pair)
        type(self).text.store(self, shown)
        type(self).text_pair.store(self, shown_pair)
        self.set_trait("meta", meta)
        kind, layer, heads = (selection.get(name) for name in _SELECTIONS[:3])
        if kind is not None:
            self.attention_kind = kind
        if layer is not None:
            self.layer = layer
        count = count_heads(meta, self.attention_kind, self.layer)
        self.heads = range(count) if heads is None else heads
        if not meta["has_hidden_states"]:
            self.measure = "attention_received"  # norms and cosines are of hidden states
        for name in _SELECTIONS[3:]:
            if name in selection:
                setattr(self, name, selection[name])
        super().__init__()
        self.on_msg(self._on_message)

    @property
    def trace(self) -> Trace:
        """What the latest forward pass left behind."""
        return self._shown.trace

    def run(self, text: Any, text_pair: str | None = None) -> None:
        """Run the model on another text, or on what else ``capture`` takes; returns when it is
        shown.

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
            else:  # a single head is kept as a list of one, which may be no change to send
                stored = self.get_state([name for name in wanted if name in self.keys])
                refused += [name for name, value in stored.items() if value != wanted[name]]
            if refused:
                self.send_state(refused)

    @t.default("attention_kind")
    def _first_kind(self) -> str:
        return first_kind(self._shown.meta)

    @t.default("layer")
    def _first_layer(self) -> int:
        return layers_with_attention(self._shown.meta, self.attention_kind)[0]

    def notify_change(self, change: Any) -> None:
        name = change["name"]
        if name not in ("attention_kind", "layer"):
            super().notify_change(change)
            return
        with self.hold_sync():  # the browser gets all that follows together
            old = {"attention_kind": self.attention_kind, "layer": self.layer, name: change["old"]}
            self._carry(old["attention_kind"], old["layer"])
            super().notify_change(change)

    def _carry(self, kind: str, layer: int) -> None:
        """Layer and heads from where they were, to where they can be now."""
        meta = self._shown.meta
        before = count_heads(meta, kind, layer)
        heads = self.heads
        now = carry_layer(meta, self.attention_kind, self.layer)
        if now != self.layer:
            self.layer = now
        self.heads = carry_heads(heads, before, count_heads(meta, self.attention_kind, now))

    def __repr__(self) -> str:
        trace = self.trace
        layers = self.meta["attention"]
        counts = sorted({layer["n_heads"] for kind in layers for layer in kind["layers"] if layer})
        heads = f"{counts[0]} to {counts[-1]}" if len(counts) > 1 else f"{counts[0]}"
        target = "" if trace.target is None else f" → {len(trace.target.tokens)}"
        return (
            f"AttentionWidget({reprlib.repr(trace.model_name)}, {reprlib.repr(self.text)}: "
            f"{len(trace.tokens)}{target} tokens, {len(layers[0]['layers'])} layers, {heads} heads)"
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

    def _forward(self, text: Any, text_pair: str | None) -> _Run:
        check_text("text_pair", text_pair, optional=True)
        if self._read is None:
            raise t.TraitError(f"{_NO_MODEL}; make AttentionWidget(model, text)")
        with self._lock:
            if self._cross_validation_lock:
                raise t.TraitError(
                    "the model cannot run inside hold_trait_notifications(), which could not "
                    "take it back; set text outside of it, or use run()"
                )
        self._set_busy(True)
        try:
            trace = self._read(text, text_pair)
            run = _Run.of(trace, self._shown.meta["run"] + 1, _read_only(trace, text))
            first_kind(run.meta)
            return run
        except Exception as error:
            raise t.TraitError(_readable(error)) from error

    def _show(self, run: _Run, text: Any, text_pair: str | None) -> None:
        shown, shown_pair = _texts(run.trace, text, text_pair)
        with self._lock:
            before = count_heads(self._shown.meta, self.attention_kind, self.layer)
            self._shown = run
            try:
                with self.hold_sync(), self.hold_trait_notifications():
                    type(self).text.store(self, shown)
                    type(self).text_pair.store(self, shown_pair)
                    self.set_trait("meta", run.meta)
                    self._keep_selections(run.meta, before)
                    count = count_queries(run.meta, self.attention_kind)
                    for name in ("token", "pinned"):
                        index = getattr(self, name)
                        if index is not None and index >= count:
                            setattr(self, name, None)
                    self.set_trait("busy", False)
            except BaseException:  # an observer failed; the browser still gets the whole
                self.send_state([*_RESULTS, *_SELECTIONS])
                raise

    def _keep_selections(self, meta: Meta, heads_before: int) -> None:
        """Kind, layer and heads stay where the new trace has them."""
        kinds = [attention["kind"] for attention in meta["attention"]]
        if self.attention_kind not in kinds:
            self.attention_kind = kinds[0]
        layer = carry_layer(meta, self.attention_kind, self.layer)
        if layer != self.layer:
            self.layer = layer
        count = count_heads(meta, self.attention_kind, layer)
        if count != heads_before:
            self.heads = carry_heads(self.heads, heads_before, count)

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


def _is_plain(trace: Trace, text: object) -> bool:
    """Whether a text was read as it stands: no chat, and not the path of a picture."""
    return isinstance(text, str) and bool(trace.texts) and not trace.roles


def _texts(trace: Trace, text: Any, text_pair: str | None) -> tuple[str, str | None]:
    """What the traits show of a reading: its texts, a chat with its roles."""
    if _is_plain(trace, text):
        return text, text_pair
    if trace.roles:
        said = zip(trace.roles, trace.texts, strict=True)
        return "\n".join(f"{role}: {text}" for role, text in said), None
    shown = trace.texts[0] if trace.texts else ""
    return shown, trace.texts[1] if len(trace.texts) > 1 else None


def _read_only(trace: Trace, text: object) -> str | None:
    """Why the text box cannot run another text in place of this one."""
    if _is_plain(trace, text):
        return None
    what = "a chat" if trace.roles else "no text"
    return f"the model was given {what}; give it another one with widget.run(...) in Python"
