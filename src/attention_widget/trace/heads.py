"""A trace's heads as a data frame, and what it shows in words.

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

    def describe(self, max_characters: int = 4000) -> str:
        """What the trace shows, in a few lines of plain text: for language models, screen readers
        and logs.

        The lines name the model and its kinds of attention, what is exact, the text, its tokens,
        the heads that a detector of ``measures.DETECTORS`` is sure of, with their scores, and the
        heads of :func:`measures.suggest_heads`, each with the pair of words that stands out and its
        strongest other edges between tokens that are not special. What the model or a person wrote
        stands in quotation marks, on one line. Of a long text labels and edges follow from 256
        queries, evenly spaced, which is said beside the labels.

        >>> print(trace.describe())
        One forward pass of "...minilm..."; encoder: 6 layers × 12 heads.
        ...
        - 0.1: 1 "Attention" → 4 "novel" 0.575; ...

        Args:
            max_characters: the text is at most so long; lines that do not fit are counted.

        Raises:
            ValueError: the number is smaller than 500, or none.
        """
        said: str = provided("tell")(self, max_characters)
        return said


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
