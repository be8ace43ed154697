"""A model with its tokenizer and options: what capture, generate and windows share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from attention_widget._util.cleanup import Undo, guarded
from attention_widget._util.free_memory import warn_if_short
from attention_widget._util.integers import as_integer
from attention_widget._util.progress import Progress
from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.trace.trace import Trace
from attention_widget.tracing.assemble import Traced, trace_of
from attention_widget.tracing.decoder_input import DecoderInput
from attention_widget.tracing.inputs.chat import is_chat, rendered_chat
from attention_widget.tracing.inputs.passages import (
    Passages,
    Read,
    check_passages,
    passages_of,
)
from attention_widget.tracing.inputs.text import (
    Encoded,
    encode_prompt,
    has_decoder,
    left_as_it_was,
    plain,
)
from attention_widget.tracing.inputs.tokenize import Prompt
from attention_widget.tracing.inputs.validation import check_model
from attention_widget.tracing.layer_filter import LayerFilter
from attention_widget.tracing.memory import (
    available_nbytes,
    count_layers,
    estimated_nbytes,
    pass_nbytes,
    stitched_nbytes,
)
from attention_widget.tracing.model.errors import TraceTooLargeError
from attention_widget.tracing.model.find import find_model, find_tokenizer
from attention_widget.tracing.model.limits import token_limit
from attention_widget.tracing.model.naming import type_name
from attention_widget.tracing.model.wrappers import preparation_of
from attention_widget.tracing.recording.heard_pass import Way
from attention_widget.tracing.recording.seam import Changes

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

TAKES_LESS: Final = (
    "keep fewer layers (layers=[...]), read the text in windows (windows=...), shorten it, or load "
    "the model in half precision (dtype=torch.bfloat16)"
)


class Tracer:
    """A model, its tokenizer and what of a trace is to be kept, all checked."""

    def __init__(
        self,
        model: Any,
        tokenizer: Any = None,
        *,
        layers: Sequence[int] | None = None,
        memory_limit: int | None = None,
        progress: bool = True,
        writing: bool = False,
        headed: bool = False,
    ) -> None:
        self.layers = _checked_layers(layers)
        self.progress = progress
        self.memory_limit = _checked_limit(memory_limit)
        self.prepared = preparation_of(model)
        self.model, own_tokenizer = find_model(model, writing=writing, headed=headed)
        self._tokenizer = own_tokenizer if tokenizer is None else tokenizer
        self._with_own_tokenizer = self._tokenizer is own_tokenizer
        self.modules = dict(self.model.named_modules())
        self.two_stacks = has_decoder(self.model)

    @cached_property
    def tokenizer(self) -> PreTrainedTokenizerBase:
        """Found when it is needed: a model of pictures has none."""
        return find_tokenizer(self.model, self._tokenizer)

    @property
    def limit(self) -> int | None:
        """How many tokens the model, or its encoder, takes."""
        return token_limit(self.model, self.modules)

    @property
    def text_limit(self) -> int | None:
        """How many tokens of a text reach the model: a wrapper may let fewer through."""
        limits = (self.limit, self.prepared.limit)
        return min((limit for limit in limits if limit is not None), default=None)

    @property
    def target_limit(self) -> int | None:
        """How many tokens its decoder takes beside an encoder."""
        return token_limit(self.model, self.modules, decoder=True)

    def prompt(self, text: Any, text_pair: str | None = None, *, answering: bool = False) -> Prompt:
        """What the model is to read: a text, a pair or a chat."""
        if not is_chat(text):
            prompt = plain(text, text_pair)
            self.prepared.check_pair(text_pair)
            return replace(prompt, texts=(self.prepared.text(text), *prompt.texts[1:]))
        if text_pair is not None:
            raise InvalidValueError(
                f"text_pair must be left out where text is a list of chat messages, got "
                f"{text_pair!r:.80}; make it a message of its own"
            )
        return rendered_chat(text, self.tokenizer, answering=answering)

    def encode(
        self,
        prompt: Prompt,
        truncation: bool = False,
        *,
        passages: Passages = None,
        **options: Any,
    ) -> Encoded:
        check_passages(passages, chat=bool(prompt.roles))
        check_model(self.model, self.modules.values())
        limit = self.text_limit
        if limit is not None and limit == self.prepared.limit:
            options["taker"] = f"{self.prepared.by} ({self.prepared.limited_by})"
        encoded = encode_prompt(self.model, prompt, self.tokenizer, truncation, limit, **options)
        if len(prompt.texts) == 1 and not prompt.roles and self._with_own_tokenizer:
            ids = encoded.inputs["input_ids"][0].tolist()
            left_as_it_was(self.tokenizer, lambda: self.prepared.check_ids(prompt.texts[0], ids))
        read = Read(encoded.texts, encoded.roles, encoded.tokens)
        return replace(encoded, passages=passages_of(passages, read))

    def trace(
        self,
        encoded: Encoded,
        decoder: DecoderInput | None = None,
        *,
        passes: int = 1,
        stitched: int = 0,
        silent: bool = False,
    ) -> tuple[Trace, Any]:
        """The trace of one pass, and what the model returned; ``passes`` says how many such
        traces are to stay in memory, ``stitched`` of how many tokens the hidden states are then
        put together, and ``silent`` shows no progress."""
        traced = self.traced(encoded, decoder, passes=passes, stitched=stitched, silent=silent)
        return traced.trace, traced.output

    def traced(
        self,
        encoded: Encoded,
        decoder: DecoderInput | None = None,
        changed: tuple[Way, Changes] | None = None,
        *,
        passes: int = 1,
        stitched: int = 0,
        silent: bool = False,
    ) -> Traced:
        """The same, with where in the model its attention was computed; and with changes made in
        the pass, beside how the pass without them was heard."""
        n_target = 0 if decoder is None else len(decoder.tokens)
        limit = self.check_budget(len(encoded.tokens), n_target, passes, stitched)
        kept = LayerFilter(self.layers, limit, two_stacks=decoder is not None)
        n_layers = count_layers(self.model, two_stacks=decoder is not None)
        wanted = self.progress and not silent

        def work(undo: Undo) -> Traced:
            bar = Progress("reading", "layer", n_layers, wanted=wanted)
            undo.then(bar.close)
            return trace_of(self.model, self.modules, encoded, decoder, kept, bar.reach, changed)

        return guarded(work)

    def memory_left(self, taken: int) -> int:
        """The bytes of the memory limit that are left beside so many that are taken already."""
        if self.memory_limit is None:
            return available_nbytes()  # of what is free now
        return self.memory_limit - taken

    def check_budget(
        self, n_tokens: int, n_target: int = 0, passes: int = 1, stitched: int = 0
    ) -> int:
        """The bytes that a trace may take; TraceTooLargeError if it will take more.

        LowMemoryWarning where the pass itself, with the trace, takes more than is free."""
        limit = self.memory_left(0)
        kept = None if self.layers is None else len(self.layers)
        needed = estimated_nbytes(self.model, self.modules, n_tokens, n_target, kept) * passes
        needed += stitched_nbytes(self.model, stitched, kept)
        if needed > limit:
            raise TraceTooLargeError("by an estimate before the pass", needed, limit)
        if self.model.device.type == "cpu":
            passing = pass_nbytes(self.model, self.modules, n_tokens, n_target)
            warn_if_short("reading", f"reading {n_tokens} tokens", needed + passing, TAKES_LESS)
        return limit


def _checked_layers(layers: Any) -> tuple[int, ...] | None:
    if layers is None:
        return None
    must = "layers must be a list of layers, counted from 0, such as [0, 5], or None for all"
    if isinstance(layers, str | bytes) or not isinstance(
        layers, Sequence | range | set | frozenset
    ):
        raise InvalidTypeError(f"{must}, got {type_name(layers)}")
    wanted = set()
    for layer in layers:
        if (index := as_integer(layer)) is None:
            raise InvalidTypeError(f"{must}, got {type_name(layer)} among them")
        if index < 0:
            raise InvalidValueError(f"{must}, got {index} among them")
        wanted.add(index)
    if not wanted:
        raise InvalidValueError(f"{must}, got none")
    return tuple(sorted(wanted))


def _checked_limit(limit: Any) -> int | None:
    must = "memory_limit must be a number of bytes, or None for what the free memory allows"
    if limit is None:
        return None
    if (n_bytes := as_integer(limit)) is None:
        raise InvalidTypeError(f"{must}, got {type_name(limit)}")
    if n_bytes <= 0:
        raise InvalidValueError(f"{must}, got {n_bytes}")
    return n_bytes
