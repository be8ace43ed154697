"""Begins an index with a model, goes on with one, and reads texts into it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from attention_widget._util.integers import within
from attention_widget.corpus.coding import Precision
from attention_widget.corpus.findings import BLOCK
from attention_widget.corpus.identity import model_digest, tokenizer_digest
from attention_widget.corpus.index_content import Content
from attention_widget.corpus.index_files import IndexFiles
from attention_widget.corpus.index_reader import IndexReader
from attention_widget.corpus.index_writer import IndexWriter
from attention_widget.corpus.part import Part
from attention_widget.corpus.stretch import Encoder
from attention_widget.corpus.text_reader import tracer_of_texts
from attention_widget.corpus.texts import texts_of
from attention_widget.corpus.turned_back import turn_of
from attention_widget.errors import InvalidValueError, OutOfRangeError
from attention_widget.tracing.inputs.padding import rows_of_ids
from attention_widget.tracing.model.limits import token_limit
from attention_widget.tracing.model.naming import title
from attention_widget.tracing.model.one_at_a_time import ONE_AT_A_TIME
from attention_widget.tracing.tracer import Tracer

_MOST: Final = 1024  # tokens at once, of a model that takes any number


def begun(
    tracer: Tracer, folder: Path, part: Part, precision: Precision | None, corpus: str
) -> IndexWriter:
    """A new index for a model; it raises what the model has no such vectors for."""
    name = title(tracer.model)
    tracer = tracer_of_texts(tracer)
    part, turn, turns = _fitting(tracer, part)
    content = Content(
        part=part,
        precision=precision or "float16",
        model_name=name,
        model=model_digest(tracer.model),
        tokenizer=tokenizer_digest(tracer.tokenizer),
        turn=turn,
        turns=turns,
    )
    return IndexWriter(IndexFiles.made(folder, content.to_json()), content, corpus)


def continued(tracer: Tracer, folder: Path, asked: Part | None, corpus: str) -> IndexWriter:
    """An index that is there, to be gone on with; ValueError if it is of another model."""
    reader = IndexReader.opened(folder)
    content = reader.content
    name = title(tracer.model)
    tracer = tracer_of_texts(tracer)
    what = _difference(tracer, content)
    if what:
        raise InvalidValueError(
            f"the index {str(folder)!r} was built with {content.model_name!r}, and this is "
            f"{name!r} with {what}; name another folder for this model"
        )
    if asked is not None and asked.layer < 0:
        resolved = _resolved(asked, _counts(tracer)[0])
        if resolved != content.part:
            raise InvalidValueError(
                f"of must be the {content.part}, which the index {str(folder)!r} holds, got the "
                f"{resolved}; name another folder"
            )
    return IndexWriter(reader.files, content, corpus)


def added(
    opened: IndexWriter, tracer: Tracer, texts: Iterable[Any], reach: Callable[[int], None]
) -> None:
    """Read texts one at a time, and commit them block by block."""
    tracer = tracer_of_texts(tracer)
    limit = token_limit(tracer.model, tracer.modules)
    with opened as writer:
        part = writer.content.part
        keep = max(0, part.layer - 1) if part.what == "hidden" else part.layer
        kept = Tracer(tracer.model, tracer.tokenizer, layers=[keep], progress=False)
        encoder = Encoder(kept, tracer.text_limit or limit or _MOST, "split")
        done = n_read = 0
        for number, given in enumerate(texts_of(texts)):
            for stretch in encoder.stretches(number, given):
                n_read += 1
                encoded = stretch.encoded
                ids = encoded.inputs["input_ids"][0].numpy().astype("<i4")
                if not writer.wants(number, stretch.piece, ids, encoded.texts[0]):
                    continue
                with ONE_AT_A_TIME:
                    trace = kept.trace(encoded, silent=True)[0]
                writer.put_trace(number, stretch.piece, encoded.texts[0], trace)
            done += 1
            reach(done)
            if done % BLOCK == 0:
                writer.commit(number // BLOCK)
        if not n_read:
            raise InvalidValueError(
                f"texts must have one that is not blank, got {done:,} blank ones"
            )
        if done % BLOCK:
            writer.commit()


def _fitting(tracer: Tracer, part: Part) -> tuple[Part, Any, bool]:
    """The part counted from 0, and how its layer turns; LookupError if there is no such."""
    n_states, heads, token = _counts(tracer)
    part = _resolved(part, n_states)
    if part.what == "hidden":
        return part, None, False
    if part.layer not in heads:
        raise OutOfRangeError(
            f"of must name a layer with attention, {_listed(sorted(heads))} of "
            f"{title(tracer.model)}, got layer {part.layer}"
        )
    if not 0 <= (part.head or 0) < heads[part.layer]:
        raise OutOfRangeError(
            f"head must be {within(heads[part.layer])} in layer {part.layer}, got {part.head}"
        )
    turn, turns = turn_of(tracer, part.layer, token)
    if turns and turn is None:
        warnings.warn(
            f"how layer {part.layer} of {title(tracer.model)} turns its {part.what} by their "
            f"positions is not clear, so they are kept as they are: what stands at another place "
            f"in its text counts as less alike",
            stacklevel=4,
        )
    return part, turn, turns


def _resolved(part: Part, n_states: int) -> Part:
    count = n_states if part.what == "hidden" else n_states - 1
    if not -count <= part.layer < count:
        noun = "the index of hidden states" if part.what == "hidden" else "layer"
        raise OutOfRangeError(f"{noun} must be {within(count)}, got {part.layer}")
    return replace(part, layer=part.layer % count)


def _counts(tracer: Tracer) -> tuple[int, dict[int, int], int]:
    """How many hidden states there are, the heads of each layer, and a token of the vocabulary."""
    special = set(tracer.tokenizer.all_special_ids)
    size = min(len(tracer.tokenizer), 10_000)
    token = next((i for i in range(size // 2, size) if i not in special), 0)
    with ONE_AT_A_TIME:
        row = rows_of_ids(tracer.model, [[token] * 2], tracer.tokenizer)[0]
        trace = tracer.trace(row, silent=True)[0]
    return len(trace.hidden), {one.layer: one.n_heads for one in trace.operations}, token


def _difference(tracer: Tracer, content: Content) -> str:
    if model_digest(tracer.model) != content.model:
        return "other weights or another configuration"
    if tokenizer_digest(tracer.tokenizer) != content.tokenizer:
        return "another tokenizer"
    return ""


def _listed(layers: list[int]) -> str:
    if layers == list(range(len(layers))):
        return within(len(layers))
    return f"one of {', '.join(map(str, layers))}"[:120]
