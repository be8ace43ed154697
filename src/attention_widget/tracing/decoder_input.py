"""The input of the decoder of an encoder-decoder, from a target text or from ids."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from attention_widget._util.torch_settings import plainly
from attention_widget.errors import InvalidValueError
from attention_widget.tokens import tokens_of_pieces
from attention_widget.tokens.pieces import Piece
from attention_widget.tokens.written import pieces_of_ids
from attention_widget.trace.token import Token
from attention_widget.tracing.inputs.text import left_as_it_was
from attention_widget.tracing.inputs.tokenize import TargetPrompt
from attention_widget.tracing.inputs.validation import check_text, embedding_rows
from attention_widget.tracing.model.errors import UnsupportedModelError
from attention_widget.tracing.model.preserve import undisturbed


@dataclass(frozen=True, eq=False)
class Reading:
    """The input of a decoder: ``ids`` (1, token) on the CPU, its tokens and their text."""

    ids: torch.Tensor
    tokens: tuple[Token, ...]
    texts: tuple[str, ...]
    generated: bool = False


def given_target(
    model: PreTrainedModel, target: str, tokenizer: PreTrainedTokenizerBase, limit: int | None
) -> Reading:
    """Decoder input from a target text: tokenized as the tokenizer tokenizes targets, and shifted
    as the model shifts its labels (a start token, then the target without its end token)."""
    check_text("target", target)
    prompt = TargetPrompt((target,))
    output, tokens = left_as_it_was(tokenizer, lambda: prompt.read(tokenizer))
    if all(token.segment is None for token in tokens):
        raise InvalidValueError(
            "the tokenizer makes only special tokens of this target; pass a text of which it makes "
            "others"
        )
    labels = list(output["input_ids"])
    if tokens[-1].segment is not None:  # no end token, whose place the shift needs
        end = _first(getattr(model.config, "eos_token_id", None))
        labels.append(_first(getattr(model.config, "pad_token_id", None)) if end is None else end)
    labelled = torch.tensor([labels], dtype=torch.long, device="cpu")
    ids = plainly(_shifted, model, labelled)
    read = ids[0].tolist()
    if None in read or read[1:] != labels[:-1]:
        raise UnsupportedModelError(
            model, "puts other tokens before its decoder than a start token and the target"
        )
    if limit is not None and len(read) > limit:
        raise InvalidValueError(
            f"the target has {len(read)} tokens with its start token, but the decoder of "
            f"{type(model).__name__} takes at most {limit}; shorten it"
        )
    _check_rows(model, read)
    [start] = tokens_of_pieces([_start_piece(read[0], tokenizer)], tokenizer, [target])
    kept = tokens[: len(read) - 1]
    shifted = [replace(token, index=index) for index, token in enumerate(kept, 1)]
    return Reading(ids, (start, *shifted), (target,))


def read_ids(
    ids: Sequence[int], tokenizer: PreTrainedTokenizerBase, generated: bool = False
) -> Reading:
    """Decoder input from ids alone, the start token first."""
    pieces, text = pieces_of_ids(ids[1:], tokenizer)
    tokens = tokens_of_pieces([_start_piece(ids[0], tokenizer), *pieces], tokenizer, [text])
    read = torch.tensor([list(ids)], dtype=torch.long, device="cpu")
    return Reading(read, tokens, (text,), generated)


def _start_piece(id: int, tokenizer: Any) -> Piece:
    [string] = tokenizer.convert_ids_to_tokens([id])
    return Piece(id, string or "", None, 0, 0)


def models_own_target(model: PreTrainedModel, inputs: Mapping[str, torch.Tensor]) -> list[int]:
    """The ids that the decoder reads when forward is given no target: BART's classifiers and bare
    models make them from the text. ValueError if the model needs a target."""

    def stop(module: nn.Module, args: Any, kwargs: Any) -> None:
        ids = kwargs.get("input_ids", args[0] if args else None)
        if isinstance(ids, torch.Tensor) and not ids.is_floating_point():
            raise _ReachedError(ids[0].tolist())

    modules = list(model.modules())
    decoders = [
        module for name, module in model.named_modules() if name.rpartition(".")[2] == "decoder"
    ]

    def run() -> None:
        handles = [one.register_forward_pre_hook(stop, with_kwargs=True) for one in decoders[:1]]
        try:
            model(**inputs)
        finally:
            for handle in handles:
                handle.remove()

    try:
        undisturbed(modules, run)
    except _ReachedError as reached:
        return reached.ids
    except (ValueError, TypeError, AttributeError) as error:
        raise _missing(model) from error
    raise _missing(model)


class _ReachedError(Exception):
    def __init__(self, ids: list[int]) -> None:
        super().__init__()
        self.ids = ids


def _missing(model: PreTrainedModel) -> InvalidValueError:
    return InvalidValueError(
        f"{type(model).__name__} is an encoder-decoder without a head to generate a target with; "
        f'pass one: target="...", or load the model with one (AutoModelForSeq2SeqLM)'
    )


def _shifted(model: Any, labels: torch.Tensor) -> torch.Tensor:
    """Decoder input from labels, shifted by the model's own method."""
    if hasattr(model, "prepare_decoder_input_ids_from_labels"):
        return torch.as_tensor(model.prepare_decoder_input_ids_from_labels(labels=labels))
    for module in model.modules():
        if hasattr(module, "_shift_right"):  # T5's relatives, on the model within the head
            return torch.as_tensor(module._shift_right(labels))
    pad, start = _first(getattr(model.config, "pad_token_id", None)), _start(model)
    for cls in type(model).__mro__:
        shift: Any = getattr(sys.modules[cls.__module__], "shift_tokens_right", None)
        if shift is not None:  # until transformers 5 some modules have one of two arguments
            wants = len(inspect.signature(shift).parameters)
            return torch.as_tensor(
                shift(labels, *(pad if pad is not None else 0, start)[: wants - 1])
            )
    first = torch.tensor([[start]], dtype=torch.long, device="cpu")
    return torch.cat([first, labels[:, :-1]], -1)


def _start(model: PreTrainedModel) -> int:
    holders = (model.config, getattr(model, "generation_config", None))
    for name in ("decoder_start_token_id", "bos_token_id", "pad_token_id"):
        for holder in holders:
            found = _first(getattr(holder, name, None))
            if found is not None:
                return found
    raise UnsupportedModelError(model, "names no token that its decoder starts with")


def _first(ids: int | list[int] | None) -> int | None:
    return ids[0] if isinstance(ids, list) else ids


def _check_rows(model: Any, ids: list[int]) -> None:
    decoder = model.get_decoder() if hasattr(model, "get_decoder") else None
    rows = embedding_rows(model if decoder is None else decoder)
    if rows is not None and max(ids) >= rows:
        raise InvalidValueError(
            f"the tokenizer belongs to another model: it gives token id {max(ids)} for target, "
            f"but the decoder of {type(model).__name__} has an embedding table of {rows} rows"
        )
