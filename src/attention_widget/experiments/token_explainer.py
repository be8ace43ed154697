"""A model with one encoded input, asked what each token or word has to do with what it predicts."""

from __future__ import annotations

from abc import abstractmethod

from attention_widget.experiments.measuring.integrating import Integrating
from attention_widget.experiments.measuring.removing import Removing
from attention_widget.experiments.measuring.sides import Rows
from attention_widget.experiments.measuring.token_effects import TokenEffects
from attention_widget.experiments.metric import Metric
from attention_widget.experiments.passes import Passes
from attention_widget.experiments.predictor import Predictor
from attention_widget.trace.kind import Kind


class TokenExplainer(Predictor):
    """What an :class:`Experiment` says of its tokens: see there."""

    @property
    @abstractmethod
    def _passes(self) -> Passes:
        """Runs the model with edits."""

    def removing(
        self, metric: Metric | None = None, *, rows: Rows = "tokens", kind: Kind | None = None
    ) -> Removing:
        """:meth:`removal` step by step: iterate over it for what is known so far.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> [partial.n_done for partial in lab.removing()][-1]
        5
        """
        return Removing(self, self._passes, metric, rows=rows, kind=kind)

    def removal(
        self,
        metric: Metric | None = None,
        *,
        rows: Rows = "tokens",
        kind: Kind | None = None,
        progress: bool = True,
    ) -> TokenEffects:
        """How a metric changes when no token may see one any more, for each token or word, exact.

        Every edge to it is blocked before the softmax, its own included, in all heads and layers
        (leave-one-out: Li et al. 2016, https://arxiv.org/abs/1612.08220; attention knockout: Geva
        et al. 2023, https://arxiv.org/abs/2304.14767, section 4): what
        ``without(EdgeOff(key=token))`` does, in batches where the model allows them. What a token
        is itself goes on from layer to layer, so the prediction that stands at it still knows it.

        Parameters
        ----------
        metric
            As in :meth:`rank_heads`. None stands for the log-probability of what the model predicts
            last, as without a word all logits move together; or for the change of its states where
            it predicts nothing.
        rows
            "tokens", or "words" or "passages", whose tokens are removed together.
        kind
            "encoder" or "decoder": whose tokens, of an encoder-decoder; the source's if None.
        progress
            Whether work of more than two seconds shows how far it is.

        Raises
        ------
        TypeError, ValueError, IndexError
            As in :meth:`rank_heads`.
        UnsupportedModelError
            The model cannot be edited, as in :meth:`without`.
        RemovalInterruptedError
            It was interrupted, as a KeyboardInterrupt; what was computed is in
            ``error.removing.result``.

        Examples
        --------
        >>> from attention_widget import Experiment
        >>> from attention_widget.experiments import Logit
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> lab.removal(Logit("idea"), rows="words").values.shape  # (word,)
        (5,)
        """
        removing = self.removing(metric, rows=rows, kind=kind)
        return removing.run(progress and self.tracer.progress)

    def integrating(
        self, metric: Metric | None = None, *, rows: Rows = "tokens", kind: Kind | None = None
    ) -> Integrating:
        """:meth:`integrated_gradients` step by step: iterate over it for what is known so far.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> [partial.steps for partial in lab.integrating()][:2]
        [8, 16]
        """
        return Integrating(self, self._passes, metric, rows=rows, kind=kind)

    def integrated_gradients(
        self,
        metric: Metric | None = None,
        *,
        rows: Rows = "tokens",
        kind: Kind | None = None,
        progress: bool = True,
    ) -> TokenEffects:
        """The share of each token or word in a metric, by integrated gradients (Sundararajan et
        al. 2017, https://arxiv.org/abs/1703.01365), an estimate. It needs captum: ``pip install
        "attention-widget[gradients]"``.

        The way begins at a text of which the first token stays and the others are the mean of the
        model's embeddings: from other baselines a causal model gives sums that do not converge.
        So the first token has a share of 0. The sum of the shares is ``before`` − ``baseline`` but
        for ``gap``; steps are added where the way is not straight until it is below 1 %.

        Parameters
        ----------
        metric
            As in :meth:`rank_heads`. None stands for the logit of what the model predicts last.
        rows
            "tokens", or "words" or "passages", the shares of whose tokens are added.
        kind
            "encoder" or "decoder": whose tokens, of an encoder-decoder; the source's if None.
        progress
            Whether work of more than two seconds shows how far it is.

        Raises
        ------
        ModuleNotFoundError
            captum is not installed.
        TypeError, ValueError, IndexError
            As in :meth:`rank_heads`.
        UnsupportedModelError
            The model gives no gradient, reads no tokens, or the gap stays above 5 %.
        IntegrationInterruptedError
            It was interrupted, as a KeyboardInterrupt; what was computed is in
            ``error.integrating.result``.

        Examples
        --------
        >>> from attention_widget import Experiment
        >>> from attention_widget.experiments import Logit
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> found = lab.integrated_gradients(Logit("idea"))
        >>> bool(abs(found.values.sum() - (found.before - found.baseline)) < 1e-3)
        True
        """
        integrating = self.integrating(metric, rows=rows, kind=kind)
        return integrating.run(progress and self.tracer.progress)
