"""Small atlases, and what scans of tiny models are held against."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from attention_widget import HeadAtlas, scan
from support.models import tiny

TEXTS = [
    f"The {first} saw the {second}, and the {second} saw the {first} in {place}."
    for first, second in (
        ("cat", "dog"),
        ("king", "queen"),
        ("sun", "moon"),
        ("novelist", "critic"),
    )
    for place in ("Paris", "a small garden", "the last chapter of the book", "Hanoi <b>1999</b>")
]
"""Sentences in which words come again."""


def scanned_atlas(model: Any, tokenizer: Any) -> HeadAtlas:
    """A real scan, of few sentences."""
    return scan(model, TEXTS, tokenizer, progress=False)


def small_atlas(model: Any, tokenizer: Any) -> HeadAtlas:
    """Over 64 sentences, as examples have it at hand."""
    texts = [f"Attention is a {word} idea in {place}" for word, place in sentences()]
    return scan(model, texts, tokenizer, progress=False)


def sentences() -> Iterator[tuple[str, str]]:
    for word in ("novel", "new", "old", "great", "simple", "poor", "rich", "red"):
        for place in ("Paris", "Rome", "London", "Hanoi", "Moscow", "town", "May", "full"):
            yield word, place


def tiny_llama() -> Any:
    """The same random decoder each time, as a scan that goes on needs it."""
    torch.manual_seed(3)
    return tiny("llama")


def saved(atlas: HeadAtlas, path: Path) -> bytes:
    """The bytes of its file."""
    atlas.save(path)
    return path.read_bytes()
