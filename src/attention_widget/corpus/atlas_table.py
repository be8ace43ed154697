"""The heads of an atlas as a table."""

from __future__ import annotations

import os
import reprlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attention_widget._util.files import place_for, replacing
from attention_widget._util.integers import as_integer
from attention_widget.errors import InvalidValueError, NotFoundError, NotInstalledError
from attention_widget.trace.heads import frame_of
from attention_widget.trace.kind import Kind

if TYPE_CHECKING:
    import pandas


class AtlasTable:
    """What has a row for each head, and a column for each summary."""

    @property
    def names(self) -> tuple[str, ...]:
        raise NotImplementedError

    @property
    def columns(self) -> Mapping[str, NDArray[Any]]:
        raise NotImplementedError

    def best(self, summary: str, count: int = 5) -> list[tuple[Kind, int, int, float]]:
        """The heads with the highest means of a summary: kind, layer, head and the mean. A head of
        which it is not known is none of them.

        >>> atlas.best("previous", 1)
        [('encoder', 0, 2, 0.9...)]

        Raises:
            LookupError: there is no summary of this name.
            ValueError: count is no positive integer.
        """
        number = as_integer(count)
        if number is None or number < 1:
            raise InvalidValueError(f"count must be 1 or more, got {count!r}")
        columns = self.columns
        means = columns[self.names[self._place_of(summary)]]
        order = np.argsort(-means, kind="stable")[: np.isfinite(means).sum()]
        places = (columns[name][order[:number]].tolist() for name in ("kind", "layer", "head"))
        return list(zip(*places, means[order[:number]].tolist(), strict=True))

    def to_pandas(self) -> pandas.DataFrame:
        """Every head as a row of a data frame, with the columns of ``columns``.

        >>> heads = atlas.to_pandas()
        >>> heads.loc[heads.label == "previous", ["layer", "head"]].values.tolist()[0]
        [0, 2]

        Raises:
            ModuleNotFoundError: pandas is not installed.
        """
        return frame_of(self.columns, "atlas.to_pandas()")

    def to_parquet(self, path: str | os.PathLike[str]) -> None:
        """Write the data frame of :meth:`to_pandas` as a Parquet file.

        >>> atlas.to_parquet("heads.parquet")  # doctest: +SKIP

        Raises:
            ModuleNotFoundError: pandas or pyarrow is not installed.
            OSError: the file cannot be written.
        """
        place = place_for(path)
        frame = frame_of(self.columns, "atlas.to_parquet()")
        try:
            import pyarrow  # noqa: F401
        except ImportError as error:
            raise NotInstalledError(
                "atlas.to_parquet() writes with pyarrow, which must be installed: "
                'pip install "attention-widget[parquet]"'
            ) from error
        with replacing(place) as beside:
            frame.to_parquet(beside, engine="pyarrow", index=False)

    def _place_of(self, summary: str) -> int:
        """Where a summary is among ``names``; LookupError if it is none of them."""
        if summary not in self.names:
            raise NotFoundError(
                f"the summary must be one of {', '.join(self.names)}, got {reprlib.repr(summary)}"
            )
        return self.names.index(summary)
