"""A scan builds its index in the same pass, and both go on together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import models

from attention_widget import capture
from attention_widget.corpus import Index
from attention_widget.corpus.index_content import EDGE
from attention_widget.corpus.index_files import NAMES
from attention_widget.corpus.scanning import scan
from attention_widget.errors import AttentionWidgetError

WORDS = models.TEXT.split()
TEXTS = [" ".join(np.random.default_rng(i).choice(WORDS, 3 + i % 7)) for i in range(140)]


def interrupted(after: int) -> Any:
    for number, each in enumerate(TEXTS):
        if number == after:
            raise KeyboardInterrupt
        yield each


def held(index: Index) -> list[bytes]:
    return [(index._folder / name).read_bytes() for name in NAMES]


def assert_alike(one: Index, other: Index) -> None:
    """The same entries in the same order; a batch rounds otherwise than a text alone, by far less
    than vectors are rounded that are kept."""
    for name, each, its in zip(NAMES, held(one), held(other), strict=True):
        if name == "vectors.bin":
            vectors, others = (np.frombuffer(part, np.float16) for part in (each, its))
            assert (np.abs(vectors.astype(float) - others) <= 2.0**-11).all()
            assert np.mean(vectors != others) < 0.02
        elif name == "rows.bin" and one.of.what == "edges":
            edges, rest = (np.frombuffer(part, EDGE) for part in (each, its))
            assert (edges[["query", "key"]] == rest[["query", "key"]]).all()
            np.testing.assert_allclose(edges["weight"], rest["weight"], atol=1e-5)
        else:
            assert each == its, name


@pytest.fixture(scope="module")
def tiny() -> tuple[Any, Any]:
    return models.tiny("bert"), models.tokenizer()


def test_the_index_of_a_scan_is_that_of_the_texts(tiny: tuple[Any, Any], tmp_path: Path) -> None:
    model, tokenizer = tiny
    parts: list[Any] = [("hidden", 2), ("edges", 1, 3)]
    whole = [Index(tmp_path / f"whole{i}", of=of) for i, of in enumerate(parts)]
    with_index = scan(model, TEXTS, tokenizer, index=whole)
    without = scan(model, TEXTS, tokenizer)
    for name in ("entropy", "previous", "distance"):
        np.testing.assert_allclose(with_index.columns[name], without.columns[name], atol=1e-5)
    for of, index in zip(parts, whole, strict=True):
        added = Index(tmp_path / f"added-{of[0]}", of=of).add(model, TEXTS, tokenizer)
        assert_alike(added, index)
    again = [Index(tmp_path / f"again{i}", of=of) for i, of in enumerate(parts)]
    path = tmp_path / "atlas.safetensors"
    with pytest.raises(KeyboardInterrupt):
        scan(model, interrupted(100), tokenizer, path=path, index=again)
    scan(model, TEXTS, tokenizer, path=path, index=again)
    assert [held(one) for one in again] == [held(one) for one in whole]


def test_an_index_is_built_of_batches(tiny: tuple[Any, Any], tmp_path: Path) -> None:
    model, tokenizer = tiny
    sizes: list[int] = []
    hook = model.register_forward_pre_hook(
        lambda module, args, kwargs: sizes.append(len(kwargs["input_ids"])), with_kwargs=True
    )
    parts: list[Any] = [("hidden", 0), ("hidden", 3), ("queries", 1, 0), ("edges", 0, 1)]
    try:
        indexes = [Index(tmp_path / str(i), of=of) for i, of in enumerate(parts)]
        scan(model, TEXTS[:64], tokenizer, index=indexes, progress=False)
    finally:
        hook.remove()
    assert sum(sizes) == 64 + sum(size for size in sizes if size <= 2)  # the others are tried on
    assert max(sizes) == 64


def test_shards_merge_to_one_index(tiny: tuple[Any, Any], tmp_path: Path) -> None:
    model, tokenizer = tiny
    parts = [Index(tmp_path / f"part{i}", of=("hidden", 2)) for i in range(2)]
    for i, part in enumerate(parts):
        scan(model, TEXTS, tokenizer, shard=(i, 2), index=part)
    merged = Index.merge(tmp_path / "merged", *parts)
    assert merged.n_texts == len(TEXTS)
    trace = capture(model, TEXTS[70], tokenizer=tokenizer)
    assert merged.nearest(trace, 2, n=1)[0].score == pytest.approx(1, abs=1e-3)


def test_an_index_that_lacks_what_was_scanned_is_refused(
    tiny: tuple[Any, Any], tmp_path: Path
) -> None:
    model, tokenizer = tiny
    path = tmp_path / "atlas.safetensors"
    scan(model, TEXTS[:70], tokenizer, path=path)
    with pytest.raises(AttentionWidgetError, match="lacks 2 blocks of texts; scan into a new file"):
        scan(model, TEXTS, tokenizer, path=path, index=Index(tmp_path / "late", of=("hidden", 2)))
    with pytest.raises(AttentionWidgetError, match="index must be an Index, a list of them"):
        scan(model, TEXTS, tokenizer, index=tmp_path)  # type: ignore[arg-type]
