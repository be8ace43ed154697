"""The rooms of both languages: their files, floors and arrows, from the linters' own graphs.

    python tools/rooms.py            # this checkout
    python tools/rooms.py FOLDER     # another one, to compare

A room is a folder of code; a module that lies in no folder is a room of its own, apart from the
entries. An arrow leads from one room to another that it imports from. A room stands one floor
above the highest room that it imports from. Exits with 1 where a room imports from one above it,
directly or through others, so that there is no floor for either, or where a file is over 300 lines.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[1]
MOST_LINES = 300
PACKAGE = "attention_widget"
ENTRIES = {"__init__", "__main__", "widget.ts", "export.ts", "loader.ts"}

Graph = dict[Path, set[Path]]
"""For each file those that it imports, as paths within ``src/attention_widget`` or ``js``."""


def python_graph(root: Path) -> Graph:
    """What import-linter reads: grimp's graph."""
    source = root / "src"
    sys.path.insert(0, str(source))
    graph = grimp.build_graph(PACKAGE, cache_dir=None)

    def path(module: str) -> Path:
        file = source / module.replace(".", "/")
        file = file / "__init__.py" if file.is_dir() else file.with_suffix(".py")
        return file.relative_to(source / PACKAGE)

    return {
        path(module): {path(other) for other in graph.find_modules_directly_imported_by(module)}
        for module in graph.modules
    }


def js_graph(root: Path) -> Graph:
    """What dependency-cruiser reads."""
    command = ["npx", "depcruise", "js", "--output-type", "json"]
    read = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    modules = json.loads(read.stdout)["modules"]
    files = {module["source"]: module for module in modules if module["source"].startswith("js/")}
    return {
        Path(source).relative_to("js"): {
            Path(one["resolved"]).relative_to("js")
            for one in module["dependencies"]
            if one["resolved"] in files
        }
        for source, module in files.items()
    }


def room_of(path: Path) -> str:
    """The folder; a lone module is a room of its own, and all entries are one."""
    if len(path.parts) > 1:
        return "/".join(path.parts[:-1][:2]) if path.parts[0] == "tracing" else path.parts[0]
    return "entries" if path.name in ENTRIES or path.stem in ENTRIES else path.stem


def arrows_of(graph: Graph) -> dict[str, set[str]]:
    arrows: dict[str, set[str]] = {room_of(path): set() for path in graph}
    for path, imported in graph.items():
        arrows[room_of(path)] |= {room_of(other) for other in imported} - {room_of(path)}
    return arrows


def floors_of(arrows: dict[str, set[str]]) -> dict[str, int]:
    """The floor of each room; those that import from each other have none, nor has one above."""
    floors: dict[str, int] = {}
    while ready := [
        room for room in arrows if room not in floors and all(one in floors for one in arrows[room])
    ]:
        floors |= {
            room: 1 + max((floors[one] for one in arrows[room]), default=-1) for room in ready
        }
    return floors


def reached_from(room: str, arrows: dict[str, set[str]]) -> set[str]:
    """The rooms that it imports from, directly or through others."""
    reached: set[str] = set()
    ahead = [room]
    while ahead:
        new = arrows[ahead.pop()] - reached
        reached |= new
        ahead += new
    return reached


def tell(name: str, folder: Path, graph: Graph) -> list[str]:
    """Prints the rooms of a language; returns what is wrong with them."""
    arrows = arrows_of(graph)
    floors = floors_of(arrows)
    circling = {room for room in arrows if room in reached_from(room, arrows)}
    lines = {path: len((folder / path).read_text("utf-8").splitlines()) for path in graph}
    count = sum(map(len, arrows.values()))
    print(
        f"{name}: {len(arrows)} rooms, {len(set(floors.values()))} floors, {count} arrows, "
        f"{len(graph)} files, {sum(lines.values()):,} lines"
    )
    for room in sorted(arrows, key=lambda room: (-floors.get(room, 99), room)):
        own = [path for path in graph if room_of(path) == room]
        floor = floors.get(room, "?")
        imports = ", ".join(sorted(arrows[room])) or "nothing"
        size = f"{len(own):3} files {sum(lines[path] for path in own):6,} lines"
        print(f"  {floor:>2}  {room:18} {size}  imports {imports}")
    print()
    wrong = [f"{name}: {room} imports in a circle" for room in sorted(circling)]
    wrong += [
        f"{name}: {path} has {count} lines, {MOST_LINES} are allowed"
        for path, count in sorted(lines.items())
        if count > MOST_LINES
    ]
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT, help="a checkout")
    root: Path = parser.parse_args().folder.resolve()
    languages: Iterable[tuple[str, Path, Callable[[Path], Graph]]] = (
        ("Python", root / "src" / PACKAGE, python_graph),
        ("TypeScript", root / "js", js_graph),
    )
    wrong = [one for name, folder, graph in languages for one in tell(name, folder, graph(root))]
    print("\n".join(wrong) or "Every room imports from lower floors only, and no file is too long.")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
