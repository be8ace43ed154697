"""Has a model read a text of a corpus anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attention_widget.corpus.identity import model_digest
from attention_widget.corpus.index_content import Content
from attention_widget.corpus.text_reader import tracer_of_texts
from attention_widget.errors import InvalidValueError
from attention_widget.trace.trace import Trace
from attention_widget.tracing.inputs.padding import rows_of_ids
from attention_widget.tracing.model.one_at_a_time import ONE_AT_A_TIME
from attention_widget.tracing.tracer import Tracer

if TYPE_CHECKING:
    from attention_widget.corpus.match import Match


def reopened(match: Match, model: Any, tokenizer: Any, content: Content) -> Trace:
    """The trace of a match's text: of the text itself where its tokens are those that were read,
    else of the token ids.

    Raises:
        ValueError: it is another model than the one that the index was built with.
    """
    tracer = tracer_of_texts(Tracer(model, tokenizer, progress=False))
    if model_digest(tracer.model) != content.model:
        raise InvalidValueError(
            f"model must be the {content.model_name!r} that the index was built with, got "
            f"{type(tracer.model).__name__} of other weights or another configuration"
        )
    return read_again(tracer, match.text, list(match.token_ids))


def read_again(tracer: Tracer, text: str, ids: list[int]) -> Trace:
    """The trace of a text, whose tokens know their words, if it has these ids, else of the ids."""
    with ONE_AT_A_TIME:
        if text:
            encoded = tracer.encode(tracer.prompt(text), truncation=True)
            if encoded.inputs["input_ids"][0].tolist() == ids:
                return tracer.trace(encoded)[0]
        return tracer.trace(rows_of_ids(tracer.model, [ids], tracer.tokenizer)[0])[0]
