"""What a model is to read in one pass: its input from a text, a picture or a sound, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from attention_widget._util.one_line import in_one_line
from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.tracing.decoder_input import (
    DecoderInput,
    input_of_ids,
    input_of_target,
    models_own_target,
)
from attention_widget.tracing.generation import write
from attention_widget.tracing.inputs.chat import is_chat
from attention_widget.tracing.inputs.media import encode_medium, medium_of
from attention_widget.tracing.inputs.passages import Passages, check_passages
from attention_widget.tracing.inputs.processors import Medium, own_processor
from attention_widget.tracing.inputs.text import Encoded
from attention_widget.tracing.inputs.tokenize import Prompt
from attention_widget.tracing.model.naming import type_name
from attention_widget.tracing.tracer import Tracer

_WRITTEN = 64  # tokens of a target that the model writes itself, at most


@dataclass(frozen=True, eq=False)
class Asked:
    """What :func:`capture` was asked to read, as it was given."""

    model: Any  # perhaps a pipeline around the model
    text: Any
    text_pair: str | None = None
    target: Any = None
    truncation: bool = False
    sampling_rate: int | None = None
    processor: Any = None
    passages: Passages = None

    def medium(self, tracer: Tracer) -> Medium | None:
        """Picture or sound, None for text; ValueError for options that do not go with it."""
        self.check_target(tracer)
        own = type(tracer.model).__name__
        medium = medium_of(tracer.model, self.text, self.sampling_rate)
        check_passages(self.passages, chat=is_chat(self.text), has_text=medium is None)
        if medium is None and self.processor is not None:
            raise InvalidValueError(
                f"processor must be left out with {own}, which takes text, got "
                f"{type_name(self.processor)}; pass tokenizer=..."
            )
        return medium

    def check_target(self, tracer: Tracer) -> None:
        """ValueError for a target that nothing reads."""
        if self.target is not None and not tracer.two_stacks:
            raise InvalidValueError(
                f"target must be left out with {type(tracer.model).__name__}, which has no decoder "
                f"to read it, got {self.target!r:.80}; a second text that the model reads with the "
                f"first is text_pair"
            )

    def prompt(self, tracer: Tracer) -> Prompt:
        """The text, pair or chat."""
        return tracer.prompt(self.text, self.text_pair)

    def encoded_medium(self, tracer: Tracer, medium: Medium, windows: Any = None) -> Encoded:
        """The picture or sound as the model takes it."""
        return encode_medium(
            tracer.model,
            self.text,
            medium,
            sampling_rate=self.sampling_rate,
            processor=own_processor(self.model) if self.processor is None else self.processor,
            truncation=self.truncation,
            text_pair=self.text_pair,
            windows=windows,
        )

    def decoder_input(self, tracer: Tracer, encoded: Encoded) -> DecoderInput | None:
        """What the decoder of an encoder-decoder reads beside it; None for a model of one stack."""
        return _decoder_input(tracer, encoded, self.target) if tracer.two_stacks else None


def reads_the_text_itself(model: Any) -> bool:
    """Whether the decoder of a model reads the encoder's text, and so takes no target."""
    return type(model).__name__.endswith("ForSequenceClassification")


def _decoder_input(tracer: Tracer, encoded: Encoded, target: Any) -> DecoderInput:
    model, limit = tracer.model, tracer.target_limit
    if target is not None:
        if not isinstance(target, str):
            raise InvalidTypeError(f"target must be a string, or None, got {type_name(target)}")
        if reads_the_text_itself(model):
            raise InvalidValueError(
                f"target must be left out with {type(model).__name__}, whose decoder reads the "
                f"text itself, to classify it, got {target!r:.80}"
            )
        return input_of_target(model, target, tracer.tokenizer, limit)
    if not model.can_generate():
        return input_of_ids(models_own_target(model, encoded.inputs), tracer.tokenizer)
    most = _WRITTEN if limit is None else min(_WRITTEN, limit - 1)
    tracer.check_budget(len(encoded.tokens), 1)
    try:
        ids = write(
            model, tracer.modules, encoded.inputs, most, greedy=True, progress=tracer.progress
        )
    except Exception as error:
        raise InvalidValueError(
            f"{type(model).__name__} could not write a target by itself "
            f'({in_one_line(error, typed=True)}); pass one: target="..."'
        ) from error
    return input_of_ids(ids, tracer.tokenizer, generated=True)
