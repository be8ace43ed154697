"""A model with one encoded input, asked which heads matter and why."""

from __future__ import annotations

from functools import cached_property

from attention_widget.experiments.direct import DirectAttribution, direct_attribution_of
from attention_widget.experiments.edits import Value
from attention_widget.experiments.effects import HeadEffects
from attention_widget.experiments.leaving_out import LeavingOut
from attention_widget.experiments.left_out import LeftOut
from attention_widget.experiments.measuring.asking import check_asked, measured
from attention_widget.experiments.measuring.facts import MeasureName
from attention_widget.experiments.measuring.kept_maps import Kept
from attention_widget.experiments.measuring.measured import Measured
from attention_widget.experiments.metric import Logit, LogitDifference, Metric
from attention_widget.experiments.query_key import ScoreTerms, score_terms
from attention_widget.experiments.ranking import Ranking
from attention_widget.experiments.token_explainer import TokenExplainer
from attention_widget.trace.indices import Indices
from attention_widget.trace.kind import Kind
from attention_widget.tracing.model.one_at_a_time import ONE_AT_A_TIME


class Explainer(TokenExplainer):
    """What an :class:`Experiment` says of its heads: see there."""

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

    def leaving_out(self, metric: Metric | None = None) -> LeavingOut:
        """:meth:`leave_out` step by step: iterate over it for what is known so far.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel about purple", tokenizer=gpt2_tokenizer,
        ...                  passages={"one": (0, 6), "two": (7, 12)})
        >>> lab.leaving_out().n_passages
        2
        """
        return LeavingOut(self, self._passes, metric)

    def leave_out(self, metric: Metric | None = None, *, progress: bool = True) -> LeftOut:
        """What comes of leaving each passage of the text out, exact: no token may see any token of
        it, in any layer and head (attention knockout: Geva et al. 2023,
        https://arxiv.org/abs/2304.14767, section 4).

        All else keeps its place, so it is not what a text without the passage gives. One pass for
        each passage, and one that checks that nothing else carries a passage on.

        Parameters
        ----------
        metric
            What is measured, as in :meth:`rank_heads`, or :class:`TextLogProbability` of an answer
            that is in the text. None stands for the log-probability of what is predicted last, or
            for the change of the states outside of passages where nothing is predicted. A passage
            in which it is read is not left out.
        progress
            Whether work of more than two seconds shows how far it is.

        Raises
        ------
        LookupError
            The text has no passages.
        UnsupportedModelError
            The model cannot be edited, as in :meth:`without`, or it carries a passage on beside its
            attention, as recurrent layers do.
        TypeError, ValueError, IndexError
            As in :meth:`rank_heads`, before any edited pass.

        Examples
        --------
        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel about purple", tokenizer=gpt2_tokenizer,
        ...                  passages={"one": (0, 6), "two": (7, 12)})
        >>> lab.leave_out()
        LeftOut(log-probability of ... 'one': ..., 'two': ...)
        """
        return self.leaving_out(metric).run(progress and self.tracer.progress)

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
        >>> bool(abs(found.values.sum() - found.logit) < 1e-4)
        True
        """
        return direct_attribution_of(self, self._passes, metric)

    def explain_score(
        self, layer: int, head: int, query: int, key: int, *, kind: Kind | None = None
    ) -> ScoreTerms:
        """Why a head looks there: the score of a query and a key, before the softmax, split by what
        wrote into the residual stream at both tokens: embeddings, earlier heads and MLPs.

        The norm before the attention is frozen, and so are norms of queries and keys.

        Parameters
        ----------
        layer, head, query, key, kind
            Which score, numbered as in the trace.

        Raises
        ------
        UnsupportedModelError
            The model's states are no sum of what was written, or its queries and keys are no
            linear map of the normed states. The message says which.
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

    def measure(
        self,
        name: MeasureName,
        layer: int | None = None,
        kind: Kind | None = None,
        *,
        metric: Metric | None = None,
        position: int | None = None,
    ) -> Measured:
        """What a query takes from each key, by a measure of more than attention.

        Parameters
        ----------
        name
            A key of ``MEASURES``, which has the formula, the paper and the cost of each.
        layer, kind
            Whose attention, numbered as in the trace. A measure of the tokens of the whole text
            takes neither.
        metric
            For measures of a logit: as in :meth:`rank_heads`. None stands for the logit of what
            the model predicts last.
        position
            For measures of a logit, in the place of ``metric``: the logit of what the model
            predicts there.

        Raises
        ------
        UnsupportedModelError
            The model has no answer to this measure; the message says why.
        TypeError, ValueError, LookupError, IndexError
            There is no such measure, layer, kind, token or position, before any pass.

        Examples
        --------
        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> lab.measure("norm", 2).values.shape  # (head, query, key)
        (4, 5, 5)
        """
        meant = check_asked(name, layer, kind, metric, position)
        with ONE_AT_A_TIME:
            kept = self._kept_measures
            return measured(self, self._passes, kept, name, layer, kind, meant)

    @cached_property
    def _kept_measures(self) -> Kept:
        return Kept()
