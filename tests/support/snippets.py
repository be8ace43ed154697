"""The code that a page in Markdown prints."""

from __future__ import annotations

import ast
import re
from typing import Any


def blocks(page: str, language: str = "python") -> list[str]:
    """The fenced blocks of a language, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)


def run(page: str, **names: Any) -> dict[str, Any]:
    """What its Python leaves behind, all blocks run one after the other."""
    for number, code in enumerate(blocks(page)):
        exec(compile(ast.parse(code), f"block {number}", "exec"), names)
    return names
