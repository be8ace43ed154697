"""Write what the table of steps says of each step into docs/calculation.md.

    python tools/write_calculation.py

The rows of the table are written anew; all else stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checkout import ROOT

from attention_widget._util.files import write_texts
from attention_widget.trace.calculation_steps import STEPS

PAGE = ROOT / "docs" / "calculation.md"


def written(page: str) -> str:
    """The page with the rows as they are to be."""
    rows = "".join(f"{row}\n" for row in _rows())
    made, count = re.subn(r"(?:^\| `\w+` \| .*\n)+", lambda _: rows, page, flags=re.MULTILINE)
    if count != 1:
        raise SystemExit(f"docs/calculation.md must hold one table of steps, got {count}")
    return made


def _rows() -> Iterator[str]:
    for name, facts in STEPS.items():
        shape = f"({facts.rows}, {facts.columns})".replace("one", "1")
        yield f"| `{name}` | {shape} | {facts.formula} | {facts.meaning} |"


if __name__ == "__main__":
    write_texts({PAGE: written(PAGE.read_text(encoding="utf-8"))})
