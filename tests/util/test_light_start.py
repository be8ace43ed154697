"""What needs no model is there without torch and transformers, which take seconds to import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.repository import ROOT

import attention_widget

HEAVY = ("torch", "transformers", "numpy", "anywidget")


def imported(code: str, *heavy: str) -> list[str]:
    """Which of some packages a program imports that a fresh Python runs."""
    program = f"import sys\n{code}\nprint(*(name for name in {heavy!r} if name in sys.modules))"
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout.splitlines()[-1].split()


def test_the_package_is_imported_without_torch() -> None:
    assert imported("import attention_widget; attention_widget.__version__", *HEAVY) == []


@pytest.mark.parametrize("given", ["--help", "--version", "--no-such-option"])
def test_help_and_usage_errors_come_without_torch(given: str) -> None:
    code = f"""
from contextlib import suppress
from attention_widget.cli.command import main
with suppress(SystemExit):
    main([{given!r}])
"""
    assert imported(code, *HEAVY) == []


def test_a_name_brings_what_it_needs() -> None:
    """The control: the test would see what is imported."""
    assert "torch" in imported("from attention_widget import Trace", *HEAVY)


def test_a_saved_trace_is_opened_without_transformers(tmp_path: Path) -> None:
    path = tmp_path / "trace.safetensors"
    trace = attention_widget.from_attentions([[[[1.0, 0.0], [0.5, 0.5]]]], ["a", "novel"])
    trace.save(path)
    code = f"from attention_widget import Trace; Trace.load({str(path)!r}).attention(0)"
    assert imported(code, "transformers") == []


def test_a_page_of_a_saved_trace_is_written_without_transformers(tmp_path: Path) -> None:
    path = tmp_path / "trace.safetensors"
    trace = attention_widget.from_attentions([[[[1.0, 0.0], [0.5, 0.5]]]], ["a", "novel"])
    trace.save(path)
    code = f"""
from attention_widget.export.page import estimated_bytes
from attention_widget.trace.trace import Trace
assert estimated_bytes([Trace.load({str(path)!r})], ["lines"]) > 1000
"""
    assert imported(code, "transformers") == []


def test_every_public_name_is_found() -> None:
    for name in attention_widget.__all__:
        assert getattr(attention_widget, name) is not None
    assert sorted(attention_widget.__all__) == dir(attention_widget)


def test_an_unknown_name_is_refused_as_python_does() -> None:
    with pytest.raises(AttributeError, match="no attribute"):
        attention_widget.atention  # noqa: B018
