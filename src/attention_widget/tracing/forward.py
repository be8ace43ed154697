"""capture(): trace one forward pass over a text, a picture or a sound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.trace.trace import Trace
from attention_widget.tracing.batch import Batch
from attention_widget.tracing.batch_reading import batch_of
from attention_widget.tracing.inputs.padding import is_batch
from attention_widget.tracing.inputs.passages import Passages
from attention_widget.tracing.model.errors import UnsupportedModelError
from attention_widget.tracing.model.naming import type_name
from attention_widget.tracing.model.one_at_a_time import ONE_AT_A_TIME
from attention_widget.tracing.model.signatures import accepted
from attention_widget.tracing.projecting import with_weights
from attention_widget.tracing.reading import Asked
from attention_widget.tracing.tracer import Tracer
from attention_widget.tracing.windows import trace_windows


@overload
def capture(
    model: Any,
    text: list[str] | tuple[str, ...] | list[tuple[str, str]] | list[list[int]],
    *,
    text_pair: Sequence[str | None] | None = None,
    target: str | Sequence[str] | None = None,
    tokenizer: Any = None,
    truncation: bool = False,
    layers: Sequence[int] | None = None,
    windows: int | bool | None = None,
    stride: int | None = None,
    memory_limit: int | None = None,
    sampling_rate: int | None = None,
    processor: Any = None,
    passages: Passages = None,
    keep_weights: bool = False,
    progress: bool = True,
) -> Batch: ...


@overload
def capture(
    model: Any,
    text: Any,
    *,
    text_pair: str | None = None,
    target: str | None = None,
    tokenizer: Any = None,
    truncation: bool = False,
    layers: Sequence[int] | None = None,
    windows: int | bool | None = None,
    stride: int | None = None,
    memory_limit: int | None = None,
    sampling_rate: int | None = None,
    processor: Any = None,
    passages: Passages = None,
    keep_weights: bool = False,
    progress: bool = True,
) -> Trace: ...


def capture(
    model: Any,
    text: Any,
    *,
    text_pair: Any = None,
    target: Any = None,
    tokenizer: Any = None,
    truncation: bool = False,
    layers: Sequence[int] | None = None,
    windows: int | bool | None = None,
    stride: int | None = None,
    memory_limit: int | None = None,
    sampling_rate: int | None = None,
    processor: Any = None,
    passages: Passages = None,
    keep_weights: bool = False,
    progress: bool = True,
) -> Trace | Batch:
    """Run a model once on a text, a picture or a sound, and keep the attention and hidden
    states of every layer.

    The model runs as it was loaded (any attention implementation; no need for
    ``attn_implementation="eager"`` or ``output_attentions=True``), in evaluation mode, without
    gradients, and is left exactly as it was, whatever happens.

    Parameters
    ----------
    model
        A ``PreTrainedModel`` (PEFT's and ``torch.compile``'s wrappers are looked through), a
        transformers pipeline, a ``SentenceTransformer``, a hub id or a local folder. What a
        pipeline or ``encode`` writes before a text (a prefix, the default prompt) is part of the
        text here too, and a text that they would cut (``max_seq_length``) is too long.
    text, text_pair
        What the model reads; ``text_pair`` is the second segment. A chat is a list of messages
        ``{"role": ..., "content": ...}`` (content also as a list of parts of type ``"text"``, or
        None beside ``tool_calls``): they go through the tokenizer's chat template, each
        message is a segment, ``trace.roles`` names who speaks, and what the template writes
        around the messages are special tokens. To a model that takes no text, ``text`` is a
        picture (a PIL image, an array or a path) or a sound (an array of samples). Several texts
        (a list of them, of pairs or of token ids; what a tokenizer gives for a batch) are a
        padded batch: a :class:`Batch`, whose rows are traces; ``text_pair`` and ``target`` may be
        lists too.
    target
        What the decoder of an encoder-decoder reads, behind its start token; the trace's tokens
        for it are the decoder's inputs, ``trace.target.tokens``. Where none is given the model
        writes one, greedily, of at most 64 tokens, and ``trace.target.generated`` is True;
        a model that makes the decoder's input from the text (BART's classifiers) does that.
    tokenizer
        Found from the model where it is not given.
    truncation
        Cut a text that is longer than the model takes, instead of refusing it.
    layers
        Keep only these layers (of both stacks of an encoder-decoder): their attention, and the
        hidden states before and after each. The others cost no memory beyond the pass;
        ``trace.n_layers`` still counts all of them, and to ask for one is a LookupError.
    windows, stride
        Read a text of any length in passes over windows of so many tokens (True: as many as the
        model takes) with special tokens in each, the windows ``stride`` tokens of the text
        apart (half a window by default) and the last one moved back to end with the text.
        ``trace.tokens`` are then the tokens of the whole text without special ones, and each
        takes its hidden states from the window in which it stands farthest from an edge where
        the text was cut (the earlier of two such). Attention is that of a window:
        ``trace.window(token).trace``.
    memory_limit
        The bytes that the trace may take in memory; by default four fifths of what is free. An
        estimate is made before the pass, and what is kept is counted during it.
    sampling_rate, processor
        Of a sound, its samples per second; of a picture or a sound, the image processor or
        feature extractor, found from the model where it is not given.
    passages
        Stretches of the text that are looked at as one: a dictionary of names and characters,
        ``{"doc 1": (0, 120), ...}``, ``(message, start, end)`` in a chat and ``(1, start, end)``
        in ``text_pair``; "sentences" for those of all texts; "messages" for those of a chat,
        which is what None stands for there. They are ``trace.passages``; see
        :meth:`Trace.by_passages`.
    keep_weights
        Keep the weights that make queries, keys and values and write the output, of the layers
        that are kept, for :meth:`Trace.calculation`. The model runs a second time, and the trace
        takes about as much more memory as the weights of its attention; see ``layers``.
    progress
        Show how many layers (or windows) are read, once it takes more than two seconds. It can
        be interrupted at any time.

    Returns
    -------
    A :class:`Trace`: the tokens, and for each layer the attention (head, query, key), the softmax
    of scaled query-key products (Vaswani et al. 2017), queries, keys and values (head, token,
    dim) and the hidden states (token, hidden), as the model computed them. Of several texts a
    :class:`Batch` of traces.

    Raises
    ------
    UnsupportedModelError
        The architecture has no attention, or computes it where it cannot be recorded yet.
    TraceTooLargeError
        The trace takes more memory than it may; the message says how much, and what can be done.
    TypeError, ValueError
        The model, tokenizer, text or an option is not one of the above, the text is empty or
        too long, the token ids lie beyond the model's embeddings, or the model has no weights
        (meta device). The message says what it must be, what was given and what to do.

    Examples
    --------
    >>> from attention_widget import capture
    >>> from attention_widget.demo import demo_model
    >>> trace = capture(demo_model(), "I read a good novel.")
    >>> trace.attention(layer=0).shape  # (head, query, key)
    (12, 8, 8)
    >>> trace.hidden_states(6).shape  # (token, hidden)
    (8, 384)
    """
    tracer = Tracer(model, tokenizer, layers=layers, memory_limit=memory_limit, progress=progress)
    asked = Asked(model, text, text_pair, target, truncation, sampling_rate, processor, passages)
    if not isinstance(keep_weights, bool):
        raise InvalidTypeError(f"keep_weights must be True or False, got {type_name(keep_weights)}")
    if is_batch(text) and "input_ids" in accepted(tracer.model):
        _check_batch(windows, stride, processor, sampling_rate)
        asked.check_target(tracer)
        return batch_of(tracer, asked, keep_weights)
    medium = asked.medium(tracer)
    if stride is not None and not windows:
        raise InvalidValueError(
            f"stride must be left out without windows, got {stride!r}; pass windows=True too"
        )
    if keep_weights and windows:
        raise InvalidValueError(
            "keep_weights must be left out with windows, whose passes each have an input of their "
            "own, got both; take a text that the model reads in one pass"
        )
    with ONE_AT_A_TIME:
        if medium is not None:
            encoded = asked.encoded_medium(tracer, medium, windows)
        else:
            prompt = asked.prompt(tracer)
            if windows is not None and windows is not False:
                _check_windowed(tracer, prompt.roles, text_pair, truncation)
                return trace_windows(tracer, prompt, windows, stride, passages)
            encoded = tracer.encode(prompt, truncation, passages=passages)
        decoder = asked.decoder_input(tracer, encoded)
        traced = tracer.traced(encoded, decoder)
        return with_weights(tracer, encoded, decoder, traced) if keep_weights else traced.trace


def _check_batch(windows: Any, stride: Any, processor: Any, sampling_rate: Any) -> None:
    given = {"windows": windows, "stride": stride}
    given |= {"processor": processor, "sampling_rate": sampling_rate}
    for name, value in given.items():
        if value is not None and value is not False:
            raise InvalidValueError(
                f"{name} must be left out with a batch of texts, got {value!r:.80}; read one text"
            )


def _check_windowed(
    tracer: Tracer, roles: Sequence[str], text_pair: str | None, truncation: bool
) -> None:
    if tracer.two_stacks:
        raise UnsupportedModelError(
            tracer.model,
            "has a decoder, so it cannot read a text in windows; its encoder can: "
            "capture(model.get_encoder(), text, tokenizer=tokenizer, windows=...)",
        )
    for name, given in (("text_pair", text_pair), ("truncation", truncation), ("chat", roles)):
        if given:
            raise InvalidValueError(
                f"with windows, text must be one string, got {name} too; leave one of them out"
            )
