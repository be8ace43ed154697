"""An index of the vectors that a model gives the tokens of a corpus, on disk."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from attention_widget._util.files import user_path
from attention_widget._util.integers import as_integer
from attention_widget._util.progress import Progress
from attention_widget._util.sizes import in_words
from attention_widget.corpus import approximate
from attention_widget.corpus.coding import Precision, checked_precision, units
from attention_widget.corpus.head_edges import edges_at, strongest_edges
from attention_widget.corpus.index_building import added, begun, continued
from attention_widget.corpus.index_content import Content
from attention_widget.corpus.index_files import IndexFiles
from attention_widget.corpus.index_merging import merged
from attention_widget.corpus.index_reader import IndexReader
from attention_widget.corpus.index_writer import IndexWriter, block_of
from attention_widget.corpus.match import Matches
from attention_widget.corpus.nearest import checked_engine
from attention_widget.corpus.part import Part, part_of
from attention_widget.corpus.turned_back import turned_back
from attention_widget.errors import (
    InvalidTypeError,
    InvalidValueError,
    NoFolderError,
    NotFoundError,
)
from attention_widget.trace.block import Array
from attention_widget.trace.indices import index_of
from attention_widget.trace.trace import Trace
from attention_widget.tracing.tracer import Tracer


class Index:
    """Vectors of the tokens of a corpus, to find the nearest of: a folder on disk.

    Built while :func:`attention_widget.scan` reads the corpus (``scan(..., index=Index(...))``), or
    by :meth:`add`. It only grows: a second corpus can be added later, and building goes on after a
    kill without a lost or doubled text. A search reads it through a memory map, in parts of 16 MB.

    Of each token that is not special it holds a vector of length 1 (see ``precision``), and 4 bytes
    that say which token it is; an edge takes 12. The texts and the ids of their tokens take 12
    bytes a token and the length of the text beside that. ``index`` says what it takes all in all.

    >>> index = Index("novels", of=("hidden", 6)).add(model, ["I read a novel.", "She sang."])
    >>> index
    Index('novels', hidden states 6 of ..., 2 texts, 8 vectors of 384 × float16, ... bytes a token)
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
        "faiss" (the extra ``search``) or "numpy"; FAISS where it is installed, if None. Both compare
        all vectors and find the same.
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

    def add(self, model: Any, texts: Iterable[Any], tokenizer: Any = None) -> Index:
        """Read texts one after the other and put them in; the index itself.

        ``texts`` is what :func:`attention_widget.scan` takes as its dataset: those that the index
        holds are left out, so a call that was interrupted can be made again. ``scan`` reads
        several texts at once and so is faster; it leaves an atlas too.

        >>> index = Index("novels", of=("hidden", 6)).add(model, ["I read a novel."])
        >>> index.n_texts, index.add(model, ["I read a novel.", "She sang."]).n_texts
        (1, 2)

        Raises:
            ValueError: the index was built with another model, or holds another text of a number.
            DiskFullError: there is no space; the index is as it was at the last block of 64 texts.
        """
        tracer = Tracer(model, tokenizer, progress=False)
        total = len(texts) if isinstance(texts, list | tuple) else None
        with Progress("indexing", "text", total) as bar:
            added(self, tracer, texts, bar.reach)
        return self

    def writer(self, tracer: Tracer) -> IndexWriter:
        """What puts texts in; for use in ``with``, which drops what was not committed. It checks
        that the index fits the model, and makes the folder."""
        if not self._is_there:
            return begun(tracer, self._folder, self._wanted, self._precision, self.corpus)
        return continued(tracer, self._folder, self._asked, self.corpus)

    @classmethod
    def merge(cls, path: str | os.PathLike[str], *parts: Index) -> Index:
        """One index of several of the same model, as the shards of a scan leave them.

        What the folder ``path`` holds already stays. A text that several hold is put in once.

        >>> one = Index("one", of=("hidden", 6)).add(model, ["I read a novel."])
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

    def nearest(
        self,
        given: Trace | Any,
        token: int | None = None,
        n: int = 10,
        *,
        approximately: bool = False,
    ) -> Matches:
        """The contexts in the corpus in which a token is most like one of a trace, or like a vector.

        The score is the cosine of two vectors: of hidden states, of queries or of keys, as ``of``
        says. Hidden states tell words by what they mean in their text (Ethayarajh 2019,
        https://arxiv.org/abs/1909.00512). All vectors are compared, unless ``approximately``, for
        which see :meth:`speed_up`.

        Args:
            given: a trace by the same model, or a vector (dim,).
            token: of the trace, counted from 0.
            n: how many.

        >>> index = Index("novels", of=("hidden", 6)).add(model, ["I read a novel.", "She sang."])
        >>> [match.tokens[match.token] for match in index.nearest(trace, 4, n=2)]
        ['novel', ...]
        >>> index.nearest(trace.hidden_states(6)[4], n=1)[0].token
        4

        Raises:
            LookupError: the trace has no such token, or lacks what the index holds.
            ValueError: the trace is of another model, or the vector of another size; an index of
                edges is searched by :meth:`like`.
        """
        reader = self._read()
        content = reader.content
        if content.part.what == "edges":
            raise InvalidValueError(
                f"an index of edges is searched by like(trace, query); {self._name} holds the "
                f"{content.part}"
            )
        count = _counted(n)
        if not isinstance(given, Trace):
            if token is not None:
                raise InvalidValueError(f"token must be left out beside a vector, got {token!r:.80}")
            vector = self._checked(given, content)
            asked = "a vector"
        else:
            self._check_trace(given, content)
            at = index_of("token", token, len(given.tokens))
            vector = self._vector(given, at, content)
            asked = repr(given.tokens[at].label)
        vector = units(vector[None])[0]
        if approximately:
            return approximate.searched(reader, vector, count, asked, self.engine)
        return reader.nearest(vector, count, asked, self.engine)

    def like(
        self,
        trace: Trace,
        query: int,
        key: int | None = None,
        n: int = 10,
        *,
        min_weight: float | None = None,
    ) -> Matches:
        """Where in the corpus the head attends as it does here.

        Of each query of the corpus the index holds the strongest edge to another token: neither is
        special, and the key is not the text's first token. The score of an edge (i, j) beside the
        one asked for, (i*, j*), is

            ½ · cos(q_i, q_i*) + ½ · cos(k_j, k_j*)

        of the queries and keys as they enter the product ``q · k`` of the head, both turned back by
        the position of the query where the model has rotary positions: that leaves the product
        as it is, and a score does not depend on where in the text the edge stands. The query says
        what the head looks for, the key what it finds; an edge is alike if both are. Both together
        tell induction pairs from others better than either alone (``docs/search.md``). All edges
        are compared.

        Args:
            trace: by the same model.
            query: the token that attends.
            key: the token that it attends to; the strongest, as above, if None.
            min_weight: the least weight of an edge; half of the weight of the edge asked for, if
                None.

        >>> index = Index("novels", of=("edges", 3, 7)).add(model, ["I read a good novel."])
        >>> found = index.like(trace, 4, n=3)
        >>> found[0].score <= 1, found[0].key is not None
        (True, True)

        Raises:
            LookupError: the trace has no such token, or the query attends to no other token.
            ValueError: the trace is of another model, or the index holds no edges.
        """
        reader = self._read()
        content = reader.content
        if content.part.what != "edges":
            raise InvalidValueError(
                f"like needs an index of edges, and {self._name} holds the {content.part}; build "
                f'one: Index(path, of=("edges", layer, head)), or ask nearest(trace, token)'
            )
        count = _counted(n)
        self._check_trace(trace, content)
        at = index_of("query", query, len(trace.tokens))
        block, head = block_of(content, trace.operation(content.part.layer))
        if key is None:
            own = strongest_edges(block, head, trace.tokens, content.turn)
            place = np.flatnonzero(own.queries == at)
            if not len(place):
                raise NotFoundError(
                    f"the query {trace.tokens[at].label!r} attends to no other token of the text "
                    f"but special ones and the first; name the key"
                )
            to, weight, vector = int(own.keys[place[0]]), own.weights[place[0]], own.vectors[place[0]]
        else:
            to = index_of("key", key, len(trace.tokens))
            weight = block.attention(heads=head, queries=at)[0, 0, to]
            pair = np.array([at]), np.array([to]), np.array([weight])
            vector = edges_at(block, head, *pair, content.turn).vectors[0]
        least = float(weight) / 2 if min_weight is None else min_weight
        labels = trace.tokens[at].label, trace.tokens[to].label
        asked = f"the edge {labels[0]!r} → {labels[1]!r} ({float(weight):.2f}), at least {least:.2f}"
        return reader.nearest(vector, count, asked, self.engine, least)

    def word(self, word: str, n: int = 10) -> Matches:
        """Where a word, or several in a row, stand in the corpus, in order; upper and lower case
        are the same.

        >>> index = Index("novels", of=("hidden", 6)).add(model, ["I read a novel.", "A novel"])
        >>> [(match.number, match.token) for match in index.word("novel")]
        [(0, 4), (1, 2)]
        """
        if not isinstance(word, str) or not word.strip():
            raise InvalidValueError(f"word must be a word, got {word!r:.80}")
        return self._read().words(word.strip(), _counted(n))

    def speed_up(self, *, recall: float = 0.95) -> float:
        """Make an approximate index beside the exact one, for :meth:`nearest` with
        ``approximately=True``, and measure it; the recall that it has.

        Recall is the share of the exact 10 nearest that it finds, of 200 vectors of the index that
        are drawn by chance. It compares as few vectors as reach the ``recall`` asked for. It is
        worth it from some 100,000 vectors on, and needs FAISS. Vectors that are added later are
        compared one by one until it is made anew.

        >>> index = Index("novels", of=("hidden", 6)).add(model, ["I read a novel."])
        >>> try:
        ...     index.speed_up()
        ... except ValueError as error:
        ...     print(error)
        an approximate index needs at least 1,000 vectors, got 5; ...

        Raises:
            ModuleNotFoundError: FAISS is not installed.
            ValueError: there are too few vectors.
        """
        return approximate.made(self._read(), recall)

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
    def _name(self) -> str:
        return repr(str(self._folder))

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

    def _read(self) -> IndexReader:
        return IndexReader.opened(self._folder)

    def _of_another(self, asked: Part, content: Content) -> InvalidValueError:
        return InvalidValueError(
            f"of must be the {content.part}, which the index {self._name} holds, got the {asked}; "
            f"name another folder"
        )

    def _check_trace(self, given: Any, content: Content) -> None:
        if not isinstance(given, Trace):
            raise InvalidTypeError(f"trace must be a Trace, got {type(given).__name__}")
        if given.model_name != content.model_name:
            raise InvalidValueError(
                f"the trace must be by {content.model_name!r}, whose vectors the index "
                f"{self._name} holds, got one by {given.model_name!r}; capture the text with that "
                f"model"
            )

    def _vector(self, trace: Trace, token: int, content: Content) -> Array:
        part = content.part
        if part.what == "hidden":
            found: Array = trace.hidden_states(part.layer)[token]
            return self._checked(found, content)
        block, head = block_of(content, trace.operation(part.layer))
        both = turned_back(block, head, content.turn)
        return self._checked(both[0 if part.what == "queries" else 1][token], content)

    def _checked(self, given: Any, content: Content) -> Array:
        try:
            vector = np.asarray(given, np.float32)
        except (TypeError, ValueError) as error:
            raise InvalidTypeError(
                f"nearest takes a trace and a token, or a vector, got {type(given).__name__}"
            ) from error
        if vector.ndim != 1 or (content.dim and len(vector) != content.dim):
            raise InvalidValueError(
                f"the vector must have the shape ({content.dim},), as those of the index have, got "
                f"{vector.shape}"
            )
        if not np.isfinite(vector).all():
            raise InvalidValueError("the vector must have finite numbers, got NaN or infinity")
        return vector


def _counted(n: Any) -> int:
    count = as_integer(n)
    if count is None or count < 1:
        raise InvalidValueError(f"n must be a number of matches, 1 or more, got {n!r:.80}")
    return count
