"""constraints.txt holds for every Python that the package promises: pip refuses all of them where
one cannot be installed, and `make demo` ends before it starts."""

from __future__ import annotations

import importlib.metadata
import re
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[2]


def test_no_pin_asks_for_a_newer_python_than_the_package() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(r'requires-python = ">=([0-9.]+)"', project)
    assert found is not None
    oldest = {"python_version": found[1], "python_full_version": f"{found[1]}.0"}
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line and not line.startswith("#")]
    refused, seen = [], 0
    for pin in pins:
        try:
            metadata = importlib.metadata.metadata(pin.name)
        except importlib.metadata.PackageNotFoundError:  # of another platform, or of no extra here
            continue
        seen += 1
        meant = pin.marker is None or pin.marker.evaluate(oldest)
        needed = SpecifierSet(metadata.get("Requires-Python", ""))
        if meant and not needed.contains(oldest["python_full_version"]):
            refused.append(f"{pin} needs Python {needed}")
    assert seen > len(pins) * 0.9
    assert not refused
