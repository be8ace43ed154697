"""A small corpus that every Python brings: the prose of the language reference."""

from __future__ import annotations

import re
from typing import Final

_PARAGRAPH: Final = re.compile(r"\n[ \t]*\n")
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_PROSE: Final = re.compile(r"[A-Z][^\n]*[.!?]")
_CODE: Final = re.compile(r"::=|>>>|[{}|\\]")
_SHORTEST, _LONGEST = 5, 60  # words


def demo_corpus() -> list[str]:
    """Some two thousand English sentences that need no hub: the prose of Python's language
    reference, as it stands in ``pydoc_data.topics`` of Python's standard library (Python Software
    Foundation License Version 2, https://docs.python.org/3/license.html).

    Code, grammar and sentences of fewer than 5 or more than 60 words are left out, and each
    sentence stands once. The texts differ a little between versions of Python; for a corpus that
    is the same everywhere save what this gives, one sentence a line.

    Examples:
        >>> from attention_widget.demo import demo_corpus
        >>> corpus = demo_corpus()
        >>> len(corpus) > 1800, "Python" in " ".join(corpus)
        (True, True)
    """
    from pydoc_data.topics import topics

    found: dict[str, None] = {}  # in order, each once
    for name in sorted(topics):
        for paragraph in _PARAGRAPH.split(topics[name]):
            text = " ".join(paragraph.replace("*", "").replace('"', "").split())
            for sentence in _SENTENCE.split(text):
                is_prose = _PROSE.fullmatch(sentence) and not _CODE.search(sentence)
                if is_prose and _SHORTEST <= len(sentence.split()) <= _LONGEST:
                    found[sentence] = None
    return list(found)
