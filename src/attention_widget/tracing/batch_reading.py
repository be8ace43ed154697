"""capture() of several texts: all are checked at once, and each is read when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.trace.trace import Trace
from attention_widget.tracing.batch import Batch
from attention_widget.tracing.inputs.padding import padded_rows, rows_of_ids
from attention_widget.tracing.inputs.passages import Passages, Read, check_passages, passages_of
from attention_widget.tracing.inputs.text import Encoded
from attention_widget.tracing.inputs.validation import check_model
from attention_widget.tracing.model.naming import type_name
from attention_widget.tracing.model.one_at_a_time import ONE_AT_A_TIME
from attention_widget.tracing.projecting import with_weights
from attention_widget.tracing.reading import Asked
from attention_widget.tracing.tracer import Tracer


def batch_of(tracer: Tracer, asked: Asked, keep_weights: bool = False) -> Batch:
    """The rows that were asked for, padded as the tokenizer pads; it raises what is wrong with any
    of them before a pass."""
    check_model(tracer.model, tracer.modules.values())
    check_passages(asked.passages, chat=False)
    if isinstance(asked.passages, dict):
        raise InvalidValueError(
            "passages of a batch must be 'sentences' or None, as characters are those of one text"
        )
    with ONE_AT_A_TIME:
        rows = _rows(tracer, asked)
        tracer.check_budget(len(rows[0].tokens))
    rows = [_named(row, asked.passages) for row in rows]
    targets = _targets(asked.target, len(rows))

    def read(index: int) -> Trace:
        with ONE_AT_A_TIME:
            row = rows[index]
            decoder = replace(asked, target=targets[index]).decoder_input(tracer, row)
            traced = tracer.traced(row, decoder)
            return with_weights(tracer, row, decoder, traced) if keep_weights else traced.trace

    return Batch(rows, read)


def _rows(tracer: Tracer, asked: Asked) -> list[Encoded]:
    given = asked.text
    if not isinstance(given, list | tuple) or (
        isinstance(given[0], list | tuple) and not (isinstance(given[0][0], str))
    ):
        if asked.text_pair is not None or asked.truncation:
            name = "truncation" if asked.text_pair is None else "text_pair"
            raise InvalidValueError(f"{name} must be left out beside token ids; it goes with texts")
        rows = rows_of_ids(tracer.model, given, tracer.tokenizer)
        _check_length(tracer, rows)
        return rows
    pairs = _pairs(asked.text_pair, len(given))
    texts: list[tuple[str, str | None]] = []
    for index, one in enumerate(given):
        if isinstance(one, str):
            texts.append((one, pairs[index]))
            continue
        if len(one) != 2 or pairs[index] is not None:
            raise InvalidValueError(
                f"each text of a batch must be a string, or a pair of a text and its text_pair, "
                f"got {len(one)} strings{' and a text_pair' if pairs[index] is not None else ''}"
            )
        texts.append((one[0], one[1]))
    rows = [tracer.encode(tracer.prompt(text, pair), asked.truncation) for text, pair in texts]
    return padded_rows(tracer.model, rows, tracer.tokenizer)


def _check_length(tracer: Tracer, rows: Sequence[Encoded]) -> None:
    limit, n = tracer.text_limit, len(rows[0].tokens)
    if limit is not None and n > limit:
        raise InvalidValueError(
            f"input_ids must have at most {limit} tokens a row, as many as "
            f"{type(tracer.model).__name__} takes, got {n}"
        )


def _pairs(given: Any, count: int) -> Sequence[str | None]:
    if given is None:
        return [None] * count
    if isinstance(given, str) or not isinstance(given, list | tuple):
        raise InvalidTypeError(
            f"text_pair must be a list of a text for each of the {count} texts, got "
            f"{type_name(given)}"
        )
    if len(given) != count:
        raise InvalidValueError(
            f"text_pair must have a text for each of the {count} texts, got {len(given)}"
        )
    return given


def _targets(given: Any, count: int) -> Sequence[str | None]:
    if given is None or isinstance(given, str):
        return [given] * count
    if not isinstance(given, list | tuple) or len(given) != count:
        got = f"{len(given)}" if isinstance(given, list | tuple) else type_name(given)
        raise InvalidValueError(
            f"target must be one string, or a list of one for each of the {count} texts, got {got}"
        )
    return given


def _named(row: Encoded, passages: Passages) -> Encoded:
    read = Read(row.texts, row.roles, row.tokens)
    return replace(row, passages=passages_of(passages, read))
