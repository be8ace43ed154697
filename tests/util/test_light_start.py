"""What needs no model is there without torch and transformers, which take seconds to import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support import models
from support.repository import ROOT

import attention_widget

HEAVY = ("torch", "transformers", "numpy", "anywidget")


def imported(code: str, *heavy: str) -> list[str]:
    """Which of some packages a program imports that a fresh Python runs."""
    found = f"print(*(name for name in {heavy!r} if name in sys.modules))"
    return said(f"import sys\n{code}\n{found}")[-1].split()


def said(program: str) -> list[str]:
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout.splitlines()


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


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of a trace in a file."""
    path = tmp_path_factory.mktemp("light") / "trace.safetensors"
    trace = attention_widget.from_attentions([[[[1.0, 0.0], [0.5, 0.5]]]], ["a", "novel"])
    trace.save(path)
    return str(path)


USES = (
    "trace.attention(0)",
    "trace.describe()",
    "AttentionWidget.from_trace(trace).memory()",
    "AttentionWidget.from_trace(trace, views='matrix').export_html({page!r})",
    "AttentionWidget.from_trace(trace, layer=0, heads=0).send_state('layer')",
    "AttentionWidget.from_attentions([[[[1.0]]]], ['a'])",
    "AttentionWidget.from_arrays([[[1.0]]], [[[1.0]]], tokens=['a'])",
    "import attention_widget as package; [getattr(package, name) for name in package.__all__]",
)

FIRST_TO_BRING = """
import sys
from attention_widget import AttentionWidget, Trace
trace = Trace.load({path!r})
for use in {uses!r}:
    if "transformers" not in sys.modules:
        exec(use)
        if "transformers" in sys.modules:
            print(use)
"""


def test_a_saved_trace_is_opened_and_shown_without_transformers(saved: str, tmp_path: Path) -> None:
    page = str(tmp_path / "page.html")
    uses = [use.format(page=page) for use in USES]
    assert said(FIRST_TO_BRING.format(path=saved, uses=[*uses, "import transformers"])) == [
        "import transformers"  # the control
    ]
    assert Path(page).is_file()


ATLAS = """
import sys
from attention_widget import HeadAtlas
atlas = HeadAtlas.load({path!r})
widget = atlas.show(layer=0)
widget.send_state("layer")
atlas.export_html({page!r})
print("transformers" in sys.modules)
"""


def test_an_atlas_is_opened_and_shown_without_transformers(tmp_path: Path) -> None:
    path, page = tmp_path / "heads.atlas", tmp_path / "page.html"
    model, tokenizer = models.tiny("bert"), models.tokenizer()
    attention_widget.scan(model, ["a novel idea"], tokenizer, progress=False).save(path)
    assert said(ATLAS.format(path=str(path), page=str(page))) == ["False"]
    assert page.is_file()


def test_every_public_name_is_found() -> None:
    for name in attention_widget.__all__:
        assert getattr(attention_widget, name) is not None
    assert sorted(attention_widget.__all__) == dir(attention_widget)


def test_an_unknown_name_is_refused_as_python_does() -> None:
    with pytest.raises(AttributeError, match="no attribute"):
        attention_widget.atention  # noqa: B018
