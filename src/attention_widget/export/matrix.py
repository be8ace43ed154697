"""Any matrix as a picture, in a notebook's cell or as a page of its own."""

from __future__ import annotations

import json
import os
import reprlib
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from attention_widget._util.files import place_for, write_texts
from attention_widget._util.unicode import sendable
from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.export.document import STATIC, document, inline, packed
from attention_widget.export.iframe import frame
from attention_widget.protocol.checks import check_choice

MOST: Final = 1_000_000
MOST_ALONG: Final = 8192
"""Numbers of a matrix, and rows or columns: a browser draws no larger picture at once."""

_LANGUAGES: Final = ("auto", "en", "vi", "ru")
_THEMES: Final = ("auto", "light", "dark")
_MAP, _CELL, _LINE, _WIDTH = 380, 44, 18, 960  # CSS pixels, as js/plane/heat_plan.ts has them
_AROUND: Final = 130
"""Of a frame around the map and its labels: title, legend, note."""
_COUNTED, _LABEL, _LETTER = 22, 120, 7  # labels of columns: of counts, the longest, of a letter
_EDGE: Final = 8


class MatrixPicture:
    """A matrix that a notebook shows; made by :func:`attention_widget.show_matrix`."""

    def __init__(self, shape: tuple[int, int], title: str, page: str, height: int) -> None:
        self.shape: Final = shape
        self.title: Final = title
        self._page, self._height = page, height

    def __repr__(self) -> str:
        rows, columns = self.shape
        return f"<MatrixPicture of {rows} × {columns} numbers: {self.title}>"

    def _repr_html_(self) -> str:
        return frame(self._page, self.title, self._height)

    def to_html(self) -> str:
        """The picture as one HTML page, which needs neither a kernel nor a network."""
        return self._page

    def export_html(self, path: str | os.PathLike[str]) -> None:
        """Write :meth:`to_html` to a file. OSError: no file can be written there."""
        write_texts({place_for(path): self._page})


def show_matrix(
    array: Any,
    *,
    rows: str | Iterable[object] | None = None,
    columns: str | Iterable[object] | None = None,
    title: str | None = None,
    locale: str = "auto",
    theme: str = "auto",
) -> MatrixPicture:
    """Show any matrix (row, column) as a picture: to zoom, with each number in its cell where it
    fits and beside the mouse elsewhere, or walked to by the arrow keys.

    Colours go from 0 up, or from 0 down, where all numbers have one sign, and to both sides of 0
    where they have not. NaN is grey, and counted, and so are infinities. Two buttons save
    the picture as SVG and PNG. Hosts of notebooks show it without a widget manager, and so does
    a page: ``show_matrix(...).export_html("table.html")``.

    Args:
        array: numbers of NumPy, PyTorch or JAX, or nested lists, with two axes. They are kept in
            the precision they have, and printed with seven digits.
        rows: what a row is, such as ``"position"``, or a label for each row.
        columns: the same of columns.
        title: what stands above.
        locale: "en", "vi" or "ru"; with "auto" the browser's.
        theme: "light" or "dark"; with "auto" the system's.

    >>> from attention_widget import show_matrix, sinusoidal
    >>> picture = show_matrix(sinusoidal(64, 32), rows="position", columns="dimension")
    >>> picture
    <MatrixPicture of 64 × 32 numbers: position × dimension>
    >>> picture.export_html("sinusoidal.html")

    Raises:
        TypeError: ``array`` holds no real numbers, or labels or a title are of another type.
        ValueError: it has not two axes, has an axis of length 0, or more than 8,192 rows or columns
            or 1,000,000 numbers, or there is not one label for each row and column.
    """
    matrix = _matrix(array)
    named = [_axis("rows", rows, len(matrix)), _axis("columns", columns, matrix.shape[1])]
    check_choice("locale", locale, _LANGUAGES)
    check_choice("theme", theme, _THEMES)
    if title is not None and not isinstance(title, str):
        raise InvalidTypeError(f"title must be a string or None, got {type(title).__name__}")
    called = title or " × ".join(
        axis["name"] or what for axis, what in zip(named, _NAMES, strict=True)
    )
    described = {
        "rows": named[0],
        "columns": named[1],
        "shape": matrix.shape,
        "dtype": matrix.dtype.name,
        "title": title and sendable(title),
        "locale": locale,
        "theme": theme,
    }
    return MatrixPicture(
        (len(matrix), matrix.shape[1]),
        called,
        _page(matrix, described, called),
        _height(matrix, named[1]),
    )


_NAMES: Final = ("row", "column")


def _matrix(given: Any) -> NDArray[Any]:
    """As float32 where that changes no number, else as float64."""
    must = "array must be a matrix of numbers (row, column)"
    try:
        if hasattr(given, "detach"):  # torch's, whose dtypes NumPy may not know
            given = given.detach().cpu()
            given = given.double() if given.is_floating_point() else given
        array = np.asarray(given)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InvalidTypeError(f"{must}, got {type(given).__name__} ({error})") from error
    if array.dtype.kind == "V" or array.dtype.name == "bfloat16":  # JAX's own
        array = array.astype(np.float64)
    if array.dtype.kind not in "biuf":
        raise InvalidTypeError(f"{must}, got {type(given).__name__} of dtype {array.dtype}")
    if array.ndim != 2:
        raise InvalidValueError(f"{must}, got shape {array.shape}{_advice(array.ndim)}")
    if not array.size:
        raise InvalidValueError(f"{must}, with no axis of length 0, got shape {array.shape}")
    if max(array.shape) > MOST_ALONG or array.size > MOST:
        raise InvalidValueError(
            f"array must have at most {MOST_ALONG:,} rows and columns and {MOST:,} numbers, got "
            f"shape {array.shape}; show a part of it: array[:1000, :1000], or every tenth row: "
            f"array[::10]"
        )
    whole = array.astype("<f8")
    with np.errstate(over="ignore"):
        short = whole.astype("<f4")
    return short if np.array_equal(short, whole, equal_nan=True) else whole


def _advice(n_axes: int) -> str:
    if n_axes == 1:
        return "; one row: array[None, :]"
    return "; show one of its matrices: array[0]" if n_axes > 2 else ""


def _axis(name: str, given: str | Iterable[object] | None, n: int) -> dict[str, Any]:
    """What its items are called, and their labels; None where they are counted."""
    if given is None or isinstance(given, str):
        return {"name": given and sendable(given), "labels": None}
    must = f"{name} must be what they are called, or {n} labels"
    if isinstance(given, bytes) or not isinstance(given, Iterable):
        raise InvalidTypeError(f"{must}, got {reprlib.repr(given)} ({type(given).__name__})")
    labels: Sequence[object] = list(given)
    if len(labels) != n:
        raise InvalidValueError(f"{must}, got {len(labels)}")
    return {"name": None, "labels": [sendable(str(label)) for label in labels]}


def _page(matrix: NDArray[Any], described: dict[str, Any], title: str) -> str:
    style = (STATIC / "widget.css").read_text(encoding="utf-8")
    script = (STATIC / "matrix.js").read_text(encoding="utf-8")
    head, code, data, policy = inline(script, style)
    blocks = (json.dumps(described).encode(), np.ascontiguousarray(matrix).tobytes())
    data += [
        f'<script type="text/plain" id="aw-block-{number}">{packed(block)}</script>'
        for number, block in enumerate(blocks)
    ]
    data.append('<script type="text/plain" id="aw-end"></script>')
    language = "en" if described["locale"] == "auto" else described["locale"]
    return document(title, language, head, code, data, policy)


def _height(matrix: NDArray[Any], columns: dict[str, Any]) -> int:
    """What the page takes in a cell of usual width; js/matrix.ts fills it."""
    n, m = map(int, matrix.shape)
    wide = min(_CELL, _WIDTH / m)
    high: float = min(_CELL, _MAP / n, wide if n == m else max(wide, _LINE))
    longest = max(map(len, columns["labels"] or ()), default=0)
    return round(n * high) + _AROUND + _EDGE + max(_COUNTED, min(_LABEL, _LETTER * longest))
