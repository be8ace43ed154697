"""An index grows by whole texts: none is lost or doubled, whatever ends the process."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import models

from attention_widget import capture
from attention_widget.corpus import Index
from attention_widget.corpus.index_files import NAMES
from attention_widget.errors import AttentionWidgetError, DiskFullError
from attention_widget.tracing.tracer import Tracer

WORDS = models.TEXT.split()
BITS: Any = "4bit"


def text(number: int) -> str:
    rng = np.random.default_rng(number)
    return " ".join(rng.choice(WORDS, 4 + number % 9))


TEXTS = [text(number) for number in range(150)]


@pytest.fixture(scope="module")
def tiny() -> tuple[Any, Any]:
    return models.tiny("bert"), models.tokenizer()


@pytest.fixture(scope="module")
def whole(tiny: tuple[Any, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "index"
    Index(path, of=("hidden", 2)).add(tiny[0], TEXTS, tiny[1])
    return path


def same(one: Path, other: Path) -> bool:
    return all((one / name).read_bytes() == (other / name).read_bytes() for name in NAMES)


def test_every_text_is_in_once_and_tells_what_it_was(tiny: tuple[Any, Any], whole: Path) -> None:
    index = Index(whole)
    assert index.n_texts == len(TEXTS)
    found = index._read()
    for number, held in enumerate(found.each_text()):
        assert (held.number, held.text) == (number, TEXTS[number])
        trace = capture(tiny[0], held.text, tokenizer=tiny[1])
        assert held.labels == tuple(token.label for token in trace.tokens)
        assert held.ids == tuple(token.id for token in trace.tokens)
    assert index.n_tokens == sum(len(text.split()) + 2 for text in TEXTS)
    assert index.n_vectors == index.n_tokens - 2 * len(TEXTS)


def interrupted(after: int) -> Any:
    for number, each in enumerate(TEXTS):
        if number == after:
            raise KeyboardInterrupt
        yield each


@pytest.mark.parametrize("after", [1, 64, 100])
def test_an_interrupted_one_goes_on(
    tiny: tuple[Any, Any], whole: Path, tmp_path: Path, after: int
) -> None:
    index = Index(tmp_path / "index", of=("hidden", 2))
    with pytest.raises(KeyboardInterrupt):
        index.add(tiny[0], interrupted(after), tiny[1])
    assert index.n_texts == after // 64 * 64
    index.add(tiny[0], TEXTS, tiny[1])
    assert same(tmp_path / "index", whole)


@pytest.mark.parametrize("left", [1, 7, 5000])
def test_what_a_killed_process_left_does_not_count(
    tiny: tuple[Any, Any], whole: Path, tmp_path: Path, left: int
) -> None:
    index = Index(tmp_path / "index", of=("hidden", 2)).add(tiny[0], TEXTS[:64], tiny[1])
    for name in NAMES:  # killed before the commit, somewhere in the middle
        with (tmp_path / "index" / name).open("ab") as file:
            file.write(b"\xff" * left)
    (tmp_path / "index" / ".index.json-0123").write_text('{"half')
    assert index.n_texts == 64
    assert len(index.word("novel", n=1000)) == sum(t.split().count("novel") for t in TEXTS[:64])
    index.add(tiny[0], TEXTS, tiny[1])
    assert same(tmp_path / "index", whole)


PROGRAM = """
import sys
sys.path[:0] = ["tests", "tools"]
import torch
from support import models
from corpus.test_index_growing import TEXTS
from attention_widget.corpus import Index

def told():
    for text in TEXTS:
        print("next", flush=True)
        yield text

Index(sys.argv[1], of=("hidden", 2)).add(models.tiny("bert"), told(), models.tokenizer())
"""


@pytest.mark.slow
def test_killed_at_random_it_is_as_if_never(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "index"
    rng = np.random.default_rng(7)
    held = [0]
    for after in [*rng.integers(1, 150, 2).tolist(), None]:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(path)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "HF_HUB_OFFLINE": "1"},
        )
        assert process.stdout is not None
        for _, _ in zip(range(after or 10**6), process.stdout, strict=False):
            pass
        if after is not None:
            process.send_signal(signal.SIGKILL)
        process.stdout.close()
        assert process.wait() == (0 if after is None else -signal.SIGKILL)
        held.append(Index(path).n_texts if (path / "index.json").exists() else 0)
        assert held[-1] >= held[-2]
    assert same(path, whole)


def test_a_second_corpus_has_a_name_of_its_own(tiny: tuple[Any, Any], tmp_path: Path) -> None:
    model, tokenizer = tiny
    index = Index(tmp_path / "index", of=("queries", 1, 2)).add(model, TEXTS[:3], tokenizer)
    before = index.nbytes
    index.add(model, TEXTS[:3], tokenizer)
    assert (index.n_texts, index.nbytes) == (3, before)
    with pytest.raises(AttentionWidgetError, match="text 0 of the corpus 'corpus' must be the one"):
        index.add(model, TEXTS[3:5], tokenizer)
    assert index.n_texts == 3
    second = Index(tmp_path / "index", corpus="second").add(model, TEXTS[3:5], tokenizer)
    assert (second.n_texts, second.corpora) == (5, ("corpus", "second"))
    trace = capture(model, TEXTS[4], tokenizer=tokenizer)
    best = index.nearest(trace, 2, n=1)[0]
    assert (best.corpus, best.number, best.token) == ("second", 1, 2)


def test_parts_merge_to_the_whole(tiny: tuple[Any, Any], whole: Path, tmp_path: Path) -> None:
    model, tokenizer = tiny
    parts = []
    for shard in (1, 0):  # in another order
        index = Index(tmp_path / f"part{shard}", of=("hidden", 2))
        with index.writer(Tracer(model, tokenizer)) as writer:
            for number in range(len(TEXTS)):
                if number // 64 % 2 == shard:
                    trace = capture(model, TEXTS[number], tokenizer=tokenizer)
                    writer.put_trace(number, 0, TEXTS[number], trace)
            writer.commit(shard)
        parts.append(index)
    merged = Index.merge(tmp_path / "merged", *parts, parts[0])
    complete = Index(whole)
    assert (merged.n_texts, merged.n_vectors, merged.nbytes, merged.error) == (
        complete.n_texts,
        complete.n_vectors,
        complete.nbytes,
        complete.error,
    )
    trace = capture(model, TEXTS[70], tokenizer=tokenizer)
    expected = {(m.number, m.token): m.score for m in complete.nearest(trace, 3, n=2000)}
    assert {(m.number, m.token): m.score for m in merged.nearest(trace, 3, n=2000)} == expected
    other = Index(tmp_path / "other", of=("hidden", 1)).add(model, TEXTS[:2], tokenizer)
    with pytest.raises(AttentionWidgetError, match="must be alike, got another part of the model"):
        Index.merge(tmp_path / "merged", other)


def test_a_full_disk_loses_nothing(
    tiny: tuple[Any, Any], whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = pytest.importorskip("resource", reason="limits of files are of Unix")
    model, tokenizer = tiny
    index = Index(tmp_path / "index", of=("hidden", 2)).add(model, TEXTS[:64], tokenizer)
    before = index.nbytes
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    most = (tmp_path / "index" / "vectors.bin").stat().st_size + 100
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        with pytest.raises(DiskFullError, match="free some space and go on") as caught:
            index.add(model, TEXTS, tokenizer)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, ignored)
    assert caught.value.__cause__ is not None
    assert caught.value.__cause__.errno == errno.EFBIG  # type: ignore[attr-defined]
    assert (index.n_texts, index.nbytes) == (64, before)
    index.add(model, TEXTS, tokenizer)
    assert same(tmp_path / "index", whole)


def test_two_writers_at_a_time_are_refused(tiny: tuple[Any, Any], tmp_path: Path) -> None:
    index = Index(tmp_path / "index", of=("hidden", 2)).add(tiny[0], TEXTS[:2], tiny[1])
    trace = capture(tiny[0], TEXTS[2], tokenizer=tiny[1])
    tracer = Tracer(*tiny)
    with index.writer(tracer) as one:
        one.put_trace(2, 0, TEXTS[2], trace)
        one.commit()
        with (
            index.writer(tracer) as other,
            pytest.raises(AttentionWidgetError, match="by one process at a time"),
        ):
            other.commit()
    assert index.n_texts == 3


def damaged(path: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    place = path / name
    place.write_bytes(change(place.read_bytes()))


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("vectors.bin", lambda held: held[:-1], "its file vectors.bin has"),
        ("index.json", lambda held: held[:-20], "index.json cannot be understood"),
        ("index.json", lambda held: held.replace(b'"version": 1', b'"version": 9'), "version 9"),
        ("index.json", lambda held: held.replace(b'"n_texts": 2', b'"n_texts": 3'), "2 texts of 3"),
        ("index.json", lambda held: held.replace(b"float16", b"float12"), "cannot be understood"),
    ],
)
def test_a_damaged_one_is_refused(
    tiny: tuple[Any, Any], tmp_path: Path, name: str, change: Any, message: str
) -> None:
    Index(tmp_path / "index", of=("hidden", 2)).add(tiny[0], TEXTS[:2], tiny[1])
    damaged(tmp_path / "index", name, change)
    with pytest.raises(AttentionWidgetError, match=message):
        Index(tmp_path / "index")


def test_a_file_that_is_gone_is_named(tiny: tuple[Any, Any], tmp_path: Path) -> None:
    Index(tmp_path / "index", of=("hidden", 2)).add(tiny[0], TEXTS[:2], tiny[1])
    (tmp_path / "index" / "rows.bin").unlink()
    with pytest.raises(AttentionWidgetError, match=r"its file rows\.bin is missing"):
        Index(tmp_path / "index").word("novel")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: Index(path / "none"), "is not there; build it by"),
        (lambda path: Index(path / "a" / "b", of=("hidden", 1)), "there is no folder"),
        (lambda path: Index(path, of=("hidden", 1)), "a new folder or of an index"),
        (lambda path: Index(path / "x", of={"hidden"}), "of must be"),  # type: ignore[arg-type]
        (lambda path: Index(path / "x", of=("hidden", 1, 2)), "of must be"),
        (lambda path: Index(path / "x", of=("queries", 1)), "of must be"),
        (lambda path: Index(path / "x", of=("keys", 1, "a")), "with integers, got 'a'"),
        (lambda path: Index(path / "x", of=("hidden", 1), precision=BITS), "precision must be"),
        (lambda path: Index(path / "x", of=("hidden", 1), corpus=""), "corpus must be a name"),
        (lambda path: Index(path / "x", of=("hidden", 1), engine="gpu"), "engine must be"),
        (lambda path: Index.merge(path / "x"), "takes an Index or several"),
    ],
)
def test_what_is_no_index_is_said(tmp_path: Path, make: Any, message: str) -> None:
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(AttentionWidgetError, match=message):
        make(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


@pytest.mark.parametrize(
    ("of", "message"),
    [
        (("hidden", 4), "index of hidden states must be in 0–3, got 4"),
        (("queries", 3, 0), "layer must be in 0–2, got 3"),
        (("edges", 0, 4), "head must be in 0–3 in layer 0, got 4"),
        (("edges", 0, -1), "head must be in 0–3 in layer 0, got -1"),
    ],
)
def test_what_a_model_does_not_have_is_said(
    tiny: tuple[Any, Any], tmp_path: Path, of: Any, message: str
) -> None:
    with pytest.raises(AttentionWidgetError, match=message):
        Index(tmp_path / "index", of=of).add(tiny[0], TEXTS[:2], tiny[1])
    assert not (tmp_path / "index").exists()


def test_another_model_is_refused(tiny: tuple[Any, Any], tmp_path: Path) -> None:
    index = Index(tmp_path / "index", of=("hidden", 2)).add(tiny[0], TEXTS[:2], tiny[1])
    with pytest.raises(AttentionWidgetError, match="was built with 'BertModel', and this is"):
        index.add(models.tiny("roberta"), TEXTS[:3], tiny[1])
    with pytest.raises(AttentionWidgetError, match="of must be the hidden states 2"):
        Index(tmp_path / "index", of=("hidden", 1))
    with pytest.raises(AttentionWidgetError, match="precision must be float16"):
        Index(tmp_path / "index", precision="8bit")
    assert index.n_texts == 2
