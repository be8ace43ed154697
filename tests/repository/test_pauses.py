"""Tests in a browser wait for a state, not for a time: a busy machine takes longer."""

from __future__ import annotations

import re

from support.repository import ROOT

PAUSE = re.compile(r"\bwait_for_timeout\(|\btime\.sleep\(")
POLLING = {
    "browser/lab.py": 1,
    "browser/page_host.py": 1,
    "browser/server.py": 1,
    "browser/web_driver.py": 1,
    "hosts/quickstart.py": 1,
}
"""How often each file pauses between two looks at what it waits for."""

IN_TIME = {
    "browser/test_fallback.py": 2
}  # a kernel at work, and idle, for longer than its patience
FOR_KERNELS = {"browser/test_standing.py": 2}  # code that keeps a kernel at work


def test_nothing_waits_for_a_time() -> None:
    found = {}
    for path in sorted([*ROOT.glob("tests/browser/*.py"), *ROOT.glob("tests/hosts/*.py")]):
        if count := len(PAUSE.findall(path.read_text("utf-8"))):
            found[path.relative_to(ROOT / "tests").as_posix()] = count
    expected = {**POLLING, **IN_TIME, **FOR_KERNELS}
    assert {name: n for name, n in found.items() if n > expected.get(name, 0)} == {}


def test_what_is_pending_is_asked_a_frame_after_a_choice() -> None:
    """Before, a view has not been drawn and waits for nothing yet: `settling.py` knows."""
    asked = re.compile(
        r"wait_for_function\(\s*\"[^\"]*!document\.querySelector\('\[data-pending\]'"
    )
    for path in ROOT.glob("tests/browser/test_*.py"):
        assert not asked.search(path.read_text("utf-8")), path.name
