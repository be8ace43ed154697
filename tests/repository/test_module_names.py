"""The folders that pytest puts on the path: what stands in them hides no other package."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import pytest


def modules_in(folder: Path) -> set[str]:
    """What `import` would find in a folder before it looks at what is installed."""
    files = {path.stem for path in folder.glob("*.py")}
    return files | {path.parent.name for path in folder.glob("*/__init__.py")}


def test_helpers_hide_no_package(pytestconfig: pytest.Config) -> None:
    others = {*metadata.packages_distributions(), *sys.stdlib_module_names}
    folders = pytestconfig.getini("pythonpath")
    assert folders
    for folder in folders:
        assert modules_in(pytestconfig.rootpath / folder) & others == set()
