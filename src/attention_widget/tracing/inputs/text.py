"""Inputs of a text model: the ids and tokens of a prompt, and how many it takes."""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from attention_widget._util.cleanup import Undo, guarded
from attention_widget.errors import InvalidValueError
from attention_widget.trace.token import Token
from attention_widget.tracing.inputs.tokenize import Prompt
from attention_widget.tracing.inputs.validation import (
    check_takes_text,
    check_text,
    check_tokens,
    check_weights,
)
from attention_widget.tracing.model.find import find_model, find_tokenizer
from attention_widget.tracing.model.limits import token_limit
from attention_widget.tracing.model.signatures import accepted

__all__ = ["Encoded", "encode", "find_model", "find_tokenizer"]

_T = TypeVar("_T")

_SANE_LENGTH = 10**9  # tokenizers without a length report 10**30


@dataclass(frozen=True, eq=False)
class Encoded:
    """What a model is given to read: ``inputs`` (each 1, ...) on the CPU, the tokens that its
    positions stand for, and the text and role of each segment."""

    inputs: dict[str, torch.Tensor]
    tokens: tuple[Token, ...]
    texts: tuple[str, ...]
    roles: tuple[str, ...] = ()
    image: NDArray[np.uint8] | None = None  # (height, width, 3): what the tokens' boxes lie in


def encode(
    model: PreTrainedModel,
    text: str,
    text_pair: str | None = None,
    tokenizer: PreTrainedTokenizerBase | None = None,
    truncation: bool = False,
    modules: Mapping[str, nn.Module] | None = None,
) -> Encoded:
    """Tokenize a text or a pair with the tokenizer's own defaults, and check that the model can
    take it: whatever is wrong is said before a forward pass.

    ``truncation`` cuts a text that is too long to what the model takes (see
    :func:`token_limit`), or, where nothing stops the model, to the length that its tokenizer or
    config names. The tokenizer is left as it was.
    """
    prompt = plain(text, text_pair)
    check_readable(model)
    tokenizer = find_tokenizer(model, tokenizer)
    return encode_prompt(model, prompt, tokenizer, truncation, token_limit(model, modules))


def plain(text: str, text_pair: str | None = None) -> Prompt:
    """The prompt of a text or a pair, after a check of both."""
    check_text("text", text)
    if text_pair is None:
        return Prompt((text,))
    check_text("text_pair", text_pair)
    return Prompt((text, text_pair))


def check_readable(model: PreTrainedModel, modules: Iterable[nn.Module] | None = None) -> None:
    """ValueError if the model has no weights, or does not take text."""
    check_weights(model, modules)
    check_takes_text(model)


def encode_prompt(
    model: PreTrainedModel,
    prompt: Prompt,
    tokenizer: PreTrainedTokenizerBase,
    truncation: bool,
    limit: int | None,
    advice: str | None = None,
    taker: str = "",
) -> Encoded:
    def read() -> tuple[Any, tuple[Token, ...]]:
        output, tokens = prompt.read(tokenizer)
        check_tokens(tokens, model, tokenizer)
        most = limit or named_length(model, tokenizer)
        if truncation and most is not None and len(tokens) > most:
            output = prompt.tokenize(tokenizer, truncation=True, max_length=most)
            whole, tokens = tokens, prompt.tokens(output, tokenizer)
            segments = range(len(prompt.texts))
            lost = [s for s in segments if _count(tokens, s) < _count(whole, s)]
            tokens = prompt.tokens(output, tokenizer, lost)
        if limit is not None and len(tokens) > limit:
            raise InvalidValueError(
                f"the text has {len(tokens)} tokens, but {taker or type(model).__name__} takes at "
                f"most {limit}; {advice or _how_to_fit(model, prompt)}"
            )
        return output, tokens

    output, tokens = left_as_it_was(tokenizer, read)
    names = accepted(model)
    inputs = {
        name: torch.tensor([values], dtype=torch.long, device="cpu")
        for name, values in output.items()
        if name in names
    }
    return Encoded(inputs, tokens, prompt.texts, prompt.roles)


def _how_to_fit(model: PreTrainedModel, prompt: Prompt) -> str:
    alone = len(prompt.texts) == 1 and not prompt.roles and not reads_target(model)
    if not alone:
        return "shorten it or pass truncation=True to cut it"
    return "shorten it, pass truncation=True to cut it or windows=True to read all of it in windows"


def reads_target(model: PreTrainedModel) -> bool:
    """Whether the model has a decoder as well as an encoder."""
    return "decoder_input_ids" in accepted(model)


def named_length(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> int | None:
    """The length that the tokenizer or config states; the model may take more."""
    lengths = (
        tokenizer.model_max_length,
        getattr(model.config.get_text_config(), "max_position_embeddings", None),
    )
    for length in lengths:
        if isinstance(length, int) and 0 < length < _SANE_LENGTH:
            return length
    return None


def _count(tokens: tuple[Token, ...], segment: int) -> int:
    return sum(token.segment == segment for token in tokens)


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
