"""Environments of the notebook hosts that the widget is tested in, besides this one, of the
site in examples/, and of the engines that spread a scan over machines.

    python tools/host_environments.py [HOST ...]

Each host gets a virtual environment of its own in .cache/hosts with its server, kernel and
anywidget. The rest (this checkout, torch, transformers) is this environment's own, behind what is
installed there.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache" / "hosts"

# Name in the tests: what makes the host.
HOSTS = {
    "lab3": "jupyterlab==3.6.8",
    "notebook7": "notebook==7.6.5",
    "nbclassic": "nbclassic==1.3.3",
    "marimo": "marimo==0.25.2",
    "voila": "voila==0.5.13",
    "sphinx": "myst-nb==1.4.0",  # examples/site
    "ray": "ray[data]==2.60.0",  # docs/scan.md; 135 MB to download, as is the next with pyarrow
    "dask": "dask[dataframe]==2026.8.0",
    "datasets": "datasets==5.2.0",
}
AT_ONCE = 4
"""How many are made side by side: what is waited for is mostly the network."""

BESIDE = ("anywidget==0.11.0", "ipykernel")


def python_of(host: str) -> Path:
    """The Python of a host's environment, made the first time."""
    folder = CACHE / f"{host}-py{sys.version_info.major}{sys.version_info.minor}"
    python = folder / "bin" / "python"
    stamp = folder / ".installed"
    wanted = "\n".join((HOSTS[host], *BESIDE))
    if not stamp.is_file() or stamp.read_text() != wanted:
        # Python alone, for pip can install into another environment.
        venv = ["venv", "--clear", "--without-pip", str(folder)]
        subprocess.run([sys.executable, "-m", *venv], check=True)
        # Of all that a server brings, what is imported is compiled then.
        pip = ["pip", "--disable-pip-version-check", "--python", str(python), "install"]
        pip += ["--quiet", "--no-compile"]
        subprocess.run([sys.executable, "-m", *pip, *wanted.split("\n")], check=True)
        stamp.write_text(wanted)
    # For a checkout may move. Only now, as pip would take what stands there for installed and
    # leave its files out; and only if it changes, for a server may be about to read it.
    (packages,) = (folder / "lib").glob("python*/site-packages")
    own = [ROOT / "src", sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    shared, paths = packages / "shared.pth", "".join(f"{path}\n" for path in dict.fromkeys(own))
    if not shared.is_file() or shared.read_text() != paths:
        shared.write_text(paths)
    return python


def main() -> None:
    given = sys.argv[1:] or list(HOSTS)
    if unknown := set(given) - set(HOSTS):
        wrong = ", ".join(sorted(unknown))
        sys.exit(f"host_environments: unknown {wrong}; known: {', '.join(HOSTS)}")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for host, python in zip(given, pool.map(python_of, given), strict=True):
            print(f"{HOSTS[host]}: {python.parents[1]}", flush=True)


if __name__ == "__main__":
    main()
