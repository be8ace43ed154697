"""Checks of a text, its tokens and the model before a forward pass."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from torch import nn

from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.trace.token import Token
from attention_widget.tracing.model.errors import takes_another
from attention_widget.tracing.model.naming import PASS_TOKENIZER, name_of, type_name
from attention_widget.tracing.model.signatures import accepted

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def check_text(name: str, text: object) -> None:
    if isinstance(text, (list, tuple)):
        raise InvalidTypeError(
            f"{name} must be one string, got a {type(text).__name__} of {len(text)}; several texts "
            "are read by capture(model, texts), which gives a batch of traces, and a second one "
            "that the model reads with the first goes into text_pair"
        )
    if not isinstance(text, str):
        raise InvalidTypeError(f"{name} must be a string, got {type_name(text)}")
    if not text:
        raise InvalidValueError(f"{name} must not be empty")
    if text.isspace():
        raise InvalidValueError(
            f"{name} must hold a character that is not blank, got {len(text)} blank "
            f"character{'s'[: len(text) > 1]}"
        )
    surrogate = re.search("[\ud800-\udfff]", text)
    if surrogate is not None:
        raise InvalidValueError(
            f"{name} must be text that can be written as UTF-8, got an unpaired surrogate, "
            f"U+{ord(surrogate[0]):04X}, at character {surrogate.start()}"
        )


def check_model(model: PreTrainedModel, modules: Iterable[nn.Module]) -> None:
    """ValueError if a model of these modules has no weights, or does not take text."""
    # model.parameters() takes ten times as long
    own = [held for module in modules if (held := vars(module)["_parameters"])]
    if any(p.is_meta for held in own for p in held.values() if p is not None) and (
        missing := list(_on_meta(model, offloaded=False))
    ):
        total = sum(1 for _ in model.parameters())
        raise InvalidValueError(
            f"model must have its weights, got {type(model).__name__} with {len(missing)} of its "
            f"{total} parameters on the meta device (the first is {missing[0]}); load it with "
            "from_pretrained, or let accelerate offload them"
        )
    if "input_ids" not in accepted(model):
        raise takes_another(model, "text", "input_ids")


def _on_meta(module: nn.Module, offloaded: bool, path: str = "") -> Iterator[str]:
    """Names of parameters that no accelerate hook brings in for the forward pass."""
    offloaded = offloaded or hasattr(module, "_hf_hook")
    if not offloaded:
        for name, parameter in module.named_parameters(recurse=False):
            if parameter.is_meta:
                yield path + name
    for name, child in module.named_children():
        yield from _on_meta(child, offloaded, f"{path}{name}.")


def check_tokens(
    tokens: tuple[Token, ...], model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase
) -> None:
    check_own_tokens("text", tokens, tokenizer)
    unmapped = [token.label for token in tokens if token.id is None]
    if unmapped:
        raise InvalidValueError(
            f"tokenizer must have an id for each token or one for unknown ones, got "
            f"{name_of(tokenizer)} with none for {unmapped[0]!r}; {PASS_TOKENIZER}"
        )
    check_ids(model, [token.id or 0 for token in tokens], tokenizer)


def check_own_tokens(
    name: str, tokens: tuple[Token, ...], tokenizer: PreTrainedTokenizerBase
) -> None:
    """ValueError for a text of which a tokenizer makes no tokens but special ones."""
    if all(token.segment is None for token in tokens):
        raise InvalidValueError(
            f"{name} must be one of which the tokenizer makes tokens, got "
            f"{'only special ones' if tokens else 'none'} of {name_of(tokenizer)}; pass another"
        )


def check_ids(
    model: PreTrainedModel, ids: Sequence[int], tokenizer: PreTrainedTokenizerBase
) -> None:
    """ValueError for ids of tokens that a model has no embeddings for."""
    try:
        table = model.get_input_embeddings()
    except (NotImplementedError, AttributeError):  # CANINE hashes code points into several tables
        return
    if isinstance(table, nn.Embedding) and max(ids) >= table.num_embeddings:
        raise InvalidValueError(
            f"the tokenizer belongs to another model: token ids of {name_of(model)} must be below "
            f"{table.num_embeddings}, the rows of its embedding table, got {max(ids)} of "
            f"{name_of(tokenizer)}; {PASS_TOKENIZER}"
        )
