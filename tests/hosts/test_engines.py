"""The programs of docs/scan.md, with the real engines, two workers each, give one scan's atlas."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from host_environments import python_of
from support.repository import ROOT

from attention_widget import HeadAtlas, scan
from attention_widget.demo import demo_corpus, demo_model

pytestmark = [pytest.mark.slow, pytest.mark.hosts]

QUIETLY = {
    "OMP_NUM_THREADS": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_raylet_start_wait_time_s": "300",  # a busy machine is slow to start its node
}


def program(heading: str) -> str:
    """The program under a heading."""
    text = (ROOT / "docs" / "scan.md").read_text(encoding="utf-8")
    found = re.search(rf"^### {heading}\n+```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


def start(command: list[Any], folder: Path, **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        list(map(str, command)),
        cwd=folder,
        env={**os.environ, **QUIETLY, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / "heads.atlas"
    scan(demo_model(), demo_corpus()[:256], path=path, progress=False)
    return path.read_bytes()


@pytest.mark.parametrize("engine", ["accelerate", "Ray", "Dask", "Slurm"])
def test_two_workers_give_what_one_scan_gives(engine: str, whole: bytes, tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(program(engine), encoding="utf-8")
    if engine == "Slurm":
        tasks = [
            {"SLURM_ARRAY_TASK_ID": str(part), "SLURM_ARRAY_TASK_COUNT": "2"} for part in range(2)
        ]
        workers = [start([sys.executable, script], tmp_path, **task) for task in tasks]
    elif engine == "accelerate":
        launch = [sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu"]
        options = ["--num_processes", 2, "--num_machines", 1, "--mixed_precision", "no"]
        command = [*launch, *options, "--dynamo_backend", "no", script]
        workers = [start(command, tmp_path, ACCELERATE_USE_CPU="true")]
    else:
        workers = [start([python_of(engine.lower()), script], tmp_path)]
    for worker in workers:
        said = worker.communicate()[0]
        assert worker.returncode == 0, said
    path = tmp_path / "heads.atlas"
    if engine == "Slurm":
        parts = sorted(tmp_path.glob("part*.atlas"))
        assert len(parts) == 2
        HeadAtlas.merge(*parts).save(path)
    elif engine != "Dask":
        files = [HeadAtlas.load(each) for each in sorted(tmp_path.glob("part*.atlas"))]
        assert [part.n_texts for part in files] == [128, 128]  # each worker read its own
    assert path.read_bytes() == whole
