"""What share of attention each passage of a text gets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from attention_widget.errors import InvalidValueError, NotFoundError
from attention_widget.measures.chunks import in_chunks
from attention_widget.trace.block import Array
from attention_widget.trace.indices import Indices, indices_of
from attention_widget.trace.kind import Kind
from attention_widget.trace.passage import Passage
from attention_widget.trace.trace import Trace


def passage_shares(trace: Trace, queries: Indices | None = None, kind: Kind | None = None) -> Array:
    """The attention that each passage gets from some queries: (layer, head, passage + 1).

    ``shares[l, h, p] = mean over q of sum over the tokens k of p of attention[l, h, q, k]``; the
    last one is the rest, tokens outside of any passage. Rows sum to 1, to less where a sink took
    part, and layers without attention are NaN. ``queries`` are tokens of the trace, by default
    those at which its answer was predicted (:func:`answer_queries`).

    A share says where heads look, not what the answer depends on (Jain & Wallace 2019,
    https://arxiv.org/abs/1902.10186): :meth:`Experiment.leave_out` says that.

    >>> from attention_widget import capture
    >>> read = capture(model, "Attention is a novel idea", tokenizer=tokenizer,
    ...                passages={"subject": (0, 9), "object": (13, 25)})
    >>> shares = passage_shares(read, queries=2)
    >>> shares.shape  # (layer, head, 2 passages and the rest)
    (6, 12, 3)
    >>> bool(abs(shares.sum(2) - 1).max() < 1e-5)
    True

    Raises:
        LookupError: the text has no passages, it was read in windows, or there is no attention of
            this kind.
        ValueError: the keys of this kind of attention are another text than the passages'.
        IndexError: there is no such token.
    """
    passages, kind = _checked(trace, kind)
    size = len(trace.sides(kind)[0])
    chosen = answer_queries(trace, kind) if queries is None else indices_of("query", queries, size)
    if not len(chosen):
        raise InvalidValueError("queries must name one token or more, got none")
    have = trace.layers_with_attention(kind)
    most = max(trace.count_heads(layer, kind) for layer in have)
    shares = np.full((trace.count_layers(kind), most, len(passages) + 1), np.nan, np.float32)
    for layer in have:
        operation = trace.operation(layer, kind)
        mean = np.zeros((operation.n_heads, operation.n_keys), np.float32)
        for heads, _, weights in in_chunks(operation, queries=chosen):
            mean[heads] += weights.sum(1) / len(chosen)
        shares[layer, : operation.n_heads] = shares_of(mean, passages)
    return shares


def shares_of(rows: Array, passages: Sequence[Passage]) -> Array:
    """Rows (..., key) of weights as (..., passage + 1): sums over the tokens of each passage, and
    over the rest.

    >>> one = trace.attention(0, queries=2)[:, 0]
    >>> shares_of(one, []).shape
    (12, 1)
    """
    parts = [rows[..., list(passage.tokens)].sum(-1) for passage in passages]
    inside = {token for passage in passages for token in passage.tokens}
    rest = [token for token in range(rows.shape[-1]) if token not in inside]
    found: Array = np.stack([*parts, rows[..., rest].sum(-1)], -1)
    return found


def answer_queries(trace: Trace, kind: Kind | None = None) -> list[int]:
    """The tokens at which the answer of a text was predicted, of the queries of a kind.

    In a decoder those are the tokens before each one that the model wrote
    (:func:`attention_widget.generate`), else before each one of the last message of a chat if the
    assistant speaks there, else the last token that is no padding. In an encoder they are all
    tokens in no passage, but for special ones; all but special ones where there are none.

    >>> answer_queries(trace)
    [1, 2, 3, 4, 5]
    """
    kind = kind or trace.kinds[0]
    tokens = trace.sides(kind)[0]
    if kind == "encoder":
        inside = {token for passage in trace.passages for token in passage.tokens}
        plain = [i for i, token in enumerate(tokens) if not token.special]
        return [i for i in plain if i not in inside] or plain or list(range(len(tokens)))
    answer = [i for i, token in enumerate(tokens) if token.step is not None]
    if not answer and trace.roles[-1:] == ("assistant",) and tokens is trace.tokens:
        last = len(trace.roles) - 1
        answer = [i for i, token in enumerate(tokens) if token.segment == last]
    last_own = max((i for i, token in enumerate(tokens) if not token.padding), default=-1)
    return sorted({i - 1 for i in answer if i}) or [last_own]


def _checked(trace: Trace, kind: Kind | None) -> tuple[Sequence[Passage], Kind]:
    if trace.windows:
        raise NotFoundError(
            f"{trace.model_name} read this text in {len(trace.windows)} windows; ask "
            f"trace.window(token).trace"
        )
    if not trace.passages:
        raise NotFoundError(
            f"the text that {trace.model_name} read has no passages; name some when it is read: "
            f"capture(model, text, passages=...)"
        )
    chosen = kind
    if chosen is None:
        chosen = "cross" if "cross" in trace.kinds else trace.kinds[0]
    if not trace.layers_with_attention(chosen):
        raise NotFoundError(f"{trace.model_name} has no {chosen} attention")
    if trace.sides(chosen)[1] is not trace.tokens:
        raise InvalidValueError(
            f"kind must be 'encoder' or 'cross', whose keys are the text with the passages, got "
            f"{chosen!r}"
        )
    return trace.passages, chosen
