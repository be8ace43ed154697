"""Shares of passages weighted head by head, as learned elsewhere (AT2)."""

from __future__ import annotations

import os
import reprlib
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import torch

from attention_widget._util.files import user_path
from attention_widget.errors import FileMissingError, InvalidTypeError, InvalidValueError
from attention_widget.measures.shares import passage_shares
from attention_widget.trace.block import Array
from attention_widget.trace.indices import Indices
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace

HeadWeights: TypeAlias = "Mapping[tuple[int, int], float] | Array | str | os.PathLike[str]"
"""Of each (layer, head): a dictionary, an array (layer, head), or a file of AT2."""


def weighted_shares(
    trace: Trace,
    weights: HeadWeights,
    queries: Indices | None = None,
    kind: Kind | None = None,
) -> Array:
    """What each passage gets by all heads together, each counted with its own weight:
    (passage + 1,), the rest last.

    ``score[p] = sum over l, h of weights[l, h] · shares[l, h, p]``, with the shares of
    :func:`passage_shares`: AT2 (Cohen-Wang et al. 2025, https://arxiv.org/abs/2504.13752), whose
    weights are learned so that the score predicts what comes of leaving a source out. They may be
    negative, and scores are no shares of anything: compare them. An estimate;
    :meth:`Experiment.leave_out` is exact.

    >>> from attention_widget import capture
    >>> read = capture(model, "Attention is a novel idea", tokenizer=tokenizer,
    ...                passages={"subject": (0, 9), "object": (13, 25)})
    >>> weighted_shares(read, {(0, 2): 1.0}, queries=2).shape
    (3,)

    Raises:
        TypeError, ValueError: the weights are of other layers or heads than the trace, or not
            finite; or the file is none of AT2's.
        LookupError, IndexError: as :func:`passage_shares`.
    """
    shares = passage_shares(trace, queries, kind)
    by_head = _of_heads(weights, shares.shape[:2])
    missing = np.isnan(shares).any(2) & (by_head != 0)
    if missing.any():
        layer, head = np.argwhere(missing)[0]
        raise InvalidValueError(
            f"weights must be 0 where there is no attention, got {by_head[layer, head]:g} for head "
            f"{head} of layer {layer}"
        )
    found: Array = np.einsum("lh,lhp->p", by_head, np.nan_to_num(shares)).astype(np.float32)
    return found


def load_head_weights(path: str | os.PathLike[str]) -> Array:
    """The weights (layer, head) in a score estimator that AT2 saved, such as ``score_estimator.pt``
    of a model on the hub (https://github.com/MadryLab/AT2).

    It is a file of PyTorch with ``class`` "LinearScoreEstimator", a ``state_dict`` of
    ``linear.weight`` (1, layer · head) and, in ``feature_extractor``, the ``kwargs`` that say how
    many layers and heads there are. It is read without running any code in it.

    >>> load_head_weights("at2.pt")
    Traceback (most recent call last):
    ...
    attention_widget.errors.FileMissingError: there is no file 'at2.pt'

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is damaged, holds more than numbers, or is of another kind of estimator.
    """
    place = user_path(path)
    if not place.is_file():
        raise FileMissingError(f"there is no file {os.fspath(path)!r}")
    must = "the file must be a linear score estimator as AT2 saves it"
    try:
        held: Any = torch.load(place, map_location="cpu", weights_only=True)
    except Exception as error:
        raise InvalidValueError(
            f"{must}, got {os.fspath(path)!r}, which cannot be read as numbers alone"
        ) from error
    name = held.get("class") if isinstance(held, dict) else type(held).__name__
    if name != "LinearScoreEstimator":
        raise InvalidValueError(f"{must}, got {reprlib.repr(name)}")
    row = dict(held.get("state_dict") or {}).get("linear.weight")
    n_layers, n_heads = _shape_in(held)
    if not isinstance(row, torch.Tensor) or row.numel() != n_layers * n_heads:
        size = row.numel() if isinstance(row, torch.Tensor) else 0
        raise InvalidValueError(f"{must}, got {size} weights of {n_layers} × {n_heads} heads")
    bias = held["state_dict"].get("linear.bias")
    if isinstance(bias, torch.Tensor) and bias.any():
        raise InvalidValueError(
            f"{must}, without a bias, which no head has, got {bias.tolist()}; pass an array "
            f"(layer, head)"
        )
    found: Array = row.detach().float().reshape(n_layers, n_heads).numpy()
    return found


def _shape_in(held: dict[str, Any]) -> tuple[int, int]:
    """Numbers of layers and heads, wherever they stand in what was saved beside the weights."""
    waiting: list[Any] = [held.get(name) for name in ("feature_extractor", "extras", "kwargs")]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, dict):
            continue
        layers, heads = one.get("num_layers"), one.get("num_heads")
        if isinstance(layers, int) and isinstance(heads, int):
            return layers, heads
        waiting += one.values()
    raise InvalidValueError(
        "the file must say num_layers and num_heads, as AT2's do in feature_extractor, got "
        "neither; pass an array (layer, head)"
    )


def _of_heads(weights: Any, shape: tuple[int, ...]) -> Array:
    if isinstance(weights, str | os.PathLike):
        weights = load_head_weights(weights)
    if isinstance(weights, Mapping):
        found = np.zeros(shape, np.float64)
        for place, value in weights.items():
            try:
                layer, head = place
                inside = 0 <= layer < shape[0] and 0 <= head < shape[1]
                number = float(value)
            except (TypeError, ValueError) as error:
                raise InvalidTypeError(
                    f"weights must be numbers by (layer, head), got {reprlib.repr(place)}: "
                    f"{reprlib.repr(value)}"
                ) from error
            if not inside:
                raise InvalidValueError(
                    f"weights must be of layers 0–{shape[0] - 1} and heads 0–{shape[1] - 1}, got "
                    f"{reprlib.repr(place)}"
                )
            found[layer, head] = number
    else:
        try:
            found = np.asarray(weights, np.float64)
        except (TypeError, ValueError) as error:
            raise InvalidTypeError(
                f"weights must be a dictionary by (layer, head), an array (layer, head) or a file, "
                f"got {type(weights).__name__}"
            ) from error
    if found.shape != shape:
        raise InvalidValueError(
            f"weights must be of {shape[0]} layers and {shape[1]} heads, got {found.shape}"
        )
    if not np.isfinite(found).all():
        raise InvalidValueError("weights must be finite, got NaN or infinity")
    return found  # type: ignore[return-value]
