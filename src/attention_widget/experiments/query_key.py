"""Why a head looks where it looks: a score split by what wrote into its query and its key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from attention_widget.errors import InvalidValueError
from attention_widget.experiments.direct import written_kinds
from attention_widget.experiments.frozen_norm import FrozenNorm, frozen
from attention_widget.experiments.passes import Passes
from attention_widget.experiments.query_key_map import Projected, projected
from attention_widget.experiments.residual import Stream, stream_of
from attention_widget.experiments.subject import Subject
from attention_widget.experiments.term import Term
from attention_widget.trace.block import Array, Block
from attention_widget.trace.indices import index_of
from attention_widget.trace.kind import Kind
from attention_widget.tracing.model.errors import UnsupportedModelError
from attention_widget.tracing.model.one_at_a_time import ONE_AT_A_TIME
from attention_widget.tracing.model.preserve import undisturbed
from attention_widget.tracing.recording.rounding import tolerance


@dataclass(frozen=True, eq=False, repr=False)
class ScoreTerms:
    """A score, ``query · key · scale``, as the sum over pairs of what wrote into the residual
    stream: one at the query's token and one at the key's (Kamath et al. 2025, "Tracing attention
    computation through feature interactions",
    https://transformer-circuits.pub/2025/attention-qk/, for heads and MLPs instead of features).

    The norm before the attention is frozen, and so are norms of queries and keys. A score alone
    says little: the softmax compares the scores of one query, so what tells keys apart is the
    difference of two of them.

    Attributes:
        layer, head, kind, query, key: which score it is.
        score: as :meth:`Block.scores` has it: before soft cap, bias and mask.
        terms: what wrote before this layer; the last one is the bias of norm and projections.
        values: (term at the query, term at the key) what each pair adds to the score.
        gap: ``score`` less the sum of the values, which is rounding.

    >>> from attention_widget import Experiment
    >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
    >>> found = lab.explain_score(layer=2, head=1, query=4, key=2)
    >>> bool(abs(found.query_side.sum() - found.score) < 1e-4)
    True
    """

    layer: int
    head: int
    kind: Kind
    query: int
    key: int
    score: float
    terms: tuple[Term, ...]
    values: Array
    gap: float

    @property
    def query_side(self) -> Array:
        """(term,) what each term at the query's token adds, with the whole key.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> found = lab.explain_score(2, 1, 4, 2)
        >>> found.query_side.shape == (len(found.terms),)
        True
        """
        found: Array = self.values.sum(1)
        return found

    @property
    def key_side(self) -> Array:
        """(term,) what each term at the key's token adds, with the whole query.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> found = lab.explain_score(2, 1, 4, 2)
        >>> found.key_side.shape == (len(found.terms),)
        True
        """
        found: Array = self.values.sum(0)
        return found

    def table(self, top_k: int = 20) -> list[dict[str, Any]]:
        """A row for each of the pairs that add or take most, for ``pandas.DataFrame``.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> [row] = lab.explain_score(2, 1, 4, 2).table(1)
        >>> sorted(row)
        ['key_term', 'query_term', 'value']
        """
        flat = self.values.reshape(-1)
        largest = abs(flat).argsort()[::-1][:top_k]
        n = len(self.terms)
        return [
            {
                "query_term": self.terms[index // n].label,
                "key_term": self.terms[index % n].label,
                "value": float(flat[index]),
            }
            for index in largest.tolist()
        ]

    def __repr__(self) -> str:
        return (
            f"ScoreTerms(layer {self.layer}, head {self.head}, query {self.query}, key {self.key}: "
            f"{self.score:.3f} of {len(self.terms)} × {len(self.terms)} terms)"
        )


def score_terms(
    lab: Subject,
    passes: Passes,
    layer: int,
    head: int,
    query: int,
    key: int,
    kind: Kind | None,
) -> ScoreTerms:
    """See :meth:`Experiment.explain_score`."""
    trace, model = lab.trace, lab.tracer.model
    operation = trace.operation(layer, kind)
    if operation.kind == "cross":
        raise InvalidValueError(
            "kind must be of self-attention, got 'cross', whose keys come from another stack"
        )
    chosen = index_of("head", head, operation.n_heads)
    at = index_of("query", query, operation.n_queries)
    to = index_of("key", key, operation.n_keys)
    if not isinstance(operation, Block):
        raise UnsupportedModelError(
            model,
            f"has no known queries and keys in {operation.kind} layer {operation.layer}, so its "
            f"scores cannot be split",
        )
    score = float(operation.scores(chosen, at)[0, 0, to])
    kinds = written_kinds(lab) if operation.kind != "encoder" else (operation.kind,)
    with ONE_AT_A_TIME:
        stream = stream_of(model, passes, [at, to], kinds, operation.n_queries)
        place = _call_of(stream, operation.kind, operation.layer)
        group = operation.n_heads // operation.n_kv_heads
        made = projected(
            passes,
            stream.layers[place],
            (operation.kind, operation.layer),
            (chosen, chosen // group),
            (at, to),
        )
        modules = list(passes.runnable.modules.values())
        norm = undisturbed(modules, lambda: _norm(made, stream, place))
    if made is None or norm is None:
        raise UnsupportedModelError(
            model,
            f"does not make queries and keys of {operation.kind} layer {operation.layer} of its "
            f"normed hidden states alone, by a linear map of each token and norms, so a score is "
            f"no sum",
        )
    terms, vectors = stream.before(place)
    parts = norm.linear(vectors.double())  # (term, 2, hidden)
    sides = []
    for side, (matrix, constant) in enumerate(zip(made.maps, made.constants, strict=True)):
        bias = norm.bias @ matrix.T + constant
        sides.append(torch.cat([parts[:, side] @ matrix.T, bias[None]]))
    values = (sides[0] @ sides[1].T) * operation.scale
    gap = score - float(values.sum())
    size = max(float(values.sum(0).abs().max()), float(values.sum(1).abs().max()), abs(score))
    if abs(gap) > tolerance(stream.dtype) * size:
        raise UnsupportedModelError(
            model,
            f"has a score in {operation.kind} layer {operation.layer} that is no sum of what was "
            f"written before: the terms sum to {score - gap:.5g}, not to {score:.5g}",
        )
    return ScoreTerms(
        layer=operation.layer,
        head=chosen,
        kind=operation.kind,
        query=at,
        key=to,
        score=score,
        terms=(*terms, Term("bias")),
        values=values.float().numpy(),
        gap=gap,
    )


def _call_of(stream: Stream, kind: Kind, layer: int) -> int:
    """The place of a layer among the calls of the stream."""
    names = [{(term.kind, term.layer) for term in terms} for terms in stream.terms]
    return next(index for index, here in enumerate(names) if (kind, layer) in here)


def _norm(made: Projected | None, stream: Stream, place: int) -> FrozenNorm | None:
    """The norm that queries and keys are made of, frozen at both tokens."""
    if made is None or not torch.equal(made.given.float().cpu(), stream.states[place]):
        return None
    found = frozen(made.module, made.given, made.gave)
    return None if found is None else found.double()
