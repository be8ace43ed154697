"""What a search found: a place in a text of the corpus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any, Final

from attention_widget._util.unicode import as_html
from attention_widget.trace.trace import Trace

_AROUND: Final = 8  # tokens of the context on each side
_STYLE: Final = "text-align:left;vertical-align:top"


@dataclass(frozen=True, eq=False, repr=False)
class Match:
    """A token, an edge or a word of a corpus, with its text.

    >>> from attention_widget.corpus import Index
    >>> index = Index("novels4", of=("hidden", 6)).add(model, ["I read a novel.", "She sang."])
    >>> match = index.nearest(trace, 4)[0]
    >>> match.number, match.tokens[match.token], match.score > 0.5
    (0, 'novel', True)
    >>> match
    Match(0..., text 0, token 4: 'I read a [novel].')
    """

    corpus: str
    number: int
    """Of the text in its corpus, from 0."""
    piece: int
    """Which stretch of the text, from 0, where it was read in parts."""
    text: str
    """As the model read it, in this piece; what the ids decode to where token ids were given."""
    tokens: tuple[str, ...]
    """Labels (token,)."""
    token_ids: tuple[int, ...]  # (token,)
    token: int
    """The token that was found; of an edge its query, of a word its first token."""
    key: int | None
    """Of an edge the token that the query attends to."""
    end: int
    """One past the last token that was found."""
    weight: float | None
    """Of an edge how much of its attention the query gives the key."""
    score: float
    """How near it is, at most 1 but for rounding; NaN of a word."""
    spans: tuple[tuple[int, int] | None, ...]
    """Of each token its characters in ``text``, None where it has none."""
    opened: Callable[[Match, Any, Any], Trace]

    @property
    def query(self) -> int:
        """The token that was found: the name that goes with ``key``.

        >>> from attention_widget.corpus import Index
        >>> index = Index("novels5", of=("edges", 3, 7)).add(model, ["I read a novel."])
        >>> match = index.like(trace, 4)[0]
        >>> match.query == match.token
        True
        """
        return self.token

    def open(self, model: Any, tokenizer: Any = None) -> Trace:
        """The trace of its text, read by the model anew: ``trace.tokens[match.token]`` is what was
        found.

        >>> from attention_widget.corpus import Index
        >>> index = Index("novels6", of=("hidden", 6)).add(model, ["I read a novel."])
        >>> match = index.nearest(trace, 4)[0]
        >>> match.open(model).tokens[match.token].text
        'novel'

        Raises:
            ValueError: it is another model than the one that the index was built with.
        """
        return self.opened(self, model, tokenizer)

    @property
    def context(self) -> str:
        """What stands around it, with [square brackets] around what was found and, of an edge,
        {braces} around its key.

        >>> from attention_widget.corpus import Index
        >>> index = Index("novels7", of=("edges", 3, 7)).add(model, ["I read a novel."])
        >>> index.like(trace, 4)[0].context
        'I {read} a [novel].'
        """
        marks = {"query": ("[", "]"), "key": ("{", "}")}
        return "".join(
            f"{marks[role][0]}{part}{marks[role][1]}" if role else part
            for part, role in self._parts
        )

    def __repr__(self) -> str:
        score = "" if isnan(self.score) else f"{self.score:.3f}, "
        corpus = "" if self.corpus == "corpus" else f" of {self.corpus!r}"
        place = f"token {self.token}" if self.key is None else f"edge {self.token} → {self.key}"
        return f"Match({score}text {self.number}{corpus}, {place}: {self.context!r})"

    @property
    def _parts(self) -> list[tuple[str, str]]:
        """Pieces of the context, and what each is: "query", "key" or ""."""
        roles = dict.fromkeys(range(self.token, self.end), "query")
        if self.key is not None:
            roles[self.key] = "key"
        shown = _shown(roles, len(self.tokens))
        parts: list[tuple[str, str]] = []

        def say(part: str, role: str) -> None:
            if parts and parts[-1][1] == role:
                part = parts.pop()[0] + part
            if part:
                parts.append((part, role))

        place: int | None = None  # in the text, of the end of the last token that is shown
        last = -1
        for at in shown:
            span, role = self.spans[at], roles.get(at, "")
            if at > last + 1:
                say("…" if last < 0 else " … ", "")
                place = None
            if span is None:
                say(self.tokens[at] if role else "", role)
            else:
                start = span[0] if place is None else max(span[0], place)
                if place is not None:
                    say(self.text[place:start], role if roles.get(last) == role else "")
                say(self.text[start : span[1]] or (self.tokens[at] if role else ""), role)
                place = max(span[1], place or 0)
            last = at
        rest = range(last + 1, len(self.tokens))
        if any(self.spans[at] for at in rest):
            say("…", "")
        elif place is not None:
            say(self.text[place:], "")
        return [(" ".join(part.split("\n")), role) for part, role in parts]


class Matches(tuple[Match, ...]):
    """What a search found, the nearest first; a tuple of :class:`Match`.

    >>> from attention_widget.corpus import Index
    >>> index = Index("novels8", of=("hidden", 6)).add(model, ["I read a novel.", "She sang."])
    >>> index.nearest(trace, 4, n=2)
    2 matches for 'novel', exact (all 8 compared), scores within ±0.0003
    Match(0..., text 0, token 4: 'I read a [novel].')
    Match(0..., text 0, token 2: 'I [read] a novel.')
    """

    asked: str
    """What was searched for, in words."""
    how: str
    """Whether all vectors were compared."""

    def __repr__(self) -> str:
        count = f"{len(self)} match{'es' * (len(self) != 1)}" if self else "No match"
        return "\n".join([f"{count} for {self.asked}, {self.how}", *map(repr, self)])

    def _repr_html_(self) -> str:
        """A table in which the text of a corpus is text alone."""
        rows = "".join(map(_row, self))
        count = f"{len(self)} match{'es' * (len(self) != 1)}" if self else "No match"
        caption = as_html(f"{count} for {self.asked}, {self.how}")
        return (
            f'<table><caption style="text-align:left">{caption}</caption>'
            f"<thead><tr><th>score</th><th>text</th><th>context</th></tr></thead>"
            f"<tbody>{rows}</tbody></table>"
        )


def matches_of(found: Iterable[Match], asked: str, how: str) -> Matches:
    """What was found, with what was asked for and how."""
    made = Matches(found)
    made.asked, made.how = asked, how
    return made


def _row(match: Match) -> str:
    """A row of the table."""
    tags = {"query": "mark", "key": "u"}
    context = "".join(
        f"<{tags[role]}>{as_html(part)}</{tags[role]}>" if role else as_html(part)
        for part, role in match._parts
    )
    number = str(match.number) if match.corpus == "corpus" else f"{match.number} of {match.corpus}"
    score = "" if isnan(match.score) else f"{match.score:.3f}"
    cells = [f'<td style="{_STYLE}">{cell}</td>' for cell in (score, as_html(number), context)]
    return f"<tr>{''.join(cells)}</tr>"


def _shown(roles: Iterable[int], n: int) -> Sequence[int]:
    """The tokens of a context: what was found, and some around each."""
    near: set[int] = set()
    for at in roles:
        near |= set(range(max(0, at - _AROUND), min(n, at + _AROUND + 1)))
    return sorted(near)
