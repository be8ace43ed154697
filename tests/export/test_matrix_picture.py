"""Any matrix as a page: what it carries, and what is refused before."""

from __future__ import annotations

import base64
import html
import json
import re
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from attention_widget import errors, show_matrix


def block(page: str, name: str) -> bytes:
    found = re.search(rf'<script type="text/plain" id="aw-{name}">([^<]*)</script>', page)
    assert found
    return zlib.decompress(base64.b64decode(found[1]))


def carried(page: str) -> tuple[dict[str, Any], np.ndarray[Any, Any]]:
    described = json.loads(block(page, "block-0"))
    data = np.frombuffer(block(page, "block-1"), described["dtype"])
    return described, data.reshape(described["shape"])


@pytest.mark.parametrize(
    ("given", "dtype"),
    [
        (np.arange(6, dtype=np.float32).reshape(2, 3) / 7, "float32"),
        (np.arange(6).reshape(2, 3) / 7, "float64"),  # float32 would change it
        ([[1, 2, 3], [4, 5, 2**40 + 1]], "float64"),
        (np.array([[True, False, True]]), "float32"),
        (np.asfortranarray(np.arange(6.0).reshape(2, 3)), "float32"),
        (np.array([[1e300, np.inf, -np.inf]]), "float64"),
        (np.array([[np.nan, 1, 2]], np.float16), "float32"),
    ],
)
def test_a_page_carries_the_numbers_as_they_are(given: Any, dtype: str) -> None:
    described, data = carried(show_matrix(given).to_html())
    assert described["dtype"] == dtype
    np.testing.assert_array_equal(data, np.asarray(given, np.float64))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64, torch.int8, torch.bool])
def test_a_tensor_of_torch_is_left_as_it_is(dtype: torch.dtype) -> None:
    given = torch.tensor([[1, 0], [0, 1]], dtype=dtype)
    given.requires_grad_(given.is_floating_point())
    _, data = carried(show_matrix(given).to_html())
    np.testing.assert_array_equal(data, given.detach().double().numpy())
    assert given.requires_grad == given.is_floating_point()
    assert given.grad is None


def test_names_and_labels_are_data_in_the_page(tmp_path: Path) -> None:
    picture = show_matrix(
        [[1.0, 2.0]], rows="<b>", columns=["</script>", 7], title="</title><img src=x>", locale="vi"
    )
    described, _ = carried(picture.to_html())
    assert described["rows"] == {"name": "<b>", "labels": None}
    assert described["columns"] == {"name": None, "labels": ["</script>", "7"]}
    assert described["title"] == "</title><img src=x>"
    page = picture.to_html()
    assert "<img" not in page
    assert page.isascii()
    assert '<html lang="vi">' in page
    picture.export_html(tmp_path / "m.html")
    assert (tmp_path / "m.html").read_text("utf-8") == page


def test_a_cell_of_a_notebook_holds_the_page_in_a_frame() -> None:
    picture = show_matrix(np.eye(4), rows="query", columns="key")
    assert repr(picture) == "<MatrixPicture of 4 × 4 numbers: query × key>"
    framed = picture._repr_html_()
    srcdoc = framed.split('srcdoc="')[1].split('"')[0]
    assert html.unescape(srcdoc) == picture.to_html()
    assert "allow-same-origin" not in framed


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        (np.zeros(3), errors.InvalidValueError, r"got shape \(3,\); one row: array\[None, :\]"),
        (np.zeros((2, 3, 4)), errors.InvalidValueError, r"one of its matrices: array\[0\]"),
        (np.zeros((0, 3)), errors.InvalidValueError, "no axis of length 0"),
        (np.zeros((9000, 1)), errors.InvalidValueError, r"at most 8,192 rows .* array\[::10\]"),
        (np.zeros((1001, 1000)), errors.InvalidValueError, "1,000,000 numbers, got shape"),
        ([["a", "b"]], errors.InvalidTypeError, "got list of dtype <U1"),
        ([[1, 2], [3]], errors.InvalidTypeError, "array must be a matrix of numbers"),
        (np.zeros((2, 2), complex), errors.InvalidTypeError, "dtype complex128"),
        (None, errors.InvalidTypeError, "got NoneType"),
    ],
)
def test_what_is_no_matrix_is_refused(given: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        show_matrix(given)


@pytest.mark.parametrize(
    ("keywords", "error", "said"),
    [
        ({"rows": ["a"]}, errors.InvalidValueError, "rows must be .* 2 labels, got 1"),
        ({"columns": 3}, errors.InvalidTypeError, r"columns must be .* 3 labels, got 3 \(int\)"),
        ({"title": 1}, errors.InvalidTypeError, "title must be a string or None, got int"),
        ({"theme": "drak"}, errors.RefusedError, "did you mean 'dark'"),
        ({"locale": "fr"}, errors.RefusedError, "locale must be auto, en, vi or ru"),
    ],
)
def test_bad_words_are_refused(keywords: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        show_matrix(np.zeros((2, 3)), **keywords)
