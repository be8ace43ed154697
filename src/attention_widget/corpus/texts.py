"""The texts of a corpus, one after another, from whatever holds them; never all in memory."""

from __future__ import annotations

import os
import reprlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from attention_widget._util.files import user_path
from attention_widget._util.integers import as_integer
from attention_widget._util.sizes import in_words
from attention_widget.errors import (
    FileMissingError,
    InvalidTypeError,
    InvalidValueError,
    IsFolderError,
)

CorpusText: TypeAlias = str | list[int]
"""A text, or the ids of its tokens."""

MOST_BYTES: Final = 250_000_000
"""Of a line of a file: a line is held whole."""

_COLUMNS: Final = ("text", "sentence", "content", "document")
"""Names that the column of texts usually has, the likeliest first."""
_IDS: Final = "input_ids"
_MUST: Final = (
    "dataset must be strings, lists of token ids, the path of a file with a text in each line, or "
    "a Dataset of the package datasets"
)


def texts_of(dataset: object, column: str | None = None) -> Iterator[CorpusText]:
    """The texts of a corpus in order, each when it is asked for.

    Args:
        dataset: an iterable of strings or of lists of token ids; a ``Path`` to a file in UTF-8, of
            which each line is a text and empty lines are none; or an iterable of rows, such as
            a ``datasets.Dataset`` or ``IterableDataset``, in which a text that is None is a
            blank one. A string is the path of a file.
        column: of the texts, where the dataset has rows. By default it is ``text``, ``sentence``,
            ``content``, ``document`` or ``input_ids``, or the only column that has strings.

    Raises:
        TypeError: the dataset is none of these, or one of its texts is neither a string nor token
            ids.
        ValueError: there is no text in it; a line is not UTF-8, or has more than 250 MB; or its
            column is not known. These and the errors before are raised once the text is asked for.
        FileNotFoundError: there is no such file.
    """
    if isinstance(dataset, str | os.PathLike):
        return _first_asked(_lines(_file_of(dataset)), f"{os.fspath(dataset)!r}")
    if isinstance(dataset, Mapping) and hasattr(dataset, "column_names"):  # a DatasetDict
        raise InvalidValueError(
            f"dataset must be one split, got a {type(dataset).__name__} of "
            f"{', '.join(map(repr, dataset))}; give one of them, such as "
            f"dataset[{next(iter(dataset), 'train')!r}]"
        )
    if isinstance(dataset, bytes | Mapping) or not isinstance(dataset, Iterable):
        raise _refused(dataset)
    return _first_asked(_items(dataset, column), "the dataset")


def _first_asked(texts: Iterator[CorpusText], what: str) -> Iterator[CorpusText]:
    """The same texts; ValueError where there is none."""
    none = True
    for text in texts:
        none = False
        yield text
    if none:
        raise InvalidValueError(f"a corpus must have a text, got none in {what}")


def _file_of(given: str | os.PathLike[str]) -> Path:
    path = user_path(given)
    name = repr(os.fspath(given))
    if path.is_dir():
        raise IsFolderError(f"{name} is a folder; give the name of a file with a text in each line")
    if path.exists():
        return path
    advice = "; a single text is given in a list" if isinstance(given, str) else ""
    raise FileMissingError(f"there is no file {reprlib.repr(os.fspath(given))}{advice}")


def _lines(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MOST_BYTES + 1):
            number += 1
            if len(line) > MOST_BYTES:
                raise InvalidValueError(
                    f"a line of {str(path)!r} must have at most {in_words(MOST_BYTES)}, got more "
                    f"in line {number}, which has a whole text; break it into lines"
                )
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise InvalidValueError(
                    f"{str(path)!r} must be a text in UTF-8, got the byte 0x{line[error.start]:02x}"
                    f" in line {number}; write the file anew in UTF-8"
                ) from error
            if (text := text.strip("\r\n")) and text.strip():
                yield text


def _items(dataset: Iterable[Any], column: str | None) -> Iterator[CorpusText]:
    known = getattr(dataset, "column_names", None)
    if column is not None and isinstance(known, list) and column not in known:
        raise _no_column(column, known)
    for number, item in enumerate(dataset):
        if isinstance(item, Mapping):
            column = _column_of(item, column)
            item = item[column]
            item = "" if item is None else item  # a row without a text is a blank one
        yield _checked(item, number)


def _column_of(row: Mapping[str, Any], asked: str | None) -> str:
    if asked is not None:
        if asked in row:
            return asked
        raise _no_column(asked, list(row))
    for name in (*_COLUMNS, _IDS):
        if name in row:
            return name
    written = [name for name, value in row.items() if isinstance(value, str)]
    if len(written) == 1:
        return written[0]
    raise InvalidValueError(
        f"the column of texts must be named, got the columns {', '.join(map(str, row))}; give "
        f"column=..."
    )


def _no_column(asked: str, known: list[str]) -> InvalidValueError:
    return InvalidValueError(
        f"column must be one of {', '.join(map(str, known))}, got {reprlib.repr(asked)}"
    )


def _checked(item: object, number: int) -> CorpusText:
    if isinstance(item, str):
        return item
    tolist = getattr(item, "tolist", None)
    values = tolist() if callable(tolist) else item
    if isinstance(values, list | tuple):
        ids = [as_integer(value) for value in values]
        if None not in ids:
            return [value for value in ids if value is not None]
    raise InvalidTypeError(
        f"text {number} of the dataset must be a string or a list of token ids, got "
        f"{reprlib.repr(item)}"
    )


def _refused(dataset: object) -> InvalidTypeError:
    return InvalidTypeError(f"{_MUST}, got {type(dataset).__name__}")
