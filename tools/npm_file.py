"""Files of npm packages that are needed as they are published, fetched the first time."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
import tempfile
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
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:  # another process may want it too
        subprocess.run(
            [npm, "pack", package, "--silent", "--pack-destination", folder],
            check=True,
            capture_output=True,
        )
        (archive,) = Path(folder).iterdir()
        with tarfile.open(archive) as packages:
            content = packages.extractfile(f"package/{member}")
            if content is None:
                raise RuntimeError(f"{member} is not a file of {package}")
            partial = Path(folder) / "partial"
            partial.write_bytes(content.read())
        partial.replace(path)
    return path
