"""What others published of heads, in the files of HeadVis."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from attention_widget._util.files import user_path
from attention_widget._util.integers import as_integer
from attention_widget.errors import FileMissingError, InvalidValueError, NotFoundError
from attention_widget.trace.heads import frame_of

if TYPE_CHECKING:
    import pandas

_OTHER_NAMES: Final = {"prev_token_score": "previous_token_score"}  # as Neuronpedia writes them


@dataclass(frozen=True, eq=False)
class HeadVisText:
    """A text with the highest weights of one head, as a file of HeadVis keeps them."""

    sequence_id: int
    interval: int
    """1 for the texts with the lowest highest weights, :attr:`HeadVisData.n_intervals` for the
    highest."""
    tokens: tuple[str, ...]
    queries: NDArray[np.intp]  # (edge,)
    keys: NDArray[np.intp]  # (edge,)
    weights: NDArray[np.float64]  # (edge,)
    max_activation: float
    """The highest weight, but for the diagonal and the first token."""

    def attention(self) -> NDArray[np.float64]:
        """The weights that are kept (query, key), and 0 where the file keeps none: HeadVis keeps
        the highest of each query."""
        found = np.zeros((len(self.tokens), len(self.tokens)))
        found[self.queries, self.keys] = self.weights
        return found


class HeadVisData:
    """A folder in the format of HeadVis, as :meth:`HeadAtlas.to_headvis`, HeadVis's own program and
    the exports of Neuronpedia (``<model>/headvis/<dataset>/``) write it.

    Luger, Kamath et al. 2026 (https://transformer-circuits.pub/2026/headvis); the format is
    described in ``data_pipeline.py`` of https://github.com/anthropics/headvis.

    >>> from attention_widget.corpus import HeadVisData
    >>> atlas.to_headvis("data", model, tokenizer)
    >>> held = HeadVisData("data")
    >>> held.columns["previous_token_score"].argmax().item()  # layer 0, head 2
    2

    Raises:
        FileNotFoundError: the folder, or a file of it, is not there.
        ValueError: a file holds something else.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = user_path(folder)
        self._config = _object(self.folder / "config.json")
        rows = _read(self.folder / "scatter_data.json")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise _other(self.folder / "scatter_data.json", "a list of rows")
        self._rows: list[dict[str, Any]] = rows

    @property
    def model_name(self) -> str:
        return str(self._config.get("model_name", ""))

    @property
    def n_intervals(self) -> int:
        return as_integer(self._config.get("n_intervals")) or 0

    @property
    def descriptions(self) -> Mapping[str, str]:
        """What each metric is, in the words of the folder."""
        given = self._config.get("metric_descriptions")
        told: dict[str, Any] = given if isinstance(given, dict) else {}
        return {_OTHER_NAMES.get(name, name): str(text) for name, text in told.items()}

    @cached_property
    def columns(self) -> Mapping[str, NDArray[Any]]:
        """A column (head,) for layer and head, and for each metric, NaN where there is none."""
        path = self.folder / "scatter_data.json"
        found: dict[str, NDArray[Any]] = {}
        for name in ("layer", "head"):
            values = [as_integer(row.get(name)) for row in self._rows]
            if None in values:
                raise _other(path, f"whole numbers as {name!r}")
            found[name] = np.array(values, np.intp)
        for name in dict.fromkeys(name for row in self._rows for name in row):
            if name not in found:
                given = [row.get(name) for row in self._rows]
                if not all(one is None or isinstance(one, int | float) for one in given):
                    raise _other(path, f"numbers as {name!r}")
                numbers = [np.nan if one is None else float(one) for one in given]
                found[_OTHER_NAMES.get(name, name)] = np.array(numbers, np.float64)
        return MappingProxyType(found)

    def texts(self, layer: int, head: int) -> list[HeadVisText]:
        """The texts of a head, in the order of its file.

        >>> from attention_widget.corpus import HeadVisData
        >>> atlas.to_headvis("texts", model, tokenizer)
        >>> HeadVisData("texts").texts(0, 2)[0].interval
        10

        Raises:
            LookupError: there is no such head.
            ValueError: its file holds something else.
        """
        places = zip(self.columns["layer"].tolist(), self.columns["head"].tolist(), strict=True)
        if (layer, head) not in set(places):
            raise NotFoundError(
                f"there must be such a head in {str(self.folder)!r}, got layer {layer!r}, head "
                f"{head!r}"
            )
        path = self.folder / "heads" / f"L{layer}H{head}.json"
        told = _object(path).get("sequences")
        if not isinstance(told, list):
            raise _other(path, "a list of sequences")
        try:
            return [_text(one) for one in told]
        except (TypeError, ValueError, LookupError, OverflowError) as error:
            raise _other(path, "sequences with tokens and the weights between them") from error

    def to_pandas(self) -> pandas.DataFrame:
        """Every head as a row of a data frame, with the columns of ``columns``.

        >>> from attention_widget.corpus import HeadVisData
        >>> atlas.to_headvis("frame")
        >>> len(HeadVisData("frame").to_pandas())
        72

        Raises:
            ModuleNotFoundError: pandas is not installed.
        """
        return frame_of(self.columns, "HeadVisData.to_pandas()")

    def __repr__(self) -> str:
        return f"<HeadVisData of {self.model_name!r:.80}: {len(self._rows)} heads>"


def _text(told: Any) -> HeadVisText:
    tokens = tuple(map(str, told["tokens"]))
    places = np.array(told["attention_indices"], np.intp).reshape(-1)
    weights = np.array(told["attention_values"], np.float64).reshape(-1)
    n = len(tokens)
    if len(places) != len(weights) or ((places < 0) | (places >= n * n)).any():
        raise InvalidValueError("attention must be between tokens of the text, got others")
    queries, keys = np.divmod(places, max(n, 1))
    return HeadVisText(
        sequence_id=int(told.get("sequence_id", -1)),
        interval=int(told["interval"]),
        tokens=tokens,
        queries=queries,
        keys=keys,
        weights=weights,
        max_activation=float(told.get("max_activation", np.nan)),
    )


def _object(path: Path) -> dict[str, Any]:
    found = _read(path)
    if not isinstance(found, dict):
        raise _other(path, "a JSON object")
    return found


def _read(path: Path) -> Any:
    if not path.is_file():
        raise FileMissingError(f"a folder of HeadVis must have {path.name!r}, got no {str(path)!r}")
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise _other(path, "JSON") from error


def _other(path: Path, what: str) -> InvalidValueError:
    return InvalidValueError(f"{str(path)!r} must hold {what}, got something else")
