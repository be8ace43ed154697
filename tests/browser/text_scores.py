"""What the text view must show, computed by NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from support.traces import trace

from attention_widget import AttentionWidget
from attention_widget.trace.trace import Trace
from browser.page_host import PageHost
from browser.reading import (
    agrees,
    heats,
    legend,
    text,
)

Scores = NDArray[np.float64]  # (unit,), NaN for no score

LONG = """Purple was first a smell. At Tyre the dyers broke murex snails by the myriad, and the \
whole harbour reeked so that one senator's hem could glow. It cost more than its weight in silver; \
emperors forbade it, bishops inherited it, and a child born in the porphyry chamber was called \
porphyrogenitus before he was called anything else.

The spectrum has no purple. Violet closes the rainbow at one end, red opens it at the other, and \
between them lies nothing but the eye's own invention: two wavelengths seen together, and a colour \
agreed upon. Amethyst, heliotrope, mulberry and mauve are all descendants of that agreement. In \
1856 an eighteen-year-old chemist, looking for quinine, found instead a sludge that dyed silk \
magnificently; within three years half of London was wearing it, and the newspapers complained of \
mauve measles.

Writers blame it for their worst pages. Purple prose is a sentence with every ring on its fingers. \
And yet the hills do turn purple when the sun has left them, the thistle is purple without asking \
anybody, and the stain of blackberries on a kitchen table outlasts the guests, the pudding and the \
argument. What should we call a shade that is in no beam of light and in every evening? We call it \
purple, and, for want of a better word than that, we choose to believe our own eyes."""


def units(trace: Trace, words: bool) -> list[list[int]]:
    """Token indices of each word, or of each token."""
    groups: list[list[int]] = []
    for token in trace.tokens:
        same = groups and token.word is not None and token.word == trace.tokens[groups[-1][-1]].word
        if words and same:
            groups[-1].append(token.index)
        else:
            groups.append([token.index])
    return groups


def is_special(trace: Trace, groups: Sequence[Sequence[int]]) -> NDArray[np.bool_]:
    return np.array([trace.tokens[group[0]].special for group in groups])


def vectors(widget: AttentionWidget, groups: Sequence[Sequence[int]]) -> Scores:
    index = 0 if widget.space == "embeddings" else widget.layer + 1
    hidden = widget.trace.hidden_states(index).astype(np.float64)
    return np.stack([hidden[list(group)].mean(0) for group in groups])  # (unit, hidden)


def cosine(a: Scores, b: Scores) -> Scores:
    lengths = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)
    return np.asarray((a * b).sum(-1) / lengths)


def expected(widget: AttentionWidget) -> Scores:
    """What the text view should show, from the trace by NumPy."""
    trace = widget.trace
    groups = units(trace, widget.words)
    unit_of = {token: index for index, group in enumerate(groups) for token in group}
    rows = vectors(widget, groups)
    if widget.measure == "norm":
        return np.asarray(np.linalg.norm(rows, axis=1))
    if widget.measure == "previous_cosine":
        scores = np.full(len(rows), np.nan)
        spoken = np.flatnonzero(~is_special(trace, groups))
        scores[spoken[1:]] = cosine(rows[spoken[1:]], rows[spoken[:-1]])
        return scores
    if widget.measure == "pinned_cosine":
        pins = list(dict.fromkeys(unit_of[token] for token in widget.pinned))
        assert pins
        if widget.pin_mode == "mean":
            return cosine(rows, rows[pins].mean(0))
        return np.asarray(np.max([cosine(rows, rows[pin]) for pin in pins], axis=0))
    attention = trace.attention(widget.layer)[list(widget.heads)].mean(0, dtype=np.float64)
    per_query = np.stack([attention[group].mean(0) for group in groups])  # (unit, key)
    if widget.measure == "attention_from":
        assert widget.token is not None
        per_key = per_query[unit_of[widget.token]]
    else:
        per_key = per_query.mean(0)
    return np.array([per_key[group].sum() for group in groups])


def bulk(scores: Scores, least: float) -> tuple[float, float]:
    """Least and most, without an eighth of the scores at most that leave the others a tenth of the
    range or less."""
    found = np.sort(scores[np.isfinite(scores)])
    n = len(found)
    rare = max(1, n // 8) if n >= 4 else 0
    best = (0, 0)
    for below in range(rare + 1):
        for above in range(rare + 1 - below):
            inner = found[below : n - above]
            spread = inner[-1] - inner[0]
            far = (not below or inner[0] - found[below - 1] >= 9 * spread) and (
                not above or found[n - above] - inner[-1] >= 9 * spread
            )
            if far and spread > 1e-3 * abs(inner[-1]) and abs(inner).max() >= least:
                best = max(best, (below, above), key=sum)
    below, above = best
    return float(found[below]), float(found[n - above - 1])


def assert_colours(host: PageHost, scores: Scores) -> None:
    """Legend and colours are the scores of the text between the ends of their bulk; no score has no
    colour."""
    spoken = np.where(
        is_special(host.widget.trace, units(host.widget.trace, host.widget.words)), np.nan, scores
    )
    shown = legend(text(host.page))
    steps = heats(host.page)
    if host.widget.measure.startswith("attention"):
        assert shown == ("0", "1")
        for step, score in zip(steps, spoken, strict=True):
            assert step is None if np.isnan(score) else abs(step - 31 * np.sqrt(score)) < 0.501
        return
    low, high = bulk(spoken, 0)
    assert agrees(shown[0], low), (shown, low)
    assert agrees(shown[1], high), (shown, high)
    assert len(steps) == len(scores)
    for index, (step, score) in enumerate(zip(steps, spoken, strict=True)):
        if np.isnan(score):
            assert step is None, index
        else:
            exact = 31 * np.clip((score - low) / (high - low), 0, 1)
            assert step is not None, index
            assert abs(step - exact) < 0.501, (index, step, exact)
    assert {0, 31} <= set(steps)  # the least and the most, whatever their size


# ---- scripts and lines -------------------------------------------------------------------------


def spoken(*parts: tuple[str, str]) -> Trace:
    """A trace whose tokens are these (lead, text)."""
    made = trace(heads=(2,), labels=[text or "a" for _, text in parts])
    tokens = tuple(
        replace(token, text=text, label=text or "·", lead=lead, special=False, segment=0)
        for token, (lead, text) in zip(made.tokens, parts, strict=True)
    )
    return replace(made, tokens=tokens)
