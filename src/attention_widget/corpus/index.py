"""An index of the vectors that a model gives the tokens of a corpus, on disk."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from attention_widget._util.files import user_path
from attention_widget._util.progress import Progress
from attention_widget._util.sizes import in_words
from attention_widget.corpus.coding import Precision, checked_precision
from attention_widget.corpus.index_building import added, begun, continued
from attention_widget.corpus.index_content import Content
from attention_widget.corpus.index_files import IndexFiles
from attention_widget.corpus.index_merging import merged
from attention_widget.corpus.index_writer import IndexWriter
from attention_widget.corpus.nearest import checked_engine
from attention_widget.corpus.part import Part, part_of
from attention_widget.corpus.searching import Searching
from attention_widget.errors import (
    InvalidTypeError,
    InvalidValueError,
    NoFolderError,
)
from attention_widget.tracing.tracer import Tracer


class Index(Searching):
    """Vectors of the tokens of a corpus, to find the nearest of: a folder on disk.

    Built while :func:`attention_widget.scan` reads the corpus (``scan(..., index=Index(...))``), or
    by :meth:`add`. It only grows: a second corpus can be added later, and building goes on after a
    kill without a lost or doubled text. A search reads it through a memory map, in parts of 16 MB.

    Of each token that is not special it holds a vector of length 1 (see ``precision``), and 4 bytes
    that say which token it is; an edge takes 12. The texts and the ids of their tokens take 12
    bytes a token and the length of the text beside that. ``index`` says what it takes all in all.

    >>> from attention_widget.corpus import Index
    >>> index = Index("novels1", of=("hidden", 6)).add(model, ["I read a novel.", "She sang."])
    >>> index
    Index('novels1', hidden states 6 of ..., 2 texts, 8 vectors of 384 × float16, ... bytes a token)
    >>> index.nearest(trace, 4, n=1)[0].context
    'I read a [novel].'

    Parameters
    ----------
    path
        The folder. Its own folder must be there.
    of
        What it holds: ``("hidden", index)``, hidden states as :meth:`Trace.hidden_states` counts
        them; ``("queries", layer, head)`` or ``("keys", layer, head)``, as they enter the product
        of a head, without the turn of rotary positions; ``("edges", layer, head)``, of each query
        the strongest edge to another token, for :meth:`like`. Negative layers count from the
        last. Of an encoder-decoder its encoder is meant. None opens an index that is there.
    precision
        "float16", or "8bit": half as many bytes, and scores that are less exact. ``index.error``
        says by how much a score may differ from the exact cosine.
    corpus
        The name under which texts are added: each corpus counts its texts from 0.
    engine
        "faiss" (the extra ``search``) or "numpy"; FAISS where it is installed, if None. Both
        compare all vectors and find the same.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        of: Part | tuple[Any, ...] | None = None,
        *,
        precision: Precision | None = None,
        corpus: str = "corpus",
        engine: str | None = None,
    ) -> None:
        self._folder: Path = user_path(path)
        self._asked = None if of is None else part_of(of)
        self._precision = None if precision is None else checked_precision(precision)
        if not isinstance(corpus, str) or not corpus.strip():
            raise InvalidValueError(f"corpus must be a name, got {corpus!r:.80}")
        self.corpus = corpus
        self.engine = checked_engine(engine)
        if IndexFiles.exists(self._folder) or of is None:
            content = self._read().content
            if self._precision not in (None, content.precision):
                raise InvalidValueError(
                    f"precision must be {content.precision}, as the index {self._name} was built "
                    f"with, got {precision}; name another folder"
                )
            if self._asked is not None and self._asked.layer >= 0 and self._asked != content.part:
                raise self._of_another(self._asked, content)
        elif not self._folder.parent.is_dir():
            raise NoFolderError(
                f"there is no folder {str(self._folder.parent)!r} to put the index into; make it"
            )
        elif self._folder.exists() and (not self._folder.is_dir() or any(self._folder.iterdir())):
            raise InvalidValueError(
                f"path must be the name of a new folder or of an index, and {self._name} is "
                f"neither; name another"
            )

    @property
    def of(self) -> Part:
        """What it holds."""
        return self._read().content.part if self._is_there else self._wanted

    @property
    def n_texts(self) -> int:
        """Texts, each part of a long one counted."""
        return self._content.n_texts if self._is_there else 0

    @property
    def n_vectors(self) -> int:
        """Tokens, or edges, that can be found."""
        return self._content.n_vectors if self._is_there else 0

    @property
    def n_tokens(self) -> int:
        """Tokens of all texts, special ones too."""
        return self._content.n_tokens if self._is_there else 0

    @property
    def nbytes(self) -> int:
        """Bytes on disk."""
        return self._read().files.nbytes if self._is_there else 0

    @property
    def bytes_a_token(self) -> float:
        """Bytes on disk for each token of the texts; NaN where there is none."""
        return self.nbytes / self.n_tokens if self.n_tokens else float("nan")

    @property
    def error(self) -> float:
        """By how much a score may differ from the exact one, at most: the largest distance of a
        vector of length 1 from what is kept of it."""
        return self._content.error

    @property
    def corpora(self) -> tuple[str, ...]:
        """The names of the corpora of which it holds texts."""
        return tuple(self._content.corpora) if self._is_there else ()

    def add(
        self, model: Any, texts: Iterable[Any], tokenizer: Any = None, *, progress: bool = True
    ) -> Index:
        """Read texts one after the other and put them in; the index itself.

        ``texts`` is what :func:`attention_widget.scan` takes as its dataset: those that the index
        holds are left out, so a call that was interrupted can be made again. ``scan`` with this
        index does the same and leaves an atlas too. ``progress`` shows how many texts are read.

        >>> from attention_widget.corpus import Index
        >>> index = Index("novels2", of=("hidden", 6)).add(model, ["I read a novel."])
        >>> index.n_texts, index.add(model, ["I read a novel.", "She sang."]).n_texts
        (1, 2)

        Raises:
            ValueError: the index was built with another model, or holds another text of a number.
            DiskFullError: there is no space; the index is as it was at the last block of 64 texts.
        """
        tracer = Tracer(model, tokenizer, progress=False)
        total = len(texts) if isinstance(texts, list | tuple) else None
        with Progress("indexing", "text", total, wanted=progress) as bar:
            added(self.writer(tracer), tracer, texts, bar.reach)
        return self

    def writer(self, tracer: Tracer) -> IndexWriter:
        """What puts texts in; for use in ``with``, which drops what was not committed. It checks
        that the index fits the model, and makes the folder.

        >>> from attention_widget.corpus import Index
        >>> from attention_widget.tracing.tracer import Tracer
        >>> with Index("written", of=("hidden", 6)).writer(Tracer(model, tokenizer)) as writer:
        ...     writer.put_trace(0, 0, trace.texts[0], trace)
        ...     writer.commit()
        >>> Index("written").n_texts
        1
        """
        if not self._is_there:
            return begun(tracer, self._folder, self._wanted, self._precision, self.corpus)
        return continued(tracer, self._folder, self._asked, self.corpus)

    @classmethod
    def merge(cls, path: str | os.PathLike[str], *parts: Index) -> Index:
        """One index of several of the same model, as the shards of a scan leave them.

        What the folder ``path`` holds already stays. A text that several hold is put in once.

        >>> from attention_widget.corpus import Index
        >>> one = Index("one3", of=("hidden", 6)).add(model, ["I read a novel."])
        >>> other = Index("other", of=("hidden", 6), corpus="songs").add(model, ["She sang."])
        >>> Index.merge("both", one, other).n_texts
        2

        Raises:
            ValueError: they are of different models, or of different vectors.
        """
        if not parts or not all(isinstance(part, Index) for part in parts):
            raise InvalidTypeError(
                f"merge takes an Index or several after the path, got "
                f"{', '.join(type(part).__name__ for part in parts) or 'none'}"
            )
        merged(user_path(path), [part._read() for part in parts])
        return cls(path)

    def __repr__(self) -> str:
        if not self._is_there:
            return f"Index({str(self._folder)!r}, {self._wanted}, empty)"
        reader = self._read()
        content = reader.content
        kept = f"{content.dim} × {content.precision}" if content.dim else content.precision
        turned = "" if content.turn is not None or not content.turns else ", by position too"
        texts = f"{content.n_texts:,} text{'s' * (content.n_texts != 1)}"
        size = f"{self.bytes_a_token:,.0f} bytes a token" if content.n_tokens else "empty"
        return (
            f"Index({str(self._folder)!r}, {content.part} of {content.model_name!r:.60}, {texts}, "
            f"{content.n_vectors:,} vectors of {kept}{turned}, {in_words(self.nbytes)}, {size})"
        )

    @property
    def _is_there(self) -> bool:
        return IndexFiles.exists(self._folder)

    @property
    def _wanted(self) -> Part:
        if self._asked is None:
            return self._content.part
        return self._asked

    @property
    def _content(self) -> Content:
        return self._read().content

    def _of_another(self, asked: Part, content: Content) -> InvalidValueError:
        return InvalidValueError(
            f"of must be the {content.part}, which the index {self._name} holds, got the {asked}; "
            f"name another folder"
        )
