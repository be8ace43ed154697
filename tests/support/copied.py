"""A copy of the repository, in which a recipe of CONTRIBUTING.md is followed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig
import venv
from pathlib import Path

from support.repository import ROOT

FOLDERS = ("src", "js", "tests", "tools", "docs")
FILES = (
    *("Makefile", "README.md", "CONTRIBUTING.md", "pyproject.toml"),
    *("package.json", "tsconfig.json", "vitest.config.mts"),
)
PLACES = ("", "src/attention_widget/", "js/")
"""Where the paths begin that CONTRIBUTING.md names."""


def recipe(title: str) -> str:
    """What CONTRIBUTING.md says to do."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    found = re.search(rf"^\*\*{title}\.\*\*(.*?)(?=^\*\*|^## )", text, re.DOTALL | re.MULTILINE)
    assert found, f"CONTRIBUTING.md has no recipe {title!r}"
    return " ".join(found[1].split())


class Copy:
    """The repository with the packages of this one; ``edited`` are the files that were changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.edited: set[str] = set()
        skipped = shutil.ignore_patterns("__pycache__")
        for name in FOLDERS:
            shutil.copytree(ROOT / name, folder / name, ignore=skipped)
        for name in FILES:
            shutil.copy2(ROOT / name, folder)
        (folder / "node_modules").symlink_to(ROOT / "node_modules")
        venv.create(folder / ".venv", symlinks=True)
        scripts = Path(sysconfig.get_path("scripts"))
        (folder / ".venv" / "bin" / "ruff").symlink_to(scripts / "ruff")
        (packages,) = (folder / ".venv" / "lib").glob("python*/site-packages")
        shared = [folder / "src", *map(sysconfig.get_path, ("purelib", "platlib"))]
        (packages / "shared.pth").write_text("".join(f"{path}\n" for path in dict.fromkeys(shared)))

    def write(self, path: str, text: str) -> None:
        """A new file."""
        assert not (self.folder / path).exists(), path
        (self.folder / path).write_text(text, encoding="utf-8")
        self.edited.add(path)

    def insert(self, path: str, before: str, text: str) -> None:
        """Put a text before another one, which stands in the file once."""
        whole = (self.folder / path).read_text("utf-8")
        assert whole.count(before) == 1, f"{whole.count(before)} times in {path}: {before}"
        (self.folder / path).write_text(whole.replace(before, text + before), encoding="utf-8")
        self.edited.add(path)

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command as CONTRIBUTING.md writes it, where the set-up is done already."""
        command = re.sub(r"^make ", "make --old-file=.venv/.dev-stamp ", command)
        path = f"{self.folder / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
        # Nothing of the pytest that runs this, nor of a make.
        outer = ("PYTEST", "PYTHON", "MAKE", "MFLAGS")
        own = {name: value for name, value in os.environ.items() if not name.startswith(outer)}
        return subprocess.run(
            command,
            shell=True,
            cwd=self.folder,
            env={**own, "PATH": path},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def check(self, *commands: str) -> None:
        for command in commands:
            ran = self.run(command)
            assert ran.returncode == 0, f"{command}:\n{ran.stdout[-6000:]}"

    def unnamed(self, text: str) -> set[str]:
        """The edited files that a recipe does not name, by themselves or by their folder."""
        named = [place + name for name in re.findall(r"`([\w./]+)`", text) for place in PLACES]
        return {
            path
            for path in self.edited
            if not any(
                path == name or (name.endswith("/") and path.startswith(name)) for name in named
            )
        }
