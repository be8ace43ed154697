"""What a model may predict, as a person names it: as lists show it, or by its id."""

from __future__ import annotations

import reprlib
from collections.abc import Sequence

from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.experiments import Experiment
from attention_widget.experiments.vocabulary import ids_of
from attention_widget.widget.answers import labels_of, marks_blanks_in

Candidate = str | int | None


def check_named(name: str, value: object) -> None:
    if value is not None and type(value) not in (str, int):
        raise InvalidTypeError(
            f"{name} must be the text or the id of a token, or null, got {reprlib.repr(value)}"
        )


def id_of(
    candidate: str | int, lab: Experiment, ids: Sequence[int], texts: Sequence[str], classes: bool
) -> int:
    """The id of a token or class; ``ids`` and ``texts`` are what the model predicts.

    What the list of predictions shows is meant first. The blank before a word may be left out, as
    the list does, where the vocabulary writes it.
    """
    if isinstance(candidate, int):
        if classes and candidate not in ids:
            raise InvalidValueError(f"a class must be one of 0–{len(ids) - 1}, got {candidate}")
        return candidate
    if classes:
        if candidate not in texts:
            raise InvalidValueError(
                f"a class must be one of {reprlib.repr(list(texts))}, got {candidate!r:.80}"
            )
        return ids[texts.index(candidate)]
    size = lab.model.config.get_text_config(decoder=True).vocab_size
    tokenizer = lab.tracer.tokenizer
    shown = labels_of(texts)
    if candidate in shown:
        return ids[shown.index(candidate)]
    if marks_blanks_in(texts) and candidate[:1].isalnum():
        try:
            return ids_of([f" {candidate}"], tokenizer, size)[0]
        except InvalidValueError:
            pass  # there may be a token that goes on with a word
    return ids_of([candidate], tokenizer, size)[0]
