"""A model with one encoded input, which can be run again with something changed."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import torch

from attention_widget.errors import InvalidTypeError
from attention_widget.trace.trace import Trace
from attention_widget.tracing.decoder_input import DecoderInput, model_inputs
from attention_widget.tracing.inputs.text import Encoded
from attention_widget.tracing.model.naming import type_name
from attention_widget.tracing.reading import Asked
from attention_widget.tracing.tracer import ONE_AT_A_TIME, Tracer

_ADVICE = (
    "shorten it or pass truncation=True to cut it: an experiment runs one pass, and a text read "
    "in windows takes several"
)


class Experiment:
    """A model with one text, picture or sound, which can be run again.

    A trace knows no model. An experiment keeps both, so that it can say what changes in the
    model's output when a head or an edge is taken away. The model runs as :func:`capture` runs
    it: in evaluation mode, without gradients, and it is left exactly as it was, whatever happens.

    Parameters
    ----------
    model, text, text_pair, target, tokenizer, truncation, memory_limit, sampling_rate, processor,
    progress
        As in :func:`capture`. A text that needs several passes (windows) is refused.
    head
        For a model without one: a module that turns final hidden states (..., hidden) into
        logits (..., vocabulary).

    Raises
    ------
    UnsupportedModelError, TraceTooLargeError, TypeError, ValueError
        As :func:`capture` does; all that can be checked is checked here, before a pass.

    Examples
    --------
    >>> from attention_widget import Experiment
    >>> lab = Experiment(model, "Attention is a novel idea", tokenizer=tokenizer)
    >>> lab.trace.attention(3).shape  # (head, query, key)
    (12, 7, 7)
    """

    def __init__(
        self,
        model: Any,
        text: Any,
        *,
        text_pair: str | None = None,
        target: str | None = None,
        tokenizer: Any = None,
        head: torch.nn.Module | None = None,
        truncation: bool = False,
        memory_limit: int | None = None,
        sampling_rate: int | None = None,
        processor: Any = None,
        progress: bool = True,
    ) -> None:
        if head is not None and not isinstance(head, torch.nn.Module):
            raise InvalidTypeError(
                f"head must be a torch.nn.Module that makes logits of final hidden states, or "
                f"None, got {type_name(head)}"
            )
        self.head = head
        self.tracer = Tracer(model, tokenizer, memory_limit=memory_limit, progress=progress)
        asked = Asked(model, text, text_pair, target, truncation, sampling_rate, processor)
        medium = asked.medium(self.tracer)
        with ONE_AT_A_TIME:
            if medium is not None:
                encoded = asked.encoded_medium(self.tracer, medium)
            else:
                prompt = asked.prompt(self.tracer)
                encoded = self.tracer.encode(prompt, truncation, advice=_ADVICE)
            self.encoded: Encoded = encoded
            self.decoder: DecoderInput | None = asked.decoder_input(self.tracer, encoded)

    @property
    def model(self) -> Any:
        """The model that is run: that of a pipeline or wrapper."""
        return self.tracer.model

    def inputs(self) -> dict[str, Any]:
        """The keyword arguments of its pass, on its device; each tensor (1, ...)."""
        return model_inputs(self.model, self.encoded, self.decoder)

    @cached_property
    def _pass(self) -> tuple[Trace, Any]:
        with ONE_AT_A_TIME:
            return self.tracer.trace(self.encoded, self.decoder)

    @property
    def trace(self) -> Trace:
        """The trace of the pass in which nothing is changed; that pass runs once.

        >>> lab.trace.n_layers
        6
        """
        return self._pass[0]

    @property
    def output(self) -> Any:
        """What the model returned in that pass, such as logits (1, token, vocabulary). Read it
        only."""
        return self._pass[1]

    def __repr__(self) -> str:
        n_tokens = len(self.encoded.tokens)
        target = "" if self.decoder is None else f" → {len(self.decoder.tokens)}"
        return f"Experiment({type(self.model).__name__}, {n_tokens}{target} tokens)"
