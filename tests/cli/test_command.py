"""The command as it is run at a terminal: a process of its own, its files, its exit codes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from support.interrupts import heeding_ctrl_c
from support.repository import ROOT

pytestmark = pytest.mark.slow

COMMAND = (sys.executable, "-m", "attention_widget")
LONG = "I read a good purple novel. " * 60

Ran = subprocess.CompletedProcess[str]
Run = Callable[..., Ran]


def environment() -> dict[str, str]:
    source = str(ROOT / "src")
    return {**os.environ, "PYTHONPATH": source, "HF_HUB_OFFLINE": "1"}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs it in an empty folder."""

    def run(*arguments: str, stdin: str = "") -> Ran:
        return subprocess.run(
            [*COMMAND, *arguments],
            cwd=tmp_path,
            env=environment(),
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=240,
        )

    return run


def said(ran: Ran) -> list[str]:
    return [line for line in ran.stderr.splitlines() if line.startswith("attention-widget: ")]


def names(folder: Path) -> Sequence[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_text_becomes_a_page(run: Run, tmp_path: Path) -> None:
    ran = run(
        "I read a good novel.", "--pair", "A novel ❤ idea", "--layer", "3", "-o", "novel.html"
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == ""
    assert names(tmp_path) == ["novel.html"]
    assert "<title>" in (tmp_path / "novel.html").read_text(encoding="utf-8")
    assert said(ran)[-1].startswith("attention-widget: novel.html: ")


def test_a_text_from_stdin(run: Run, tmp_path: Path) -> None:
    ran = run("-", stdin="I read\na good ❤ novel.\n")
    assert ran.returncode == 0, ran.stderr
    [name] = names(tmp_path)
    assert name.startswith("demo-I-read-a-good-novel-")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("a", "--layer", "77"), 1, "layer must be in 0–5, got 77"),
        (("purple " * 900,), 1, "at most 512 tokens, as many as BertModel takes, got 902"),
        (("a", "--target", "b"), 1, "target must be left out with BertModel, which has no decoder"),
        (("a", "--model", "no/such\nmodel"), 1, "cannot load a model from"),
    ],
)
def test_an_error_is_one_line(
    arguments: tuple[str, ...], code: int, words: str, run: Run, tmp_path: Path
) -> None:
    ran = run(*arguments)
    assert ran.returncode == code
    assert ran.stdout == ""
    assert "Traceback" not in ran.stderr
    assert words in ran.stderr.splitlines()[-1]
    assert ran.stderr.splitlines()[-1] == said(ran)[-1]
    assert names(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("stage", ["reading", "writing"])
def test_ctrl_c_leaves_nothing(stage: str, tmp_path: Path) -> None:
    with heeding_ctrl_c():
        process = subprocess.Popen(
            [*COMMAND, LONG, "--views", "lines,grid,neuron,text", "-o", "novel.html"],
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(f"attention-widget: {stage}"):
            break
    process.send_signal(signal.SIGINT)
    out, rest = process.communicate(timeout=120)
    assert process.returncode in (130, -signal.SIGINT), rest  # a shell says 130 of both
    assert out == ""
    assert rest.splitlines()[-1] == "attention-widget: interrupted; nothing was written"
    assert "Traceback" not in rest
    assert names(tmp_path) == []
