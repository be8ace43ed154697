"""Writes the place of the repository, and of the site, into every file that names it.

    python tools/set_address.py OWNER/NAME [https://documentation.address/]

pyproject.toml says what they are now. The site is on GitHub Pages if no address is named.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from docs_stage import addresses

ROOT = Path(__file__).resolve().parents[1]


def named(text: str, old: dict[str, str], repository: str, site: str) -> str:
    """The text with the new addresses in place of the old ones."""
    place = old["Repository"].partition("github.com/")[2]
    new = repository.partition("github.com/")[2]
    text = text.replace(old["Documentation"], site)
    hosts = r"(github\.com/|githubusercontent\.com/|colab\.research\.google\.com/github/|/v2/gh/)"
    text = re.sub(f"{hosts}{re.escape(place)}(?![\\w-])", rf"\g<1>{new}", text)
    return re.sub(rf"([`\"]){re.escape(place)}([`\"])", rf"\g<1>{new}\g<2>", text)


def main() -> None:
    if len(sys.argv) < 2 or not re.fullmatch(r"[\w.-]+/[\w.-]+", sys.argv[1]):
        sys.exit("usage: python tools/set_address.py OWNER/NAME [DOCUMENTATION]")
    owner, _, name = sys.argv[1].partition("/")
    site = sys.argv[2] if len(sys.argv) > 2 else f"https://{owner}.github.io/{name}/"
    old = addresses()
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for path in map(Path, filter(None, listed.stdout.decode().split("\0"))):
        try:
            text = (ROOT / path).read_text("utf-8")
        except UnicodeDecodeError:
            continue
        changed = named(text, old, f"https://github.com/{sys.argv[1]}", site)
        if changed != text:
            (ROOT / path).write_text(changed, encoding="utf-8")
            print(path)


if __name__ == "__main__":
    main()
