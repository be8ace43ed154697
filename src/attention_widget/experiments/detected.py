"""What a model's heads do, found by a probe: random tokens, repeated."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attention_widget._util.cleanup import Undo, guarded
from attention_widget._util.integers import as_integer
from attention_widget._util.progress import Progress
from attention_widget.errors import InvalidTypeError, InvalidValueError, NotFoundError
from attention_widget.experiments.random_texts import FEWEST_TOKENS, RandomTexts
from attention_widget.measures import HEAD_SUMMARIES, head_labels, head_table
from attention_widget.trace.heads import frame_of
from attention_widget.trace.kind import Kind
from attention_widget.tracing.model.one_at_a_time import ONE_AT_A_TIME
from attention_widget.tracing.tracer import Tracer

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, eq=False, repr=False)
class DetectedHeads:
    """What :func:`detect_heads` found: ``columns`` (head,) of every head of the model by name.

    They are ``kind``, ``layer``, ``head``, the names of ``measures.HEAD_SUMMARIES`` (means over the
    texts) and ``label``, what the head does where a detector is sure, else "".

    >>> from attention_widget import experiments
    >>> found = experiments.detect_heads(model, tokenizer=tokenizer, n_tokens=12, n_texts=1)
    >>> found
    DetectedHeads('...', 72 heads, 1 text of 12 random tokens twice)
    >>> found.columns["label"][2].item()  # of layer 0, head 2
    'previous'
    """

    columns: Mapping[str, NDArray[Any]]
    model_name: str
    n_tokens: int
    """Different tokens of a text, each of which it holds twice."""
    n_texts: int
    seed: int

    def heads(self) -> pandas.DataFrame:
        """The columns as a data frame, a row a head.

        >>> found = detect_heads(model, tokenizer=tokenizer, n_tokens=12, n_texts=1)
        >>> found.heads().nlargest(1, "previous")[["layer", "head"]].values.tolist()
        [[0, 2]]

        Raises:
            ModuleNotFoundError: pandas is not installed.
        """
        return frame_of(self.columns, "heads()")

    def best(self, detector: str, count: int = 5) -> list[tuple[Kind, int, int, float]]:
        """The heads with the highest scores of a detector: kind, layer, head and score of each.

        >>> found = detect_heads(model, tokenizer=tokenizer, n_tokens=12, n_texts=1)
        >>> [(layer, head) for _, layer, head, _ in found.best("previous", 1)]
        [(0, 2)]

        Raises:
            LookupError: there is no such detector.
        """
        if detector not in HEAD_SUMMARIES:
            raise NotFoundError(
                f"detector must be one of {', '.join(HEAD_SUMMARIES)}, got {reprlib.repr(detector)}"
            )
        scores = self.columns[detector]
        order = np.argsort(-np.nan_to_num(scores, nan=-1), kind="stable")
        places = [self.columns[name].tolist() for name in ("kind", "layer", "head")]
        return [
            (*(of[at] for of in places), float(scores[at]))
            for at in order[:count].tolist()
            if not np.isnan(scores[at])
        ]

    def __repr__(self) -> str:
        texts = f"{self.n_texts} text{'s' * (self.n_texts != 1)}"
        return (
            f"DetectedHeads({self.model_name!r}, {len(self.columns['head'])} heads, {texts} of "
            f"{self.n_tokens} random tokens twice)"
        )


def detect_heads(
    model: Any,
    *,
    tokenizer: Any = None,
    n_tokens: int = 40,
    n_texts: int = 4,
    seed: int = 0,
    progress: bool = True,
) -> DetectedHeads:
    """Find what a model's heads do, on random tokens that are repeated.

    Nothing but the repetition can be known of such a text, so that a head that attends to what
    followed a token before does that and nothing else: the induction heads of Olsson et al. 2022
    (https://arxiv.org/abs/2209.11895), measured as there. ``n_tokens`` different tokens of the
    model's own vocabulary, none of them special, are drawn and written twice, between the special
    tokens that its tokenizer puts around any text. Single texts vary, so ``n_texts`` are averaged.
    The scores are those of :func:`measures.head_summaries` on these texts; their definitions,
    papers and thresholds stand in ``measures.DETECTORS``.

    Delimiters and words say nothing here: there are none, so that their scores are NaN.

    Parameters
    ----------
    model, tokenizer, progress
        As in :func:`capture`; the model is causal or masked, and left exactly as it was.
    n_tokens
        At least 4, and at most half of what the model takes.
    n_texts
        Passes that it takes: a pass each.
    seed
        Of the tokens that are drawn.

    Returns
    -------
    :class:`DetectedHeads`, with a row for each head.

    Raises
    ------
    UnsupportedModelError
        It cannot be captured, or has a decoder beside an encoder.
    TypeError, ValueError
        The model takes no text, or a number is not one of the above.

    Examples
    --------
    >>> from attention_widget.experiments import detect_heads
    >>> found = detect_heads(model, tokenizer=tokenizer, n_tokens=12, n_texts=1)
    >>> found.best("previous", 1)[0][:3]
    ('encoder', 0, 2)
    """
    for name, given, least in (
        ("n_tokens", n_tokens, FEWEST_TOKENS),
        ("n_texts", n_texts, 1),
        ("seed", seed, 0),
    ):
        _check_number(name, given, least)
    tracer = Tracer(model, tokenizer, progress=progress)
    with ONE_AT_A_TIME:
        texts = RandomTexts(tracer, n_tokens)

        def work(undo: Undo) -> tuple[str, dict[str, NDArray[Any]]]:
            bar = Progress("detecting heads", "text", n_texts, wanted=progress)
            undo.then(bar.close)
            tables: list[dict[str, NDArray[Any]]] = []
            random = np.random.default_rng(seed)
            for done in range(1, n_texts + 1):
                trace, _ = tracer.trace(texts.draw(random), silent=True)
                tables.append(head_table(trace))
                bar.reach(done)
            return trace.model_name, _mean(tables, len(trace.tokens))

        name, columns = guarded(work)
    return DetectedHeads(columns, name, n_tokens, n_texts, seed)


def _mean(tables: list[dict[str, NDArray[Any]]], n_queries: int) -> dict[str, NDArray[Any]]:
    """The mean of each score, NaN where none is known."""
    columns = dict(tables[0])
    for name in HEAD_SUMMARIES:
        scores = np.stack([table[name] for table in tables]).astype(np.float64)
        known = ~np.isnan(scores)
        total = np.where(known, scores, 0).sum(0)
        mean = np.full(total.shape, np.nan)
        np.divide(total, known.sum(0), out=mean, where=known.any(0))
        columns[name] = mean.astype(np.float32)
    return {**columns, "label": head_labels(columns, n_queries)}


def _check_number(name: str, given: object, least: int) -> None:
    number = as_integer(given)
    if number is None:
        raise InvalidTypeError(f"{name} must be a whole number, got {reprlib.repr(given)}")
    if number < least:
        raise InvalidValueError(f"{name} must be {least} or more, got {number}")
