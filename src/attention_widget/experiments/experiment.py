"""A model with one encoded input, which can be run again with something changed."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import Any

import torch

from attention_widget.experiments.direct import DirectAttribution, direct_attribution_of
from attention_widget.experiments.edits import Edit, Value, described, placed
from attention_widget.experiments.effects import HeadEffects
from attention_widget.experiments.head import running, with_head
from attention_widget.experiments.lens import Lens
from attention_widget.experiments.metric import Logit, LogitDifference, Metric
from attention_widget.experiments.outcome import Outcome
from attention_widget.experiments.passes import Passes
from attention_widget.experiments.predicting import lens_at, predictions_of
from attention_widget.experiments.predictions import Predictions
from attention_widget.experiments.query_key import ScoreTerms, score_terms
from attention_widget.experiments.ranking import Ranking
from attention_widget.experiments.reading import Reading
from attention_widget.experiments.scores import scores_of
from attention_widget.experiments.tail import Tail
from attention_widget.trace.indices import Indices, indices_of
from attention_widget.trace.kind import Kind
from attention_widget.trace.token import Token
from attention_widget.trace.trace import Trace
from attention_widget.tracing.assemble import Traced
from attention_widget.tracing.decoder_input import DecoderInput, model_inputs
from attention_widget.tracing.inputs.text import Encoded
from attention_widget.tracing.inputs.tokenize import Prompt
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

    @property
    def model(self) -> Any:
        """The model that is run: that of a pipeline or wrapper."""
        return self.tracer.model

    def inputs(self) -> dict[str, Any]:
        """The keyword arguments of its pass, on its device; each tensor (1, ...)."""
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

    @property
    def encoded(self) -> Encoded:
        """What the model reads, as it is given to it.

        >>> lab.encoded.texts
        ('Attention is a novel idea',)
        """
        return self._reading.encoded

    @property
    def read_tokens(self) -> Sequence[Token]:
        """The tokens that predictions stand at: those of the decoder of an encoder-decoder.

        >>> len(lab.read_tokens)
        7
        """
        return self.encoded.tokens if self.decoder is None else self.decoder.tokens

    @property
    def was(self) -> Mapping[int, int]:
        """The ids that stood where tokens are masked, by index.

        >>> dict(lab.was)
        {}
        """
        return self._reading.was

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
            before = scores_of(self.model, self.output, self.head)
            chosen = indices_of("position", positions, len(before))
            found: dict[int, Outcome] = {}
            for index, output in self._passes.edited(lists):
                edits = lists[index]
                both = before[chosen], scores_of(self.model, output, self.head)[chosen]
                sentences, run = described(edits, self.trace), partial(self.trace_of, *edits)
                found[index] = Outcome(edits, sentences, chosen, *both, run)
            return [found[index] for index in range(len(lists))]

    def ranking(
        self,
        metric: Metric | None = None,
        *,
        edit: Value = "zero",
        tokens: Indices | None = None,
        leave_first: bool | None = None,
        first: int | None = None,
        kind: Kind | None = None,
    ) -> Ranking:
        """:meth:`rank_heads` step by step: iterate over it for what is known so far.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> [partial.n_done for partial in lab.ranking(first=2)][-1]
        2
        """
        return Ranking(
            self,
            self._passes,
            metric,
            edit=edit,
            tokens=tokens,
            leave_first=leave_first,
            first=first,
            kind=kind,
        )

    def rank_heads(
        self,
        metric: Metric | None = None,
        *,
        edit: Value = "zero",
        tokens: Indices | None = None,
        leave_first: bool | None = None,
        first: int | None = None,
        kind: Kind | None = None,
        progress: bool = True,
    ) -> HeadEffects:
        """What comes of switching off each head by itself, exact (Michel et al. 2019,
        https://arxiv.org/abs/1905.10650).

        One backward pass finds the order in which heads are tried, those that may matter most
        first. Heads of one layer run as rows of a batch, and layers before them are not run again,
        where the model gives the same so.

        Parameters
        ----------
        metric
            What is measured: :class:`Logit`, :class:`LogitDifference`, :class:`LogProbability`,
            :class:`TextLoss` or :class:`StateChange`. None stands for the logit of what the model
            predicts last, or for the change of its states where it predicts nothing.
        edit
            "zero" or "mean", as in :class:`HeadOff`.
        tokens
            The queries at which heads are switched off; all if None, but for the first.
        leave_first
            Whether the first token is left alone, where ``tokens`` names none. None leaves it
            where attention is causal: it parks attention there, and what heads write into it
            moves everything.
        first
            How many heads are tried; all if None, and 0 finds the order alone.
        kind
            "encoder", "decoder" or "cross": heads of this kind alone.
        progress
            Whether work of more than two seconds shows how far it is.

        Raises
        ------
        TypeError, ValueError, LookupError, IndexError
            There is no such token, class, position or kind, before any edited pass.
        UnsupportedModelError
            The model cannot be edited, as in :meth:`without`.
        RankingInterruptedError
            It was interrupted, as a KeyboardInterrupt; what was computed is in
            ``error.ranking.result``.

        Examples
        --------
        >>> from attention_widget import Experiment
        >>> from attention_widget.experiments import Logit
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> lab.rank_heads(Logit("idea")).effects.shape  # (layer, head)
        (3, 4)
        """
        ranking = self.ranking(
            metric, edit=edit, tokens=tokens, leave_first=leave_first, first=first, kind=kind
        )
        return ranking.run(progress and self.tracer.progress)

    def direct_attribution(
        self, metric: Logit | LogitDifference | None = None
    ) -> DirectAttribution:
        """A logit as the sum of what heads, MLPs and embeddings wrote straight into it (Elhage et
        al. 2021, https://transformer-circuits.pub/2021/framework/).

        The final norm is frozen: each state is divided by what it was divided by in the pass.

        Parameters
        ----------
        metric
            :class:`Logit` or :class:`LogitDifference`; None for the logit of what the model
            predicts last.

        Raises
        ------
        UnsupportedModelError
            The model's states are no sum of what was written (a norm after the sum, a gate), or
            more than a norm and a linear head follows them. The message says which.
        TypeError, ValueError, IndexError
            As in :meth:`rank_heads`.

        Examples
        --------
        >>> from attention_widget import Experiment
        >>> from attention_widget.experiments import Logit
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> found = lab.direct_attribution(Logit("idea"))
        >>> abs(found.values.sum() - found.logit) < 1e-4
        True
        """
        return direct_attribution_of(self, self._passes, metric)

    def explain_score(
        self, layer: int, head: int, query: int, key: int, *, kind: Kind | None = None
    ) -> ScoreTerms:
        """Why a head looks there: the score of a query and a key, before the softmax, split by what
        wrote into the residual stream at both tokens: embeddings, earlier heads and MLPs.

        The norm before the attention is frozen.

        Parameters
        ----------
        layer, head, query, key, kind
            Which score, numbered as in the trace.

        Raises
        ------
        UnsupportedModelError
            The model's states are no sum of what was written, or its queries and keys are no
            linear map of the normed states (norms of queries and keys). The message says which.
        TypeError, ValueError, LookupError, IndexError
            There is no such layer, head, token or kind.

        Examples
        --------
        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> found = lab.explain_score(2, 1, query=4, key=2)
        >>> found.values.shape == (len(found.terms), len(found.terms))
        True
        """
        return score_terms(self, self._passes, layer, head, query, key, kind)

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
    def tail(self) -> Tail:
        """The model's output head and what follows, kept from a pass of its own."""
        inputs, n_tokens = self.inputs(), len(self.read_tokens)
        return Tail(self.model, self.tracer.modules, inputs, n_tokens, self.head)

    @cached_property
    def _passes(self) -> Passes:
        return Passes(self.tracer, self.encoded, self.decoder, self._traced)

    def _on(self, reading: Reading) -> Experiment:
        """The experiment on another text."""
        other = copy.copy(self)
        other._reading = reading
        for kept in ("_traced", "_passes", "tail"):
            vars(other).pop(kept, None)
        return other

    def __repr__(self) -> str:
        n_tokens = len(self.encoded.tokens)
        target = "" if self.decoder is None else f" → {len(self.decoder.tokens)}"
        return f"Experiment({type(self.model).__name__}, {n_tokens}{target} tokens)"
