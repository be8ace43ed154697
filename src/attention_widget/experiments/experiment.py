"""A model with one encoded input, which can be run again with something changed."""

from __future__ import annotations

import copy
from functools import cached_property
from typing import Any

import torch

from attention_widget.experiments.head import running, with_head
from attention_widget.experiments.predictor import Predictor
from attention_widget.experiments.reading import Reading
from attention_widget.trace.indices import Indices
from attention_widget.trace.trace import Trace
from attention_widget.tracing.decoder_input import DecoderInput
from attention_widget.tracing.inputs.tokenize import Prompt
from attention_widget.tracing.reading import Asked
from attention_widget.tracing.tracer import ONE_AT_A_TIME, Tracer

_ADVICE = (
    "shorten it or pass truncation=True to cut it: an experiment runs one pass, and a text read "
    "in windows takes several"
)


class Experiment(Predictor):
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
        For a bare model, to predict with: a module that turns its final hidden states
        (1, token, hidden) into logits (1, token, vocabulary), or a model with such a head. A
        bare model whose head is tied to its embeddings needs none; a hub id or folder is loaded
        with the head that it was saved with.

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
        tracer = Tracer(model, tokenizer, memory_limit=memory_limit, progress=progress, headed=True)
        headed, self.head = with_head(tracer.model, head)
        self.tracer = running(tracer, headed)
        prompt: Prompt | None = None
        asked = Asked(model, text, text_pair, target, truncation, sampling_rate, processor)
        medium = asked.medium(self.tracer)
        with ONE_AT_A_TIME:
            if medium is not None:
                encoded = asked.encoded_medium(self.tracer, medium)
            else:
                prompt = asked.prompt(self.tracer)
                encoded = self.tracer.encode(prompt, truncation, advice=_ADVICE)
            self._reading = Reading(self.tracer, encoded, prompt, truncation)
            self.decoder: DecoderInput | None = asked.decoder_input(self.tracer, encoded)

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

    def replace(self, tokens: Indices, by: str | int) -> Experiment:
        """An experiment on the text with something else in the place of a word.

        A text is put where the tokens stand, and all is tokenized anew. An id, such as a
        prediction's, takes the place of one token, and all others stay as they are. What the
        decoder of an encoder-decoder reads stays the same.

        >>> lab = Experiment(model, "Attention is a novel idea", tokenizer=tokenizer)
        >>> [token.label for token in lab.replace(4, "very good").encoded.tokens]
        ['[CLS]', 'Attention', 'is', 'a', 'very', 'good', 'idea', '[SEP]']

        Raises:
            TypeError, ValueError, IndexError: there are no such tokens in the text, or they are
                no neighbours; or the model reads no text.
        """
        return self._on(self._reading.replaced(tokens, by))

    def mask(self, tokens: Indices) -> Experiment:
        """An experiment on the text with the mask token in the place of some tokens.

        Its predictions still compare with the tokens that stood there.

        >>> lab = Experiment(model, "Attention is a novel idea", tokenizer=tokenizer)
        >>> [token.label for token in lab.mask([4, 5]).encoded.tokens]
        ['[CLS]', 'Attention', 'is', 'a', '[MASK]', '[MASK]', '[SEP]']

        Raises:
            TypeError, ValueError, IndexError: there are no such tokens in the text, or the
                tokenizer has no mask token.
        """
        return self._on(self._reading.masked(tokens))

    def _on(self, reading: Reading) -> Experiment:
        """The experiment on another text."""
        other = copy.copy(self)
        other._reading = reading
        for name in [*vars(other)]:
            if isinstance(getattr(Experiment, name, None), cached_property):
                del vars(other)[name]  # of passes over this text
        return other

    def __repr__(self) -> str:
        n_tokens = len(self.encoded.tokens)
        target = "" if self.decoder is None else f" → {len(self.decoder.tokens)}"
        return f"Experiment({type(self.model).__name__}, {n_tokens}{target} tokens)"
