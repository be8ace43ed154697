"""Write what `experiments.MEASURES` says of each measure into docs/measures.md.

    python tools/write_measures.py

The rows of the table and of the list below it are written anew; all else stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checkout import ROOT

from attention_widget._util.files import write_texts
from attention_widget.experiments import MEASURES

PAGE = ROOT / "docs" / "measures.md"
_SHAPES = {"head": "(head, query, key)", "layer": "(query, key)", "token": "(token,)"}


def written(page: str) -> str:
    """The page with the rows as they are to be."""
    page = _replaced(page, r"\| `({names})` \| .*", list(_rows()))
    return _replaced(page, r"- `({names})`: .*", list(_notes()))


def _replaced(page: str, pattern: str, lines: list[str]) -> str:
    names = "|".join(MEASURES)
    found = re.compile(rf"(?:^{pattern.replace('{names}', names)}\n)+", re.MULTILINE)
    whole = "".join(f"{line}\n" for line in lines)
    made, count = found.subn(lambda _: whole, page)
    if count != 1:
        raise SystemExit(f"docs/measures.md must hold one such list, got {count}: {lines[0]}")
    return made


def _rows() -> Iterator[str]:
    for one in MEASURES.values():
        sure = "exact" if one.is_exact else "estimate"
        cells = (f"`{one.name}`", one.formula, _SHAPES[one.per], sure, f"{one.passes:g}")
        yield f"| {' | '.join(cells)} | [{one.paper}]({one.link}) |"


def _notes() -> Iterator[str]:
    for one in MEASURES.values():
        yield f"- `{one.name}`: {one.meaning} {one.silent}".rstrip()


if __name__ == "__main__":
    write_texts({PAGE: written(PAGE.read_text(encoding="utf-8"))})
