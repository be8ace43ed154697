"""A text with other tokens in the place of some: checked, and with every token where it then is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from attention_widget._util.integers import as_integer
from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.experiments.vocabulary import texts_of
from attention_widget.tokens.labels import label_of_text
from attention_widget.tokens.pieces import special_ids
from attention_widget.tokens.words import word_of_characters
from attention_widget.trace.indices import Indices, indices_of
from attention_widget.trace.token import Token
from attention_widget.tracing.inputs.tokenize import Prompt
from attention_widget.tracing.inputs.validation import check_text
from attention_widget.tracing.model.naming import name_of, type_name


def chosen_tokens(read: Sequence[Token], tokens: Indices) -> list[int]:
    """The indices of some tokens of a text, which the tokenizer did not put there."""
    chosen = sorted(set(indices_of("token", tokens, len(read))))
    if not chosen:
        raise InvalidValueError("tokens must name one token or more, got none")
    for index in chosen:
        token = read[index]
        if token.segment is None or token.start is None or token.end is None:
            raise InvalidValueError(
                f"tokens must stand in the text, got token {index}, {token.label!r}, which "
                f"the tokenizer put there"
            )
    return chosen


def id_or_text(by: object, chosen: Sequence[int], size: int) -> int | str:
    """What takes the place of some tokens: an id of a vocabulary of that size, or a text."""
    id = as_integer(by)
    if id is not None:
        if not 0 <= id < size:
            raise InvalidValueError(f"the id of a token must be in 0–{size - 1}, got {id}")
        if len(chosen) != 1:
            raise InvalidValueError(
                f"tokens must be one where an id takes its place, got {len(chosen)}; pass a "
                f"text instead"
            )
        return id
    if not isinstance(by, str):
        raise InvalidTypeError(f"by must be a text, or the id of a token, got {type_name(by)}")
    if by:
        check_text("by", by)
    return by


def mask_id(tokenizer: Any) -> int:
    """The id of the mask token."""
    id: int | None = getattr(tokenizer, "mask_token_id", None)
    if id is None:
        raise InvalidValueError(
            f"tokenizer must have a mask token, got {name_of(tokenizer)}; only "
            f"masked language models, such as BERT, have one: replace the word instead"
        )
    return id


def spliced(prompt: Prompt, read: Sequence[Token], chosen: Sequence[int], by: str) -> Prompt:
    """The prompt with other characters where some neighbouring tokens stand."""
    tokens = [read[index] for index in chosen]
    first, last = tokens[0], tokens[-1]
    one = len({token.segment for token in tokens}) == 1
    if not one or chosen[-1] - chosen[0] != len(chosen) - 1:
        raise InvalidValueError(
            f"tokens must be neighbours in one text, got {list(chosen)}; replace one after the "
            f"other"
        )
    assert first.segment is not None
    assert first.start is not None
    assert last.end is not None
    return prompt.spliced(first.segment, first.start, last.end, by)


def with_ids(
    prompt: Prompt, read: Sequence[Token], ids: Mapping[int, int], tokenizer: Any
) -> tuple[Prompt, tuple[Token, ...]]:
    """The prompt and its tokens with other ones at some indices, and all others as they are."""
    tokens = list(read)
    for index, id in sorted(ids.items(), reverse=True):  # what follows has been moved already
        old = tokens[index]
        new = _token(old, id, tokenizer)
        assert old.segment is not None
        assert old.start is not None
        assert old.end is not None
        start = old.start - len(old.lead)
        prompt = prompt.spliced(old.segment, start, old.end, new.lead + new.text)
        begin = start + len(new.lead)
        end = begin + len(new.text)
        tokens[index] = replace(new, start=begin, end=end)
        more = end - old.end
        tokens[index + 1 :] = [
            _moved(token, more) if token.segment == old.segment else token
            for token in tokens[index + 1 :]
        ]
    return prompt, _in_words(tokens, prompt.texts)


def _token(old: Token, id: int, tokenizer: Any) -> Token:
    """What stands in the place of a token."""
    [text], [was] = texts_of([id], tokenizer), texts_of([old.id or 0], tokenizer)
    special = id in special_ids(tokenizer)
    shown = text.strip() or text
    blanks = text[: len(text) - len(text.lstrip())] if shown != text else ""
    marked = blanks or was != was.lstrip()  # the vocabulary writes the blanks before words
    [piece] = tokenizer.convert_ids_to_tokens([id])
    return replace(
        old,
        id=id,
        text=shown,
        lead=blanks if marked and not special else old.lead,
        label=label_of_text(shown),
        special=special,
        piece=piece,
        step=None,
        probability=None,
    )


def _in_words(tokens: Sequence[Token], texts: Sequence[str]) -> tuple[Token, ...]:
    """The tokens with the words that they are in, as the text has them now."""
    words_of = [word_of_characters(text) for text in texts]
    numbers: dict[tuple[int, int], int] = {}
    found: list[Token] = []
    previous: int | None = None
    for token in tokens:
        word: int | None = None
        if token.special or token.segment is None or token.start is None:
            pass
        elif token.text.strip():
            at = token.start + len(token.text) - len(token.text.lstrip())
            inside = words_of[token.segment][at]
            if inside is not None:
                word = numbers.setdefault((token.segment, inside), len(numbers))
        elif token.word is not None:  # a later byte of a character
            word = previous
        label = token.label
        if label in {label_of_text(token.text, continues) for continues in (False, True)}:
            label = label_of_text(token.text, word is not None and word == previous)
        found.append(replace(token, word=word, label=label))
        previous = word if word is not None else previous
    return tuple(found)


def _moved(token: Token, more: int) -> Token:
    if token.start is None or token.end is None:
        return token
    return replace(token, start=token.start + more, end=token.end + more)
