"""What a notebook says: its prose, its code and what its cells put out."""

from __future__ import annotations

import re
from typing import Any


def outputs(notebook: Any) -> list[Any]:
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def printed(notebook: Any) -> str:
    """What was written to stdout, from top to bottom."""
    streams = [output for output in outputs(notebook) if output.output_type == "stream"]
    return "".join(output.text for output in streams if output.name == "stdout")


def shown_widgets(notebook: Any) -> list[Any]:
    """What stands where a widget stands: the data of the output."""
    shown = [output.data for output in outputs(notebook) if "data" in output]
    return [data for data in shown if "AttentionWidget(" in data["text/plain"]]


def prose(notebook: Any) -> list[str]:
    """Its markdown cells, without what is code there."""
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    return [re.sub(r"(?m)`[^`\n]*`|^ {4}.*$", "", cell) for cell in cells]


def code(notebook: Any) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]
