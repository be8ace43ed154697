"""Checks of a text, its tokens and the model before a forward pass."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.trace.token import Token
from attention_widget.tracing.model.naming import PASS_TOKENIZER, name_of, type_name
from attention_widget.tracing.model.signatures import accepted


def check_text(name: str, text: object) -> None:
    if isinstance(text, (list, tuple)):
        raise InvalidTypeError(
            f"{name} must be one string, got a {type(text).__name__} of {len(text)}; one text is "
            "traced at a time, and a second one that the model reads with it goes into text_pair"
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


def check_weights(model: PreTrainedModel, modules: Iterable[nn.Module] | None = None) -> None:
    """``modules`` spares a walk over the model's own, where the caller has them."""
    modules = model.modules() if modules is None else modules
    # model.parameters() takes ten times as long
    own = [held for module in modules if (held := vars(module)["_parameters"])]
    if not any(p.is_meta for held in own for p in held.values() if p is not None):
        return
    missing = list(_on_meta(model, offloaded=False))
    if missing:
        total = sum(1 for _ in model.parameters())
        raise InvalidValueError(
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


def check_takes_text(model: PreTrainedModel) -> None:
    if "input_ids" not in accepted(model):
        raise InvalidValueError(
            f"{type(model).__name__} takes {model.main_input_name}, not text; pass a model whose "
            "forward takes input_ids"
        )


def check_tokens(
    tokens: tuple[Token, ...], model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase
) -> None:
    if all(token.segment is None for token in tokens):
        raise InvalidValueError(
            f"the tokenizer {name_of(tokenizer)} makes {'only special' if tokens else 'no'} tokens "
            f"of this text; pass a text of which it makes others"
        )
    unmapped = [token.label for token in tokens if token.id is None]
    if unmapped:
        raise InvalidValueError(
            f"the tokenizer {name_of(tokenizer)} has no id for {unmapped[0]!r} and no unknown "
            f"token; {PASS_TOKENIZER}"
        )
    rows = embedding_rows(model)
    largest = max(token.id or 0 for token in tokens)
    if rows is not None and largest >= rows:
        raise InvalidValueError(
            f"the tokenizer belongs to another model: token ids of {name_of(model)} must be below "
            f"{rows}, the rows of its embedding table, got {largest} of {name_of(tokenizer)}; "
            f"{PASS_TOKENIZER}"
        )


def embedding_rows(model: PreTrainedModel) -> int | None:
    try:
        table = model.get_input_embeddings()
    except (NotImplementedError, AttributeError):  # CANINE hashes code points into several tables
        return None
    return table.num_embeddings if isinstance(table, nn.Embedding) else None
