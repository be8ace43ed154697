"""The notebooks that teach: each says what you will learn, runs, shows its widgets, and prints what
its prose says. Editions in other languages have the same code and the same numbers."""

from __future__ import annotations

import ast
import html
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from executed_notebooks import EXAMPLES, executed
from support.archives import manifest
from support.notebook_claims import CLAIMS
from support.notebooks import code, outputs, printed, prose, shown_widgets

NOTEBOOKS = sorted(EXAMPLES.glob("[0-9][0-9]_*.ipynb"))
EDITIONS = [path for path in NOTEBOOKS if "." in path.stem]
ENGLISH = [path for path in NOTEBOOKS if path not in EDITIONS]

HEADINGS = {
    "en": ("What you will learn", "What you need", "Exercises"),
    "ru": ("Что вы узнаете", "Что понадобится", "Упражнения"),
    "vi": ("Bạn sẽ học được gì", "Bạn cần gì", "Bài tập"),
}
LONGEST_CELL = 32  # lines of code


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def name_of(path: Path) -> str:
    return path.stem


def test_each_notebook_is_held_against_claims() -> None:
    assert [path.stem for path in ENGLISH] == sorted(CLAIMS)
    others = {path.name for path in EXAMPLES.glob("*.ipynb")} - {path.name for path in NOTEBOOKS}
    assert others == {"quickstart.ipynb"}  # test_examples.py has it


def test_the_page_of_tutorials_names_each_notebook() -> None:
    page = (EXAMPLES.parent / "docs" / "tutorials.md").read_text("utf-8")
    for path in NOTEBOOKS:
        assert f"](../examples/{path.name})" in page, path.name


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)
def test_a_notebook_teaches(path: Path) -> None:
    notebook = read(path)
    language = path.stem.partition(".")[2] or "en"
    learn, need, exercises = HEADINGS[language]
    first, *_, last = notebook.cells
    assert first.cell_type == last.cell_type == "markdown"
    assert first.source.startswith("# ")
    lesson = first.source.partition(f"\n## {learn}\n")[2].partition(f"\n## {need}\n")
    assert len(re.findall(r"(?m)^\* ", lesson[0])) in range(3, 6)
    assert lesson[2].strip()
    tasks = re.split(r"(?m)^\d\. ", last.source.partition(f"## {exercises}\n")[2])[1:]
    assert len(tasks) in range(3, 6)
    for task in tasks:
        assert "<details><summary>" in task, task  # a hint, hidden until it is wanted
        assert task.count("<details>") == task.count("</details>")
    for source in code(notebook):
        assert source.count("\n") < LONGEST_CELL, source
    for cell in notebook.cells:  # outputs come when it runs
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.mark.parametrize("path", EDITIONS, ids=name_of)
def test_an_edition_has_the_code_of_the_english_one(path: Path) -> None:
    english = read(path.with_name(f"{path.stem.partition('.')[0]}.ipynb"))
    edition = read(path)
    assert [cell.cell_type for cell in edition.cells] == [cell.cell_type for cell in english.cells]
    for own, its in zip(code(edition), code(english), strict=True):
        assert skeleton(own) == skeleton(its)


def skeleton(source: str) -> str:
    """Code without its texts, and without the language of a widget."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            node.values = [each for each in node.values if isinstance(each, ast.FormattedValue)]
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
        if isinstance(node, ast.Call):
            node.keywords = [each for each in node.keywords if each.arg != "locale"]
    return ast.dump(tree)


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)
def test_a_notebook_runs_and_what_it_says_is_so(path: Path) -> None:
    notebook = executed(path)
    said = printed(notebook)
    assert not [output for output in outputs(notebook) if output.output_type == "error"]
    widgets = shown_widgets(notebook)
    shown = [output["data"] for output in outputs(notebook) if "data" in output]
    matrices = [data for data in shown if data not in widgets and "text/html" in data]
    assert len(matrices) == sum(map(shows_a_matrix, code(notebook)))
    assert len(widgets) == sum(map(shows_a_widget, code(notebook))) > 0
    for data in widgets:  # nbclient has nobody to show a live widget to
        assert data["text/html"].startswith("<iframe srcdoc=")
        assert manifest(html.unescape(data["text/html"]))["state"]["views"]
    if path in EDITIONS:
        english = printed(executed(path.with_name(f"{path.stem.partition('.')[0]}.ipynb")))
        assert numbers(said) == numbers(english)
    else:
        for pattern, holds in CLAIMS[path.stem]:
            found = re.search(pattern, said)
            assert found, (pattern, said)
            values = [float(value.replace(",", "")) for value in found.groups()]
            assert holds(*values), (pattern, values)
    for number in numbers("\n".join(prose(notebook))):
        assert stands_in(number, said), f"the prose says {number}, and no cell prints it"


def shows_a_widget(source: str) -> bool:
    """Whether the last line of a cell is a widget, or the name of the one that it made."""
    *_, last = ast.parse(source).body
    value = last.value if isinstance(last, ast.Expr) else None
    if isinstance(value, ast.Name):
        made = rf"^{value.id} = AttentionWidget(\.from_trace)?\("
        return re.search(made, source, re.MULTILINE) is not None
    if not isinstance(value, ast.Call):
        return False
    called = ast.unparse(value.func)
    return called == "AttentionWidget" or called.endswith(".show")  # of an atlas


def shows_a_matrix(source: str) -> bool:
    *_, last = ast.parse(source).body
    value = last.value if isinstance(last, ast.Expr) else None
    return isinstance(value, ast.Call) and ast.unparse(value.func) == "show_matrix"


def numbers(text: str) -> list[str]:
    """Numbers with two or more decimals: what was measured. Heads have one, 23.4."""
    found = re.findall(r"(?<![\w.,])[-+−]?\d+[.,]\d{2,}(?![\w.])", text)
    return [number.replace("−", "-").replace(",", ".") for number in found]


def stands_in(number: str, said: str) -> bool:
    """Whether a number was printed, with its decimals or more."""
    decimals = len(number.partition(".")[2])
    return any(round(abs(float(each)), decimals) == abs(float(number)) for each in numbers(said))
