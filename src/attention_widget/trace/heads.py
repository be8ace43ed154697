"""A trace's heads as a data frame.

What is said of heads is counted in the room of measures, above this one: the package provides it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from attention_widget._util.provided import provided
from attention_widget.errors import NotInstalledError

if TYPE_CHECKING:
    import pandas


class WithHeads:
    """What a trace says of its heads."""

    def heads(self) -> pandas.DataFrame:
        """Every head as a row of a data frame: its kind, layer and head, its summaries, and the
        label of what it does where a detector is sure, else "".

        The columns are those of :func:`measures.head_table`, which needs no pandas;
        ``measures.DETECTORS`` has their definitions, papers and thresholds.

        >>> heads = trace.heads()
        >>> heads.loc[heads.label == "previous", ["layer", "head"]].values.tolist()[0]
        [0, 2]

        Raises:
            ModuleNotFoundError: pandas is not installed.
            LookupError: the text was read in windows.
        """
        return frame_of(provided("head_table")(self), "trace.heads()")


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
