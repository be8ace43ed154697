"""Inputs of a text model: the ids and tokens of a prompt, and how many it takes."""

from __future__ import annotations

import functools
import logging
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from attention_widget._util.cleanup import Undo, guarded
from attention_widget.errors import TextTooLongError
from attention_widget.trace.passage import Passage
from attention_widget.trace.token import Token
from attention_widget.tracing.inputs.tokenize import Prompt
from attention_widget.tracing.inputs.validation import check_text, check_tokens
from attention_widget.tracing.model.limits import sane_length
from attention_widget.tracing.model.signatures import accepted

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class Encoded:
    """What a model is given to read: ``inputs`` (each 1, ...) on the CPU, the tokens that its
    positions stand for, and the text and role of each segment."""

    inputs: dict[str, torch.Tensor]
    tokens: tuple[Token, ...]
    texts: tuple[str, ...]
    roles: tuple[str, ...] = ()
    image: NDArray[np.uint8] | None = None  # (height, width, 3): what the tokens' boxes lie in
    passages: tuple[Passage, ...] = ()


def plain(text: str, text_pair: str | None = None) -> Prompt:
    """The prompt of a text or a pair, after a check of both."""
    check_text("text", text)
    if text_pair is None:
        return Prompt((text,))
    check_text("text_pair", text_pair)
    return Prompt((text, text_pair))


def encode_prompt(
    model: PreTrainedModel,
    prompt: Prompt,
    tokenizer: PreTrainedTokenizerBase,
    truncation: bool,
    limit: int | None,
    advice: str | None = None,
    taker: str = "",
) -> Encoded:
    """Tokenize a prompt with the tokenizer's own defaults, and check that the model can take it:
    whatever is wrong is said before a forward pass.

    ``truncation`` cuts a text that is too long to ``limit``, or, where nothing stops the model, to
    the length that its tokenizer or config names. The tokenizer is left as it was.
    """

    def tokenized() -> tuple[Any, tuple[Token, ...]]:
        output, tokens = prompt.tokenized(tokenizer)
        check_tokens(tokens, model, tokenizer)
        most = limit or named_length(model, tokenizer)
        if truncation and most is not None and len(tokens) > most:
            output = prompt.tokenize(tokenizer, truncation=True, max_length=most)
            whole, tokens = tokens, prompt.tokens(output, tokenizer)
            segments = range(len(prompt.texts))
            left, had = (Counter(token.segment for token in of) for of in (tokens, whole))
            lost = [segment for segment in segments if left[segment] < had[segment]]
            tokens = prompt.tokens(output, tokenizer, lost)
        if limit is not None and len(tokens) > limit:
            raise TextTooLongError(
                f"text must have at most {limit} tokens, as many as "
                f"{taker or type(model).__name__} takes, got {len(tokens)}; "
                f"{advice or _how_to_fit(model, prompt)}",
                len(tokens),
                limit,
            )
        return output, tokens

    output, tokens = left_as_it_was(tokenizer, tokenized)
    names = accepted(model)
    inputs = {
        name: torch.tensor([values], dtype=torch.long, device="cpu")
        for name, values in output.items()
        if name in names
    }
    return Encoded(inputs, tokens, prompt.texts, prompt.roles)


def _how_to_fit(model: PreTrainedModel, prompt: Prompt) -> str:
    alone = len(prompt.texts) == 1 and not prompt.roles and not has_decoder(model)
    if not alone:
        return "shorten it or pass truncation=True to cut it"
    return "shorten it, pass truncation=True to cut it or windows=True to read all of it in windows"


def has_decoder(model: PreTrainedModel) -> bool:
    """Whether the model has a decoder as well as an encoder."""
    return "decoder_input_ids" in accepted(model)


def named_length(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> int | None:
    """The length that the tokenizer or config states; the model may take more."""
    trained = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    return sane_length(tokenizer.model_max_length) or sane_length(trained)


def left_as_it_was(tokenizer: PreTrainedTokenizerBase, work: Callable[[], _T]) -> _T:
    """Call a function that uses a tokenizer, and leave the tokenizer as it was.

    Calling a fast tokenizer resets the truncation and padding that its file may set, and may log a
    warning about length; our own errors say that better.
    """

    def quietly(undo: Undo) -> _T:
        if tokenizer.is_fast:
            backend: Any = tokenizer.backend_tokenizer
            undo.then(functools.partial(_put_back, backend, backend.truncation, backend.padding))
        thread = threading.get_ident()

        def of_others(record: logging.LogRecord) -> bool:
            return record.thread != thread

        classes = type(tokenizer).__mro__
        names = {cls.__module__ for cls in classes if "transformers" in cls.__module__}
        for logger in map(_logger, names):
            undo.then(functools.partial(logger.removeFilter, of_others))
            logger.addFilter(of_others)
        return work()

    return guarded(quietly)


@functools.lru_cache(maxsize=64)  # an interrupt in getLogger would leave logging locked for good
def _logger(name: str) -> logging.Logger:
    return logging.getLogger(name)


def _put_back(backend: Any, truncation: Any, padding: Any) -> None:
    backend.no_truncation()
    backend.no_padding()
    if truncation is not None:
        backend.enable_truncation(**truncation)
    if padding is not None:
        backend.enable_padding(**padding)
