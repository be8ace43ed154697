"""A model with one encoded input, asked for what it predicts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import torch

from attention_widget.experiments.head import own_head, what_it_predicts
from attention_widget.experiments.lens import Lens
from attention_widget.experiments.lens_plane import Answer, LensPlane, plane_of
from attention_widget.experiments.predicting import (
    lens_at,
    predictions_from,
    predictions_of,
)
from attention_widget.experiments.predictions import Predictions
from attention_widget.experiments.reading import Reading, TargetReading
from attention_widget.experiments.tail import Tail
from attention_widget.trace.indices import Indices, index_of
from attention_widget.trace.token import Token
from attention_widget.trace.trace import Trace
from attention_widget.tracing.decoder_input import DecoderInput, model_inputs
from attention_widget.tracing.inputs.text import Encoded
from attention_widget.tracing.recording.layer_modules import outermost_layers
from attention_widget.tracing.tracer import Tracer


class Predictor(ABC):
    """What an :class:`Experiment` predicts: see there."""

    tracer: Tracer
    head: torch.nn.Module | None
    _reading: Reading
    _target: TargetReading

    @property
    @abstractmethod
    def trace(self) -> Trace:
        """The trace of the pass in which nothing is changed."""

    @property
    @abstractmethod
    def output(self) -> Any:
        """What the model returned in that pass."""

    @abstractmethod
    def mask(self, tokens: Indices) -> Predictor:
        """The same on the text with some tokens masked."""

    @property
    def model(self) -> Any:
        """The model that is run: that of a pipeline or wrapper."""
        return self.tracer.model

    def inputs(self) -> dict[str, Any]:
        """The keyword arguments of its pass, on its device; each tensor (1, ...).

        >>> lab.inputs()["input_ids"].shape
        torch.Size([1, 7])
        """
        return model_inputs(self.model, self.encoded, self.decoder)

    @property
    def encoded(self) -> Encoded:
        """What the model reads, as it is given to it.

        >>> lab.encoded.texts
        ('Attention is a novel idea',)
        """
        return self._reading.encoded

    @property
    def decoder(self) -> DecoderInput | None:
        """What the decoder of an encoder-decoder reads; None of other models.

        >>> lab.decoder is None
        True
        """
        return self._target.decoder

    @property
    def read_tokens(self) -> Sequence[Token]:
        """The tokens that predictions stand at: those of the decoder of an encoder-decoder.

        >>> len(lab.read_tokens)
        7
        """
        return self.encoded.tokens if self.decoder is None else self.decoder.tokens

    @property
    def was(self) -> Mapping[int, int]:
        """The ids that stood where tokens are masked, by the index of the tokens that predictions
        stand at.

        >>> dict(lab.was)
        {}
        """
        return self._reading.was if self.decoder is None else self._target.was

    def predictions(
        self,
        top_k: int = 10,
        positions: Indices | None = None,
        *,
        follow: Sequence[str | int] = (),
        mask: Indices | None = None,
    ) -> Predictions:
        """What the model predicts at each position, in probabilities.

        Causal models and decoders predict the next token; masked language models the token
        itself, which they see unless it is masked; classifiers a class of the whole input, or of
        each token. The numbers are those of the model's own logits.

        Parameters
        ----------
        top_k
            How many candidates at each position, the likeliest first.
        positions
            Indices of tokens, negative ones from the end; all where None is given.
        follow
            Tokens, by their text (``" Paris"``) or id, whose numbers are wanted everywhere.
        mask
            Indices of tokens to mask first, as :meth:`mask` does; they are the positions then,
            unless others are named.

        Raises
        ------
        TypeError, ValueError, IndexError
            The model has no head to predict with, or there is no such position or token.

        Examples
        --------
        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> found = lab.predictions(top_k=3, positions=-1, follow=["idea"])
        >>> found.tokens[0][0], found.followed_ranks.shape  # (position, followed)
        ('...', (1, 1))
        """
        if mask is not None:
            return self.mask(mask).predictions(
                top_k, mask if positions is None else positions, follow=follow
            )
        return predictions_of(self, top_k, positions, follow)

    def probability(self, token: str | int, position: int = -1) -> float:
        """The probability of a token at a position: of a causal model the next one, by default
        after the text; of a masked model the one that stands there; of a classifier that of a
        class.

        ``token`` is its text (``" Paris"``, with the blank before a word) or its id, or the name or
        number of a class. After an edit it is ``lab.without(...).probability(token)``, or
        ``lab.replace(...).probability(token)``.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> 0 < lab.probability("idea") < 1
        True

        Raises:
            TypeError, ValueError, IndexError: as in :meth:`predictions`; or the text of ``token``
                is several tokens.
        """
        at: int | None = position
        if what_it_predicts(self.model) == "class":
            index_of("position", position, 1)
            at = None
        found = self.predictions(1, at, follow=[token])
        return float(found.followed_probabilities[0, 0])

    def predictions_from(
        self,
        logits: Any,
        top_k: int = 10,
        positions: Indices | None = None,
        *,
        follow: Sequence[str | int] = (),
    ) -> Predictions:
        """The predictions that some logits of this model make, such as those of a pass in which
        something was changed: (position, vocabulary), a row for each of the positions, or
        (1, class).

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> lab.predictions_from(lab.output.logits[0], top_k=2).ids.shape
        (5, 2)

        Raises:
            TypeError, ValueError, IndexError: as in :meth:`predictions`; or there is not one row
                for each position.
        """
        return predictions_from(self, logits, top_k, positions, follow)

    def lens(
        self,
        position: Indices | None = -1,
        *,
        top_k: int = 5,
        follow: Sequence[str | int] = (),
    ) -> Lens:
        """The logit lens: what each layer's hidden state says of the prediction at a position.

        Parameters
        ----------
        position
            An index or several, negative ones from the end, or None for all: many positions of
            a long text take many times as long as the pass.
        top_k, follow
            As in :meth:`predictions`.

        Raises
        ------
        UnsupportedModelError
            The model's head does not read the output of its last layer alone.
        TypeError, ValueError, IndexError
            As in :meth:`predictions`.

        Examples
        --------
        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> lab.lens(-1).probabilities.shape  # (layer, position, k)
        (3, 1, 5)
        """
        return lens_at(self, position, top_k, follow)

    def lens_plane(
        self,
        positions: Indices | None = None,
        *,
        answer: Answer | None = None,
        progress: bool = True,
    ) -> LensPlane:
        """The logit lens at all positions, or at several: the likeliest token after each layer,
        and the way of the answer through the layers.

        It reads layer by layer, from the last on, and holds the logits of one at a time. All
        layers at all positions take several times as long as the pass: some 7 to 10 times with 30
        layers and a vocabulary of 49,000.

        Parameters
        ----------
        positions
            Indices of tokens, negative ones from the end; all where None is given.
        answer
            A token, by its text (``" Paris"``) or id, or a list of one for each position; what the
            model predicts at each position if None.
        progress
            Whether work of more than two seconds shows how far it is.

        Raises
        ------
        UnsupportedModelError
            The model's head does not read the output of its last layer alone.
        TypeError, ValueError, IndexError
            As in :meth:`predictions`, before any layer is read.
        LensInterruptedError
            It was interrupted, as a KeyboardInterrupt; ``error.plane`` has the layers that were
            read.

        Examples
        --------
        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> lab.lens_plane(answer="novel").answer_ranks.shape  # (layer, position)
        (3, 5)
        """
        return plane_of(self, positions, answer, progress and self.tracer.progress)

    @cached_property
    def tail(self) -> Tail:
        """The model's output head and what follows, kept from a pass of its own."""
        return Tail(
            self.model,
            self.tracer.modules,
            self.inputs(),
            len(self.read_tokens),
            self.head,
            layers=self._layers,
            memory_left=self._memory_left,
        )

    @cached_property
    def _layers(self) -> dict[str, torch.nn.Module]:
        head = own_head(self.model) if self.head is None else None
        return outermost_layers(self.tracer.modules, head)

    def _memory_left(self) -> int:
        """The bytes of the memory limit that are left beside what is kept."""
        return self.tracer.memory_left(0)
