"""Blank texts anywhere in a corpus, and texts that are too long to be held as tokens."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.atlases import saved, tiny_llama
from support.models import TEXT, tokenizer

from attention_widget import HeadAtlas, scan
from attention_widget.corpus import Index, accumulator, long_text, scanning, stretch
from attention_widget.corpus import texts as corpus_texts
from attention_widget.corpus.long_text import parts_of

WORDS = TEXT.split()
CORPUS = ["", " \n"] * 66 + [TEXT, " ", f"{TEXT} {TEXT}"] + [""] * 130 + [TEXT, *WORDS, ""] * 9
"""Two whole blocks of blank texts first, and one in the middle."""


def scanned(texts: Any, **options: Any) -> HeadAtlas:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "[0-9,]+ texts? of the corpus held nothing but blanks")
        return scan(tiny_llama(), texts, tokenizer(), progress=False, **options)


def test_blank_texts_have_a_number_and_no_more(tmp_path: Path) -> None:
    n_blank = sum(not text.strip() for text in CORPUS)
    with pytest.warns(UserWarning, match=f"^{n_blank} texts of the corpus held nothing but blanks"):
        atlas = scan(tiny_llama(), CORPUS, tokenizer(), progress=False)
    assert atlas.n_texts == len(CORPUS) - n_blank
    assert atlas.missing == ()
    numbers = {example.number for layer in range(2) for example in atlas.examples(layer, 0)}
    assert all(CORPUS[number].strip() for number in numbers)
    same = scanned([text for text in CORPUS if text.strip()])
    for name in atlas.names:
        assert atlas.columns[name] == pytest.approx(same.columns[name], rel=1e-5, nan_ok=True)
    parts = [scanned(iter(CORPUS), shard=(index, 3)) for index in range(3)]
    assert saved(HeadAtlas.merge(*parts), tmp_path / "a") == saved(atlas, tmp_path / "b")


@pytest.mark.parametrize("stop", [10, 140, 210, 300])
def test_a_scan_of_blank_texts_goes_on(tmp_path: Path, stop: int) -> None:
    path = tmp_path / "scan.atlas"

    def interrupted() -> Iterator[str]:
        yield from CORPUS[:stop]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scanned(interrupted(), path=path)
    scanned(CORPUS, path=path)
    assert path.read_bytes() == saved(scanned(CORPUS), tmp_path / "whole")


def test_a_corpus_of_blank_texts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a text that is not blank, got 1,000 blank ones"):
        scan(tiny_llama(), ["", "\t"] * 500, tokenizer(), progress=False)
    with pytest.raises(ValueError, match="not blank, got 2 blank ones"):
        Index(tmp_path / "index", of=("hidden", 1)).add(tiny_llama(), [" ", ""], tokenizer())


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", [""]),
        ("one two", ["one two"]),
        ("one two three four", ["one two", " three", " four"]),
        ("aaa bb\ncc dd ee", ["aaa bb", "\ncc dd ee"]),
        ("a" * 25, ["a" * 10, "a" * 10, "a" * 5]),
        ("\n" * 12, ["\n" * 9, "\n" * 3]),
    ],
)
def test_a_long_text_is_cut_at_lines_or_words(text: str, parts: list[str]) -> None:
    assert list(parts_of(text, 10)) == parts
    assert "".join(parts) == text


def test_a_huge_text_is_never_held_as_tokens(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Parts of it, pieces of those and findings are held a few at a time, and nothing of it is
    lost or counts twice."""
    monkeypatch.setattr(long_text, "MOST_CHARACTERS", 300)
    monkeypatch.setattr(stretch, "MOST_CHARACTERS", 300)
    monkeypatch.setattr(scanning, "_HELD", 100)
    made: list[int] = []
    from_prompt = stretch.document_of  # type: ignore[attr-defined]

    def counted(tracer: Any, prompt: Any) -> Any:
        made.append(len(document := from_prompt(tracer, prompt)))
        return document

    monkeypatch.setattr(stretch, "document_of", counted)
    words = WORDS * 80
    huge = " ".join(words)
    found = []
    for at_once in (4, 256):
        monkeypatch.setattr(accumulator, "AT_ONCE", at_once)
        atlas = scanned([TEXT, huge, TEXT], max_tokens=16)
        found.append(saved(atlas, tmp_path / str(at_once)))
    assert found[0] == found[1]
    assert max(made) < 100
    assert atlas.n_texts == 3
    alone = scanned([TEXT], max_tokens=16)
    n_special = len(tokenizer()("")["input_ids"])
    own = atlas.n_tokens - atlas.n_pieces * n_special
    assert own == 82 * (alone.n_tokens - alone.n_pieces * n_special)
    pieces = atlas.examples(0, 0)
    assert all(example.text in f" {huge}" for example in pieces if example.number == 1)


def test_the_beginning_of_a_huge_text_takes_no_memory() -> None:
    huge = f"{TEXT} " * 2_000_000  # 50 MB
    atlas = scanned([huge, TEXT], too_long="truncate", max_tokens=32)
    assert (atlas.n_texts, atlas.n_pieces) == (2, 2)
    with pytest.raises(ValueError, match=r"text 0 of the corpus: it must have .* got a text of \d"):
        scanned([huge], too_long="refuse")


def test_a_line_that_is_too_long_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(corpus_texts, "MOST_BYTES", 100)
    path = tmp_path / "lines.txt"
    path.write_text(f"{'a' * 99}\n\n{'b' * 100}\n")
    texts = corpus_texts.texts_of(path)
    assert next(texts) == "a" * 99
    with pytest.raises(ValueError, match="must have at most 100 bytes, got more in line 3"):
        next(texts)
