"""What a model reads, and the same with a word replaced or masked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import torch

from attention_widget.errors import InvalidTypeError
from attention_widget.experiments.splicing import (
    chosen_tokens,
    id_or_text,
    mask_id,
    spliced,
    with_ids,
)
from attention_widget.trace.indices import Indices
from attention_widget.trace.passage import Passage
from attention_widget.trace.token import Token
from attention_widget.tracing.decoder_input import DecoderInput, input_of_target
from attention_widget.tracing.inputs.passages import moved
from attention_widget.tracing.inputs.text import Encoded
from attention_widget.tracing.inputs.tokenize import Prompt, TargetPrompt
from attention_widget.tracing.tracer import Tracer


@dataclass(frozen=True, eq=False)
class Reading:
    """A text as a model reads it; ``prompt`` is None of a picture or a sound."""

    tracer: Tracer
    encoded: Encoded
    prompt: Prompt | None
    truncation: bool = False
    was: Mapping[int, int] = field(default_factory=dict)  # ids where tokens are masked, by index

    def replaced(self, tokens: Indices, by: object) -> Reading:
        """See :meth:`Experiment.replace`."""
        prompt = self._checked()
        chosen = chosen_tokens(self.encoded.tokens, tokens)
        new = id_or_text(by, chosen, self.tracer.model.config.get_text_config().vocab_size)
        if isinstance(new, int):
            return self._with_ids({chosen[0]: new}, {})
        read = self.encoded.tokens
        prompt = spliced(prompt, read, chosen, new)
        encoded = self.tracer.encode(prompt, self.truncation, passages={})
        where = (read[chosen[0]].segment or 0, read[chosen[0]].start or 0)
        end = read[chosen[-1]].end or 0
        passages = moved(self.encoded.passages, *where, end, new, encoded.tokens)
        encoded = replace(encoded, passages=passages)
        return Reading(self.tracer, encoded, prompt, self.truncation)

    def masked(self, tokens: Indices) -> Reading:
        """See :meth:`Experiment.mask`."""
        self._checked()
        chosen = chosen_tokens(self.encoded.tokens, tokens)
        had = {index: self.encoded.tokens[index].id or 0 for index in chosen}
        ids = dict.fromkeys(chosen, mask_id(self.tracer.tokenizer))
        return self._with_ids(ids, {**had, **self.was})

    def _checked(self) -> Prompt:
        if self.prompt is None or "input_ids" not in self.encoded.inputs:
            raise InvalidTypeError(
                f"{type(self.tracer.model).__name__} reads no text here, so no word can be replaced"
            )
        return self.prompt

    def _with_ids(self, ids: Mapping[int, int], was: Mapping[int, int]) -> Reading:
        assert self.prompt is not None
        prompt, tokens = with_ids(self.prompt, self.encoded.tokens, ids, self.tracer.tokenizer)
        read = _put(self.encoded.inputs["input_ids"], ids)
        old = self.encoded.passages
        encoded = replace(
            self.encoded,
            inputs={**self.encoded.inputs, "input_ids": read},
            tokens=tokens,
            texts=prompt.texts,
            passages=tuple(_stretched(each, self.encoded.tokens, tokens) for each in old),
        )
        return Reading(self.tracer, encoded, prompt, self.truncation, was)


@dataclass(frozen=True, eq=False)
class TargetReading:
    """The text that the decoder of an encoder-decoder reads; ``decoder`` is None where there is no
    such text."""

    tracer: Tracer
    decoder: DecoderInput | None
    was: Mapping[int, int] = field(default_factory=dict)  # ids where tokens are masked, by index

    def replaced(self, tokens: Indices, by: object) -> TargetReading:
        """See :meth:`Experiment.replace`."""
        decoder = self._checked()
        chosen = chosen_tokens(decoder.tokens, tokens)
        model = self.tracer.model
        new = id_or_text(by, chosen, model.config.get_text_config(decoder=True).vocab_size)
        if isinstance(new, int):
            return self._with_ids({chosen[0]: new}, {})
        [text] = spliced(TargetPrompt(decoder.texts), decoder.tokens, chosen, new).texts
        made = input_of_target(model, text, self.tracer.tokenizer, self.tracer.target_limit)
        return TargetReading(self.tracer, made)

    def masked(self, tokens: Indices) -> TargetReading:
        """See :meth:`Experiment.mask`."""
        decoder = self._checked()
        chosen = chosen_tokens(decoder.tokens, tokens)
        had = {index: decoder.tokens[index].id or 0 for index in chosen}
        ids = dict.fromkeys(chosen, mask_id(self.tracer.tokenizer))
        return self._with_ids(ids, {**had, **self.was})

    def _checked(self) -> DecoderInput:
        if self.decoder is None:
            raise InvalidTypeError(
                f"{type(self.tracer.model).__name__} has no decoder that reads a target, so no "
                f"word of it can be replaced; leave out of_target=True"
            )
        return self.decoder

    def _with_ids(self, ids: Mapping[int, int], was: Mapping[int, int]) -> TargetReading:
        decoder = self._checked()
        prompt, tokens = with_ids(
            TargetPrompt(decoder.texts), decoder.tokens, ids, self.tracer.tokenizer
        )
        made = DecoderInput(_put(decoder.ids, ids), tokens, prompt.texts)
        return TargetReading(self.tracer, made, was)


def _stretched(passage: Passage, old: Sequence[Token], new: Sequence[Token]) -> Passage:
    """A passage of the same tokens, whose text is another one."""
    first, last = passage.tokens[0], passage.tokens[-1]
    start = passage.start + (new[first].start or 0) - (old[first].start or 0)
    end = passage.end + (new[last].end or 0) - (old[last].end or 0)
    return replace(passage, start=max(0, start), end=max(0, start, end))


def _put(read: torch.Tensor, ids: Mapping[int, int]) -> torch.Tensor:
    read = read.clone()
    for index, id in ids.items():
        read[0, index] = id
    return read
