"""What the effect of a change is measured on: one number of what a model gives out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from attention_widget.trace.indices import Indices


@dataclass(frozen=True)
class Logit:
    """The logit of a token, which a softmax over the vocabulary makes into its probability.

    ``token`` is its text (``" Paris"``) or id, None for the likeliest one; of a classifier the name
    or number of a class. ``position`` is where it is predicted: in a causal model the token
    before it. Logits are good to compare heads by: they do not saturate where a probability is
    near 1.

    >>> Logit(" Paris")
    Logit(token=' Paris', position=-1)
    """

    token: str | int | None = None
    position: int = -1


@dataclass(frozen=True)
class LogitDifference:
    """The logit of ``token`` less that of ``other``: the logarithm of how many times likelier it
    is (Wang et al. 2022, https://arxiv.org/abs/2211.00593, section 2). What raises or lowers both
    of them alike does not count.

    >>> LogitDifference(" Mary", " John")
    LogitDifference(token=' Mary', other=' John', position=-1)
    """

    token: str | int
    other: str | int
    position: int = -1


@dataclass(frozen=True)
class LogProbability:
    """The natural logarithm of the probability of a token, as :class:`Logit` names it.

    Near a probability of 1 it changes little, whatever is taken away.

    >>> LogProbability(" Paris", position=4)
    LogProbability(token=' Paris', position=4)
    """

    token: str | int | None = None
    position: int = -1


@dataclass(frozen=True)
class TextLogProbability:
    """The natural logarithm of the probability of some tokens of the text together, each from those
    before it: the sum of log p. Of causal models and decoders, for an answer that is in the text.

    >>> TextLogProbability(tokens=(7, 8))
    TextLogProbability(tokens=(7, 8))
    """

    tokens: Indices


@dataclass(frozen=True)
class TextLoss:
    """The loss of the text that is there: the mean of −log p over its tokens, in nats.

    Of causal models and decoders it is that of each token from those before it; of masked language
    models that of the tokens that are masked (:meth:`Experiment.mask`). ``positions`` are those
    whose predictions count; all if None. A loss that rises means that a head was of use.

    >>> TextLoss()
    TextLoss(positions=None)
    """

    positions: Indices | None = None


@dataclass(frozen=True)
class StateChange:
    """How far final hidden states turn: 1 − their cosine with those of the unchanged pass, from 0
    to 2, as a mean over ``positions``, or over all tokens. For models that predict nothing, such
    as those that embed sentences.

    >>> StateChange(positions=0)
    StateChange(positions=0)
    """

    positions: Indices | None = None


Metric: TypeAlias = (
    Logit | LogitDifference | LogProbability | TextLogProbability | TextLoss | StateChange
)
