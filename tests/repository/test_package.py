"""What is published: the sdist and the wheel, and what they need of the machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from support.repository import ROOT

PACKAGE = ROOT / "src" / "attention_widget"
BUNDLE = tuple(
    f"static/{name}" for name in ("export.js", "loader.js", "matrix.js", "widget.css", "widget.js")
)
NO_NODE = (
    "The front end of attention-widget is not built here, and building it needs Node.js 20.19 or "
    "newer with npm on PATH: install Node.js, or install attention-widget from a wheel, which "
    "needs none."
)

pytestmark = pytest.mark.slow


def python(
    *arguments: str | Path, path: Path | None = None, executable: str | Path = sys.executable
) -> subprocess.CompletedProcess[str]:
    """Run a Python; ``path``, when given, is its whole PATH, and its working folder."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if path is not None:
        environment["PATH"] = str(path)
    return subprocess.run(
        [executable, *arguments],
        env=environment,
        cwd=path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def no_node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder, to be the whole PATH of a machine without Node."""
    return tmp_path_factory.mktemp("path")


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution of this checkout."""
    folder = tmp_path_factory.mktemp("sdist")
    built = python("-m", "build", "--sdist", "--outdir", folder, ROOT)
    assert built.returncode == 0, built.stdout
    (path,) = folder.iterdir()
    return path


@pytest.fixture(scope="module")
def wheel(sdist: Path, no_node: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of that source distribution, built without Node."""
    folder = tmp_path_factory.mktemp("wheel")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (source,) = folder.iterdir()
    built = python("-m", "build", "--wheel", "--outdir", folder / "dist", source, path=no_node)
    assert built.returncode == 0, built.stdout
    (path,) = (folder / "dist").iterdir()
    return path


def checkout(folder: Path) -> Path:
    """A copy of this checkout without what is built or installed in it."""
    return Path(
        shutil.copytree(
            ROOT,
            folder / "checkout",
            ignore=shutil.ignore_patterns("static", "node_modules", ".*", "dist", "__pycache__"),
        )
    )


def test_wheel_carries_the_package_and_the_built_front_end(wheel: Path) -> None:
    modules = {str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py")}
    assert "__init__.py" in modules
    wanted = {f"attention_widget/{name}" for name in (*modules, "py.typed", *BUNDLE)}
    version = json.loads((ROOT / "package.json").read_text())["version"]
    info = f"attention_widget-{version}.dist-info"
    wanted |= {f"{info}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt")}
    wanted |= {
        f"{info}/licenses/{name}" for name in ("LICENSE", "licenses/preact-signals-core.txt")
    }
    with zipfile.ZipFile(wheel) as archive:
        assert set(archive.namelist()) == wanted
        for name in BUNDLE:
            assert archive.read(f"attention_widget/{name}") == (PACKAGE / name).read_bytes()
        metadata = archive.read(f"{info}/METADATA").decode()
    assert f"\nVersion: {version}\n" in metadata
    assert "\nRequires-Python: >=3.10\n" in metadata
    assert "\nLicense-Expression: Apache-2.0\n" in metadata


def test_bundle_names_no_other_address() -> None:
    for name in BUNDLE:
        text = (PACKAGE / name).read_text().replace("http://www.w3.org/", "")
        assert "http://" not in text
        assert "https://" not in text


def test_wheel_works_in_an_empty_environment_without_node(
    wheel: Path, minilm_path: Path, no_node: Path, tmp_path: Path
) -> None:
    made = python("-m", "venv", "--without-pip", tmp_path / "venv")
    assert made.returncode == 0, made.stdout
    executable = tmp_path / "venv" / "bin" / "python"
    # Of all that torch brings, what is imported is compiled then.
    install = ("install", "--quiet", "--no-compile", "--constraint", ROOT / "constraints.txt")
    installed = python("-m", "pip", "--python", executable, *install, wheel, path=no_node)
    assert installed.returncode == 0, installed.stdout
    program = """
import shutil, sys
from pathlib import Path
import attention_widget

assert shutil.which("node") is None
folder = Path(attention_widget.__file__).parent
assert folder.is_relative_to(sys.prefix), folder
widget = attention_widget.AttentionWidget(sys.argv[1], "Attention is a novel idea")
assert widget._esm == (folder / "static" / "widget.js").read_text(encoding="utf-8")
assert widget._css == (folder / "static" / "widget.css").read_text(encoding="utf-8")
assert widget.trace.attention(5).shape == (12, 7, 7)
"""
    ran = python("-I", "-c", program, minilm_path, executable=executable, path=no_node)
    assert ran.returncode == 0, ran.stdout
    command = executable.with_name("attention-widget")
    said = python("--version", executable=command, path=no_node)
    assert said.stdout.strip() == json.loads((ROOT / "package.json").read_text())["version"]


@pytest.mark.parametrize("bundle", ["missing", "stale"])
def test_checkout_without_node_fails_with_one_sentence(
    bundle: str, no_node: Path, tmp_path: Path
) -> None:
    source = checkout(tmp_path)
    if bundle == "stale":
        static = source / "src" / "attention_widget" / "static"
        static.mkdir()
        for name in BUNDLE:
            (static.parent / name).touch()
            os.utime(static.parent / name, (0, 0))
    built = python("-m", "build", "--wheel", "--no-isolation", source, path=no_node)
    assert built.returncode != 0
    assert NO_NODE in built.stdout
    assert "Traceback" not in built.stdout
    assert not (source / "dist").exists() or not any((source / "dist").iterdir())
