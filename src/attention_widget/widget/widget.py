"""The widget: traits that both sides set, and answers to what the browser asks.

The other half is js/trace/contract.ts. Browser messages may come in on another thread while a cell
runs, so traits change under ``_lock``. Tensors are served without it, from the trace that is
shown, so no forward pass holds them up; and whoever wants a forward pass while there is one is
refused rather than made to wait, so that no two locks can wait for each other.
"""

from __future__ import annotations

import os
import reprlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anywidget
import traitlets as t

from attention_widget import arrays
from attention_widget._util.keywords import keywords_of, refuse_unknown, split
from attention_widget._util.one_line import in_one_line
from attention_widget.protocol.description import READ_ONLY
from attention_widget.protocol.tensors import Header
from attention_widget.protocol.vocabulary import DEFAULT_VIEWS, check_text, first_kind
from attention_widget.trace.trace import Trace
from attention_widget.tracing import capture
from attention_widget.tracing.inputs.media import medium_of, own_processor
from attention_widget.tracing.model.find import find_model, find_tokenizer
from attention_widget.tracing.model.wrappers import preparation_of
from attention_widget.widget.choices import CHOICES
from attention_widget.widget.notebook_cell import Cells
from attention_widget.widget.requests import Once, field
from attention_widget.widget.saving import RESULTS, Saving
from attention_widget.widget.session import Shown, texts_of, why_read_only
from attention_widget.widget.state import read_state
from attention_widget.widget.traits import Text

_STATIC = Path(__file__).parents[1] / "static"
_FOLLOWED = os.environ.get("ANYWIDGET_HMR") == "1"
_BUNDLE = ("widget.js", "widget.css", "export.js", "loader.js")
if _missing := [name for name in _BUNDLE if not (_STATIC / name).is_file()]:
    raise ImportError(
        f"the front end of attention_widget is not built: {', '.join(_missing)} missing in "
        f"{_STATIC}; build it with `npm ci && npm run build` in the checkout, or install a wheel"
    )


def _front_end(name: str) -> str | Path:
    """Its text, or its path where a developer wants changes to be followed: anywidget then keeps
    every widget alive, closed ones too."""
    path = _STATIC / name
    return path if _FOLLOWED else path.read_text(encoding="utf-8")


class AttentionWidget(Saving, anywidget.AnyWidget):
    """Linked views of the attention of one text in a model.

    Args:
        model: what :func:`attention_widget.capture` takes: a model, a pipeline, a hub id or a
            local folder.
        text: the text to read, or what else ``capture`` takes, such as the messages of a chat;
            ``text_pair`` is a second segment.
        tokenizer: the model's tokenizer, where it cannot be found from the model.
        layer: the layer shown; None is the first that has attention.
        heads: one head or several of the layer; None is all of them, ``()`` none. A view that can
            show only one shows the first.
        views: which views are shown, in order, of "lines", "grid", "neuron", "matrix", "tokens",
            "text".
        words: tokens of a word are one in every view, see :meth:`Trace.words`.
        attention_kind: of an encoder-decoder: "encoder" or "decoder" (self-attention), or "cross"
            (from the decoder's tokens to the encoder's); None is the first that there is.
        combine: several heads over each other ("overlay"), side by side ("columns"), or as their
            "mean" or "maximum".
        token: index of the selected query token, or None. The queries of "cross" and "decoder"
            are the target's tokens; of a text read in windows it is the index in the whole text.
        key_token: index of the selected key token, or None. Alone (``token`` is None) the views
            show what it receives; with a token, the line between the two.
        pinned: tokens that cosines are taken to, one index or several, counted as ``token`` is;
            with ``words`` their whole words. ``pin_mode``: colour by the nearest of them ("each"),
            or by their "mean".
        measure: what colours the text: "norm", "previous_cosine", "pinned_cosine",
            "attention_from" (the selected token), "attention_received".
        space: where its vectors come from: "embeddings" or "hidden_states" (after ``layer``).
        colour_map: "purple", "viridis", "cividis", "grey", or "diverging" about 0.
        special_tokens: "show" them, "hide" them, or "renormalise" what is left.
        segments: of a pair, the attention from the first letter's to the second's: "all", "a_a",
            "a_b", "b_a", "b_b".
        top_p: lines go to the strongest keys of each query, up to this share of its attention.
        threshold: lines are drawn for weights of at least this.
        direction: of the lines, "vertical" or "horizontal".
        summary: what colours the grid of heads, see :func:`measures.head_summaries`; "none" is
            their attention itself. ``sort_heads``: in the order of the summary.
        normalise_rows, log_colour: how the matrix is coloured.
        theme: "auto" (the notebook's), "light" or "dark".
        locale: language of the widget: "auto" (the page's), "en", "vi" or "ru".
        options: every other keyword of ``capture`` (``target``, ``truncation``, ``layers``, ...);
            they hold for later texts too.

    All of these but model, tokenizer and options are attributes that follow what is clicked
    and can be set and observed. Assigning ``text`` or ``text_pair`` runs the model before the
    assignment returns; :meth:`run` sets both. ``busy`` and ``meta`` are read-only. Whatever is
    refused raises a TraitError and leaves everything as it was.
    """

    _shown: Shown
    _read: Callable[[Any, str | None], Trace] | None

    _esm = _front_end("widget.js")
    _css = _front_end("widget.css")
    # The notebook server may have another anywidget than the kernel. With anywidget's own
    # default, its exact version, such a server finds no front end and the cell stays empty.
    _model_module_version = t.Unicode("*").tag(sync=True)
    _view_module_version = t.Unicode("*").tag(sync=True)

    text = Text("", optional=False)
    text_pair: Text[str | None] = Text(None, optional=True)
    busy = t.Bool(False, read_only=True).tag(sync=True)
    meta: t.Dict[str, Any] = t.Dict(read_only=True).tag(sync=True)
    # Stays empty: the browser adds what a saved notebook keeps, see js/saved/notebook_archive.ts.
    kept: t.Dict[str, Any] = t.Dict(read_only=True).tag(sync=True)

    def __init__(
        self,
        model: Any,
        text: Any,
        *,
        text_pair: str | None = None,
        tokenizer: Any = None,
        layer: int | None = None,
        heads: int | Iterable[int] | None = None,
        views: str | Iterable[str] = DEFAULT_VIEWS,
        words: bool = False,
        **options: Any,
    ) -> None:
        refuse_unknown(options, keywords_of(capture), ("text_pair", "tokenizer"), CHOICES)
        choices: dict[str, Any] = {"layer": layer, "heads": heads, "views": views, "words": words}
        choices |= {name: options.pop(name) for name in CHOICES if name in options}

        # Found once: another text must not load a model or tokenizer from its folder again.
        found, own_tokenizer = find_model(model)
        if medium_of(found, text, options.get("sampling_rate")) is None:
            tokenizer = find_tokenizer(found, own_tokenizer if tokenizer is None else tokenizer)
        elif options.get("processor") is None:
            options["processor"] = own_processor(model)

        # A pipeline and the like do something with each text before their model reads it.
        source = found if isinstance(model, str | os.PathLike) else model
        self._prepared = preparation_of(model)

        def read(text: Any, text_pair: str | None) -> Trace:
            return capture(source, text, text_pair=text_pair, tokenizer=tokenizer, **options)

        self._open(read(text, text_pair), text, text_pair, read, choices)

    @classmethod
    def from_trace(cls, trace: Trace, **selection: Any) -> AttentionWidget:
        """A widget of a trace captured or loaded before; it has no model to run another text.

        ``selection`` takes the keywords of the class from ``layer`` on.
        """
        refuse_unknown(selection, CHOICES)
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
        from ``layer`` on.
        """
        given, selection = split(keywords, arrays.from_attentions, CHOICES)
        return cls.from_trace(arrays.from_attentions(attentions, tokens, **given), **selection)

    @classmethod
    def from_arrays(cls, q: Any, k: Any, v: Any = None, **keywords: Any) -> AttentionWidget:
        """A widget of the queries, keys and values of a hand-written attention.

        ``keywords`` are those of :func:`attention_widget.arrays.from_arrays` (``tokens`` is
        needed), and of the class from ``attention_kind`` on.
        """
        given, selection = split(keywords, arrays.from_arrays, CHOICES)
        return cls.from_trace(arrays.from_arrays(q, k, v, **given), **selection)

    @classmethod
    def from_state(
        cls,
        state: Mapping[str, Any],
        *,
        model: Any = None,
        trace: Trace | None = None,
        **options: Any,
    ) -> AttentionWidget:
        """The widget whose :attr:`state` this was, of the model (``options`` are its tokenizer and
        the keywords of ``capture``) or of the trace that was saved with it; see :meth:`restore`."""
        saved = read_state(state)
        if (model is None) == (trace is None):
            raise TypeError(
                f"give either model= ({saved.model_name!r} was read) or trace=, not both"
            )
        refuse_unknown(options, [] if model is None else set(keywords_of(capture)) - {"text_pair"})
        if trace is not None:
            widget = cls.from_trace(trace)
        else:
            text, text_pair = saved.readable()
            text = preparation_of(model).given(text)
            widget = cls(model, text, text_pair=text_pair, **options)
        widget.restore(state)
        return widget

    def _open(
        self,
        trace: Trace,
        text: Any,
        text_pair: str | None,
        read: Callable[[Any, str | None], Trace] | None,
        choices: Mapping[str, Any],
    ) -> None:
        self._lock = threading.RLock()
        self._reading = threading.RLock()
        self._runs = Once()
        self._read = read
        self._shown = Shown.of(trace, 1, "trace" if read is None else why_read_only(trace, text))
        shown, shown_pair = texts_of(trace, text, text_pair)
        type(self).text.store(self, shown)
        type(self).text_pair.store(self, shown_pair)
        self.set_trait("meta", self._shown.meta)
        kind, layer, heads = (choices.get(name) for name in CHOICES[:3])
        if kind is not None:
            self.attention_kind = kind
        if layer is not None:
            self.layer = layer
        count = trace.count_heads(self.layer, self.attention_kind)
        self.heads = range(count) if heads is None else heads
        if not trace.hidden:
            self.measure = "attention_received"  # norms and cosines are of hidden states
        for name in CHOICES[3:]:
            if name in choices:
                setattr(self, name, choices[name])
        self._cells = Cells()
        super().__init__()
        self.comm.on_close(self._cells.refused)
        self.on_msg(self._on_message)

    def _ipython_display_(self) -> None:
        self._cells.show(self)

    @property
    def trace(self) -> Trace:  # type: ignore[override]
        """What the latest forward pass left behind."""
        return self._shown.trace

    def run(self, text: Any, text_pair: str | None = None) -> None:
        """Run the model on another text, or on what else ``capture`` takes; returns when it is
        shown.

        Tokens stay selected and pinned where the new text has them.

        Raises:
            TraitError: the text cannot be read, there is no model (:meth:`from_trace`), or
                another forward pass is under way. Everything stays as it was.
        """
        with self._alone():
            self._show(self._forward(text, text_pair), text, text_pair)

    def restore(self, state: Mapping[str, Any]) -> None:
        """Show what a :attr:`state` says, reading its text if it is another one.

        Raises:
            TraitError: it is no state or of another format, its text cannot be read here, or the
                trace lacks a layer, head or token that it names. Everything stays as it was.
        """
        saved = read_state(state)
        with self._alone():
            run, text, text_pair = self._shown, self.text, self.text_pair
            if self._read is not None and not saved.is_of(run.trace):
                text, text_pair = saved.readable()
                text = self._prepared.given(text)
                run = self._forward(text, text_pair)
            choices = saved.checked(run.trace)
            with self._lock, self.hold_sync():
                if run is not self._shown:
                    self._show(run, text, text_pair)
                for name in CHOICES:
                    setattr(self, name, choices[name])

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """What the browser selected. Nothing else is taken from it, and what is refused goes
        back as it stands, so that both sides agree."""
        wanted = {name: sync_data[name] for name in CHOICES if name in sync_data}
        others = [name for name in sync_data if name in self.keys and name not in wanted]
        with self._lock:
            kept = self.get_state(others) if others else {}
            refused = [name for name in others if kept[name] != sync_data[name]]
            try:
                super().set_state(wanted)
            except t.TraitError as error:
                self.log.warning("the browser's selection was refused: %s", str(error))
                refused += wanted
            else:  # a single head is kept as a list of one, which may be no change to send
                stored = self.get_state(list(wanted)) if wanted else {}
                refused += [name for name, value in stored.items() if value != wanted[name]]
            if refused:
                self.send_state(refused)

    def notify_change(self, change: Any) -> None:
        with self.hold_sync():  # the browser gets all that follows from a choice together
            super().notify_change(change)

    def __repr__(self) -> str:
        trace = self.trace
        counts = sorted(
            {
                trace.count_heads(layer, kind)
                for kind in trace.kinds
                for layer in trace.layers_with_attention(kind)
            }
        )
        heads = f"{counts[0]} to {counts[-1]}" if len(counts) > 1 else f"{counts[0]}"
        target = "" if trace.target is None else f" → {len(trace.target.tokens)}"
        return (
            f"AttentionWidget({reprlib.repr(trace.model_name)}, {reprlib.repr(self.text)}: "
            f"{len(trace.tokens)}{target} tokens, {trace.count_layers()} layers, {heads} heads)"
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

    def _forward(self, text: Any, text_pair: str | None) -> Shown:
        check_text("text_pair", text_pair, optional=True)
        if self._read is None:
            raise t.TraitError(f"{READ_ONLY['trace']}; make AttentionWidget(model, text)")
        with self._lock:
            if self._cross_validation_lock:
                raise t.TraitError(
                    "the model cannot run inside hold_trait_notifications(), which could not "
                    "take it back; set text outside of it, or use run()"
                )
        self._set_busy(True)
        try:
            trace = self._read(text, text_pair)
            run = Shown.of(trace, self._shown.meta["run"] + 1, why_read_only(trace, text))
            first_kind(trace)
            return run
        except Exception as error:
            raise t.TraitError(in_one_line(error)) from error

    def _show(self, run: Shown, text: Any, text_pair: str | None) -> None:
        texts = texts_of(run.trace, text, text_pair)
        with self._lock:
            before = self._shown, (self.text, self.text_pair)
            choices = {name: getattr(self, name) for name in CHOICES}
            n_heads = self.trace.count_heads(self.layer, self.attention_kind)
            try:
                with self.hold_sync(), self.hold_trait_notifications():
                    try:
                        self._put(run, texts)
                        self._keep_choices(n_heads)
                    except BaseException:  # interrupted in the middle of it: all goes back
                        self._put(*before)
                        for name in CHOICES:
                            setattr(self, name, choices[name])
                        raise
                    self.set_trait("busy", False)
            except BaseException:  # an observer failed; the browser still gets the whole
                self.send_state([*RESULTS, *CHOICES])
                raise

    def _put(self, run: Shown, texts: tuple[str, str | None]) -> None:
        self._shown = run
        type(self).text.store(self, texts[0])
        type(self).text_pair.store(self, texts[1])
        self.set_trait("meta", run.meta)

    def _set_busy(self, busy: bool) -> None:
        with self._lock:
            self.set_trait("busy", busy)

    def _on_message(self, _widget: object, message: Any, _buffers: object) -> None:
        """Exactly one reply to every message; a text that is asked for again is read once."""
        fields: dict[str, Any] = message if isinstance(message, dict) else {}
        ident = fields.get("id")
        reply: dict[str, Any] = {"id": ident if type(ident) is int else None}
        if fields.get("kind") == "run" and type(ident) is int and not self._runs.begin(ident):
            if earlier := self._runs.reply(ident):
                self.send(earlier, [])
            return
        buffers: list[bytes] = []
        shown = False
        try:
            field(fields, "id", int)
            kind = field(fields, "kind", str)
            self._cells.answered(self)
            if kind == "ready":
                pass  # all that it says is that somebody is there
            elif kind == "tensor":
                header, data = self._tensor(field(fields, "run", int), field(fields, "key", str))
                reply.update(header)
                buffers.append(data)
            elif kind == "run":
                text, text_pair = field(fields, "text", str), fields.get("text_pair")
                with self._alone():
                    run = self._forward(text, text_pair)
                    shown = True
                    self._show(run, text, text_pair)
            else:
                raise ValueError(f"unknown kind {reprlib.repr(kind)}; allowed: ready, tensor, run")
        except BaseException as error:
            if not shown:  # else an observer failed, which is no matter of the browser's
                reply["error"] = in_one_line(error)
            if shown or not isinstance(error, Exception):
                raise
        finally:
            self._runs.end(ident, reply)
            self.send(reply, buffers)

    def _tensor(self, run: int, key: str) -> tuple[Header, bytes]:
        shown = self._shown
        if run != shown.meta["run"]:
            raise ValueError(f"run {run} is over; the widget shows run {shown.meta['run']}")
        return shown.catalogue.answer(key)
