"""Run the tests of capture, input, tokens and experiments with other releases of transformers.

    python tools/versions.py [RELEASE ...] [-- PYTEST ARGUMENTS]

Each release goes, without its dependencies, into a folder of its own that stands first on the
path; everything else is the environment's own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache" / "transformers"
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


def install(release: str) -> Path:
    """Folder with a release and its companions, made once."""
    folder = CACHE / f"{release}-py{sys.version_info.major}{sys.version_info.minor}"
    stamp = folder / ".installed"
    wanted = "\n".join((f"transformers=={release}", *RELEASES[release]))
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
    if found != release:
        sys.exit(f"versions: asked for transformers {release}, Python imports {found}")
    print(f"== transformers {release}", flush=True)
    # Compiled flex attention, the slow one, warns in ways of each release's own.
    options = ["-q", "-p", "no:cacheprovider", "-m", "not slow"]
    command = [sys.executable, "-m", "pytest", *options, *TESTS, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0


def main() -> None:
    given = sys.argv[1:]
    split = given.index("--") if "--" in given else len(given)
    releases, arguments = given[:split] or list(RELEASES), given[split + 1 :]
    if unknown := set(releases) - set(RELEASES):
        sys.exit(f"versions: unknown {', '.join(sorted(unknown))}; known: {', '.join(RELEASES)}")
    failed = [release for release in releases if not run(release, arguments)]
    if failed:
        sys.exit(f"versions: tests failed with transformers {', '.join(failed)}")


if __name__ == "__main__":
    main()
