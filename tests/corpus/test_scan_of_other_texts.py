"""A scan goes on from a file only with the corpus that the file is of: what the file holds is not
read again, so an atlas of other texts would have their numbers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.atlases import saved, tiny_llama
from support.models import TEXT, tokenizer

from attention_widget import HeadAtlas, scan

WORDS = TEXT.split()


def corpus(count: int, seed: int = 7) -> list[str]:
    chooses = random.Random(seed)
    return [" ".join(chooses.choices(WORDS, k=chooses.randint(3, 12))) for _ in range(count)]


OWN = corpus(150)


@pytest.fixture(scope="module")
def model() -> Any:
    return tiny_llama()


def scanned(model: Any, texts: Any, path: Path, **settings: Any) -> HeadAtlas:
    return scan(model, texts, tokenizer(), path=path, progress=False, **settings)


@pytest.mark.parametrize(
    ("texts", "got"),
    [
        (corpus(150, seed=8), "one whose text [0-9]+ is another"),
        (OWN[::-1], "one whose text [0-9]+ is another"),
        (OWN + corpus(3), "one with 153 texts where the file holds 150"),
        (OWN[:149], "one with 149 texts where the file holds 150"),
        (OWN[:64], "one that ends before the last text of the file"),
        ([*OWN[:128], "", *OWN[129:]], "one whose text 128 is another|149 texts where"),
    ],
    ids=["others", "another order", "longer", "shorter", "a block less", "one blank"],
)
def test_another_corpus_is_refused(model: Any, tmp_path: Path, texts: list[str], got: str) -> None:
    path = tmp_path / "scan.atlas"
    scanned(model, OWN, path)
    before = path.read_bytes()
    with pytest.raises(
        ValueError, match=f"go on with the corpus that it was begun with, got {got}"
    ):
        scanned(model, texts, path)
    assert path.read_bytes() == before


def test_nothing_of_another_corpus_gets_into_the_file(model: Any, tmp_path: Path) -> None:
    """Not even where the file's texts come after the first that is read."""
    path = tmp_path / "scan.atlas"
    scanned(model, OWN, path, shard=(1, 2))
    before = path.read_bytes()
    with pytest.raises(ValueError, match="got one whose text"):
        scanned(model, corpus(150, seed=8), path, shard=(0, 2))
    assert path.read_bytes() == before


@pytest.mark.parametrize("max_tokens", [None, 6], ids=["whole", "split"])
@pytest.mark.parametrize("as_ids", [False, True], ids=["texts", "ids"])
def test_its_own_corpus_goes_on(
    model: Any, tmp_path: Path, as_ids: bool, max_tokens: int | None
) -> None:
    """Split texts, token ids and what is read once are the same texts again."""
    texts: list[Any] = [*OWN[:20], " ", *OWN[20:]]
    if as_ids:
        texts = [tokenizer()(text)["input_ids"] if text.strip() else [] for text in texts]

    def stopped() -> Iterator[Any]:
        yield from texts[:100]
        raise KeyboardInterrupt

    path = tmp_path / "scan.atlas"
    with pytest.raises(KeyboardInterrupt):
        scanned(model, stopped(), path, max_tokens=max_tokens)
    with pytest.warns(UserWarning, match="^1 text of the corpus .* was left out$"):
        whole = scanned(model, texts, tmp_path / "whole.atlas", max_tokens=max_tokens)
    again = scanned(model, iter(texts), path, max_tokens=max_tokens)
    assert saved(again, tmp_path / "again") == saved(whole, tmp_path / "one")
