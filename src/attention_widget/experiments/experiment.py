"""A model with one encoded input, which can be run again with something changed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from typing import Any

import torch

from attention_widget.errors import InvalidTypeError
from attention_widget.experiments.edits import Edit
from attention_widget.experiments.outcome import Outcome
from attention_widget.experiments.passes import Passes
from attention_widget.experiments.placing import described, placed
from attention_widget.trace.indices import Indices, indices_of
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace
from attention_widget.tracing.assemble import Traced
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
        """The keyword arguments of its pass, on its device; each tensor (1, ...).

        >>> lab.inputs()["input_ids"].shape
        torch.Size([1, 7])
        """
        return model_inputs(self.model, self.encoded, self.decoder)

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
                found[index] = Outcome(edits, sentences, chosen, before, after, run)
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

    def __repr__(self) -> str:
        n_tokens = len(self.encoded.tokens)
        target = "" if self.decoder is None else f" → {len(self.decoder.tokens)}"
        return f"Experiment({type(self.model).__name__}, {n_tokens}{target} tokens)"
