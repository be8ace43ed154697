"""What was recorded goes from one module to the next: none writes what another holds."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import attention_widget

TRACING = Path(attention_widget.__file__).parent / "tracing"
MODULES = {path: ast.parse(path.read_text()) for path in sorted(TRACING.rglob("*.py"))}


def writes(tree: ast.AST) -> Iterator[tuple[str, str, int]]:
    """Every ``name.attribute = ...``, and its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield ast.unparse(node.value), node.attr, node.lineno


def owned(tree: ast.AST) -> set[str]:
    """The attributes of a module's own classes."""
    bodies = [node.body for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    fields = {
        node.target.id
        for body in bodies
        for node in body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    return fields | {attribute for name, attribute, _ in writes(tree) if name == "self"}


def test_no_module_of_tracing_writes_the_attributes_of_another() -> None:
    every = set().union(*map(owned, MODULES.values()))
    assert {"records", "parts", "_checks"} <= every  # they are found
    foreign = [
        f"{path.relative_to(TRACING)}:{line}: {name}.{attribute}"
        for path, tree in MODULES.items()
        for name, attribute, line in writes(tree)
        if name != "self" and attribute in every - owned(tree)
    ]
    assert foreign == []
