"""Files of npm packages that are needed as they are published, fetched the first time."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from pathlib import Path

CACHE = Path(__file__).resolve().parents[1] / ".cache" / "npm"


def npm_file(package: str, member: str) -> Path:
    """A file of ``name@version``."""
    path = CACHE / package.replace("/", "+") / member
    if path.is_file():
        return path
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError(f"npm is not installed; {member} is a file of {package}, which it has")
    path.parent.mkdir(parents=True, exist_ok=True)
    packed = subprocess.run(
        [npm, "pack", package, "--silent", "--pack-destination", str(path.parent)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()[-1]
    archive = path.parent / packed
    with tarfile.open(archive) as packages:
        content = packages.extractfile(f"package/{member}")
        if content is None:
            raise RuntimeError(f"{member} is not a file of {package}")
        partial = path.with_name(f"{path.name}.partial")
        partial.write_bytes(content.read())
    partial.replace(path)
    archive.unlink()
    return path
