"""Trace a text that is longer than the model takes, in overlapping windows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from attention_widget._util.integers import as_integer
from attention_widget._util.progress import Progress
from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.trace.passage import Passage
from attention_widget.trace.token import Token
from attention_widget.trace.trace import Trace, Window
from attention_widget.tracing.inputs.passages import (
    Passages,
    Read,
    check_passages,
    passages_of,
)
from attention_widget.tracing.inputs.text import Encoded, left_as_it_was, named_length
from attention_widget.tracing.inputs.tokenize import Prompt
from attention_widget.tracing.inputs.validation import check_model, check_tokens
from attention_widget.tracing.model.naming import type_name
from attention_widget.tracing.model.signatures import accepted
from attention_widget.tracing.tracer import Tracer


def spans_of_windows(n_tokens: int, length: int, stride: int) -> list[range]:
    """Windows of ``length`` tokens that start ``stride`` tokens apart and cover a text.

    The last one ends with the text and is moved back to be as long as the others.
    """
    starts = list(range(0, max(n_tokens - length, 0), stride))
    starts.append(max(n_tokens - length, 0))
    return [range(start, min(start + length, n_tokens)) for start in starts]


def owners_of_tokens(spans: Sequence[range], n_tokens: int) -> list[range]:
    """The tokens that take their hidden states from each window.

    A token takes them from the window in which it stands farthest from an edge where the text
    was cut (the beginning and the end of the text are none), of two such from the earlier.
    """
    owned: list[list[int]] = [[] for _ in spans]
    starts, stops = [span.start for span in spans], [span.stop for span in spans]
    for token in range(n_tokens):
        holding = range(bisect_right(stops, token), bisect_right(starts, token))
        owned[max(holding, key=lambda i: _margin(token, spans[i], n_tokens))].append(token)
    return [range(own[0], own[-1] + 1) if own else range(0) for own in owned]


def _margin(token: int, span: range, n_tokens: int) -> float:
    """Tokens between a token and the nearest edge at which the text was cut."""
    before = token - span.start if span.start > 0 else float("inf")
    after = span.stop - 1 - token if span.stop < n_tokens else float("inf")
    return min(before, after)


@dataclass(frozen=True)
class Document:
    """The whole of a text as the tokenizer gave it, with special tokens around it."""

    inputs: dict[str, list[int]]
    tokens: Sequence[Token]
    passages: Sequence[Passage]
    first: int  # position of the first token of the text
    last: int  # and behind the last
    text: str

    def __len__(self) -> int:
        return self.last - self.first

    @property
    def n_special(self) -> int:
        return len(self.tokens) - len(self)

    def window(self, span: range) -> Encoded:
        """The inputs of one window: its tokens, with the special tokens around them."""
        before, after = range(self.first), range(self.last, len(self.tokens))
        inside = range(self.first + span.start, self.first + span.stop)
        chosen = [*before, *inside, *after]
        own = self.tokens[inside.start : inside.stop]
        begin = (own[0].start or 0) - len(own[0].lead)
        stop = (own[-1].end or 0) + len(own[-1].trail)
        word = min((token.word for token in own if token.word is not None), default=0)
        return Encoded(
            inputs={
                name: torch.tensor([[values[i] for i in chosen]], dtype=torch.long, device="cpu")
                for name, values in self.inputs.items()
            },
            tokens=tuple(
                replace(
                    self.tokens[position],
                    index=index,
                    start=_moved(self.tokens[position].start, begin),
                    end=_moved(self.tokens[position].end, begin),
                    word=_moved(self.tokens[position].word, word),
                )
                for index, position in enumerate(chosen)
            ),
            texts=(self.text[begin:stop],),
            passages=self._passages(chosen, begin, stop),
        )

    def _passages(self, chosen: Sequence[int], begin: int, stop: int) -> tuple[Passage, ...]:
        """Those that have some of these tokens, in characters from ``begin`` to ``stop``."""
        rows = {position: row for row, position in enumerate(chosen)}
        found = (
            replace(
                each,
                tokens=tuple(rows[token] for token in each.tokens if token in rows),
                start=max(each.start, begin) - begin,
                end=min(each.end, stop) - begin,
            )
            for each in self.passages
        )
        return tuple(each for each in found if each.tokens)


def trace_windows(
    tracer: Tracer,
    prompt: Prompt,
    length: int | bool,
    stride: int | None = None,
    passages: Passages = None,
) -> Trace:
    """Trace a text in windows of ``length`` tokens, with special tokens in each.

    A passage is in each window that has tokens of it, as far as it has them.
    """
    document = document_of(tracer, prompt, passages)
    room, stride = _checked(tracer, document, length, stride)
    spans = spans_of_windows(len(document), room, stride)
    owned = owners_of_tokens(spans, len(document))
    traces: list[Trace] = []
    with Progress("reading", "window", len(spans), wanted=tracer.progress) as bar:
        for span in spans:
            left = len(spans) - len(traces)
            window, whole = document.window(span), len(document)
            traces.append(tracer.trace(window, passes=left, stitched=whole, silent=True)[0])
            bar.reach(len(traces))
    first = document.first
    hidden = tuple(
        torch.cat(
            [
                trace.hidden[layer][first + own.start - span.start : first + own.stop - span.start]
                for trace, span, own in zip(traces, spans, owned, strict=True)
            ]
        )
        for layer in range(len(traces[0].hidden))
    )
    rows = [
        trace.word_rows[first + own.start - span.start : first + own.stop - span.start]
        for trace, span, own in zip(traces, spans, owned, strict=True)
        if trace.word_rows is not None
    ]
    positions = [(*[None] * first, *span, *[None] * (document.n_special - first)) for span in spans]
    return Trace(
        passages=tuple(
            replace(each, tokens=tuple(token - first for token in each.tokens))
            for each in document.passages
        ),
        tokens=tuple(
            replace(token, index=index)
            for index, token in enumerate(document.tokens[first : document.last])
        ),
        blocks=(),
        hidden=hidden,
        texts=prompt.texts,
        model_name=traces[0].model_name,
        windows=tuple(map(Window, traces, positions, owned)),
        kept=traces[0].kept,
        word_rows=torch.cat(rows) if len(rows) == len(traces) else None,
    )


def document_of(tracer: Tracer, prompt: Prompt, passages: Passages = None) -> Document:
    """A text of any length, checked but for its length."""
    check_passages(passages)
    check_model(tracer.model, tracer.modules.values())
    output, tokens = left_as_it_was(tracer.tokenizer, lambda: prompt.tokenized(tracer.tokenizer))
    check_tokens(tokens, tracer.model, tracer.tokenizer)
    own = [token.index for token in tokens if token.segment is not None]
    names = accepted(tracer.model)
    inputs = {name: list(values) for name, values in output.items() if name in names}
    found = passages_of(passages, Read(prompt.texts, (), tokens))
    return Document(inputs, tokens, found, own[0], own[-1] + 1, prompt.texts[0])


def _checked(tracer: Tracer, document: Document, length: Any, stride: Any) -> tuple[int, int]:
    """How many tokens of the text fit into a window, and the distance between windows."""
    limit = tracer.text_limit
    if length is True:
        length = limit or named_length(tracer.model, tracer.tokenizer)
        if length is None:
            raise InvalidValueError(
                f"windows must be a number of tokens for {type(tracer.model).__name__}, which "
                f"takes any number of them, got True; pass one, such as windows=512"
            )
    if (size := as_integer(length)) is None:
        raise InvalidTypeError(
            f"windows must be a number of tokens, True for as many as the model takes, or None "
            f"for one pass, got {type_name(length)}"
        )
    if size <= document.n_special or (limit is not None and size > limit):
        raise InvalidValueError(
            f"windows must be at least {document.n_special + 1} (the tokenizer adds "
            f"{document.n_special} special tokens to each window)"
            f"{'' if limit is None else f' and at most {limit}'}, got {size}"
        )
    room = size - document.n_special
    if stride is None:
        return room, max(room // 2, 1)
    if (step := as_integer(stride)) is None:
        raise InvalidTypeError(f"stride must be a number of tokens, got {type_name(stride)}")
    if not 1 <= step <= room:
        raise InvalidValueError(
            f"stride, how many tokens after the start of one window the next one starts, must be "
            f"in 1–{room} (a window holds {room} tokens of the text), got {step}"
        )
    return room, step


def _moved(place: int | None, origin: int) -> int | None:
    return None if place is None else place - origin
