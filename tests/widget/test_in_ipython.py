"""An error of ours ends in a few words in the cell; the traceback is there for those who ask."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from support.fresh import run_fresh

SHELL = """
import json, os
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
shell = InteractiveShell.instance(colors="NoColor")
for cell in json.loads(os.environ["CELLS"]):
    with capture_output() as said:
        shell.run_cell(cell, store_history=True)
    print(json.dumps(said.stdout), flush=True)
"""
IMPORT = "from attention_widget import AttentionWidget, AttentionWidgetError\nimport torch"


def run(*cells: str) -> list[str]:
    """What IPython prints of each cell, after one that imports."""
    made = run_fresh(SHELL, {"CELLS": json.dumps([IMPORT, *cells])})
    first, *said = [json.loads(line) for line in made.stdout.splitlines()]
    assert first == made.stderr == ""
    return said


def test_what_cannot_be_made_says_why_in_a_line_and_tb_shows_the_rest() -> None:
    bad = "x = 1\nAttentionWidget.from_trace('novel')"
    said, asked, model, found, mine = run(
        bad,
        "%tb",
        "AttentionWidget(torch.nn.Linear(1, 1), 'a novel')",
        "raise AttentionWidgetError('half \\ud800 a character')",
        "1 / 0",
    )
    assert said.splitlines() == [
        "InvalidTypeError: trace must be a Trace, from capture(), got str",
        "line 2: AttentionWidget.from_trace('novel')",
        "%tb shows the traceback.",
    ]
    assert "Traceback (most recent call last)" in asked
    assert "----> 2 AttentionWidget.from_trace('novel')" in asked
    assert "in AttentionWidget.from_trace(" in asked
    assert len(model.splitlines()) == 3
    assert "line 1: AttentionWidget(torch.nn.Linear(1, 1), 'a novel')" in model
    assert found.startswith("AttentionWidgetError: half ? a character\n")
    assert "Traceback (most recent call last)" in mine


def test_a_second_error_is_short_again_and_a_function_is_where_it_was_called() -> None:
    bad = "def show():\n    return AttentionWidget.from_trace(3)\nshow()"
    for said in run(bad, bad):
        assert said.splitlines()[1:] == [
            "line 2: return AttentionWidget.from_trace(3)",
            "%tb shows the traceback.",
        ]


@pytest.mark.parametrize("catch", [False, True])
def test_python_itself_shows_the_traceback(catch: bool) -> None:
    body = "AttentionWidget.from_trace('novel')"
    if catch:
        body = f"import traceback\ntry: {body}\nexcept ValueError: pass\nexcept TypeError: "
        body += "traceback.print_exc(); raise SystemExit(1)"
    made = subprocess.run(
        [sys.executable, "-c", f"{IMPORT}\n{body}"], capture_output=True, text=True, check=False
    )
    assert made.returncode == 1
    assert made.stderr.startswith("Traceback (most recent call last):")
    assert made.stderr.splitlines()[-1].endswith("trace must be a Trace, from capture(), got str")
