"""constraints.txt holds for every Python that the package promises: pip refuses all of them where
one cannot be installed, and `make demo` ends before it starts."""

from __future__ import annotations

import importlib.metadata
import re
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[2]


def promised() -> list[str]:
    """The first release of each Python that pyproject.toml names."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    named = re.findall(r"Python :: (3\.[0-9]+)", project)
    assert f'requires-python = ">={named[0]}"' in project
    return [f"{version}.0" for version in named]


def said_by(package: importlib.metadata.Distribution) -> str:
    """The Pythons that a package says it needs."""
    return str(package.metadata.json.get("requires_python", ""))


def test_no_pin_asks_for_a_newer_python_than_it_is_for() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line and not line.startswith("#")]
    refused, seen = [], 0
    for pin in pins:
        try:
            here = importlib.metadata.distribution(pin.name)
        except importlib.metadata.PackageNotFoundError:  # of another platform, or of no extra here
            continue
        if not pin.specifier.contains(here.version):  # the pin of another Python
            continue
        seen += 1
        needed = SpecifierSet(said_by(here))
        for full in promised():
            python = {"python_version": full.rpartition(".")[0], "python_full_version": full}
            meant = pin.marker is None or pin.marker.evaluate(python)
            if meant and not needed.contains(full):
                refused.append(f"{pin} is for Python {full} too, but needs {needed}")
    assert seen > len({pin.name for pin in pins}) * 0.9
    assert not refused


def test_a_pin_that_leaves_out_the_oldest_python_has_another_for_it() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line and not line.startswith("#")]
    full = promised()[0]
    oldest = {"python_version": full.rpartition(".")[0], "python_full_version": full}
    left_out = {pin.name for pin in pins if pin.marker and not pin.marker.evaluate(oldest)}
    held = {pin.name for pin in pins if pin.marker is None or pin.marker.evaluate(oldest)}
    not_needed = {"lazy-importer", "roman-numerals"}  # nothing asks for them there
    assert left_out - held == not_needed
