"""The table of heads as a Parquet file, in an environment that has pyarrow."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from host_environments import python_of
from support.atlases import small_atlas

PROGRAM = """
import json, sys
import pyarrow.parquet
from attention_widget import HeadAtlas
atlas = HeadAtlas.load(sys.argv[1])
atlas.to_parquet(sys.argv[2])
print(json.dumps(pyarrow.parquet.read_table(sys.argv[2]).to_pydict()))
"""


@pytest.mark.slow
@pytest.mark.hosts
def test_the_file_holds_the_columns(minilm: tuple[Any, Any], tmp_path: Path) -> None:
    atlas = small_atlas(*minilm)
    atlas.save(tmp_path / "heads.atlas")
    files = [tmp_path / "heads.atlas", tmp_path / "heads.parquet"]
    command = [str(python_of("dask")), "-c", PROGRAM, *map(str, files)]  # which brings pyarrow
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    held = json.loads(done.stdout.splitlines()[-1])
    assert list(held) == list(atlas.columns)
    for name, column in atlas.columns.items():
        assert len(held[name]) == atlas.n_heads
        for one, other in zip(held[name], column.tolist(), strict=True):
            assert one == other or (one is None and other != other), name  # NaN is null
