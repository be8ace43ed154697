"""What a static page of a notebook loads its widgets with: require.js and Jupyter's html-manager.

    python tools/html_manager.py

Pages that nbconvert writes ask a CDN for them. Here they come from npm's registry, once, into
.cache/hosts/html-manager.
"""

from __future__ import annotations

import json
import subprocess
import tarfile
from pathlib import Path

from host_environments import CACHE

FOLDER = CACHE / "html-manager"

# Part of the address that a page asks for: the package, and the file in it.
SCRIPTS = {
    "/require.js/": ("requirejs@2.3.7", "require.js"),
    "/@jupyter-widgets/html-manager@": (
        "@jupyter-widgets/html-manager@1.0.14",
        "dist/embed-amd.js",
    ),
}


def html_manager() -> dict[str, Path]:
    """Of each address that a page asks for a part, and the file that answers it."""
    return {part: _fetched(*given) for part, given in SCRIPTS.items()}


def _fetched(package: str, name: str) -> Path:
    folder = FOLDER / package.replace("/", "-")
    file = folder / "package" / name
    if not file.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        pack = ["npm", "pack", "--silent", "--json", f"--pack-destination={folder}", package]
        said = subprocess.run(pack, check=True, stdout=subprocess.PIPE, text=True, cwd=folder)
        (packed,) = json.loads(said.stdout)
        with tarfile.open(folder / packed["filename"].replace("/", "-").lstrip("@")) as archive:
            content = archive.extractfile(f"package/{name}")
            assert content is not None, f"{name} is no file of {package}"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.read())
    return file


if __name__ == "__main__":
    for file in html_manager().values():
        print(file)
