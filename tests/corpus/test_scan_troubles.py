"""What goes wrong in a scan is said in clear words, and nothing that was read is lost."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from support.atlases import tiny_llama
from support.models import TEXT, tiny, tokenizer

from attention_widget import HeadAtlas, capture, scan
from attention_widget.corpus import Index
from attention_widget.errors import DiskFullError, InvalidValueError

WORDS = TEXT.split()
TEXTS = [" ".join((WORDS * 3)[at % 5 : at % 5 + 3 + at % 7]) for at in range(200)]


@pytest.fixture(scope="module")
def model() -> Any:
    return tiny_llama()


@pytest.fixture(scope="module")
def whole(model: Any, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / "heads.atlas"
    scan(model, TEXTS, tokenizer(), path=path, progress=False)
    return path.read_bytes()


def test_heads_are_those_of_the_layers_that_attend(tmp_path: Path) -> None:
    """A hybrid model has layers of another kind between them."""
    hybrid = tiny("jamba")
    trace = capture(hybrid, TEXT, tokenizer=tokenizer())
    attending = trace.layers_with_attention("decoder")
    assert 0 < len(attending) < trace.count_layers("decoder")
    atlas = scan(hybrid, TEXTS[:70], tokenizer(), progress=False)
    assert sorted(set(atlas.columns["layer"].tolist())) == list(attending)
    (other, *_) = set(range(trace.count_layers("decoder"))) - set(attending)
    with pytest.raises(LookupError, match=f"got layer {other}, head 0"):
        atlas.examples(other, 0)
    with pytest.raises(LookupError, match="layer with attention"):
        Index(tmp_path / "index", of=("keys", other, 0)).add(hybrid, TEXTS[:2], tokenizer())
    example = atlas.examples(attending[0], 0)[0]
    weights = example.open(hybrid, tokenizer()).attention(attending[0], heads=0)[0]
    np.testing.assert_allclose(weights[example.query], example.row, atol=1e-5)


def _lines(folder: Path, broken: bool) -> Path:
    lines = [text.encode() for text in TEXTS]
    if broken:
        lines[150] = b"caf\xe9"
    (folder / "lines.txt").write_bytes(b"\n".join(lines))
    return folder / "lines.txt"


def _list(_: Path, broken: bool) -> list[Any]:
    return [*TEXTS[:150], 7 if broken else TEXTS[150], *TEXTS[151:]]


def _rows(_: Path, broken: bool) -> list[Any]:
    wrong: Any = {"body": "of another column"} if broken else {"text": TEXTS[150]}
    return [*({"text": text} for text in TEXTS[:150]), wrong, *TEXTS[151:]]


@pytest.mark.parametrize(
    ("corpus", "message"),
    [
        (_lines, "got the byte 0xe9 in line 151; write the file anew"),
        (_list, "text 150 of the dataset must be a string"),
        (_rows, "column must be one of body, got 'text'"),
    ],
)
def test_what_cannot_be_read_is_named_and_the_scan_goes_on_once_it_is_mended(
    corpus: Callable[[Path, bool], Any], message: str, model: Any, whole: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "heads.atlas"
    with pytest.raises((TypeError, ValueError), match=message):
        scan(model, corpus(tmp_path, True), tokenizer(), path=path, progress=False)
    assert HeadAtlas.load(path).n_texts == 128  # the blocks before it
    scan(model, corpus(tmp_path, False), tokenizer(), path=path, progress=False)
    assert path.read_bytes() == whole


def test_a_text_that_is_too_long_is_named_by_its_number(model: Any, tmp_path: Path) -> None:
    texts = [*TEXTS[:130], TEXT * 20, *TEXTS[131:]]
    path = tmp_path / "heads.atlas"
    given: dict[str, Any] = {"too_long": "refuse", "max_tokens": 32, "progress": False}
    with pytest.raises(
        ValueError, match=r"^text 130 of the corpus: it must have at most 32 tokens"
    ):
        scan(model, texts, tokenizer(), path=path, **given)
    assert HeadAtlas.load(path).n_texts == 128
    atlas = scan(model, TEXTS, tokenizer(), path=path, **given)
    assert atlas.n_texts == 200


@contextmanager
def small_disk(n_bytes: int) -> Iterator[None]:
    """Files may have so many bytes."""
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of files")
def test_a_scan_on_a_full_disk_goes_on_from_what_it_has(
    model: Any, whole: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "heads.atlas"
    scan(model, TEXTS[:64], tokenizer(), path=path, progress=False)
    before = path.read_bytes()
    with small_disk(len(before) // 2):
        with pytest.raises(DiskFullError, match=r"must take .* free some space"):
            scan(model, TEXTS, tokenizer(), path=path, progress=False)
        with pytest.raises(DiskFullError, match=r"must take .* free some space"):
            HeadAtlas.load(path).save(tmp_path / "other.atlas")
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    scan(model, TEXTS, tokenizer(), path=path, progress=False)
    assert path.read_bytes() == whole


def test_scans_of_models_that_differ_are_not_merged(model: Any, tmp_path: Path) -> None:
    """In one weight, in kind, or in how they read: by files and by atlases."""

    def part(of: Any, index: int, **options: Any) -> Path:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.atlas"
        shard = index, 2
        scan(of, TEXTS, tokenizer(), shard=shard, path=path, progress=False, **options)
        return path

    first = part(model, 0)
    tuned = tiny("llama")
    tuned.load_state_dict(model.state_dict())
    assert HeadAtlas.merge(first, part(tuned, 1)).n_texts == 200  # another copy is the same model
    with torch.no_grad():
        tuned.model.layers[0].self_attn.q_proj.weight.add_(1e-3)
    for other, said in (
        (part(tuned, 1), "other weights or another configuration"),
        (part(tiny("bert"), 1), "models called"),
        (part(model, 1, max_tokens=8), "max_tokens"),
        (part(model, 1, examples=3), "examples"),
        (first, "twice"),
    ):
        before = first.read_bytes(), other.read_bytes()
        for parts in ((first, other), (HeadAtlas.load(other), HeadAtlas.load(first))):
            with pytest.raises(InvalidValueError, match=said):
                HeadAtlas.merge(*parts)
        assert (first.read_bytes(), other.read_bytes()) == before


@pytest.mark.parametrize("texts", [[], [""] * 70, iter(())])
def test_an_empty_corpus_leaves_nothing_behind(texts: Any, model: Any, tmp_path: Path) -> None:
    path, index = tmp_path / "heads.atlas", Index(tmp_path / "index", of=("hidden", 1))
    with pytest.raises(ValueError, match=r"a corpus must have a text|a text that is not blank"):
        scan(model, texts, tokenizer(), path=path, index=index, progress=False)
    assert not list(tmp_path.iterdir())
