"""The built front end: what it contains of others, and in which characters it is written."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from support.repository import ROOT

STATIC = ROOT / "src" / "attention_widget" / "static"
SCRIPTS = ("widget.js", "export.js", "loader.js", "matrix.js")


def bundled(tmp_path: Path) -> dict[str, Path]:
    """The packages of which a bundle contains anything, and their folders: esbuild says so."""
    found = {}
    for entry in ("widget", "export", "loader", "matrix"):
        metafile = tmp_path / f"{entry}.json"
        subprocess.run(
            [
                ROOT / "node_modules" / ".bin" / "esbuild",
                f"js/{entry}.ts",
                "--bundle",
                f"--metafile={metafile}",
                f"--outfile={tmp_path / entry}.js",
                "--log-level=warning",
            ],
            cwd=ROOT,
            check=True,
        )
        for path in json.loads(metafile.read_text("utf-8"))["inputs"]:
            if match := re.match(r".*node_modules/((?:@[^/]+/)?[^/]+)", path):
                found[match[1]] = ROOT / match[0]
    return found


@pytest.mark.slow
def test_a_fresh_checkout_is_built(tmp_path: Path) -> None:
    """Git keeps no folder for what is built: the build makes it."""
    shutil.copytree(ROOT / "js", tmp_path / "js")
    for name in ("package.json", "tsconfig.json"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    subprocess.run(["node", "js/build.mjs"], cwd=tmp_path, check=True)
    built = tmp_path / "src" / "attention_widget" / "static"
    for name in (*SCRIPTS, "widget.css"):
        assert (built / name).read_bytes() == (STATIC / name).read_bytes()


def unwrapped(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.slow
def test_every_bundle_carries_the_licence_of_each_package_in_it(tmp_path: Path) -> None:
    packages = bundled(tmp_path)
    assert "@preact/signals-core" in packages
    for name, folder in packages.items():
        (licence,) = [path for path in folder.iterdir() if path.name.lower().startswith("licen")]
        text = unwrapped(licence.read_text("utf-8"))
        version = json.loads((folder / "package.json").read_text("utf-8"))["version"]
        for script in SCRIPTS:
            start = unwrapped((STATIC / script).read_text("utf-8")[:5000])
            assert start.startswith("/*!")
            assert f"contains {name} {version}, under this licence: {text}" in start
        passed_on = [path.read_text("utf-8") for path in (ROOT / "licenses").iterdir()]
        assert any(text in unwrapped(one) for one in passed_on)


@pytest.mark.parametrize("name", ["export.js", "loader.js", "matrix.js", "widget.css"])
def test_what_stands_in_a_page_is_ascii(name: str) -> None:
    assert (STATIC / name).read_bytes().isascii()
