"""How an index is searched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from attention_widget._util.integers import as_integer
from attention_widget.corpus import approximate
from attention_widget.corpus.coding import units
from attention_widget.corpus.head_edges import edges_at, strongest_edges
from attention_widget.corpus.index_content import Content
from attention_widget.corpus.index_reader import IndexReader
from attention_widget.corpus.index_writer import block_of
from attention_widget.corpus.match import Matches
from attention_widget.corpus.nearest import Engine
from attention_widget.corpus.turned_back import turned_back
from attention_widget.errors import InvalidTypeError, InvalidValueError, NotFoundError
from attention_widget.trace.block import Array
from attention_widget.trace.indices import index_of
from attention_widget.trace.trace import Trace


class Searching:
    """The searches of an :class:`Index`."""

    engine: Engine
    _folder: Path

    def nearest(
        self,
        given: Trace | Any,
        token: int | None = None,
        n: int = 10,
        *,
        approximately: bool = False,
    ) -> Matches:
        """The contexts in the corpus in which a token is most like one of a trace, or a vector.

        The score is the cosine of two vectors: of hidden states, of queries or of keys, as ``of``
        says. Hidden states tell words by what they mean in their text (Ethayarajh 2019,
        https://arxiv.org/abs/1909.00512). All vectors are compared, unless ``approximately``, for
        which see :meth:`speed_up`.

        Args:
            given: a trace by the same model, or a vector (dim,).
            token: of the trace, counted from 0.
            n: how many.

        >>> from attention_widget.corpus import Index
        >>> index = Index("novels9", of=("hidden", 6)).add(model, ["I read a novel.", "She sang."])
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
                raise InvalidValueError(
                    f"token must be left out beside a vector, got {token!r:.80}"
                )
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
        tell induction pairs from others better than either alone (``docs/searching.md``). All edges
        are compared.

        Args:
            trace: by the same model.
            query: the token that attends.
            key: the token that it attends to; the strongest, as above, if None.
            min_weight: the least weight of an edge; half of the weight of the edge asked for, if
                None.

        >>> from attention_widget.corpus import Index
        >>> index = Index("novels10", of=("edges", 3, 7)).add(model, ["I read a good novel."])
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
            to, weight, vector = (
                int(own.keys[place[0]]),
                own.weights[place[0]],
                own.vectors[place[0]],
            )
        else:
            to = index_of("key", key, len(trace.tokens))
            weight = block.attention(heads=head, queries=at)[0, 0, to]
            pair = np.array([at]), np.array([to]), np.array([weight])
            vector = edges_at(block, head, *pair, content.turn).vectors[0]
        least = float(weight) / 2 if min_weight is None else min_weight
        labels = trace.tokens[at].label, trace.tokens[to].label
        asked = (
            f"the edge {labels[0]!r} → {labels[1]!r} ({float(weight):.2f}), at least {least:.2f}"
        )
        return reader.nearest(vector, count, asked, self.engine, least)

    def word(self, word: str, n: int = 10) -> Matches:
        """Where a word, or several in a row, stand in the corpus, in order; upper and lower case
        are the same.

        >>> from attention_widget.corpus import Index
        >>> index = Index("novels11", of=("hidden", 6)).add(model, ["I read a novel.", "A novel"])
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

        >>> from attention_widget.corpus import Index
        >>> index = Index("novels12", of=("hidden", 6)).add(model, ["I read a novel."])
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

    @property
    def _name(self) -> str:
        return repr(str(self._folder))

    def _read(self) -> IndexReader:
        return IndexReader.opened(self._folder)

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
        if not vector.any():
            raise InvalidValueError(
                "the vector must not be all zeros, which point nowhere and have no cosine; got "
                f"{len(vector)} zeros"
            )
        return vector


def _counted(n: Any) -> int:
    count = as_integer(n)
    if count is None or count < 1:
        raise InvalidValueError(f"n must be a number of matches, 1 or more, got {n!r:.80}")
    return count
