"""Run the tests of capture, input, tokens and experiments with other releases of transformers, and
some tests with the oldest release of each package that is asked for.

    python tools/versions.py [RELEASE ... | floors] [-- PYTEST ARGUMENTS]

``floors`` are the lower bounds of pyproject.toml, but for torch, whose 2.6 comes from PyPI for GPUs
alone (5 GB): with TORCH_FLOOR=1 in the environment it is tried too.

Each release goes, without its dependencies, into a folder of its own that stands first on the
path; everything else is the environment's own.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache" / "transformers"
_WITH_TORCH = os.environ.get("TORCH_FLOOR") == "1"
TESTED = {
    "tracing": (
        *("capture", "attention_functions", "practice", "budget"),
        *("targets", "generation", "windows"),
    ),
    "tracing/recording": ("recorder", "layer_kinds"),
    "tracing/model": ("preserve", "untouched"),
    "tracing/inputs": (
        *("inputs", "lengths", "chat"),
        *("image", "given_images", "patches", "audio", "media"),
    ),
    "demo": ("language_model",),
    "experiments": ("head", "lens", "predictions", "reading"),
    "tokens": ("tokens", "labels", "golden_tokens", "written"),
}
TESTS = tuple(f"tests/{room}/test_{name}.py" for room, names in TESTED.items() for name in names)

# What each release requires of the packages that move with it.
RELEASES = {
    "4.48.3": ("tokenizers==0.21.4", "huggingface_hub==0.36.0"),
    "4.57.6": ("tokenizers==0.22.2", "huggingface_hub==0.36.0"),
    "5.0.0": ("tokenizers==0.22.2", "huggingface_hub==1.9.2"),
}


FLOORS = "floors"
# Where all is as old as it may be: what every user meets, a part of it each.
TESTED_WITH_FLOORS = (
    *("tests/tokens/test_tokens.py", "tests/tracing/test_budget.py", "tests/trace/test_trace.py"),
    *("tests/trace/test_storage.py", "tests/measures/test_summaries.py"),
    *("tests/widget/test_messages.py", "tests/widget/test_state.py"),
    *("tests/export/test_compact.py", "tests/demo/test_language_model.py"),
    "tests/experiments/test_predictions.py",
)
_BELOW = ("tokenizers==0.21.4", "huggingface_hub==0.36.0")  # of transformers' own lower bound


def floors() -> tuple[str, ...]:
    """The lower bounds of what is installed with the package."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    listed = text.partition("\ndependencies = [")[2].partition("\n]")[0]
    found = re.findall(r'"([a-z]+)>=([0-9.]+)"', listed)
    wanted = [f"{name}=={version}" for name, version in found if name != "torch" or _WITH_TORCH]
    return (*wanted, *_BELOW)


def install(release: str) -> Path:
    """Folder with a release and its companions, made once."""
    folder = CACHE / f"{release}-py{sys.version_info.major}{sys.version_info.minor}"
    stamp = folder / ".installed"
    named = (f"transformers=={release}", *RELEASES[release]) if release != FLOORS else floors()
    wanted = "\n".join(named)
    if not stamp.is_file() or stamp.read_text() != wanted:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade"]
        subprocess.run([*pip, "--target", folder, *wanted.split()], check=True)
        stamp.write_text(wanted)
    return folder


def version_of(environment: dict[str, str]) -> str:
    """The release of transformers that a Python in this environment really imports."""
    command = [sys.executable, "-c", "import transformers; print(transformers.__version__)"]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True
    ).stdout.strip()


def run(release: str, arguments: list[str]) -> bool:
    environment = {**os.environ, "PYTHONPATH": str(install(release))}
    found = version_of(environment)
    if release != FLOORS and found != release:
        sys.exit(f"versions: asked for transformers {release}, Python imports {found}")
    print(f"== transformers {release}", flush=True)
    # Compiled flex attention, the slow one, warns in ways of each release's own.
    options = ["-q", "-p", "no:cacheprovider", "-m", "not slow"]
    tests = TESTS
    if release == FLOORS:
        print(*floors(), flush=True)
        tests = TESTED_WITH_FLOORS
        options += ["-W", "ignore::DeprecationWarning"]  # of the old ones among each other
    command = [sys.executable, "-m", "pytest", *options, *tests, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0


def main() -> None:
    given = sys.argv[1:]
    split = given.index("--") if "--" in given else len(given)
    releases, arguments = given[:split] or [*RELEASES, FLOORS], given[split + 1 :]
    if unknown := set(releases) - {*RELEASES, FLOORS}:
        known = ", ".join([*RELEASES, FLOORS])
        sys.exit(f"versions: unknown {', '.join(sorted(unknown))}; known: {known}")
    failed = [release for release in releases if not run(release, arguments)]
    if failed:
        sys.exit(f"versions: tests failed with transformers {', '.join(failed)}")


if __name__ == "__main__":
    main()
