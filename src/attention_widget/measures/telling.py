"""What a trace shows, in a few lines of plain text, for whoever reads rather than looks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Final

from attention_widget._util.integers import as_integer
from attention_widget._util.unicode import sendable
from attention_widget.errors import InvalidValueError
from attention_widget.measures.detectors import DETECTORS, HEAD_SUMMARIES, LABELS, labels_of
from attention_widget.measures.own_tokens import evenly, own_queries
from attention_widget.measures.suggestions import suggest_heads
from attention_widget.measures.summaries import head_summaries
from attention_widget.trace.block import Block, Maps
from attention_widget.trace.kind import KINDS, Kind
from attention_widget.trace.planned import is_of_arrays
from attention_widget.trace.token import Token
from attention_widget.trace.trace import Trace

SAMPLED_QUERIES: Final = 256
"""Of a longer text the labels follow from so many queries, evenly spaced."""

LEAST_CHARACTERS: Final = 500
_NAME: Final = 80
_TEXT: Final = 160
_LABEL: Final = 30
_HEADS_NAMED: Final = 6
_SUGGESTED: Final = 8
_EDGES: Final = 3
_JOINERS: Final = "\u200c\u200d"
"""Which scripts and emoji need."""


def tell(trace: Trace, max_characters: int = 4000) -> str:
    """What :meth:`Trace.describe` returns."""
    most = as_integer(max_characters)
    if most is None or most < LEAST_CHARACTERS:
        raise InvalidValueError(
            f"max_characters must be a number of at least {LEAST_CHARACTERS}, got "
            f"{max_characters!r}"
        )
    first = [*_opening(trace), *_exactness(trace)]
    lines = [*first, *_tokens(trace, (most - len("\n".join(first))) // 3), *_heads(trace)]
    return _within("\n".join(lines), most)


def _within(text: str, most: int) -> str:
    """Whole lines, and a last one that says how many are left out."""
    if len(text) <= most:
        return text
    lines = text.split("\n")
    for kept in range(len(lines) - 1, 0, -1):
        cut = "\n".join(lines[:kept])
        end = f"\n({len(lines) - kept} more lines; max_characters={most} leaves them out)"
        if len(cut) + len(end) <= most:
            return cut + end
    return f"{text[: most - 1]}…"


def _opening(trace: Trace) -> Iterator[str]:
    shapes = []
    within = trace.windows[0].trace if trace.windows else trace
    for kind in within.kinds:
        counts = {within.operation(layer, kind).n_heads for layer in _layers(within, kind)}
        heads = "–".join(map(str, sorted({min(counts), max(counts)}))) if counts else "0"
        layers = within.count_layers(kind)
        many = "s" * (heads != "1")
        shapes.append(f"{kind}: {layers} layer{'s' * (layers != 1)} × {heads} head{many}")
    name = _quoted(trace.model_name, _NAME)
    made = "Arrays that were given," if is_of_arrays(trace) else "One forward pass of"
    yield f"{made} {name}; {'; '.join(shapes)}."
    yield "Layers, heads and tokens are numbered from 0; a head is written layer.head."
    for number, text in enumerate(trace.texts[:3]):
        who = f" ({trace.roles[number]})" if number < len(trace.roles) else ""
        yield f"Text{who}: {_quoted(text, _TEXT)}"
    if len(trace.texts) > 3:
        yield f"... and {len(trace.texts) - 3} more texts."
    if trace.image is not None:
        height, width = trace.image.shape[:2]
        yield f"An image of {width} × {height} pixels; its patches are tokens."
    if trace.windows:
        yield (
            f"Read in {len(trace.windows)} windows, each with attention of its own; what is said "
            "of heads is of the first."
        )
    for one in trace.passages[:5]:
        n = len(one.tokens)
        yield f"Passage {_quoted(one.name, _LABEL)}: {n} token{'s' * (n != 1)}."
    if trace.edits:
        edits = "; ".join(_quoted(edit, _TEXT) for edit in trace.edits[:3])
        more = f" and {len(trace.edits) - 3} more" if len(trace.edits) > 3 else ""
        yield f"The pass was edited: {edits}{more}."
    if trace.kept is not None:
        yield f"Only layers {', '.join(map(str, trace.kept[:20]))} were kept."


def _exactness(trace: Trace) -> Iterator[str]:
    held = trace.windows[0].trace.operations if trace.windows else trace.operations
    if any(isinstance(one, Block) for one in held):
        whose = "were given" if is_of_arrays(trace) else "the model used"
        yield (
            f"Exact: attention is computed in float32 from the queries and keys that {whose}"
            + ("; hidden states are its own." if trace.hidden else ".")
        )
    if any(isinstance(one, Maps) for one in held):
        yield "Exact as given: finished attention maps, without queries and keys."
    if any(not isinstance(one, Block | Maps) for one in held):
        yield "Attention of groups of tokens: summed over keys, averaged over queries."
    yield (
        "Not exact: what a head is called. It says that a mean over this text reaches a threshold, "
        "and high attention does not mean that a token matters to the output."
    )


def _tokens(trace: Trace, room: int) -> Iterator[str]:
    special = any(token.special for token in trace.tokens)
    padding = sum(token.padding for token in trace.tokens)
    title = f"{len(trace.tokens)} tokens" + (" (* special)" if special else "")
    if padding:
        title += f", {padding} of them padding, which counts in no mean"
    yield f"{title}: {_listed(trace.tokens, room)}"
    if trace.target is not None:
        target = trace.target.tokens
        yield f"{len(target)} tokens of the target: {_listed(target, room // 2)}"


def _listed(tokens: Sequence[Token], room: int) -> str:
    """The first ones, as far as there is room, and the last."""
    written = [f"{at} {_label(token)}{'*' * token.special}" for at, token in enumerate(tokens)]
    whole = ", ".join(written)
    if len(whole) <= room or len(written) < 3:
        return whole
    kept = len(written) - 2
    while kept > 1 and len(", ".join(written[:kept])) + len(written[-1]) + 10 > room:
        kept -= 1
    return f"{', '.join(written[:kept])}, ..., {written[-1]}"


def _heads(trace: Trace) -> Iterator[str]:
    within = trace.windows[0].trace if trace.windows else trace
    longest = max((len(own_queries(within, o.layer, o.kind)) for o in within.operations), default=0)
    of = ""
    if longest > SAMPLED_QUERIES:
        of = f", from {SAMPLED_QUERIES} queries evenly spaced"
    called: dict[str, list[tuple[float, str]]] = {name: [] for name in LABELS}
    n_heads = 0
    for kind in within.kinds:
        for layer in _layers(within, kind):
            one = within.operation(layer, kind)
            n_heads += one.n_heads
            if kind == "cross":
                continue  # its queries and keys are two lists: no diagonal has a meaning
            own = own_queries(within, layer, kind)
            few = own_queries(within, layer, kind, SAMPLED_QUERIES)
            numbers = head_summaries(within, layer, kind, queries=few)
            for head, label in enumerate(labels_of(numbers, len(own)).tolist()):
                if label:
                    score = float(numbers[HEAD_SUMMARIES.index(label), head])
                    called[label].append((score, _head(within, kind, layer, head)))
    found = {name: sorted(heads, reverse=True) for name, heads in called.items() if heads}
    sure = sum(map(len, found.values()))
    if not sure:
        yield f"What heads do: none of {n_heads} is called anything{of}."
    else:
        is_ = "is" if sure == 1 else "are"
        yield f"What heads do ({sure} of {n_heads} {is_} called something{of}):"
    for name, heads in found.items():
        named = ", ".join(f"{head} ({score:.2f})" for score, head in heads[:_HEADS_NAMED])
        more = f", and {len(heads) - _HEADS_NAMED} more" if len(heads) > _HEADS_NAMED else ""
        yield f"- {name}, from {DETECTORS[name].threshold} on: {named}{more}"
    yield from _suggested(trace)


def _suggested(trace: Trace) -> Iterator[str]:
    suggestions = suggest_heads(trace, _SUGGESTED)
    if not suggestions:
        yield "No head stands out by one word that attends to one other word."
        return
    yield "Heads worth seeing first: query → key weight that stands out, then the strongest others:"
    for one in suggestions:
        edges = [(one.query, one.key, one.weight)]
        # Of a window the indices are those of the whole text, and its maps are not.
        if not trace.windows:
            edges += _others(trace, one.kind, one.layer, one.head, (one.query, one.key))
        queries, keys = trace.sides(one.kind)
        told = "; ".join(
            f"{q} {_label(queries[q])} → {k} {_label(keys[k])} {weight:.3f}"
            for q, k, weight in edges
        )
        label = f" ({one.label})" if one.label else ""
        yield f"- {_head(trace, one.kind, one.layer, one.head)}{label}: {told}"


def _others(
    trace: Trace, kind: Kind, layer: int, head: int, first: tuple[int, int]
) -> list[tuple[int, int, float]]:
    """The strongest edges of a head between tokens that are not special, the first one left out."""
    queries, keys = trace.sides(kind)
    rows = [at for at, token in enumerate(queries) if not token.special]
    rows = [rows[at] for at in evenly(len(rows), SAMPLED_QUERIES)]
    if not rows:
        return []
    weights = trace.operation(layer, kind).attention(heads=[head], queries=rows)[0]
    weights[:, [at for at, token in enumerate(keys) if token.special]] = 0
    found: list[tuple[int, int, float]] = []
    order = (-weights).argsort(axis=None, kind="stable")[: _EDGES + 1]
    for at in order.tolist():
        row, key = divmod(at, len(keys))
        weight = float(weights[row, key])
        if weight > 0 and (rows[row], key) != first:
            found.append((rows[row], key, weight))
    return found[: _EDGES - 1]


def _layers(trace: Trace, kind: Kind) -> tuple[int, ...]:
    return tuple(sorted(one.layer for one in trace.operations if one.kind == kind))


def _head(trace: Trace, kind: Kind, layer: int, head: int) -> str:
    """``3.5``, with its kind where there are several."""
    number = f"{layer}.{head}"
    return number if trace.kinds == (kind,) or kind == KINDS[0] else f"{kind} {number}"


def _label(token: Token) -> str:
    return _quoted(token.text or token.label, _LABEL)


def _quoted(text: str, most: int) -> str:
    """In quotation marks and on one line; what steers a terminal, or hides, is written out."""
    short = text if len(text) <= most else f"{text[: most - 1]}…"
    quoted = json.dumps(sendable(short), ensure_ascii=False)
    return "".join(
        char if char.isprintable() or char in _JOINERS else char.encode("unicode_escape").decode()
        for char in quoted
    )
