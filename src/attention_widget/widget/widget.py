"""The widget: traits that both sides set, and answers to what the browser asks.

The other half is js/trace/contract.ts. Browser messages may come in on another thread while a cell
runs, so traits change under ``_lock``. Tensors are served without it, from the trace that is
shown, so no forward pass holds them up; and whoever wants a forward pass while there is one is
refused rather than made to wait, so that no two locks can wait for each other.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from attention_widget import arrays
from attention_widget.contrast import Contrast
from attention_widget.errors import InvalidTypeError
from attention_widget.protocol.options import OPTION
from attention_widget.trace.trace import Trace
from attention_widget.tracing import capture
from attention_widget.tracing.batch import Batch
from attention_widget.tracing.inputs.padding import is_batch
from attention_widget.tracing.model.wrappers import preparation_of
from attention_widget.widget import signature
from attention_widget.widget.asking import Asking
from attention_widget.widget.atlas_shown import check_atlas
from attention_widget.widget.contrast_session import ContrastSession, first_contrast
from attention_widget.widget.first_picture import first_picture
from attention_widget.widget.memory_widget import Sent
from attention_widget.widget.notebook_cell import Cells
from attention_widget.widget.passes import Passes
from attention_widget.widget.reader import Reader
from attention_widget.widget.requests import Requests
from attention_widget.widget.running_widget import RunningWidget
from attention_widget.widget.session import Session
from attention_widget.widget.shortages import Shortages
from attention_widget.widget.state import read_state
from attention_widget.widget.target import KEPT

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from attention_widget.corpus.atlas import HeadAtlas
    from attention_widget.widget import keywords as k


_NO_TEXT: Final = object()


@signature.lists_options
class AttentionWidget(RunningWidget):
    """Linked views of the attention of one text in a model.

    Parameters
    ----------
    model
        What :func:`attention_widget.capture` takes: a model, a pipeline, a hub id or a local
        folder. Or, without a text, two passes beside each other:
        ``AttentionWidget(compare(a, b))``, see :func:`attention_widget.compare`; or a trace, such
        as a row of a batch: ``AttentionWidget(capture(model, texts)[0])``.
    text
        The text to read, or what else ``capture`` takes, such as the messages of a chat.
    atlas
        What the heads of this model do over a corpus, as ``attention_widget.scan`` gives it: the
        view ``atlas`` shows it. One of another model is refused.
    keywords
        Those of ``capture`` (``text_pair``, ``tokenizer``, ``target``, ...), which hold for later
        texts too, and the options below. Each option is also an attribute that follows what is
        clicked, and that can be set and observed.

    Where no kind, layer, heads, ``combine``, tokens or pins are named it opens on the head and word
    that :func:`measures.suggest_heads` puts first; ``layer=0`` shows all heads of the first layer.

    Assigning ``text`` or ``text_pair`` runs the model before the assignment returns; :meth:`run`
    sets both. ``busy`` and ``meta`` are read-only. Whatever is refused raises a TraitError and
    leaves everything as it was.

    >>> from attention_widget import AttentionWidget
    >>> widget = AttentionWidget(model, "Attention is a novel idea", tokenizer=tokenizer, layer=3)
    >>> widget.heads = [0, 5]
    >>> widget.observe(lambda change: print("layer", change.new), "layer")
    >>> widget.layer = 2
    layer 2
    """

    @signature.takes_options(capture)
    def __init__(
        self,
        model: Any,
        text: Any = _NO_TEXT,
        *,
        atlas: HeadAtlas | None = None,
        **keywords: Unpack[k.WidgetKeywords],
    ) -> None:
        if isinstance(model, Contrast):
            if atlas is not None:
                raise InvalidTypeError(
                    "atlas must be left out beside a comparison; show it with one of the models: "
                    "AttentionWidget(model, text, atlas=atlas)"
                )
            self._compare(model, text, keywords)
            return
        if isinstance(model, Batch):
            raise InvalidTypeError(
                f"model must be a row of the batch, got all {len(model)}; show one: "
                f"AttentionWidget(batch[0])"
            )
        if isinstance(model, Trace) and text is _NO_TEXT:
            self._atlas = check_atlas(atlas, model)
            self._open(Session.of_trace(model), None, signature.split(keywords)[1])
            return
        if is_batch(text):
            raise InvalidTypeError(
                "text must be one text in a widget; show a row of a batch: "
                "AttentionWidget(capture(model, texts)[0])"
            )
        if text is _NO_TEXT:
            raise InvalidTypeError(
                "text must be given beside a model: AttentionWidget(model, text)"
            )
        given, options = signature.split(keywords, capture)
        text_pair = given.pop("text_pair", None)
        reader = Reader(model, text, **given)
        session = reader.session(text, text_pair, 1, target=reader.target, passages=reader.passages)
        self._atlas = check_atlas(atlas, session.trace, reader.loaded)
        self._open(session, reader, options)

    @classmethod
    @signature.takes_options()
    def from_trace(
        cls,
        trace: Trace,
        *,
        atlas: HeadAtlas | None = None,
        **options: Unpack[k.OptionKeywords],
    ) -> AttentionWidget:
        """A widget of a trace captured or loaded before; it has no model to run another text.
        ``atlas`` is what the heads of its model do over a corpus.

        >>> AttentionWidget.from_trace(trace, layer=3, views="matrix").layer
        3
        """
        _, chosen = signature.split(options)
        if not isinstance(trace, Trace):
            raise InvalidTypeError(
                f"trace must be a Trace, from capture(), got {type(trace).__name__}"
            )
        widget = cls.__new__(cls)
        widget._atlas = check_atlas(atlas, trace)
        widget._open(Session.of_trace(trace), None, chosen)
        return widget

    @classmethod
    @signature.takes_options(arrays.from_attentions)
    def from_attentions(
        cls, attentions: Any, tokens: Any, **keywords: Unpack[k.AttentionsKeywords]
    ) -> AttentionWidget:
        """A widget of finished attention maps: what transformers returns, NumPy, PyTorch or JAX
        arrays, a TransformerLens cache; see :func:`attention_widget.from_attentions`.

        >>> attentions = [[[[1, 0], [0.5, 0.5]]]]  # (head, query, key) of one layer
        >>> AttentionWidget.from_attentions(attentions, ["a", "novel"], views="grid").heads
        (0,)
        """
        given, options = signature.split(keywords, arrays.from_attentions)
        return cls.from_trace(arrays.from_attentions(attentions, tokens, **given), **options)

    @classmethod
    @signature.takes_options(arrays.from_arrays)
    def from_arrays(
        cls,
        q: Any = None,
        k: Any = None,
        v: Any = None,
        *,
        tokens: Any,
        **keywords: Unpack[k.ArraysKeywords],
    ) -> AttentionWidget:
        """A widget of the queries, keys and values of a hand-written attention, or of the hidden
        input and the weights that make them; see :func:`attention_widget.from_arrays`.

        >>> q, k = [[1, 0], [0, 1]], [[1, 0], [1, 1]]  # (query, dim), (key, dim)
        >>> AttentionWidget.from_arrays(q, k, tokens=["a", "novel"]).trace.attention(0).shape
        (1, 2, 2)
        """
        given, options = signature.split(keywords, arrays.from_arrays)
        return cls.from_trace(arrays.from_arrays(q, k, v, tokens=tokens, **given), **options)

    @classmethod
    def from_state(
        cls,
        state: Mapping[str, Any],
        *,
        model: Any = None,
        trace: Trace | Contrast | None = None,
        atlas: HeadAtlas | None = None,
        **options: Unpack[k.CaptureKeywords],
    ) -> AttentionWidget:
        """The widget whose :attr:`state` this was, of the model (``options`` are the keywords of
        ``capture``; target and passages are those of the state) or of the trace, or the
        comparison, that was saved with it; see :meth:`restore`. A state does not hold an
        ``atlas``: give it again.

        >>> state = AttentionWidget.from_trace(trace, layer=4).state
        >>> AttentionWidget.from_state(state, trace=trace).layer
        4

        Raises:
            TypeError: both a model and a trace are given, or neither.
            TraitError: as in :meth:`restore`.
        """
        saved = read_state(state)
        if (model is None) == (trace is None):
            raise InvalidTypeError(
                f"give either model= ({saved.model_name!r} read the text) or trace="
            )
        allowed = [] if model is None else signature.keywords_of(capture)
        signature.refuse_unknown(options, (name for name in allowed if name != "text_pair"))
        if isinstance(trace, Contrast):
            widget = cls(trace, atlas=atlas)
        elif trace is not None:
            widget = cls.from_trace(trace, atlas=atlas)
        else:
            text, text_pair = saved.readable()
            text = preparation_of(model).given(text)
            reader = Reader(model, text, **options)
            target = saved.to_read(reader.takes_target)
            if target is KEPT or target is None:
                target = reader.target
            widget = cls.__new__(cls)
            given = saved.passages if options.get("passages") is None else reader.passages
            session = reader.session(text, text_pair, 1, target=target, passages=given)
            widget._atlas = check_atlas(atlas, session.trace, reader.loaded)
            widget._open(session, reader, {})
        widget.restore(state)
        return widget

    def _compare(self, contrast: Contrast, text: Any, keywords: Mapping[str, Any]) -> None:
        if text is not _NO_TEXT:
            raise InvalidTypeError(
                "text must be left out beside a comparison, which has its texts: "
                "AttentionWidget(compare(a, b))"
            )
        _, options = signature.split(keywords)
        session = ContrastSession.of_contrast(contrast)
        self._open(session, None, {**first_contrast(session, options), **options})

    def _open(self, session: Session, reader: Reader | None, options: Mapping[str, Any]) -> None:
        self._lock = threading.RLock()
        self._passes, self._sent = Passes(reader, self._set_busy, lambda: self.busy), Sent()
        self._shortages = Shortages(lambda message: self.send(message))
        self._store(session)
        chosen = {**options, **first_picture(session, options)}  # of a comparison it is chosen
        for name in self._options():  # each has its first value before one is set
            value = chosen.get(name)
            if name in chosen and (value is not None or OPTION[name].default is not None):
                setattr(self, name, value)
        if self.head_pairs and {"layer", "heads"}.isdisjoint(chosen):
            self.layer, self.heads = self.head_pairs[0]  # in the views that show one head
        self._cells = Cells()
        super().__init__()
        self.comm.on_close(self._cells.refused)
        requests = Requests(
            self.send,
            heard=lambda: self._cells.answered(self),
            tensor=self._tensor,
            run=self._run,
            held=self._shortages.held,
            asking=Asking(
                lambda reply: self.send(reply),
                self._steps,
                lambda number: not self._session.shows(number),
            ),
        )

        def receive(_widget: object, message: object, _buffers: object) -> None:
            with self._shortages.told():
                requests.receive(message)

        self.on_msg(receive)

    def _ipython_display_(self) -> None:
        self._cells.show(self)
