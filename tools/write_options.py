"""Write what follows from the options of the widget, where it cannot follow at run time.

    python tools/write_options.py

``protocol/options.py`` lists the options. This writes their keywords and traits with the types
that an IDE and mypy read, the front end's half and what its tests start from, and the table in
docs/options.md. A test says when one of these is out of date.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from options_in_python import keywords, traits
from options_in_typescript import defaults, front_end
from options_table import table

from attention_widget.protocol.option import Option
from attention_widget.protocol.options import OPTIONS

ROOT = Path(__file__).resolve().parents[1]
TRAITS = Path("src/attention_widget/widget/option_traits.py")
KEYWORDS = Path("src/attention_widget/widget/keywords.py")
FRONT_END = Path("js/trace/options.ts")
FRONT_END_TESTS = Path("tests/js/helpers/defaults.ts")
TABLE = Path("docs/options.md")
START, END = "<!-- options: written by `make options` -->", "<!-- end of the options -->"


def written(options: Sequence[Option], page: str) -> dict[Path, str]:
    """Each file with its text; of docs/options.md only the table is new."""
    before, _, rest = page.partition(START)
    return {
        TRAITS: traits(options),
        KEYWORDS: keywords(options),
        FRONT_END: front_end(options),
        FRONT_END_TESTS: defaults(options),
        TABLE: f"{before}{START}\n{table(options)}\n{END}{rest.partition(END)[2]}",
    }


def main() -> None:
    page = (ROOT / TABLE).read_text(encoding="utf-8")
    for path, text in written(OPTIONS, page).items():
        (ROOT / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
