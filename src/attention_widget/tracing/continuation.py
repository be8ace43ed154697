"""generate(): have a model continue a prompt, and trace prompt and continuation together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch

from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.tokens import tokens_of_pieces
from attention_widget.tokens.written import pieces_of_ids
from attention_widget.trace.token import Token
from attention_widget.trace.trace import Trace
from attention_widget.tracing.decoder_input import read_ids
from attention_widget.tracing.generation import write
from attention_widget.tracing.inputs.text import Encoded, left_as_it_was
from attention_widget.tracing.inputs.tokenize import Prompt
from attention_widget.tracing.model.new_tokens import asked, new_tokens
from attention_widget.tracing.reader import Reader

_OURS = {
    "inputs": "prompt is what the model reads",
    "input_ids": "prompt is what the model reads",
    "inputs_embeds": "prompt is what the model reads",
    "attention_mask": "the tokenizer makes it of prompt",
    "decoder_input_ids": "the decoder starts with its start token",
    "streamer": "the text is in the trace when all is written",
}


def generate(
    model: Any,
    prompt: str | Sequence[Mapping[str, Any]],
    *,
    tokenizer: Any = None,
    max_new_tokens: int | None = None,
    layers: Sequence[int] | None = None,
    memory_limit: int | None = None,
    progress: bool = True,
    **options: Any,
) -> Trace:
    """Have a model continue a prompt, and trace what it read and wrote in one pass.

    The model writes by its own ``generate`` (with its cache), and then reads prompt and
    continuation once, as :func:`capture` has it read a text. Each token it wrote has its
    ``step`` and its ``probability``: that which the model gave it after what stood before, the
    softmax of the logits of that pass, without temperature, top-p and the like, which only
    steer the choice.

    The continuation goes on in the prompt's text; after a chat it is a message of its own, by
    the assistant. Of an encoder-decoder it is ``trace.target``.

    Parameters
    ----------
    model, tokenizer, layers, memory_limit, progress
        As :func:`capture` takes them; a hub id or folder is loaded with its language-model head.
    prompt
        A text, or the messages of a chat, which the assistant is to answer.
    max_new_tokens
        Where to stop, unless the model ends by itself. Where neither this nor ``max_length``
        nor a generation configuration says it, after 64 tokens.
    options
        Of ``model.generate``: ``do_sample``, ``temperature``, ``top_p``, ``num_beams``,
        ``generation_config``, ... What they leave open the model's own generation configuration
        says, as in ``model.generate``, whose warnings are shown. Sampling draws from
        PyTorch's generator as ``model.generate`` does, so ``torch.manual_seed`` before gives
        the same tokens, and the generator moves on; nothing else of the model or around it
        changes.

    Raises
    ------
    UnsupportedModelError, TraceTooLargeError, TypeError, ValueError
        As :func:`capture`; also if the model has no head to write with, or prompt and
        continuation are longer than it takes.

    Examples
    --------
    >>> from attention_widget import generate
    >>> trace = generate(gpt2, "a good", tokenizer=gpt2_tokenizer, max_new_tokens=3)
    >>> [token.step for token in trace.tokens if token.step is not None]
    [0, 1, 2]
    """
    _check(options)
    reader = Reader(
        model,
        tokenizer,
        layers=layers,
        memory_limit=memory_limit,
        progress=progress,
        writing=True,
    )
    if not reader.model.can_generate():
        raise InvalidValueError(
            f"{type(reader.model).__name__} has no head to write with; load the model with one "
            f"(AutoModelForCausalLM, or AutoModelForSeq2SeqLM for an encoder-decoder)"
        )
    with reader.alone():
        read = reader.prompt(prompt, answering=True)
        encoded = reader.encode(read, advice="shorten it")
        n_read = 1 if reader.two_stacks else len(encoded.tokens)
        if max_new_tokens is not None:
            options["max_new_tokens"] = max_new_tokens
        most, said = new_tokens(reader.model, options, n_read)
        _check_sequences(reader.model, options)
        _check_room(reader, n_read, most)
        if reader.two_stacks:
            reader.check_budget(len(encoded.tokens), n_read + most)
        else:
            reader.check_budget(n_read + most)
        if asked(reader.model, options, "stop_strings"):  # generate reads its own text for them
            options.setdefault("tokenizer", reader.tokenizer)
        ids = write(
            reader.model,
            reader.modules,
            encoded.inputs,
            most,
            said=said,
            progress=progress,
            **options,
        )
        if reader.two_stacks:
            return _traced_target(reader, encoded, ids)
        return _traced(reader, read, encoded, ids)


def _traced(reader: Reader, prompt: Prompt, encoded: Encoded, ids: list[int]) -> Trace:
    n_read = len(encoded.tokens)
    whole = _continued(reader, prompt, encoded, ids[n_read:])
    trace, output = reader.trace(whole)
    return replace(trace, tokens=_weighed(trace.tokens, n_read, output))


def _traced_target(reader: Reader, encoded: Encoded, ids: list[int]) -> Trace:
    reading = read_ids(ids, reader.tokenizer, generated=True)
    trace, output = reader.trace(encoded, reading)
    assert trace.target is not None
    tokens = _weighed(trace.target.tokens, 1, output)
    return replace(trace, target=replace(trace.target, tokens=tokens))


def _continued(reader: Reader, prompt: Prompt, encoded: Encoded, ids: list[int]) -> Encoded:
    """The input with the continuation appended."""
    tokenizer = reader.tokenizer
    texts, roles = list(prompt.texts), list(prompt.roles)
    if roles:
        texts.append("")
        roles.append("assistant")
    segment = len(texts) - 1
    before = encoded.inputs["input_ids"][0].tolist()

    def both() -> tuple[str, tuple[Token, ...]]:
        read = prompt.pieces(prompt.tokenize(tokenizer, truncation=False), tokenizer)
        written, text = pieces_of_ids(
            ids, tokenizer, before=before, segment=segment, at=len(texts[segment])
        )
        whole = [*texts[:segment], texts[segment] + text]
        return text, tokens_of_pieces([*read, *written], tokenizer, whole)

    text, tokens = left_as_it_was(tokenizer, both)
    texts[segment] += text
    more = len(ids)
    inputs = {
        name: torch.cat([given, given[:, -1:].expand(1, more)], -1)
        for name, given in encoded.inputs.items()
    }
    inputs["input_ids"] = torch.tensor([[*before, *ids]], dtype=torch.long, device="cpu")
    return Encoded(inputs, tokens, tuple(texts), tuple(roles))


def _weighed(tokens: Sequence[Token], n_read: int, output: Any) -> tuple[Token, ...]:
    """The tokens, with step and probability for those that the model wrote."""
    logits = output.logits[0, n_read - 1 : -1].float()  # (step, token of the vocabulary)
    written = torch.tensor(
        [token.id for token in tokens[n_read:]], dtype=torch.long, device=logits.device
    )
    chances = logits.softmax(-1).gather(-1, written[:, None])[:, 0].tolist()
    return (
        *tokens[:n_read],
        *(
            replace(token, step=step, probability=chance)
            for step, (token, chance) in enumerate(zip(tokens[n_read:], chances, strict=True))
        ),
    )


def _check(options: Mapping[str, Any]) -> None:
    for name in options:
        if name in _OURS:
            raise InvalidTypeError(f"generate() does not take {name}: {_OURS[name]}")


def _check_sequences(model: Any, options: Mapping[str, Any]) -> None:
    wanted = asked(model, options, "num_return_sequences")
    if wanted not in (None, 1):
        raise InvalidValueError(
            f"num_return_sequences must be 1, for a trace holds one sequence, got {wanted}"
        )


def _check_room(reader: Reader, n_read: int, max_new_tokens: int) -> None:
    limit = reader.target_limit if reader.two_stacks else reader.limit
    if limit is not None and n_read + max_new_tokens > limit:
        raise InvalidValueError(
            f"{type(reader.model).__name__} takes at most {limit} tokens, got {n_read} and "
            f"{max_new_tokens} new ones; pass max_new_tokens={max(limit - n_read, 0)} "
            f"or less" + (", or a shorter prompt" if not reader.two_stacks else "")
        )
