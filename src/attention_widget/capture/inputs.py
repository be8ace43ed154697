"""From what a user passes (model, text, tokenizer) to what a forward pass takes."""

from __future__ import annotations

import inspect
import logging
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoModel, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from attention_widget.capture.limits import token_limit
from attention_widget.tokens import read_tokens
from attention_widget.trace import Token

_MODELS = (
    "a transformers model (PreTrainedModel), a transformers pipeline, the name of a model on the "
    "hub or the path of a local folder"
)
_PASS_TOKENIZER = 'pass one: tokenizer=AutoTokenizer.from_pretrained("...")'
_SANE_LENGTH = 10**9  # tokenizers without a length report 10**30


@dataclass(frozen=True, eq=False)
class Encoded:
    """A text as the model takes it: ``inputs`` (each 1, token) on the CPU, its tokens, and the
    text of each segment."""

    inputs: dict[str, torch.Tensor]
    tokens: tuple[Token, ...]
    texts: tuple[str, ...]


def find_model(model: object) -> tuple[PreTrainedModel, PreTrainedTokenizerBase | None]:
    """The transformers model within ``model``, and the tokenizer if one comes with it.

    A pipeline brings both; a hub name or folder is loaded with AutoModel and AutoTokenizer;
    ``torch.compile`` and PEFT wrappers give the model that they wrap. TypeError for anything
    else, ValueError with the reason for what can't be loaded.
    """
    if isinstance(model, PreTrainedModel):
        return model, None
    if isinstance(model, (str, os.PathLike)):
        return _load(os.fspath(model))
    if _is_pipeline(model):
        found, _ = find_model(model.model)  # type: ignore[attr-defined]
        return found, model.tokenizer  # type: ignore[attr-defined]
    if isinstance(model, nn.Module):
        inner = getattr(model, "_orig_mod", None)  # torch.compile's OptimizedModule
        if isinstance(inner, nn.Module):
            return find_model(inner)
        if hasattr(model, "peft_config") and hasattr(model, "get_base_model"):
            return find_model(_without_peft(model))
    raise TypeError(f"model is of type {_type_name(model)}; allowed: {_MODELS}")


def find_tokenizer(model: PreTrainedModel, tokenizer: object = None) -> PreTrainedTokenizerBase:
    """The tokenizer given, else the one that the model's name or folder leads to.

    TypeError if what is given is no transformers tokenizer, ValueError if none can be found:
    the message says what to pass.
    """
    if tokenizer is not None:
        if not isinstance(tokenizer, PreTrainedTokenizerBase):
            raise TypeError(
                f"tokenizer is of type {_type_name(tokenizer)}; allowed: a transformers "
                f"tokenizer (PreTrainedTokenizerBase){_tokenizer_advice(tokenizer)}"
            )
        if _is_empty(tokenizer):
            raise ValueError(
                f"the tokenizer {_name_of(tokenizer)} knows no tokens but its special ones "
                f"({len(tokenizer)}); it was loaded from a place that holds no vocabulary"
            )
        return tokenizer
    name = model.name_or_path
    if not name:
        raise ValueError(
            f"no tokenizer: this {type(model).__name__} was built from a config, so nothing says "
            f"which tokenizer is its own; {_PASS_TOKENIZER}"
        )
    try:
        found = _load_tokenizer(name)
    except Exception as error:
        raise ValueError(
            f"no tokenizer for {type(model).__name__}: AutoTokenizer.from_pretrained({name!r}) "
            f"failed with {_reason(error)}; {_PASS_TOKENIZER}"
        ) from error
    if found is None:
        raise ValueError(
            f"no tokenizer for {type(model).__name__}: {name!r} holds no vocabulary; "
            f"{_PASS_TOKENIZER}"
        )
    return found


def encode(
    model: PreTrainedModel,
    text: str,
    text_pair: str | None = None,
    tokenizer: PreTrainedTokenizerBase | None = None,
    truncation: bool = False,
) -> Encoded:
    """Tokenize a text or a pair with the tokenizer's own defaults, and check that the model can
    take it: whatever is wrong is said before a forward pass.

    ``truncation`` cuts a text that is too long to what the model takes (see
    :func:`token_limit`), or, where nothing stops the model, to the length that its tokenizer or
    config names. The tokenizer is left as it was.
    """
    _check_text("text", text)
    if text_pair is not None:
        _check_text("text_pair", text_pair)
    texts = (text,) if text_pair is None else (text, text_pair)
    _check_weights(model)
    _check_takes_text(model)
    tokenizer = find_tokenizer(model, tokenizer)
    with _left_as_it_was(tokenizer):
        output = tokenizer(*texts, truncation=False, padding=False, verbose=False)
        tokens = read_tokens(output, tokenizer, texts)
        _check_tokens(tokens, model, tokenizer)
        limit = token_limit(model)
        if truncation:
            most = limit or _named_length(model, tokenizer)
            if most is not None and len(tokens) > most:
                output = tokenizer(
                    *texts, truncation=True, max_length=most, padding=False, verbose=False
                )
                whole = tokens
                tokens = read_tokens(output, tokenizer, texts)
                lost = [s for s in range(len(texts)) if _count(tokens, s) < _count(whole, s)]
                tokens = read_tokens(output, tokenizer, texts, truncated=lost)
        if limit is not None and len(tokens) > limit:
            raise ValueError(
                f"the text has {len(tokens)} tokens, but {type(model).__name__} takes at most "
                f"{limit}; shorten it or pass truncation=True to cut it"
            )
    accepted = inspect.signature(model.forward).parameters
    inputs = {
        name: torch.tensor([values], dtype=torch.long)
        for name, values in output.items()
        if name in accepted
    }
    return Encoded(inputs, tokens, texts)


def _load(name: str) -> tuple[PreTrainedModel, PreTrainedTokenizerBase | None]:
    folder = Path(name).is_dir()
    try:
        model = AutoModel.from_pretrained(name, trust_remote_code=False)
    except Exception as error:
        tried = (
            "as a local folder"
            if folder
            else "as the name of a model on the hub, for there is no such local folder"
        )
        raise ValueError(
            f"cannot load a model from {name!r}: tried AutoModel.from_pretrained, {tried}; "
            f"{_reason(error)}"
        ) from error
    try:
        return model, _load_tokenizer(name)
    except Exception:  # find_tokenizer says why, should one be needed
        return model, None


def _load_tokenizer(name: str) -> PreTrainedTokenizerBase | None:
    """None for the shell that transformers 5 makes up where there is no vocabulary."""
    tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
        name, trust_remote_code=False
    )
    return None if _is_empty(tokenizer) else tokenizer


def _is_empty(tokenizer: PreTrainedTokenizerBase) -> bool:
    return len(tokenizer) <= len(tokenizer.all_special_ids)


def _is_pipeline(model: object) -> bool:
    # Whoever holds a pipeline has loaded this module; others need not wait for it.
    module = sys.modules.get("transformers.pipelines.base")
    return module is not None and isinstance(model, module.Pipeline)


def _without_peft(model: Any) -> nn.Module:
    if model.active_peft_config.is_prompt_learning:
        raise TypeError(
            f"model is a PEFT model with {model.active_peft_config.peft_type.value}: its virtual "
            "tokens stand for no text; allowed: PEFT methods that change weights, such as LoRA"
        )
    base: nn.Module = model.get_base_model()
    return base


def _check_text(name: str, text: object) -> None:
    if isinstance(text, (list, tuple)):
        raise TypeError(
            f"{name} is a {type(text).__name__} of {len(text)}; allowed: one string. One text is "
            "traced at a time; a second one that the model reads with it goes into text_pair"
        )
    if not isinstance(text, str):
        raise TypeError(f"{name} is of type {_type_name(text)}; allowed: a string")
    if not text:
        raise ValueError(f"{name} is empty; allowed: a string with at least one character")
    if text.isspace():
        raise ValueError(
            f"{name} holds nothing but {len(text)} blank character{'s'[: len(text) > 1]}; "
            "allowed: a string with at least one character that is not blank"
        )
    surrogate = re.search("[\ud800-\udfff]", text)
    if surrogate is not None:
        raise ValueError(
            f"{name} has an unpaired surrogate, U+{ord(surrogate[0]):04X}, at character "
            f"{surrogate.start()}; allowed: text that can be written as UTF-8"
        )


def _check_weights(model: PreTrainedModel) -> None:
    if not any(parameter.is_meta for parameter in model.parameters()):
        return
    missing = list(_on_meta(model, offloaded=False))
    if missing:
        total = sum(1 for _ in model.parameters())
        raise ValueError(
            f"{type(model).__name__} has no weights to run with: {len(missing)} of its {total} "
            f"parameters are on the meta device (the first is {missing[0]}); load it with "
            "from_pretrained, or let accelerate offload them"
        )


def _on_meta(module: nn.Module, offloaded: bool, path: str = "") -> Iterator[str]:
    """Names of parameters that no accelerate hook brings in for the forward pass."""
    offloaded = offloaded or hasattr(module, "_hf_hook")
    if not offloaded:
        for name, parameter in module.named_parameters(recurse=False):
            if parameter.is_meta:
                yield path + name
    for name, child in module.named_children():
        yield from _on_meta(child, offloaded, f"{path}{name}.")


def _check_takes_text(model: PreTrainedModel) -> None:
    if "input_ids" not in inspect.signature(model.forward).parameters:
        raise ValueError(
            f"{type(model).__name__} takes {model.main_input_name}, not text; allowed: models "
            "whose forward takes input_ids"
        )


def _check_tokens(
    tokens: tuple[Token, ...], model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase
) -> None:
    if all(token.segment is None for token in tokens):
        raise ValueError(
            f"the tokenizer {_name_of(tokenizer)} makes no tokens of this text"
            f"{' but special ones' if tokens else ''}; allowed: a text of which it makes some"
        )
    unmapped = [token.label for token in tokens if token.id is None]
    if unmapped:
        raise ValueError(
            f"the tokenizer {_name_of(tokenizer)} has no id for {unmapped[0]!r} and no unknown "
            f"token; {_PASS_TOKENIZER}"
        )
    rows = _embedding_rows(model)
    largest = max(token.id or 0 for token in tokens)
    if rows is not None and largest >= rows:
        raise ValueError(
            f"the tokenizer belongs to another model: {_name_of(tokenizer)} gives token id "
            f"{largest}, but the embedding table of {_name_of(model)} has {rows} rows; allowed: "
            f"ids below {rows}"
        )


def _embedding_rows(model: PreTrainedModel) -> int | None:
    try:
        table = model.get_input_embeddings()
    except NotImplementedError:  # CANINE hashes code points into several tables
        return None
    return table.num_embeddings if isinstance(table, nn.Embedding) else None


def _named_length(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> int | None:
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


@contextmanager
def _left_as_it_was(tokenizer: PreTrainedTokenizerBase) -> Iterator[None]:
    """Calling a fast tokenizer resets the truncation and padding that its file may have set, and
    may log a line about length: what there is to say is said by the errors here."""
    backend: Any = tokenizer.backend_tokenizer if tokenizer.is_fast else None
    before = (backend.truncation, backend.padding) if tokenizer.is_fast else None
    names = {cls.__module__ for cls in type(tokenizer).__mro__ if "transformers" in cls.__module__}
    loggers = [logging.getLogger(name) for name in names]
    for logger in loggers:
        logger.addFilter(_nothing)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(_nothing)
        if before is not None:
            truncation, padding = before
            backend.no_truncation()
            backend.no_padding()
            if truncation is not None:
                backend.enable_truncation(**truncation)
            if padding is not None:
                backend.enable_padding(**padding)


def _nothing(record: logging.LogRecord) -> bool:
    return False


def _tokenizer_advice(tokenizer: object) -> str:
    if isinstance(tokenizer, str):
        return f", such as AutoTokenizer.from_pretrained({tokenizer!r})"
    if type(tokenizer).__module__.partition(".")[0] == "tokenizers":
        return ", such as PreTrainedTokenizerFast(tokenizer_object=...)"
    if isinstance(getattr(tokenizer, "tokenizer", None), PreTrainedTokenizerBase):
        return f", such as the .tokenizer of this {type(tokenizer).__name__}"
    return ""


def _name_of(thing: PreTrainedModel | PreTrainedTokenizerBase) -> str:
    name = thing.name_or_path
    return f"{name!r} ({type(thing).__name__})" if name else type(thing).__name__


def _type_name(thing: object) -> str:
    kind = type(thing)
    return (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
