"""CONTRIBUTING names files, commands and folders that exist."""

from __future__ import annotations

import re

from support.repository import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PLACES = [ROOT, ROOT / "src" / "attention_widget", ROOT / "js"]


def test_every_file_that_is_named_is_there() -> None:
    named = re.findall(r"`((?:[\w.]+/)*[\w.]+(?:\.\w+|/))`", TEXT)
    rooms = [path for place in PLACES[1:] for path in place.rglob("*") if path.is_dir()]
    missing = {
        name
        for name in named
        if re.search(r"/|\.(py|ts|css|md|toml|txt|cjs|json)$", name)
        and not any((place / name).exists() for place in (*PLACES, *rooms))
    }
    assert len(named) > 40
    made = {"dist/", "src/attention_widget/static/"}
    assert missing <= {"..._texts.ts"} | made


def test_every_target_of_make_that_is_named_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"make ([a-z][a-z-]*)", TEXT):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_tests_of_hosts_are_where_make_looks_for_them() -> None:
    marked = [path for path in (ROOT / "tests").rglob("*.py") if "mark.hosts" in path.read_text()]
    found = {path.parent for path in marked if path.name != "test_contributing.py"}
    assert found == {ROOT / "tests" / "hosts"}
