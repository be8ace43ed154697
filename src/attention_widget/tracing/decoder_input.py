"""The input of the decoder of an encoder-decoder, and with it all that a model is given."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import torch

from attention_widget._util.torch_settings import plainly
from attention_widget.errors import InvalidValueError
from attention_widget.tokens import tokens_of_pieces
from attention_widget.tokens.pieces import Piece
from attention_widget.tokens.written import pieces_of_ids
from attention_widget.trace.token import Token
from attention_widget.tracing.inputs.text import Encoded, left_as_it_was
from attention_widget.tracing.inputs.tokenize import TargetPrompt
from attention_widget.tracing.inputs.validation import check_ids, check_own_tokens, check_text
from attention_widget.tracing.model.devices import on_device
from attention_widget.tracing.model.errors import UnsupportedModelError
from attention_widget.tracing.model.hooks import Stopped, attached, stopping
from attention_widget.tracing.model.preserve import undisturbed
from attention_widget.tracing.model.signatures import accepted

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


@dataclass(frozen=True, eq=False)
class DecoderInput:
    """The input of a decoder: ``ids`` (1, token) on the CPU, its tokens and their text."""

    ids: torch.Tensor
    tokens: tuple[Token, ...]
    texts: tuple[str, ...]
    generated: bool = False


def model_inputs(
    model: PreTrainedModel, encoded: Encoded, decoder: DecoderInput | None
) -> dict[str, Any]:
    """The keyword arguments of a pass without a cache, on the model's device."""
    inputs = dict(encoded.inputs)
    if decoder is not None:
        inputs["decoder_input_ids"] = decoder.ids
    given: dict[str, Any] = {**on_device(model, inputs)}
    if "use_cache" in accepted(model):
        given["use_cache"] = False
    return given


def lengths_of(encoded: Encoded, decoder: DecoderInput | None) -> set[int]:
    """How many tokens each stack of a model reads."""
    return {len(encoded.tokens), *([] if decoder is None else [len(decoder.tokens)])}


def input_of_target(
    model: PreTrainedModel, target: str, tokenizer: PreTrainedTokenizerBase, limit: int | None
) -> DecoderInput:
    """Decoder input from a target text: tokenized as the tokenizer tokenizes targets, and shifted
    as the model shifts its labels (a start token, then the target without its end token)."""
    check_text("target", target)
    prompt = TargetPrompt((target,))
    output, tokens = left_as_it_was(tokenizer, lambda: prompt.tokenized(tokenizer))
    check_own_tokens("target", tokens, tokenizer)
    labels = list(output["input_ids"])
    if tokens[-1].segment is not None:  # no end token, whose place the shift needs
        end = _id(model.config, "eos_token_id")
        labels.append(_id(model.config, "pad_token_id") if end is None else end)
    labelled = torch.tensor([labels], dtype=torch.long, device="cpu")
    ids = plainly(_shifted, model, labelled)
    read = ids[0].tolist()
    if None in read or read[1:] != labels[:-1]:
        raise UnsupportedModelError(
            model, "puts other tokens before its decoder than a start token and the target"
        )
    if limit is not None and len(read) > limit:
        raise InvalidValueError(
            f"target must have at most {limit} tokens with its start token, as many as the decoder "
            f"of {type(model).__name__} takes, got {len(read)}; shorten it"
        )
    own: Any = model
    stack = own.get_decoder() if hasattr(own, "get_decoder") else None
    check_ids(model if stack is None else stack, read, tokenizer)
    [start] = tokens_of_pieces([_start_piece(read[0], tokenizer)], tokenizer, [target])
    kept = tokens[: len(read) - 1]
    shifted = [replace(token, index=index) for index, token in enumerate(kept, 1)]
    return DecoderInput(ids, (start, *shifted), (target,))


def input_of_ids(
    ids: Sequence[int], tokenizer: PreTrainedTokenizerBase, generated: bool = False
) -> DecoderInput:
    """Decoder input from ids alone, the start token first."""
    pieces, text = pieces_of_ids(ids[1:], tokenizer)
    tokens = tokens_of_pieces([_start_piece(ids[0], tokenizer), *pieces], tokenizer, [text])
    read = torch.tensor([list(ids)], dtype=torch.long, device="cpu")
    return DecoderInput(read, tokens, (text,), generated)


def _start_piece(id: int, tokenizer: Any) -> Piece:
    [string] = tokenizer.convert_ids_to_tokens([id])
    return Piece(id, string or "", None, 0, 0)


def models_own_target(model: PreTrainedModel, inputs: Mapping[str, torch.Tensor]) -> list[int]:
    """The ids that the decoder reads when forward is given no target: BART's classifiers and bare
    models make them from the text. ValueError if the model needs a target."""
    decoders = [
        module for name, module in model.named_modules() if name.rpartition(".")[2] == "decoder"
    ]

    def run() -> None:
        with attached(stopping(decoders[:1])):
            model(**on_device(model, inputs))

    cause = None
    try:
        undisturbed(list(model.modules()), run)
    except Stopped as stopped:
        args, kwargs = stopped.call
        ids = kwargs.get("input_ids", args[0] if args else None)
        if isinstance(ids, torch.Tensor) and not ids.is_floating_point():
            own: list[int] = ids[0].tolist()
            return own
    except (ValueError, TypeError, AttributeError) as error:
        cause = error
    raise InvalidValueError(
        f"target must be passed with {type(model).__name__}, which has no head to write one with; "
        f'pass target="...", or load the model with a head (AutoModelForSeq2SeqLM)'
    ) from cause


def _shifted(model: Any, labels: torch.Tensor) -> torch.Tensor:
    """Decoder input from labels, shifted by the model's own method."""
    if hasattr(model, "prepare_decoder_input_ids_from_labels"):
        return torch.as_tensor(model.prepare_decoder_input_ids_from_labels(labels=labels))
    for module in model.modules():
        if hasattr(module, "_shift_right"):  # T5's relatives, on the model within the head
            return torch.as_tensor(module._shift_right(labels))
    pad, start = _id(model.config, "pad_token_id"), _start(model)
    for cls in type(model).__mro__:
        shift: Any = getattr(sys.modules[cls.__module__], "shift_tokens_right", None)
        if shift is not None:  # until transformers 5 some modules have one of two arguments
            wants = len(inspect.signature(shift).parameters)
            given = (0 if pad is None else pad, start)[: wants - 1]
            return torch.as_tensor(shift(labels, *given))
    first = torch.tensor([[start]], dtype=torch.long, device="cpu")
    return torch.cat([first, labels[:, :-1]], -1)


def _start(model: PreTrainedModel) -> int:
    holders = (model.config, getattr(model, "generation_config", None))
    for name in ("decoder_start_token_id", "bos_token_id", "pad_token_id"):
        for holder in holders:
            if (start := _id(holder, name)) is not None:
                return start
    raise UnsupportedModelError(model, "names no token that its decoder starts with")


def _id(config: Any, name: str) -> int | None:
    """The id of a special token that a configuration names, or the first of several."""
    ids: int | list[int] | None = getattr(config, name, None)
    return ids[0] if isinstance(ids, list) else ids
