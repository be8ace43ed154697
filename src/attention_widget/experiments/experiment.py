"""A model with one encoded input, which can be run again with something changed."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import cached_property, partial
from typing import Any

import torch

from attention_widget.experiments.calculator import Calculator
from attention_widget.experiments.edits import Edit
from attention_widget.experiments.head import running, with_head
from attention_widget.experiments.outcome import Outcome
from attention_widget.experiments.passes import Passes
from attention_widget.experiments.placing import described, placed
from attention_widget.experiments.reading import Reading, TargetReading
from attention_widget.trace.indices import Indices, indices_of
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace
from attention_widget.tracing.assemble import Traced
from attention_widget.tracing.inputs.passages import Passages
from attention_widget.tracing.inputs.tokenize import Prompt
from attention_widget.tracing.model.one_at_a_time import ONE_AT_A_TIME
from attention_widget.tracing.reading import Asked
from attention_widget.tracing.tracer import Tracer

_ADVICE = (
    "shorten it or pass truncation=True to cut it: an experiment runs one pass, and a text read "
    "in windows takes several"
)


class Experiment(Calculator):
    """A model with one text, picture or sound, which can be run again.

    A trace knows no model. An experiment keeps both, so that it can say what changes in the
    model's output when a head or an edge is taken away. The model runs as :func:`capture` runs
    it: in evaluation mode, without gradients, and it is left exactly as it was, whatever happens.

    Parameters
    ----------
    model, text, text_pair, target, tokenizer, truncation, memory_limit, sampling_rate, processor,
    passages, progress
        As in :func:`capture`. A text that needs several passes (windows) is refused. The memory
        limit holds for the trace and what is kept of the layers: where not all fit, fewer are
        kept, and later passes begin earlier.
    head
        For a bare model, to predict with: a module that turns its final hidden states
        (1, token, hidden) into logits (1, token, vocabulary), or a model with such a head; for
        predictions its vocabulary must have every token of the text. A bare model whose head is
        tied to its embeddings needs none; a hub id or folder is loaded with the head that it was
        saved with.

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
        passages: Passages = None,
        progress: bool = True,
    ) -> None:
        tracer = Tracer(model, tokenizer, memory_limit=memory_limit, progress=progress, headed=True)
        headed, self.head = with_head(tracer.model, head)
        self.tracer = running(tracer, headed)
        prompt: Prompt | None = None
        asked = Asked(
            model, text, text_pair, target, truncation, sampling_rate, processor, passages
        )
        medium = asked.medium(self.tracer)
        with ONE_AT_A_TIME:
            if medium is not None:
                encoded = asked.encoded_medium(self.tracer, medium)
            else:
                prompt = asked.prompt(self.tracer)
                encoded = self.tracer.encode(prompt, truncation, passages=passages, advice=_ADVICE)
            self._reading = Reading(self.tracer, encoded, prompt, truncation)
            self._target = TargetReading(self.tracer, asked.decoder_input(self.tracer, encoded))

    @cached_property
    def _traced(self) -> Traced:
        with ONE_AT_A_TIME:
            return self.tracer.traced(self.encoded, self.decoder)

    @property
    def trace(self) -> Trace:
        """The trace of the pass in which nothing is changed; that pass runs once.

        >>> lab.trace.n_layers
        6
        """
        return self._traced.trace

    @property
    def output(self) -> Any:
        """What the model returned in that pass, such as logits (1, token, vocabulary). Read it
        only."""
        return self._traced.output

    def replace(self, tokens: Indices, by: str | int, *, of_target: bool = False) -> Experiment:
        """An experiment on the text with something else in the place of a word.

        A text is put where the tokens stand, and all is tokenized anew. An id, such as a
        prediction's, takes the place of one token, and all others stay as they are.
        ``of_target`` says that they are tokens of what the decoder of an encoder-decoder reads,
        which stays the same otherwise, as the encoder's text then does.

        >>> lab = Experiment(model, "Attention is a novel idea", tokenizer=tokenizer)
        >>> [token.label for token in lab.replace(4, "very good").encoded.tokens]
        ['[CLS]', 'Attention', 'is', 'a', 'very', 'good', 'idea', '[SEP]']

        Raises:
            TypeError, ValueError, IndexError: there are no such tokens in the text, or they are
                no neighbours; or the model reads no text.
        """
        if of_target:
            return self._on(target=self._target.replaced(tokens, by))
        return self._on(self._reading.replaced(tokens, by))

    def mask(self, tokens: Indices, *, of_target: bool = False) -> Experiment:
        """An experiment on the text with the mask token in the place of some tokens.

        Its predictions still compare with the tokens that stood there. ``of_target`` is as in
        :meth:`replace`.

        >>> lab = Experiment(model, "Attention is a novel idea", tokenizer=tokenizer)
        >>> [token.label for token in lab.mask([4, 5]).encoded.tokens]
        ['[CLS]', 'Attention', 'is', 'a', '[MASK]', '[MASK]', '[SEP]']

        Raises:
            TypeError, ValueError, IndexError: there are no such tokens in the text, or the
                tokenizer has no mask token.
        """
        if of_target:
            return self._on(target=self._target.masked(tokens))
        return self._on(self._reading.masked(tokens))

    def _on(
        self, reading: Reading | None = None, target: TargetReading | None = None
    ) -> Experiment:
        """The experiment on another text, or another target."""
        other = copy.copy(self)
        other._reading, other._target = reading or self._reading, target or self._target
        for name in [*vars(other)]:
            if isinstance(getattr(Experiment, name, None), cached_property):
                del vars(other)[name]  # it is computed from this text
        return other

    def without(self, *edits: Edit, positions: Indices | None = None) -> Outcome:
        """Run the model once with some edits, made together, and compare.

        Edits of heads are made in the order given, after all blocked edges. The model is left as it
        was after a success, an error or an interrupt.

        Parameters
        ----------
        edits
            :class:`HeadOff`, :class:`HeadScale`, :class:`HeadPatch`, :class:`EdgeOff`.
        positions
            The tokens (of the target in an encoder-decoder) whose logits are kept; all if None.

        Returns
        -------
        An :class:`Outcome`: the logits (position, vocabulary) before and after.

        Raises
        ------
        TypeError, ValueError, LookupError, IndexError
            An edit names a layer, head, token, kind or edge that there is not, before any pass.
        UnsupportedModelError
            The model cannot be edited: its attention is known by reported maps alone, or an edit
            that changes nothing changes its output. The message says which.

        Examples
        --------
        >>> from attention_widget.experiments import EdgeOff, HeadOff
        >>> outcome = lab.without(HeadOff(2, 7), EdgeOff(layer=3, query=4, key=5), positions=4)
        >>> outcome.after.shape[0]
        1
        """
        [outcome] = self.without_each([edits], positions=positions)
        return outcome

    def without_each(
        self, rows: Sequence[Sequence[Edit]], *, positions: Indices | None = None
    ) -> list[Outcome]:
        """:meth:`without` for each of several lists of edits, run as rows of one batch where the
        model gives the same so, else one after another.

        >>> from attention_widget.experiments import HeadOff
        >>> [first, second] = lab.without_each([[HeadOff(1, 0)], [HeadOff(1, 1)]])
        >>> second.sentences
        ('Layer 1, head 1 is switched off: it gives out zero.',)
        """
        with ONE_AT_A_TIME:
            lists = [placed(edits, self.trace) for edits in rows]
            chosen = indices_of("position", positions, self._passes.n_positions)
            before, rest = self._passes.scores(lists, chosen)
            found: dict[int, Outcome] = {}
            for index, after in rest:
                edits = lists[index]
                sentences, run = described(edits, self.trace), partial(self.trace_of, *edits)
                found[index] = Outcome(edits, sentences, chosen, before, after, run, self)
            return [found[index] for index in range(len(lists))]

    def trace_of(self, *edits: Edit) -> Trace:
        """The trace of a pass with some edits, as :meth:`without` makes them.

        >>> from attention_widget.experiments import EdgeOff
        >>> float(lab.trace_of(EdgeOff(layer=3, query=4, key=5)).attention(3)[:, 4, 5].max())
        0.0
        """
        with ONE_AT_A_TIME:
            return self._passes.traced(placed(edits, self.trace))

    def heads_output(self, layer: int, kind: Kind | None = None) -> torch.Tensor:
        """What the heads of a layer give out before the output projection, in the pass in which
        nothing is changed: (query, head, dim), in the model's dtype. Read it only.

        >>> lab.heads_output(3).shape
        torch.Size([7, 12, 32])
        """
        with ONE_AT_A_TIME:
            operation = self.trace.operation(layer, kind)
            return self._passes.heads_output(operation.kind, operation.layer)

    @cached_property
    def _passes(self) -> Passes:
        return Passes(self.tracer, self.encoded, self.decoder, self._traced, self.head)

    def _memory_left(self) -> int:
        taken = self.trace.nbytes if "_traced" in vars(self) else 0
        if "_passes" in vars(self):
            taken += self._passes.nbytes
        return self.tracer.memory_left(taken)

    def __repr__(self) -> str:
        n_tokens = len(self.encoded.tokens)
        target = "" if self.decoder is None else f" → {len(self.decoder.tokens)}"
        return f"Experiment({type(self.model).__name__}, {n_tokens}{target} tokens)"
