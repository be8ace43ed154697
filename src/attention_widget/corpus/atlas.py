"""What every head of a model does over a corpus."""

from __future__ import annotations

import os
import reprlib
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attention_widget.corpus.accumulator import Accumulator
from attention_widget.corpus.atlas_file import read_file, write_file
from attention_widget.corpus.atlas_on_screen import AtlasOnScreen
from attention_widget.corpus.atlas_table import AtlasTable
from attention_widget.corpus.example import Example
from attention_widget.corpus.findings import Scanned
from attention_widget.corpus.headvis_folder import write_headvis
from attention_widget.corpus.held_bytes import nbytes_of
from attention_widget.corpus.kept_examples import examples_of, row_of
from attention_widget.corpus.merging import merged
from attention_widget.measures.detectors import head_labels
from attention_widget.trace.kind import Kind


class HeadAtlas(AtlasTable, AtlasOnScreen):
    """What every head of a model does over a corpus: :func:`scan` makes it.

    The heads are rows in the order of :func:`attention_widget.measures.head_table`, and a summary
    of a head is its mean over all queries of the corpus that count for it. Atlases of parts of a
    corpus merge to the atlas of the whole, bit for bit; see :meth:`merge`.

    >>> atlas.n_heads, atlas.n_texts
    (72, 64)
    >>> atlas.columns["previous"].argmax().item()  # layer 0, head 2
    2
    """

    def __init__(self, accumulated: Accumulator) -> None:
        """What was accumulated is the atlas's from here on."""
        self._held = accumulated

    @property
    def scanned(self) -> Scanned:
        """The model, its heads, the summaries and the settings of the scan."""
        return self._held.scanned

    @property
    def model_name(self) -> str:
        return self.scanned.model_name

    @property
    def n_heads(self) -> int:
        return self.scanned.n_heads

    @property
    def n_texts(self) -> int:
        return self._held.n_texts

    @property
    def n_pieces(self) -> int:
        """How many texts the model read: one that was split counts as often as it has pieces."""
        return self._held.n_pieces

    @property
    def n_tokens(self) -> int:
        """Of all texts, special tokens among them."""
        return self._held.n_tokens

    @property
    def n_examples(self) -> int:
        """How many of the strongest edges of each head are kept."""
        return self._held.n_examples

    @property
    def names(self) -> tuple[str, ...]:
        """Of the summaries."""
        return self.scanned.names

    @property
    def fingerprint(self) -> int:
        """Of the texts' numbers and tokens: atlases of the same texts have the same."""
        return self._held.fingerprint

    @property
    def missing(self) -> tuple[range, ...]:
        """The numbers of texts before the last one that were not read, such as those of a shard
        that was not merged."""
        return self._held.blocks.missing()

    @property
    def nbytes(self) -> int:
        """Bytes that it takes in memory: its numbers, its examples and their texts.

        >>> atlas.nbytes < 10_000_000
        True
        """
        return nbytes_of(self._held)

    @cached_property
    def columns(self) -> Mapping[str, NDArray[Any]]:
        """A column (head,) for each of kind, layer and head, for the mean of each summary, NaN
        where it is not known, and ``label``: what the head does where a detector is sure, else
        ""; see :func:`attention_widget.measures.head_labels`."""
        scanned, means = self.scanned, self._held.means()
        columns: dict[str, NDArray[Any]] = {
            "kind": np.array(scanned.kinds, np.str_),
            "layer": np.array(scanned.layers, np.intp),
            "head": np.array(scanned.heads, np.intp),
            **dict(zip(scanned.names, means, strict=True)),
        }
        typical = self.n_tokens // max(self.n_pieces, 1)
        columns["label"] = head_labels(dict(zip(scanned.names, means, strict=True)), typical)
        return MappingProxyType(columns)

    def counts(self, name: str) -> NDArray[np.int64]:
        """Over how many queries each head's mean of a summary is (head,).

        >>> atlas.counts("entropy").max().item() == atlas.n_tokens
        True

        Raises:
            LookupError: there is no summary of this name.
        """
        return np.array(self._held.counts[self._place_of(name)])

    def histogram(self, name: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """How a summary is spread over the texts: the edges of bins (bin + 1,) and in how many
        texts the head's mean over the text is in each (head, bin).

        The bins are as wide as a power of two, the same for all heads. A bin holds its lower edge,
        and the last one of a summary from 0 to 1 holds 1.

        >>> edges, counts = atlas.histogram("previous")
        >>> edges[[0, -1]].tolist(), counts[2].sum().item()
        ([0.0, 1.0], 64)

        Raises:
            LookupError: there is no summary of this name.
        """
        return self._held.distribution.histogram(self._place_of(name))

    def examples(self, layer: int, head: int, kind: Kind | None = None) -> list[Example]:
        """Texts in which the head attends most to one token, strongest first, and then two for
        each decile of that weight over the corpus, weakest first.

        Those of the deciles are of an even sample of the corpus, the same for all heads. A decile
        from which the sample has fewer texts has fewer.

        >>> [first, *_] = atlas.examples(layer=0, head=2)
        >>> first.query - first.key, round(first.weight, 2)
        (1, 1.0)

        Raises:
            LookupError: there is no such head.
            ValueError: both an encoder and a decoder have the layer, and ``kind`` is not given.
        """
        return examples_of(self._held, row_of(self.scanned, layer, head, kind))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write all of it as one file, which :meth:`load` and :meth:`merge` read. A file that
        stands there is replaced once all is written.

        >>> atlas.save("heads.atlas")
        >>> HeadAtlas.load("heads.atlas").n_texts
        64

        Raises:
            OSError: the file cannot be written; where the disk is full a ``DiskFullError``.
        """
        write_file(path, self._held)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> HeadAtlas:
        """The atlas of a file that :meth:`save` or a scan with ``path`` wrote.

        >>> atlas.save("heads.atlas")
        >>> HeadAtlas.load("heads.atlas").model_name == atlas.model_name
        True

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: it is damaged, of a later version, or no atlas.
        """
        return cls(read_file(path))

    @classmethod
    def merge(cls, *parts: HeadAtlas | str | os.PathLike[str]) -> HeadAtlas:
        """The atlas of all texts of several: atlases, or files of them, in any order.

        It equals the atlas of one scan of all these texts, bit for bit.

        >>> merged = HeadAtlas.merge(atlas)
        >>> merged.n_texts
        64

        Raises:
            ValueError: none is given; they are of different models, tokenizers or settings; or two
                of them hold the same text.
        """
        held = [part._held if isinstance(part, HeadAtlas) else part for part in parts]
        return cls(merged(held))

    def __reduce__(self) -> tuple[type[HeadAtlas], tuple[Accumulator]]:
        return HeadAtlas, (self._held,)  # engines send it between processes

    def to_headvis(
        self, folder: str | os.PathLike[str], model: Any = None, tokenizer: Any = None
    ) -> None:
        """Write a folder that the program of HeadVis shows (Luger, Kamath et al. 2026,
        https://transformer-circuits.pub/2026/headvis), and that
        :class:`attention_widget.corpus.HeadVisData` reads.

        Its metrics are those of :func:`attention_widget.corpus.headvis_metrics` and, under the
        names of this package, the other summaries. With the model, which reads them again, the
        texts of each head's examples stand in it too, with the 8 highest weights of each query, of
        0.005 or more, as HeadVis keeps them; without it there are no texts.

        >>> atlas.to_headvis("headvis")

        Raises:
            ValueError: there are files in the folder; the model is another than was scanned; or an
                encoder and a decoder were.
            OSError: the folder cannot be written.
        """
        write_headvis(self, self._held, folder, model, tokenizer)

    def __repr__(self) -> str:
        labels, counts = np.unique(self.columns["label"], return_counts=True)
        called = [f"{count} {label}" for label, count in zip(labels, counts, strict=True) if label]
        missing = sum(map(len, self.missing))
        return (
            f"<HeadAtlas of {reprlib.repr(self.model_name)}: {self.n_heads} heads over "
            f"{_counted(self.n_texts, 'text')}, {_counted(self.n_tokens, 'token')}"
            + (f"; {', '.join(called)}" if called else "")
            + (f"; {_counted(missing, 'text')} not read" if missing else "")
            + ">"
        )


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
