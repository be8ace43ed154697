"""Rows of a batch as the tokenizer pads them, and their tokens."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.tokens import tokens_of_pieces
from attention_widget.tokens.written import pieces_of_ids
from attention_widget.trace.token import Token
from attention_widget.tracing.inputs.text import Encoded, left_as_it_was
from attention_widget.tracing.inputs.validation import check_ids
from attention_widget.tracing.model.naming import name_of, type_name
from attention_widget.tracing.model.signatures import accepted

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_INTEGERS: Final = re.compile(r"^(torch\.)?u?int")
_POSITIONS: Final = re.compile(r"position_embeddings|embed_positions")


def is_batch(given: object) -> bool:
    """Whether this is meant as several texts: a list of them, of pairs or of token ids, or what a
    tokenizer gives for a batch."""
    if isinstance(given, Mapping):
        return "input_ids" in given
    if isinstance(given, torch.Tensor | np.ndarray):
        return given.ndim == 2 and bool(_INTEGERS.search(str(given.dtype)))
    if not isinstance(given, list | tuple) or not given:
        return False
    return all(isinstance(one, str) for one in given) or all(map(_is_row, given))


def _is_row(one: object) -> bool:
    """A pair of texts, or the ids of tokens."""
    if not isinstance(one, list | tuple) or not one:
        return False
    if all(isinstance(part, str) for part in one):
        return True
    return all(isinstance(part, int) and not isinstance(part, bool) for part in one)


def padded_rows(
    model: PreTrainedModel, rows: Sequence[Encoded], tokenizer: PreTrainedTokenizerBase
) -> list[Encoded]:
    """Rows of one length, padded by their tokenizer where it pads."""
    lengths = [len(row.tokens) for row in rows]
    if len(set(lengths)) == 1:
        return list(rows)
    _check_can_pad(model, tokenizer, lengths)
    names = list(rows[0].inputs)
    listed = {name: [row.inputs[name][0].tolist() for row in rows] for name in names}
    listed.setdefault("attention_mask", [[1] * length for length in lengths])
    padded = left_as_it_was(
        tokenizer,
        lambda: tokenizer.pad(listed, padding=True, return_attention_mask=True, verbose=False),
    )
    made = []
    for index, row in enumerate(rows):
        inputs = {
            name: torch.tensor([padded[name][index]], dtype=torch.long, device="cpu")
            for name in (*names, "attention_mask")
        }
        made.append(_with_padding(model, row, inputs, tokenizer))
    return made


def rows_of_ids(
    model: PreTrainedModel, given: Any, tokenizer: PreTrainedTokenizerBase
) -> list[Encoded]:
    """Rows of token ids, or of what a tokenizer gave; their texts are what the ids decode to."""
    fields = dict(given) if isinstance(given, Mapping) else {"input_ids": given}
    ids = fields.pop("input_ids")
    is_ragged = isinstance(ids, list | tuple) and all(isinstance(row, list | tuple) for row in ids)
    if is_ragged and len({len(row) for row in ids}) > 1:
        if len(fields) > 0:
            raise InvalidValueError(
                "input_ids must have rows of one length beside other inputs, got "
                f"{', '.join(str(len(row)) for row in ids)[:80]}; give the tokenizer padding=True"
            )
        rows = [_row(model, {"input_ids": _whole("input_ids", [row])}, tokenizer) for row in ids]
        return padded_rows(model, rows, tokenizer)
    inputs = {"input_ids": _whole("input_ids", ids)}
    names = accepted(model)
    for name, value in fields.items():
        if name in names and value is not None:
            inputs[name] = _whole(name, value)
            if inputs[name].shape != inputs["input_ids"].shape:
                raise InvalidValueError(
                    f"{name} must have the shape of input_ids, {tuple(inputs['input_ids'].shape)}, "
                    f"got {tuple(inputs[name].shape)}"
                )
    count = len(inputs["input_ids"])
    return [
        _row(model, {name: each[row : row + 1] for name, each in inputs.items()}, tokenizer)
        for row in range(count)
    ]


def _whole(name: str, given: Any) -> torch.Tensor:
    """Integers (row, token) on the CPU."""
    try:
        found = torch.as_tensor(given).detach().to("cpu")
    except (TypeError, ValueError, RuntimeError) as error:
        raise InvalidTypeError(
            f"{name} must be integers (row, token), got {type_name(given)}"
        ) from error
    if found.ndim != 2 or not found.numel():
        raise InvalidValueError(
            f"{name} must have two axes, (row, token), got the shape {tuple(found.shape)}; of one "
            f"text pass a list of one row"
        )
    if found.is_floating_point() or found.is_complex():
        raise InvalidTypeError(f"{name} must be integers (row, token), got {found.dtype}")
    return found.long()


def _row(
    model: PreTrainedModel, inputs: dict[str, torch.Tensor], tokenizer: PreTrainedTokenizerBase
) -> Encoded:
    ids = inputs["input_ids"][0].tolist()
    mask = inputs.get("attention_mask")
    own = [True] * len(ids) if mask is None else [value != 0 for value in mask[0].tolist()]
    if mask is not None and not bool(((mask == 0) | (mask == 1)).all()):
        raise InvalidValueError(
            f"attention_mask must hold 0 (padding) and 1, got {int(mask.min())} to "
            f"{int(mask.max())}"
        )
    if not any(own):
        raise InvalidValueError("a row must have a token of its own, got padding alone")
    if min(ids) < 0:
        raise InvalidValueError(f"token ids must be 0 or more, got {min(ids)}")
    check_ids(model, ids, tokenizer)
    real = [id for id, is_own in zip(ids, own, strict=True) if is_own]
    pieces, text = pieces_of_ids(real, tokenizer)
    tokens = tokens_of_pieces(pieces, tokenizer, [text])
    row = Encoded({}, tokens, (text,))
    return _with_padding(model, row, inputs, tokenizer)


def _with_padding(
    model: PreTrainedModel,
    row: Encoded,
    inputs: dict[str, torch.Tensor],
    tokenizer: PreTrainedTokenizerBase,
) -> Encoded:
    ids = inputs["input_ids"][0].tolist()
    mask = inputs.get("attention_mask")
    own = [True] * len(ids) if mask is None else [value != 0 for value in mask[0].tolist()]
    words: Any = tokenizer.convert_ids_to_tokens(ids)
    real = iter(row.tokens)
    tokens = tuple(
        replace(next(real), index=index) if is_own else _filler(index, id, words[index])
        for index, (id, is_own) in enumerate(zip(ids, own, strict=True))
    )
    if not own[0] and "position_ids" not in inputs and _takes_positions(model):
        counted = torch.tensor([own], dtype=torch.long, device="cpu").cumsum(-1) - 1
        inputs = {**inputs, "position_ids": counted.clamp(min=0)}
    return replace(row, inputs=inputs, tokens=tokens)


def _filler(index: int, id: int, word: str | None) -> Token:
    return Token(index, id, word or "[PAD]", special=True, padding=True, piece=word)


def _takes_positions(model: PreTrainedModel) -> bool:
    """Whether positions can be given; RoBERTa's relatives count those that are no padding
    themselves, from another number on."""
    if "position_ids" not in accepted(model):
        return False
    return not any(
        _POSITIONS.search(path) and getattr(module, "padding_idx", None) is not None
        for path, module in model.named_modules()
    )


def _check_can_pad(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, lengths: Sequence[int]
) -> None:
    if "attention_mask" not in accepted(model):
        raise InvalidValueError(
            f"texts must have as many tokens each with {type(model).__name__}, which takes no "
            f"attention_mask to leave padding out, got {', '.join(map(str, lengths))[:80]}"
        )
    if tokenizer.pad_token_id is None:
        raise InvalidValueError(
            f"tokenizer must have a padding token for texts of different lengths, got "
            f"{name_of(tokenizer)} without one; set tokenizer.pad_token = tokenizer.eos_token"
        )
