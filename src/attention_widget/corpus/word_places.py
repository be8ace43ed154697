"""Where a word stands in a text, in tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence


def places_of(
    word: str, text: str, spans: Sequence[tuple[int, int] | None]
) -> Iterator[tuple[int, int]]:
    """The first token of each place of a word, and one past its last; upper and lower case are the
    same, and blanks between words are.

    ``spans`` has the characters of each token, None where it has none.

    >>> list(places_of("good  novel", "A Good novel.", [None, (0, 1), (2, 6), (7, 12), (12, 13)]))
    [(2, 4)]
    """
    parts = r"\s+".join(map(re.escape, word.split()))
    before = r"(?<!\w)" if word[:1].isalnum() else ""
    after = r"(?!\w)" if word[-1:].isalnum() else ""
    for found in re.finditer(f"{before}{parts}{after}", text, re.IGNORECASE):
        held = [
            at
            for at, span in enumerate(spans)
            if span is not None and span[0] < found.end() and span[1] > found.start()
        ]
        if held:
            yield held[0], held[-1] + 1
