"""A stranger's path: from an empty environment to the first picture, as the README says.

    python tools/stranger.py [--wheel FILE] [--torch REQUIREMENT]

It takes the README that the wheel carries, the page of PyPI. In an environment of its own it
follows the first block of ``pip install`` lines there, one by one, and then the first lines of
Python; what they show is written to a file, twice. The wheel stands in the place of the package on
PyPI. A model named for the hub is replaced by the demo model, for there is no hub here. Of each
step it prints the seconds by the clock and of CPU, and how many MB the environment grew by. What
pip has in its cache it does not fetch again. Without ``--wheel`` it builds the wheel of this
checkout.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import resource
import shlex
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DEMO_MODEL = "str(__import__('attention_widget.demo').demo.demo_model())"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wheel", type=Path, help="the wheel to install, in place of a new one")
    parser.add_argument(
        "--torch",
        help="what pip is asked for in place of the README's line with an index of its own, where "
        "that cannot be reached; first of all where there is no such line",
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="stranger-") as folder:
        home = Path(folder)
        wheel = given.wheel or built(home / "wheel")
        environment = home / "environment"
        steps = [
            ("python -m venv", [sys.executable, "-m", "venv", str(environment)]),
            *read_steps(readme_of(wheel), wheel.resolve(), environment / "bin", given.torch),
        ]
        print(f"{wheel.name}, Python {sys.version.split()[0]}\n")
        print(
            "| step | seconds | CPU seconds | MB on disk |\n| --- | --- | --- | --- |", flush=True
        )
        before = 0.0
        total = 0.0
        for name, command in steps:
            seconds, cpu = timed(command, home)
            size = megabytes(environment)
            print(f"| {name} | {seconds:.1f} | {cpu:.1f} | +{size - before:.0f} |", flush=True)
            before, total = size, total + seconds
        print(f"| together | {total:.1f} | | {before:.0f} |")
        page = home / "picture.html"
        print(f"\nThe picture: {page.stat().st_size / 1e6:.2f} MB, one file")


def readme_of(wheel: Path) -> str:
    """The README that a wheel carries in its metadata."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return archive.read(name).decode().partition("\n\n")[2]


def install_lines(readme: str) -> list[str]:
    """The first block of ``pip install`` lines, as printed, without what stands after a ``#``."""
    found = re.search(r"(?m)(?:^    pip install .+\n)+", readme)
    if found is None:
        raise ValueError("the README has no block of lines that begin with: pip install")
    return [line.partition("  #")[0].strip() for line in found[0].splitlines()]


def first_lines(readme: str) -> str:
    """The first block of Python, as printed."""
    found = re.search(r"(?ms)^```python\n(.+?)^```", readme)
    if found is None:
        raise ValueError("the README has no block of Python")
    return found[1]


def picture(lines: str) -> str:
    """A program of these lines that writes what the last of them shows to a file."""
    hub = re.sub(r'(AttentionWidget\()"[\w./-]+"', lambda it: it[1] + DEMO_MODEL, lines)
    tree = ast.parse(hub)
    last = tree.body[-1]
    if not isinstance(last, ast.Expr):
        raise TypeError(f"the README's first lines show nothing at the end: {lines}")
    shown = f"({ast.unparse(last.value)}).export_html('picture.html')"
    return "\n".join([*map(ast.unparse, tree.body[:-1]), shown])


def read_steps(
    readme: str, wheel: Path, programs: Path, torch: str | None = None
) -> list[tuple[str, list[str]]]:
    """The steps that a README asks for, by what the table calls them.

    Args:
        readme: its text.
        wheel: what is installed in the place of the package.
        programs: the folder with the environment's programs.
        torch: see ``--torch``.
    """
    python = str(programs / "python")
    lines = install_lines(readme)
    steps = []
    if torch and not any("--index-url" in line for line in lines):
        steps.append((f"`pip install {torch}` (not in the README)", ["install", torch]))
    for line in lines:
        words = shlex.split(line)[1:]
        name = f"`{line}`"
        if torch and "--index-url" in words:
            words, name = ["install", torch], f"{name}, here {torch}"
        place = re.compile(r"attention-widget(?=\[|$)")
        steps.append((name, [place.sub(lambda _: str(wheel), word) for word in words]))
    pip = [python, "-m", "pip", "--disable-pip-version-check"]
    program = picture(first_lines(readme))
    return [
        *((name, [*pip, words[0], "--quiet", *words[1:]]) for name, words in steps),
        ("`import attention_widget`", [python, "-c", "import attention_widget"]),
        ("`attention-widget --help`", [str(programs / "attention-widget"), "--help"]),
        ("the first lines of Python: a picture", [python, "-c", program]),
        ("the same again", [python, "-c", program]),
    ]


def built(folder: Path) -> Path:
    """The wheel of this checkout."""
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (wheel,) = folder.glob("*.whl")
    return wheel


def timed(command: list[str], folder: Path) -> tuple[float, float]:
    """Seconds by the clock, and of CPU, of a command in a folder, with no hub to be reached."""
    clear = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    done = subprocess.run(
        command,
        cwd=folder,
        env={**clear, "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - began
    if done.returncode:
        sys.exit(f"stranger: {' '.join(command)}\n{done.stdout}\n{done.stderr}")
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime


def megabytes(folder: Path) -> float:
    """What a folder takes on disk, each file once."""
    files = (path.lstat() for path in folder.rglob("*") if not path.is_symlink())
    return sum({one.st_ino: one.st_size for one in files}.values()) / 1e6


if __name__ == "__main__":
    main()
