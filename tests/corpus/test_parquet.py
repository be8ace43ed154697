"""The table of heads as a Parquet file, without what writes it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from support.atlases import small_atlas

from attention_widget.errors import NotInstalledError


def test_without_pyarrow_it_says_what_to_install(
    minilm: tuple[Any, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(NotInstalledError, match=r"attention-widget\[parquet\]"):
        small_atlas(*minilm).to_parquet(tmp_path / "heads.parquet")
    assert not list(tmp_path.iterdir())
