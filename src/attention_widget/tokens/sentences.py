"""Where sentences begin and end, in texts of many languages.

A sentence ends with a full stop, a question or an exclamation mark or an ellipsis of Latin,
Cyrillic, Arabic, Devanagari or CJK writing, with the quotes and brackets that close behind it. An
ASCII mark, an ellipsis and the marks of Arabic end one only where a blank follows, and none where a
small letter goes on, after a common abbreviation (``Dr.``, ``т. е.``, ``v.d.``), after an initial
(``A. Turing``) or after the number of an item (``1. First``). A line ends a sentence too, unless
the next line goes on in a small letter.
"""

from __future__ import annotations

import re
from typing import Final

_CLOSING = "\"'”’»›」』）)】》〉\\]}"
_MARK = re.compile(rf"(?:[。！？｡．]+|[.!?…؟۔।॥]+(?=[{_CLOSING}]*(?:\s|$)))[{_CLOSING}]*")
_LINE = re.compile(r"[^\S\n\r]*[\r\n]+\s*")
_WORD = re.compile(r"[^\s(\[«“\"']+$")
_ITEM = re.compile(r"(?:^|[\r\n])\s*(?:\(?\d{1,3}|[A-Za-z])$")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ABBREVIATIONS: Final = _set(
    # English
    "mr mrs ms dr prof st sr jr gen col capt lt sgt rev hon pres gov sen rep messrs mt "
    "fig figs eq eqs sec ch vol no nos pp p art ref refs ed eds trans vs cf al ca approx est dept "
    "univ inc ltd co corp bros jan feb mar apr jun jul aug sep sept oct nov dec e.g i.e viz resp "
    "u.s u.k "
    # Vietnamese
    "tp ths ts pgs gs bs ks tt tx q p ts.bs gs.ts pgs.ts vd v.d tr đ/c "
    # Russian
    "г гг в вв ул пр просп пер пл д кв корп стр с рис табл гл см ср напр т.е т.н т.к т.о и.о им "
    "акад проф доц чл тыс млн млрд трлн руб коп изд ред сост н.э до н.э обл р ок "
    # Arabic
    "د أ م ص ط ج هـ"
)
"""Before a full stop, without it: what follows goes on in the sentence."""

_OFTEN_LAST: Final = _set("г гг в вв руб коп н.э inc ltd co corp jr sr هـ م")
"""Of these, what may be the last word of a sentence too: there it ends where a capital follows, or
a script without capitals. The Russian year and century do so after a number alone (``в 1799 г.``,
but ``г. Москва``)."""

_AFTER_NUMBERS: Final = _set("г гг в вв")


def sentences(text: str) -> list[tuple[int, int]]:
    """The sentences of a text as (first character, behind the last one), without blanks around
    them.

    >>> text = "Dr. Ada wrote it. Did she?\\nYes."
    >>> [text[start:end] for start, end in sentences(text)]
    ['Dr. Ada wrote it.', 'Did she?', 'Yes.']
    """
    edges = sorted({*_ends_of_lines(text), *_ends_by_marks(text), len(text)})
    found, start = [], 0
    for edge in edges:
        part = text[start:edge]
        if part.strip():
            found.append((start + len(part) - len(part.lstrip()), start + len(part.rstrip())))
        start = edge
    return [each for each in found if any(map(str.isalnum, text[slice(*each)]))] or found


def _ends_of_lines(text: str) -> list[int]:
    found = []
    for line in _LINE.finditer(text):
        is_blank = len(re.findall(r"\r\n|\r|\n", line[0])) > 1
        if is_blank or not text[line.end() : line.end() + 1].islower():
            found.append(line.end())
    return found


def _ends_by_marks(text: str) -> list[int]:
    return [mark.end() for mark in _MARK.finditer(text) if _is_end(text, mark)]


def _is_end(text: str, mark: re.Match[str]) -> bool:
    if mark[0][0] in "。！？｡．؟۔।॥":
        return True
    after = text[mark.end() :].lstrip()
    first = after.lstrip(_CLOSING + "(«“‘\"'¿¡—–- ")[:1]
    if first.islower():
        return False
    if mark[0][0] != "." or mark[0].startswith(".."):
        return True
    line = text[: mark.start()]
    word = _WORD.search(line[-40:])
    if word is None:
        return True
    last = word[0].lower()
    if last in _OFTEN_LAST and first and not first.isdigit():
        before = line[: len(line) - len(word[0])].rstrip()
        if last not in _AFTER_NUMBERS or re.search(r"[\dIVXLC]$", before):
            return True
    if last in _ABBREVIATIONS:
        return not after
    if _ITEM.search(line[-8:] if len(line) > 8 else line):
        return not after
    is_initial = len(word[0]) == 1 and word[0].isupper() and word[0] not in "IЯ"
    ends_in_initial = re.fullmatch(r"(?:\w\.)*[^\W\d_]", word[0]) is not None and "." in word[0]
    is_short = ends_in_initial and word[0][-1].isupper()
    return not after or not (is_initial or is_short)
