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
from attention_widget.tracing.decoder_input import input_of_ids
from attention_widget.tracing.generation import asked, new_tokens, write
from attention_widget.tracing.inputs.passages import Passages, Read, passages_of
from attention_widget.tracing.inputs.text import Encoded, left_as_it_was
from attention_widget.tracing.inputs.tokenize import Prompt
from attention_widget.tracing.model.one_at_a_time import ONE_AT_A_TIME
from attention_widget.tracing.tracer import Tracer

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
    passages: Passages = None,
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
    model, tokenizer, layers, memory_limit, passages, progress
        As :func:`capture` takes them; a hub id or folder is loaded with its language-model head.
        Of ``passages``, "sentences" and "messages" are those of the continuation too, and what is
        named lies in the prompt.
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

    Returns
    -------
    The :class:`Trace` of prompt and continuation, with what :func:`capture` keeps.

    Raises
    ------
    UnsupportedModelError, TraceTooLargeError, TypeError, ValueError
        As :func:`capture`; also if the model has no head to write with, or prompt and
        continuation are longer than it takes.

    Examples
    --------
    With a causal language model and its tokenizer:

    >>> from attention_widget import generate
    >>> trace = generate(gpt2, "a good", tokenizer=gpt2_tokenizer, max_new_tokens=3)
    >>> [token.step for token in trace.tokens if token.step is not None]
    [0, 1, 2]
    >>> 0 < trace.tokens[-1].probability < 1
    True
    """
    for name in _OURS.keys() & options:
        raise InvalidTypeError(f"{name} must not be passed to generate, got it; {_OURS[name]}")
    tracer = Tracer(
        model, tokenizer, layers=layers, memory_limit=memory_limit, progress=progress, writing=True
    )
    if not tracer.model.can_generate():
        raise InvalidValueError(
            f"model must have a head to write with, got {type(tracer.model).__name__}; load it "
            f"with one (AutoModelForCausalLM, or AutoModelForSeq2SeqLM for an encoder-decoder)"
        )
    with ONE_AT_A_TIME:
        asking = tracer.prompt(prompt, answering=True)
        encoded = tracer.encode(asking, passages=passages, advice="shorten it")
        n_read = 1 if tracer.two_stacks else len(encoded.tokens)
        if max_new_tokens is not None:
            options["max_new_tokens"] = max_new_tokens
        most, said = new_tokens(tracer.model, options, n_read)
        _check_room(tracer, options, n_read, most)
        if tracer.two_stacks:
            tracer.check_budget(len(encoded.tokens), n_read + most)
        else:
            tracer.check_budget(n_read + most)
        if asked(tracer.model, options, "stop_strings"):  # generate reads its own text for them
            options.setdefault("tokenizer", tracer.tokenizer)
        ids = write(
            tracer.model,
            tracer.modules,
            encoded.inputs,
            most,
            said=said,
            progress=progress,
            **options,
        )
        if tracer.two_stacks:
            trace, output = tracer.trace(
                encoded, input_of_ids(ids, tracer.tokenizer, generated=True)
            )
            assert trace.target is not None
            tokens = _weighed(trace.target.tokens, n_read, output)
            return replace(trace, target=replace(trace.target, tokens=tokens))
        trace, output = tracer.trace(_continued(tracer, asking, encoded, ids[n_read:], passages))
        return replace(trace, tokens=_weighed(trace.tokens, n_read, output))


def _continued(
    tracer: Tracer, prompt: Prompt, encoded: Encoded, ids: list[int], passages: Passages
) -> Encoded:
    """The input with the continuation appended."""
    tokenizer = tracer.tokenizer
    texts, roles = list(prompt.texts), list(prompt.roles)
    if roles:
        texts.append("")
        roles.append("assistant")
    segment = len(texts) - 1
    before = encoded.inputs["input_ids"][0].tolist()

    def both() -> tuple[str, tuple[Token, ...]]:
        given = prompt.pieces(prompt.tokenize(tokenizer, truncation=False), tokenizer)
        written, text = pieces_of_ids(
            ids, tokenizer, before=before, segment=segment, at=len(texts[segment])
        )
        whole = [*texts[:segment], texts[segment] + text]
        return text, tokens_of_pieces([*given, *written], tokenizer, whole)

    text, tokens = left_as_it_was(tokenizer, both)
    cut = len(texts[segment])
    texts[segment] += text
    more = len(ids)
    inputs = {
        name: torch.cat([given, given[:, -1:].expand(1, more)], -1)
        for name, given in encoded.inputs.items()
    }
    inputs["input_ids"] = torch.tensor([[*before, *ids]], dtype=torch.long, device="cpu")
    read = Read(texts, roles, tokens, {segment: cut} if cut else {})
    return Encoded(inputs, tokens, tuple(texts), tuple(roles), passages=passages_of(passages, read))


def _weighed(tokens: Sequence[Token], n_read: int, output: Any) -> tuple[Token, ...]:
    """The tokens, with step and probability for those that the model wrote."""
    logits = output.logits[0, n_read - 1 : -1].float()  # (step, token of the vocabulary)
    ids = [token.id for token in tokens[n_read:]]
    chosen = torch.tensor(ids, dtype=torch.long, device=logits.device).view(-1, 1)
    chances = logits.softmax(-1).gather(-1, chosen)[:, 0].tolist()
    steps = enumerate(zip(tokens[n_read:], chances, strict=True))
    written = [replace(token, step=i, probability=chance) for i, (token, chance) in steps]
    return (*tokens[:n_read], *written)


def _check_room(tracer: Tracer, options: Mapping[str, Any], n_read: int, most: int) -> None:
    wanted = asked(tracer.model, options, "num_return_sequences")
    if wanted not in (None, 1):
        raise InvalidValueError(
            f"num_return_sequences must be 1, as a trace holds one sequence, got {wanted}"
        )
    limit = tracer.target_limit if tracer.two_stacks else tracer.limit
    if limit is not None and n_read + most > limit:
        raise InvalidValueError(
            f"prompt and continuation must have at most {limit} tokens, as many as "
            f"{type(tracer.model).__name__} takes, got {n_read} and {most} new ones; "
            f"pass max_new_tokens={max(limit - n_read, 0)} or less"
            f"{'' if tracer.two_stacks else ', or a shorter prompt'}"
        )
