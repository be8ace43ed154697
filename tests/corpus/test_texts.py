"""Texts of a corpus from what people hold them in, each read when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from attention_widget.corpus.texts import texts_of


def test_strings_are_read_one_at_a_time() -> None:
    asked: list[int] = []

    def endless() -> Iterator[str]:
        for number in range(10**9):
            asked.append(number)
            yield f"text {number}"

    assert list(islice(texts_of(endless()), 3)) == ["text 0", "text 1", "text 2"]
    assert len(asked) == 3


def test_a_file_has_a_text_in_each_line(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_bytes("\ufeffMột\r\n\n  \nДва\nthree\x85still three".encode())
    assert list(texts_of(path)) == ["Một", "Два", "three\x85still three"]
    assert list(texts_of(str(path))) == list(texts_of(path))


def test_a_line_that_is_no_text_is_named_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_bytes(b"fine\n\nnovel caf\xe9\n")
    texts = texts_of(path)
    assert next(texts) == "fine"
    with pytest.raises(ValueError, match="got the byte 0xe9 in line 3; write the file anew"):
        next(texts)


@pytest.mark.parametrize(
    "ids", [[1, 2], (1, 2), np.array([1, 2]), torch.tensor([1, 2], device="cpu", dtype=torch.int64)]
)
def test_token_ids_are_whole_numbers(ids: Any) -> None:
    assert list(texts_of([ids])) == [[1, 2]]
    assert list(texts_of([{"input_ids": ids, "length": 2}])) == [[1, 2]]


def test_the_column_of_texts_is_named_or_found() -> None:
    rows = [{"label": 1, "title": "a", "text": "b"}]
    assert list(texts_of(rows)) == ["b"]
    assert list(texts_of(rows, "title")) == ["a"]
    assert list(texts_of([{"label": 1, "phrase": "c"}])) == ["c"]
    with pytest.raises(ValueError, match="columns title, name; give column"):
        list(texts_of([{"title": "a", "name": "b"}]))
    with pytest.raises(ValueError, match="column must be one of label, title, text, got 'body'"):
        list(texts_of(rows, "body"))


@pytest.mark.parametrize(
    ("dataset", "kind", "message"),
    [
        ([], ValueError, "a corpus must have a text, got none"),
        (5, TypeError, "dataset must be strings.*got int"),
        (b"novel", TypeError, "got bytes"),
        ({"text": ["a"]}, TypeError, "got dict"),
        (["a", 7], TypeError, "text 1 of the dataset must be a string or a list of token ids"),
        ([[1, 0.5]], TypeError, "text 0 of the dataset"),
        ([[1, True]], TypeError, "text 0 of the dataset"),
        ("A whole text.", FileNotFoundError, "a single text is given in a list"),
        (Path("nowhere"), FileNotFoundError, "there is no file 'nowhere'$"),
    ],
)
def test_what_is_no_corpus_is_refused(dataset: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        list(texts_of(dataset))


def test_an_empty_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"\n \n")
    with pytest.raises(ValueError, match=r"got none in '.*empty'"):
        list(texts_of(tmp_path / "empty"))
    with pytest.raises(IsADirectoryError, match="give the name of a file"):
        list(texts_of(tmp_path))
