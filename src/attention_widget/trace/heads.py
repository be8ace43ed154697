"""A trace's heads as a data frame. What is said of them is counted in the room of measures, which
stands above this one and gives its function here when it is loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from attention_widget.errors import NotInstalledError

if TYPE_CHECKING:
    import pandas

Columns = Callable[[Any], Mapping[str, NDArray[Any]]]
"""Of a trace, its columns by name."""

_told: list[Columns] = []


def told_by(columns: Columns) -> None:
    """From now on this function makes the columns."""
    _told[:] = [columns]


def columns_of(trace: Any) -> Mapping[str, NDArray[Any]]:
    """The columns of a trace; the package loads its measures whenever any of it is loaded."""
    [columns] = _told
    return columns(trace)


def frame_of(columns: Mapping[str, NDArray[Any]], asked: str) -> pandas.DataFrame:
    """A data frame of columns; NotInstalledError without pandas, which the package itself does not
    need. ``asked`` is what the user called."""
    try:
        import pandas
    except ImportError as error:
        raise NotInstalledError(
            f"{asked} gives a data frame of pandas, which must be installed: pip install pandas"
        ) from error
    return pandas.DataFrame(dict(columns))
