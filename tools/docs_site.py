"""Builds the documentation's site, without a network, and checks its links.

    python tools/docs_site.py [--quick] [FOLDER]

Writes the folder (.cache/site/html if none is named). With --quick no notebook is run: it stands
there with the outputs of its last run, or with none. A warning of Sphinx, a link to a page, a
heading or a file that is not there, or anything that a page would load from another machine fails.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import checkout  # first: finds the others
from docs_links import flaws, outside
from docs_stage import DOCS, stage

HTML = checkout.ROOT / ".cache" / "site" / "html"
SPHINX_OWN = frozenset({"search", "genindex", "py-modindex"})
TREES = checkout.ROOT / ".cache" / "site" / "doctrees"


def build(folder: Path = HTML, run: bool = True) -> list[str]:
    """The flaws of the site, which is then in the folder; none where all is well."""
    source = stage(run)
    options = ["--fail-on-warning", "--keep-going", "--quiet", "--doctree-dir", str(TREES)]
    sphinx = [sys.executable, "-m", "sphinx", *options, "--jobs", "2", str(source), str(folder)]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    built = subprocess.run(
        sphinx, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    said = [built.stdout.strip() or "Sphinx failed"] if built.returncode else []
    return [*taken(path.stem for path in DOCS.glob("*.md")), *said, *flaws(folder)]


def taken(names: Iterable[str]) -> list[str]:
    """What is said of pages in whose place Sphinx writes one of its own."""
    return [
        f"docs/{name}.md: Sphinx writes a page of that name over it; rename it"
        for name in sorted(SPHINX_OWN.intersection(names))
    ]


def main() -> None:
    named = [name for name in sys.argv[1:] if name != "--quick"]
    folder = Path(named[0]).resolve() if named else HTML
    found = build(folder, run="--quick" not in sys.argv)
    for flaw in found:
        print(flaw, file=sys.stderr)
    if found:
        sys.exit(1)
    print(f"{folder / 'index.html'}: no warning and no dead link; {len(outside(folder))} addresses")
    print("of other sites, which were not asked for")


if __name__ == "__main__":
    main()
