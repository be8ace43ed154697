"""What it costs to begin, before any model: CPU time of fresh processes, beside a bare Python.

    python benchmarks/start.py [--quick]

Medians of at least three processes each. Goal: 0.3 s for ``attention-widget --help``.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from _common import table

import attention_widget

GOAL = 0.3  # seconds of CPU for the help
HELP = "attention-widget --help"


def programs(trace: str) -> dict[str, list[str]]:
    """What is measured, by name."""
    load = f"from attention_widget import AttentionWidget, Trace; t = Trace.load({trace!r})"
    return {
        "python": ["-c", ""],
        "import attention_widget": ["-c", "import attention_widget"],
        HELP: ["-m", "attention_widget", "--help"],
        "Trace.load": ["-c", load],
        "Trace.load, from_trace": ["-c", f"{load}; AttentionWidget.from_trace(t)"],
        "import transformers' models": ["-c", "from transformers import PreTrainedModel"],
    }


def cpu_seconds(arguments: list[str]) -> float:
    """CPU time of a fresh Python with these arguments."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="three processes each, not nine")
    times = 3 if parser.parse_args().quick else 9
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trace.safetensors"
        attention_widget.from_attentions([[[[1.0, 0.0], [0.5, 0.5]]]], ["a", "novel"]).save(path)
        found = {
            name: statistics.median(cpu_seconds(arguments) for _ in range(times))
            for name, arguments in programs(str(path)).items()
        }
    rows = [
        [name, f"{seconds:.2f} s", f"{seconds / found['python']:.1f}×"]
        for name, seconds in found.items()
    ]
    table("Before any model, CPU time", ["process", "CPU", "of a bare Python"], rows)
    if found[HELP] > GOAL:
        sys.exit(f"{HELP} takes {found[HELP]:.2f} s, more than {GOAL}")


if __name__ == "__main__":
    main()
