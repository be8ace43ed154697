"""capture(): trace one forward pass over a text, a picture or a sound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attention_widget._util.one_line import in_one_line
from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.trace.trace import Trace
from attention_widget.tracing.decoder_input import (
    Reading,
    given_target,
    models_own_target,
    read_ids,
)
from attention_widget.tracing.generation import write
from attention_widget.tracing.inputs.media import encode_medium, medium_of, own_processor
from attention_widget.tracing.inputs.text import Encoded
from attention_widget.tracing.model.errors import UnsupportedModelError
from attention_widget.tracing.model.naming import type_name
from attention_widget.tracing.reader import Reader
from attention_widget.tracing.windows import read_windows

_WRITTEN = 64  # tokens of a target that the model writes itself, at most


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
    progress: bool = True,
) -> Trace:
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
        picture (a PIL image, an array or a path) or a sound (an array of samples).
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
    progress
        Show how many layers (or windows) are read, once it takes more than two seconds. It can
        be interrupted at any time.

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
    >>> from attention_widget.demo import demo_model
    >>> trace = capture(demo_model(), "I read a good novel.")
    >>> trace.attention(layer=0).shape  # (head, query, key)
    (12, 8, 8)
    """
    reader = Reader(model, tokenizer, layers=layers, memory_limit=memory_limit, progress=progress)
    if target is not None and not reader.two_stacks:
        raise InvalidValueError(
            f"target is for encoder-decoders, whose decoder reads it, and "
            f"{type(reader.model).__name__} is none; leave it out (text_pair is a second text that "
            f"the model reads with the first)"
        )
    if stride is not None and not windows:
        raise InvalidValueError(
            f"stride goes with windows, got {stride!r} without; pass windows=True, or leave it out"
        )
    medium = medium_of(reader.model, text, sampling_rate)
    if medium is None and processor is not None:
        raise InvalidValueError(
            f"processor is for pictures and sound, and {type(reader.model).__name__} reads text; "
            f"pass tokenizer=..."
        )
    with reader.alone():
        if medium is not None:
            encoded = encode_medium(
                reader.model,
                text,
                medium,
                sampling_rate=sampling_rate,
                processor=own_processor(model) if processor is None else processor,
                truncation=truncation,
                text_pair=text_pair,
                windows=windows,
            )
        else:
            prompt = reader.prompt(text, text_pair)
            if windows is not None and windows is not False:
                _check_windowed(reader, prompt.roles, text_pair, truncation)
                return read_windows(reader, prompt, windows, stride)
            encoded = reader.encode(prompt, truncation)
        reading = _reading(reader, encoded, target) if reader.two_stacks else None
        return reader.trace(encoded, reading)[0]


def _reading(reader: Reader, encoded: Encoded, target: Any) -> Reading:
    model, limit = reader.model, reader.target_limit
    if target is not None:
        if not isinstance(target, str):
            raise InvalidTypeError(f"target must be a string, or None, got {type_name(target)}")
        if type(model).__name__.endswith("ForSequenceClassification"):
            raise InvalidValueError(
                f"the decoder of {type(model).__name__} reads the text itself, to classify it; "
                f"leave target out"
            )
        return given_target(model, target, reader.tokenizer, limit)
    if not model.can_generate():
        return read_ids(models_own_target(model, encoded.inputs), reader.tokenizer)
    most = _WRITTEN if limit is None else min(_WRITTEN, limit - 1)
    reader.check_budget(len(encoded.tokens), 1)
    try:
        ids = write(
            model,
            reader.modules,
            encoded.inputs,
            most,
            greedy=True,
            progress=reader.progress,
        )
    except Exception as error:
        raise InvalidValueError(
            f"{type(model).__name__} could not write a target by itself "
            f'({in_one_line(error, typed=True)}); pass one: target="..."'
        ) from error
    return read_ids(ids, reader.tokenizer, generated=True)


def _check_windowed(
    reader: Reader, roles: Sequence[str], text_pair: str | None, truncation: bool
) -> None:
    if reader.two_stacks:
        raise UnsupportedModelError(
            reader.model,
            "has a decoder, so it cannot read a text in windows; its encoder can: "
            "capture(model.get_encoder(), text, tokenizer=tokenizer, windows=...)",
        )
    for name, given in (("text_pair", text_pair), ("truncation", truncation), ("chat", roles)):
        if given:
            raise InvalidValueError(
                f"with windows, text must be one string, got {name} too; leave one of them out"
            )
