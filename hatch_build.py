"""Builds the front end before hatchling packs it, when it is missing or older than its sources."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STATIC = "src/attention_widget/static"
_BUILT = ("widget.js", "widget.css", "export.js", "loader.js", "matrix.js")
BUNDLE = tuple(f"{STATIC}/{name}" for name in _BUILT)
SOURCES = ("js", "package.json", "package-lock.json")
NO_NODE = (
    "The front end of attention-widget is not built here, and building it needs Node.js 20.19 or "
    "newer with npm on PATH: install Node.js, or install attention-widget from a wheel, which "
    "needs none."
)


class FrontEnd(BuildHookInterface[Any]):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if is_current(root):
            return
        npm = shutil.which("npm")
        if npm is None or shutil.which("node") is None:
            self.app.abort(NO_NODE)
            return
        if not newer(root / "node_modules" / ".package-lock.json", root / "package-lock.json"):
            subprocess.run([npm, "ci"], cwd=root, check=True)
        subprocess.run([npm, "run", "build"], cwd=root, check=True)
        if missing := [path for path in BUNDLE if not (root / path).is_file()]:
            self.app.abort(f"`npm run build` ended well but did not make {' and '.join(missing)}.")


def is_current(root: Path) -> bool:
    """Whether the bundle is there and made from these sources. In an unpacked sdist the times
    say nothing, and the bundle is the one that it was published with."""
    bundle = [root / path for path in BUNDLE]
    if (root / "PKG-INFO").is_file():
        return all(path.is_file() for path in bundle)
    sources = [path for name in SOURCES for path in [root / name, *(root / name).rglob("*")]]
    return all(newer(path, *sources) for path in bundle)


def newer(made: Path, *sources: Path) -> bool:
    """Whether ``made`` exists and none of its sources changed after it."""
    return made.is_file() and made.stat().st_mtime >= max(path.stat().st_mtime for path in sources)
